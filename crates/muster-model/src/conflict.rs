//! A connection wanted a unique value that a resource has which it does not see (docs/adr/0017).

use jiff::Timestamp;

use crate::{ConflictId, ConnectionId, ResourceId, TypeName};

/// One a connection and resource, however often they meet. Names the attribute, never the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub id: ConflictId,
    /// Who wanted the value.
    pub connection: ConnectionId,
    pub resource_type: TypeName,
    /// Who has it.
    pub resource: ResourceId,
    /// What they last met at, in SCIM notation.
    pub attribute: String,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    /// How often the connection was refused.
    pub count: u64,
    pub state: ConflictState,
}

/// Where a conflict stands. It is gone altogether when the resource or the connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConflictState {
    /// Waits for a person.
    Open,
    /// The connection's policy refused it, so nobody has to look; a person may decide otherwise.
    Refused,
    /// A person wants to hear no more of it.
    Ignored,
    /// The connection that wanted the value became the owner.
    Adopted,
}

impl ConflictState {
    pub const ALL: [Self; 4] = [Self::Open, Self::Refused, Self::Ignored, Self::Adopted];

    /// The name on the command line and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Refused => "refused",
            Self::Ignored => "ignored",
            Self::Adopted => "adopted",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Where it stands when the two meet again. What a person ignored stays ignored; who was adopted and is hidden again
    /// has changed hands meanwhile, which is a new question.
    #[must_use]
    pub const fn met_again(self, waits_for_person: bool) -> Self {
        match (self, waits_for_person) {
            (Self::Open | Self::Refused | Self::Adopted, true) | (Self::Open, false) => Self::Open,
            (Self::Refused | Self::Adopted, false) => Self::Refused,
            (Self::Ignored, _) => Self::Ignored,
        }
    }
}
