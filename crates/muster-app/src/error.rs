//! What a use case answers instead of a result. Knows nothing of HTTP; the edge has one table that does.

use muster_model::{DamagedDocument, HeldId};
use muster_store::{CommitError, RegistryError, StoreError};
use muster_vault::SealError;

use crate::secrets::VaultError;

/// Display is the safe text: fit for the caller, free of secrets and personal values. The source chain is for the log.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The caller's message is wrong in SCIM's terms.
    #[error(transparent)]
    Scim(#[from] scim::Error),
    /// No, wrong, expired or foreign credential; or no such connection. Deliberately one thing.
    #[error("the credential is missing, wrong or expired, or the address is not the one it was issued for")]
    Unauthenticated,
    #[error("there is no {resource_type} with this id")]
    ResourceNotFound { resource_type: String },
    /// `If-Match` names another version than the present one.
    #[error("the resource has changed since the version that the request names; read it again and repeat the change")]
    VersionMismatch,
    /// The profile demands that changes name the version that they change.
    #[error("the change must name the version of the resource in If-Match; read the resource for its ETag")]
    PreconditionRequired,
    #[error("another resource has the same {attribute}")]
    NotUnique { attribute: String },
    #[error("{count} of the named members are unknown; nothing was changed")]
    UnknownMembers { count: usize },
    /// Bulk: the operation refers to a resource of the request that was not created.
    #[error("a resource that the operation refers to was not created, because its own operation failed")]
    ReferenceFailed,
    /// Bulk: groups of the request are members of one another (RFC 7644 section 3.7.1).
    #[error("the group would be a member of itself through other groups of the request; leave one membership out")]
    MembershipCircle,
    /// Bulk: a path that leads to no resource type.
    #[error("there is nothing at this path; /ResourceTypes lists the endpoints")]
    UnknownEndpoint,
    /// A feature that is announced as not supported.
    #[error("{0}")]
    NotSupported(&'static str),
    /// Too many writers at once on one resource; the caller may try again.
    #[error("too many changes of this resource at once; try again")]
    Contended,
    /// The connection asks faster than its profile allows.
    #[error("the connection sends more requests than it may; wait {retry_after} s and go on more slowly")]
    TooManyRequests { retry_after: u64 },
    /// The guard against mass deprovisioning held what the request takes away, and the profile wants that told.
    #[error(
        "the change was held and not made: the connection has taken away more within 24 hours than its guard allows; an \
         operator of Muster can release it (`muster held list`)"
    )]
    Held,
    #[error("there is no tenant named \"{0}\"; `muster connection list` shows the tenants that have connections")]
    TenantNotFound(String),
    #[error("there is no connection with this id; `muster connection list` shows them")]
    ConnectionNotFound,
    /// An operator has stopped the connection.
    #[error("the connection is suspended; an operator of Muster can resume it")]
    ConnectionSuspended,
    #[error("this needs the permission {0}")]
    Forbidden(muster_model::Permission),
    #[error("nobody can give rights that he does not have himself, or that reach further than his own")]
    BeyondOwnRights,
    #[error("there is no API token with this id")]
    TokenNotFound,
    #[error("the connection has no credential with this id")]
    CredentialNotFound,
    #[error("the connection has as many credentials as it may; revoke one, or complete or cancel its rotation")]
    TooManyCredentials,
    #[error("nothing is to replace this credential; start a rotation first")]
    NoRotation,
    /// `If-Match` names another revision than the present one.
    #[error(
        "the settings have changed since the revision that the request names; read them again and repeat the change"
    )]
    SettingsChanged,
    #[error("the tenant \"default\" keeps its name, because commands that name no tenant mean it")]
    DefaultTenantKeepsName,
    #[error("there is a tenant named \"{0}\" already; choose another name")]
    TenantNameTaken(String),
    #[error("there is no conflict with this id; `muster conflict list` shows them")]
    ConflictNotFound,
    #[error("there is no request {0} in the log; `muster requests list` shows what there is")]
    RequestNotFound(String),
    #[error("nothing is held under {0}; `muster held list` shows what is")]
    HeldNotFound(HeldId),
    #[error("there is no webhook endpoint with this id in this tenant")]
    WebhookEndpointNotFound,
    #[error("the webhook endpoint is disabled; enable it first")]
    WebhookDisabled,
    #[error("the tenant has {0} webhook endpoints already; delete one that is needed no more")]
    TooManyWebhooks(usize),
    #[error("two keys sign already; complete that rotation first, or wait until the older key has retired")]
    KeyRotationUnderWay,
    #[error("there is no delivery with this id to this webhook endpoint")]
    DeliveryNotFound,
    #[error("the connection owns no resource with this id; nothing was released")]
    NotOwned,
    #[error("the tenant already has a connection named \"{0}\"; choose another name")]
    ConnectionNameTaken(String),
    #[error("{0}")]
    InvalidInput(String),
    /// A secret was not put or opened.
    #[error(transparent)]
    Vault(VaultError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A defect of ours.
    #[error("an internal error happened")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<DamagedDocument> for AppError {
    fn from(damaged: DamagedDocument) -> Self {
        Self::Store(damaged.into())
    }
}

impl From<VaultError> for AppError {
    /// A database that is away is that, whoever asked it.
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Contended => Self::Contended,
            VaultError::Store(error) => Self::Store(error),
            VaultError::Seal(error @ SealError::TooLong { .. }) => Self::InvalidInput(error.to_string()),
            error => Self::Vault(error),
        }
    }
}

impl AppError {
    /// What a refused commit means to a caller who did not name a version.
    pub(crate) fn from_commit(error: CommitError, resource_type: &str) -> Self {
        match error {
            CommitError::VersionMismatch { .. } => Self::VersionMismatch,
            CommitError::NotFound { .. } => Self::ResourceNotFound { resource_type: resource_type.to_owned() },
            CommitError::NotUnique { attribute, .. } => Self::NotUnique { attribute },
            CommitError::UnknownMembers { members, .. } => Self::UnknownMembers { count: members.len() },
            CommitError::GroupCycle { .. } => Self::Scim(scim::Error::invalid_value(
                "a group cannot be a member of itself, neither directly nor through other groups; nothing was changed",
            )),
            CommitError::Guarded { .. } => Self::Held,
            CommitError::Store(error) => Self::Store(error),
        }
    }

    pub(crate) fn from_registry(error: RegistryError, name: &str, tenant: &str) -> Self {
        match error {
            RegistryError::NameTaken => Self::ConnectionNameTaken(name.to_owned()),
            RegistryError::TenantNotFound => Self::TenantNotFound(tenant.to_owned()),
            RegistryError::ConnectionNotFound => Self::ConnectionNotFound,
            RegistryError::CredentialNotFound => Self::CredentialNotFound,
            RegistryError::TooManyCredentials => Self::TooManyCredentials,
            RegistryError::RevisionMismatch => Self::SettingsChanged,
            RegistryError::Store(error) => Self::Store(error),
        }
    }
}
