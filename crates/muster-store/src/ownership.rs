//! Who owns what, and what happens when two want the same (docs/adr/0017). For those who keep the installation: what is
//! asked here tells of resources that the asking connection may not see, so all but [`Ownership::record_conflict`] is
//! refused in the scope of a connection.

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{Conflict, ConflictId, ConflictState, ConnectionId, ResourceId, TypeName};

use crate::StoreError;

/// A refusal to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewConflict {
    /// The id of the conflict if the two never met before.
    pub id: ConflictId,
    pub connection: ConnectionId,
    pub resource_type: TypeName,
    pub resource: ResourceId,
    /// In SCIM notation.
    pub attribute: String,
    pub waits_for_person: bool,
    pub at: Timestamp,
}

/// A question for conflicts, in order of their ids, which is the order in which they began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictQuery {
    /// `None`: of all connections.
    pub connection: Option<ConnectionId>,
    /// `None`: in every state.
    pub state: Option<ConflictState>,
    pub limit: u64,
}

/// The part of [`crate::Directory`] that is about owners.
#[async_trait]
pub trait Ownership: Send + Sync {
    /// Records that a connection was refused a value that the resource has. The same pair is one conflict, which is
    /// counted up ([`ConflictState::met_again`]). Records nothing when either is not there any more.
    async fn record_conflict(&self, conflict: &NewConflict) -> Result<(), StoreError>;

    async fn find_conflict(&self, id: ConflictId) -> Result<Option<Conflict>, StoreError>;

    async fn list_conflicts(&self, query: &ConflictQuery) -> Result<Vec<Conflict>, StoreError>;

    async fn count_conflicts(&self, connection: ConnectionId, state: ConflictState) -> Result<u64, StoreError>;

    /// `false`: there is no such conflict any more. That a resource was adopted is not said here but follows from
    /// [`crate::Write::ChangeOwner`].
    async fn change_conflict_state(&self, id: ConflictId, state: ConflictState) -> Result<bool, StoreError>;

    /// How many resources of each type the connection owns, in the order of the types' names; from counters.
    async fn count_owned(&self, connection: ConnectionId) -> Result<Vec<(TypeName, u64)>, StoreError>;

    /// Some of the resources that the connection owns, at most `limit`, with their types.
    async fn list_owned(&self, connection: ConnectionId, limit: u64)
    -> Result<Vec<(ResourceId, TypeName)>, StoreError>;
}
