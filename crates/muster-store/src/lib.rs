//! The port to the database: what Muster asks, in domain words. Drivers answer; every driver passes [`laws`].
//!
//! Two ideas carry it. A write is a value: a use case reads, decides and hands over one [`Batch`], which is committed
//! whole or not at all. And no query is possible without a tenant and a [`Scope`] in it: [`Directory`] is a handle made for
//! both. Only [`Registry`] looks across tenants, in small reference tables that SCIM requests never write.
//!
//! What is deliberately absent: SQL, transactions that a caller holds open, any driver.

mod api_token;
pub mod batch;
pub mod compose;
mod connection_change;
pub mod error;
pub mod guard;
mod installation_key;
pub mod keys;
#[cfg(feature = "laws")]
pub mod laws;
pub mod lease;
pub mod look_up;
pub mod ownership;
pub mod page_fill;
pub mod query;
pub mod request_log;
mod schema_change;
pub mod scope;
pub mod secrets;
pub mod system_log;
pub mod upkeep;
pub mod webhooks;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{
    Change, Connection, ConnectionId, Credential, CredentialDigest, CredentialId, GuardUse, HeldId, HeldOperation,
    Member, RepairCount, ResourceId, SchemaRevision, Sequence, StoredResource, SystemEntry, Tenant, TenantId,
    TenantSchemas, TypeName,
};

pub use api_token::ApiTokens;
pub use batch::{Batch, Committed, MembershipDelta, NewDocument, UnknownMembers, Write, Written};
pub use connection_change::ConnectionChange;
pub use error::{CommitError, RegistryError, StoreError};
pub use guard::{Guard, GuardLimit, GuardMode, Holding, Measured, Rest};
pub use installation_key::InstallationKey;
pub use keys::{Key, KeyScope};
pub use lease::{LeaseError, Leases};
pub use look_up::{FoundByKey, KeyLookUp};
pub use ownership::{ConflictQuery, NewConflict, Ownership};
pub use page_fill::PageFill;
pub use query::{Include, PageStart, Place, PlacePage, ResourcePage, ResourceQuery};
pub use request_log::{RequestLog, RequestLogBounds, RequestQuery, StatusFilter};
pub use schema_change::{SchemaChange, SchemaChangeError, SchemaUse};
pub use scope::Scope;
pub use secrets::{SecretError, Secrets};
pub use system_log::{SystemLog, SystemLogQuery};
pub use upkeep::Upkeep;
pub use webhooks::{AttemptOutcome, DeliveryQuery, Missed, Webhooks};

/// One opened database.
#[async_trait]
pub trait Store: Registry + ApiTokens + Leases + Upkeep + Secrets + SystemLog + Webhooks {
    /// The same database for one deed: the next change of tenants, connections, credentials, API tokens or webhook endpoints
    /// that is made through it is committed together with the entry. What changes nothing leaves no entry.
    fn noting(&self, entry: SystemEntry) -> Arc<dyn Store>;

    /// The handle through which one tenant's resources are read and written, as far as the scope reaches.
    fn directory(&self, tenant: TenantId, scope: Scope) -> Arc<dyn Directory>;

    /// Answers a trivial question from the database, for `/readyz`.
    async fn check(&self) -> Result<(), StoreError>;

    /// A thorough look for `muster doctor`; each line is one finding in plain words. Empty means sound.
    async fn inspect(&self) -> Result<Vec<String>, StoreError>;

    /// Waits for what was handed over, writes everything to its final place and closes. Later calls fail with
    /// [`StoreError::Closed`].
    async fn close(&self);
}

/// Tenants, connections and credentials: the reference tables that are looked up across tenants.
#[async_trait]
pub trait Registry: Send + Sync + 'static {
    /// Fails with [`RegistryError::NameTaken`] when a tenant of that name is there.
    async fn create_tenant(&self, tenant: &Tenant) -> Result<(), RegistryError>;
    async fn find_tenant_by_name(&self, name: &str) -> Result<Option<Tenant>, StoreError>;
    async fn find_tenant(&self, id: TenantId) -> Result<Option<Tenant>, StoreError>;
    /// In order of creation.
    async fn list_tenants(&self) -> Result<Vec<Tenant>, StoreError>;
    /// At most `limit` tenants after that one, in order of creation.
    async fn page_tenants(&self, after: Option<TenantId>, limit: usize) -> Result<Vec<Tenant>, StoreError>;
    /// Returns the tenant as it is then. Fails with [`RegistryError::NameTaken`] and with
    /// [`RegistryError::TenantNotFound`].
    async fn rename_tenant(&self, id: TenantId, name: &str) -> Result<Tenant, RegistryError>;

    /// Stores a connection and its first credential together. Fails with [`RegistryError::NameTaken`] when the tenant
    /// has a connection of that name, and with [`RegistryError::TenantNotFound`].
    async fn create_connection(&self, connection: &Connection, credential: &Credential) -> Result<(), RegistryError>;
    async fn find_connection(&self, id: ConnectionId) -> Result<Option<Connection>, StoreError>;
    /// In order of creation; of one tenant or of all.
    async fn list_connections(&self, tenant: Option<TenantId>) -> Result<Vec<Connection>, StoreError>;
    /// At most `limit` connections after that one, in order of creation; of one tenant or of all.
    async fn page_connections(
        &self,
        tenant: Option<TenantId>,
        after: Option<ConnectionId>,
        limit: usize,
    ) -> Result<Vec<Connection>, StoreError>;
    /// Changes what is named. Returns the connection as it is then. Fails with [`RegistryError::ConnectionNotFound`],
    /// [`RegistryError::NameTaken`] and [`RegistryError::RevisionMismatch`].
    async fn change_connection(&self, id: ConnectionId, change: &ConnectionChange)
    -> Result<Connection, RegistryError>;
    /// Deletes the connection, its credentials, its counters and its conflicts; the resources it brought stay and lose their
    /// owner. `false`: there was none.
    async fn delete_connection(&self, id: ConnectionId) -> Result<bool, StoreError>;

    /// Makes `credential` the only one of its connection, so that older tokens are refused from the next request on.
    /// Fails with [`RegistryError::ConnectionNotFound`].
    async fn replace_credentials(&self, credential: &Credential) -> Result<(), RegistryError>;
    /// Stores one more credential beside those that the connection has. Fails with [`RegistryError::ConnectionNotFound`],
    /// [`RegistryError::TooManyCredentials`] when it would have more than `most`, and with
    /// [`RegistryError::CredentialNotFound`] when there is none of the connection that it could replace.
    async fn add_credential(&self, credential: &Credential, most: usize) -> Result<(), RegistryError>;
    /// Deletes a credential of the connection, so that it is refused from the next request on, and what was to replace it
    /// replaces nothing any more. `false`: there was none.
    async fn delete_credential(&self, connection: ConnectionId, id: CredentialId) -> Result<bool, StoreError>;
    /// Since when a credential of the connection is refused; `None`: it is good again. `false`: there was none.
    async fn suspend_credential(
        &self,
        connection: ConnectionId,
        id: CredentialId,
        since: Option<Timestamp>,
    ) -> Result<bool, StoreError>;
    /// In order of creation, each with the time of its last use (to the minute).
    async fn list_credentials(
        &self,
        connection: ConnectionId,
    ) -> Result<Vec<(Credential, Option<Timestamp>)>, StoreError>;
    /// The key of the installation for that purpose: `candidate` becomes it when there is none yet, and from then on it
    /// stays, for all processes.
    async fn find_or_create_installation_key(
        &self,
        purpose: &str,
        candidate: InstallationKey,
    ) -> Result<InstallationKey, StoreError>;

    /// How many changes are held, of all tenants; each member who is to leave a group is one.
    async fn count_held(&self) -> Result<u64, StoreError>;

    /// The look-up of every request. Reads the database each time: a revoked credential must not live on in a cache.
    async fn find_caller(&self, digest: &CredentialDigest) -> Result<Option<FoundCaller>, StoreError>;
}

/// Whose credential it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundCaller {
    pub credential: Credential,
    pub connection: Connection,
    /// Of the tenant's schemas, so that a change of them counts from the next request on.
    pub schema_revision: SchemaRevision,
}

/// One tenant's resources, memberships and change log, as far as the handle's [`Scope`] reaches. What the scope does not
/// see is answered exactly like what was never there.
#[async_trait]
pub trait Directory: Ownership + KeyLookUp + RequestLog + Send + Sync {
    async fn find_resource(
        &self,
        resource_type: &TypeName,
        id: ResourceId,
        include: Include,
    ) -> Result<Option<StoredResource>, StoreError>;

    /// The resources of these ids that are there, in the order of the ids, as of one moment.
    async fn find_resources(
        &self,
        resource_type: &TypeName,
        ids: &[ResourceId],
        include: Include,
    ) -> Result<Vec<StoredResource>, StoreError>;

    /// A page of the resources that fulfil the query's filter, in the query's order: by sort key, then by id (which is
    /// the order of creation). What the driver answers from an index must agree with
    /// [`scim::filter::CompiledFilter::matches`] and [`scim::sort::Sort::key_of`] on the composed document
    /// ([`compose::composed`]). A driver refuses with [`StoreError::TooBroad`] what would cost too much.
    async fn list_resources(&self, query: &ResourceQuery) -> Result<ResourcePage, StoreError>;

    /// Where the resources of such a page stand. The page is not bounded by what its resources hold, and
    /// [`ResourceQuery::include`] says nothing here.
    async fn list_places(&self, query: &ResourceQuery) -> Result<PlacePage, StoreError>;

    /// What the resources of these ids are called and which type they are of, in no order. Who is not there is left out.
    async fn list_labels(&self, ids: &[ResourceId]) -> Result<Vec<Member>, StoreError>;

    /// Commits the batch whole or not at all. Each write that changes something gets exactly one change-log entry in
    /// the same transaction; each group that loses a member because the member was deleted gets one too.
    ///
    /// No group becomes a member of itself, directly or through others ([`CommitError::GroupCycle`]), however many
    /// batches are committed at the same time. A driver with one writer has that for nothing; one with several must make
    /// them wait for one another where they put groups into groups.
    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError>;

    /// At most `limit` entries after `after`, in order. The log is the tenant's and names what everybody brought, so it is
    /// refused in the scope of a connection. An entry never appears before one that is already visible
    /// (docs/adr/0002), so a reader that goes on after the last entry it saw misses none.
    async fn list_changes(&self, after: Sequence, limit: usize) -> Result<Vec<Change>, StoreError>;

    /// The number of the newest entry that [`Self::list_changes`] can show without giving numbers: nothing that is read later
    /// is older than it. [`Sequence::START`] when there is none. Refused in the scope of a connection.
    async fn find_last_sequence(&self) -> Result<Sequence, StoreError>;

    /// Members that a client named and nobody knows, of one group, in the order they were named.
    async fn list_pending_members(&self, group: ResourceId) -> Result<Vec<String>, StoreError>;

    /// Adds to the counters of a connection's repairs, each with its kind; the time is kept to the minute. Counts nothing
    /// for a connection that is not the tenant's.
    async fn record_repairs(
        &self,
        connection: ConnectionId,
        counts: &[(&'static str, u64)],
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// The counters of a connection's repairs, in the order of the kinds' names.
    async fn list_repairs(&self, connection: ConnectionId) -> Result<Vec<RepairCount>, StoreError>;

    /// What the tenant added to the built-in schemas, with the revision that it is.
    async fn list_schema_entries(&self) -> Result<TenantSchemas, StoreError>;

    /// Changes what the tenant added, all or nothing, and counts its revision up.
    async fn change_schemas(&self, change: SchemaChange) -> Result<SchemaRevision, SchemaChangeError>;

    /// What is held of one connection or of all, in order of time; with the members in order of their ids.
    async fn list_held(&self, connection: Option<ConnectionId>) -> Result<Vec<HeldOperation>, StoreError>;

    /// Whether the connection has a change of that resource held.
    async fn is_held(&self, connection: ConnectionId, resource: ResourceId) -> Result<bool, StoreError>;

    /// Forgets these held operations, and says how many of them there were.
    async fn drop_held(&self, ids: &[HeldId]) -> Result<u64, StoreError>;

    /// What the guard has counted for the connection within [`guard::WINDOW`]: memberships first, then by type.
    async fn list_guard_use(&self, connection: ConnectionId, at: Timestamp) -> Result<Vec<GuardUse>, StoreError>;

    /// Forgets what the guard has counted for the connection, so that it may take away as much again.
    async fn reset_guard(&self, connection: ConnectionId) -> Result<(), StoreError>;

    /// Notes that a credential was used, to the minute.
    async fn record_credential_use(&self, credential: CredentialId, at: Timestamp) -> Result<(), StoreError>;
}
