//! Whose resources a handle reaches. Within a tenant a connection sees and changes what it brought, and what others
//! brought is to it as if it were not there (docs/adr/0017).

use muster_model::ConnectionId;

/// A required part of every [`crate::Directory`]: no question can be asked and no batch committed without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every resource of the tenant, whoever brought it.
    Tenant,
    /// The resources that this connection owns. Every other one is not there: it is not found, listed, counted, named or
    /// changed, and it is no member of anything.
    Connection(ConnectionId),
}

impl Scope {
    /// Whether a resource of that owner is seen.
    pub fn sees(self, owner: Option<ConnectionId>) -> bool {
        match self {
            Self::Tenant => true,
            Self::Connection(connection) => owner == Some(connection),
        }
    }

    /// The only owner whose resources are seen; `None`: everybody's are.
    pub fn only(self) -> Option<ConnectionId> {
        match self {
            Self::Tenant => None,
            Self::Connection(connection) => Some(connection),
        }
    }
}
