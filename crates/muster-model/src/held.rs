//! What the guard against mass deprovisioning keeps until a person decides (docs/adr/0016).

use jiff::Timestamp;

use crate::{ConnectionId, HeldId, ResourceId, TypeName};

/// What was asked for and not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HeldKind {
    /// `active` becomes false.
    Deactivate,
    /// The resource goes.
    Delete,
    /// Members leave the group.
    RemoveMembers,
}

impl HeldKind {
    pub const ALL: [Self; 3] = [Self::Deactivate, Self::Delete, Self::RemoveMembers];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deactivate => "deactivate",
            Self::Delete => "delete",
            Self::RemoveMembers => "remove_members",
        }
    }
}

/// One kind of change of one resource that one request asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldOperation {
    pub id: HeldId,
    pub kind: HeldKind,
    pub connection: ConnectionId,
    pub resource_type: TypeName,
    pub resource: ResourceId,
    /// What members' lists call the resource.
    pub label: Option<String>,
    /// Who leaves the group; empty for the other kinds.
    pub members: Vec<ResourceId>,
    pub at: Timestamp,
    /// The id under which the log has the request.
    pub request: Option<String>,
}

impl HeldOperation {
    /// How many changes it is: each member who leaves is one.
    pub fn changes(&self) -> u64 {
        (self.members.len() as u64).max(1)
    }
}

/// How much a connection took away within the guard's window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardUse {
    /// `None`: memberships.
    pub resource_type: Option<TypeName>,
    pub count: u64,
}
