//! What a database can answer instead of a result. A variant exists only where a caller acts differently on it.

use muster_model::{DamagedDocument, ResourceId, Version};

/// The database could not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store was closed; the process is stopping.
    #[error("the database is closed")]
    Closed,
    /// Worth trying again a little later: the database is away, full, or too busy.
    #[error("the database is not available at the moment")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The question would look at more resources than the database may spend time and memory on; a narrower one would
    /// be answered.
    #[error("the question looks at too many resources")]
    TooBroad,
    /// Anything else, which trying again would not mend: a bug or a damaged file.
    #[error("the database failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<DamagedDocument> for StoreError {
    fn from(damaged: DamagedDocument) -> Self {
        Self::Failed(Box::new(damaged))
    }
}

/// Why a batch was not committed. `write` counts the batch's writes from 0. Nothing of the batch was applied.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    #[error("the resource has changed in the meantime")]
    VersionMismatch { write: usize, current: Version },
    #[error("the resource is not there")]
    NotFound { write: usize },
    /// Another resource has the value of a unique attribute; `attribute` in SCIM notation.
    #[error("another resource has the same {attribute}")]
    NotUnique {
        write: usize,
        attribute: String,
        /// The resource that has it, when the scope of the handle does not see it.
        hidden: Option<ResourceId>,
    },
    /// Members that are no resources of the tenant, as the client wrote them.
    #[error("{} of the named members are unknown", .members.len())]
    UnknownMembers { write: usize, members: Vec<String> },
    /// A group would be a member of itself, directly or through other groups.
    #[error("a group would be a member of itself")]
    GroupCycle { write: usize },
    /// The connection would take away more than its guard allows ([`crate::GuardMode::Charge`]).
    #[error("the connection would take away more than its guard allows")]
    Guarded { measured: Vec<crate::Measured> },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a tenant, connection or credential was not stored.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error("the name is taken")]
    NameTaken,
    #[error("there is no such tenant")]
    TenantNotFound,
    #[error("there is no such connection")]
    ConnectionNotFound,
    #[error("there is no such credential")]
    CredentialNotFound,
    #[error("the connection has as many credentials as it may")]
    TooManyCredentials,
    /// The settings have another revision than the one that was to be changed.
    #[error("the settings have changed in the meantime")]
    RevisionMismatch,
    #[error(transparent)]
    Store(#[from] StoreError),
}
