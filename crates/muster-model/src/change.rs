//! The change log: one per tenant, written in the same Batch as the change.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ConnectionId, ResourceId, TypeName, Version};

/// The place of an entry in its tenant's change log. Readers go on after the last one they saw; entries become visible
/// in this order, so none is skipped (docs/adr/0002).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sequence(pub u64);

impl Sequence {
    /// Before the first entry.
    pub const START: Self = Self(0);
}

/// What happened to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Created,
    Updated,
    Deleted,
    /// Members of a group joined or left; the group's own document is as before.
    MembersChanged,
}

impl ChangeKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::MembersChanged => "members_changed",
        }
    }
}

/// What a change did to somebody's access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// `active` was true, or not said, and is false.
    Deactivated,
    /// `active` was false, and is true or not said.
    Reactivated,
}

/// How a resource's new document differs from the one before: names, never values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// In SCIM notation, one level deep where an attribute has sub-attributes (`name.familyName`).
    pub changed: Vec<String>,
    pub activity: Option<Activity>,
}

/// What an entry says beside its ids. Entries that a former release wrote say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangeNotes {
    /// Whose values differ; `None`: nobody noted it, or no document was replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity: Option<Activity>,
    /// The id under which the log has the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

impl ChangeNotes {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One entry. It carries ids, names of attributes and the version that the change made, no values: whoever acts on it reads
/// the resource as it is then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub sequence: Sequence,
    pub kind: ChangeKind,
    pub resource_type: TypeName,
    pub resource: ResourceId,
    /// The version the change produced; for a deletion, the version that was deleted.
    pub version: Version,
    /// For [`ChangeKind::MembersChanged`]: who joined and who left.
    pub joined: Vec<ResourceId>,
    pub left: Vec<ResourceId>,
    /// The connection that made the change.
    pub connection: Option<ConnectionId>,
    pub at: Timestamp,
    pub notes: ChangeNotes,
}
