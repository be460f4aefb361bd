//! A write is a value (design, idea 2): what a use case decided, with the versions it was derived from.

use jiff::Timestamp;
use muster_model::{ConnectionId, Difference, MemberReference, ResourceId, TypeName, Version};
use scim::Document;

use crate::{Guard, Key};

/// Writes that are committed together or not at all, in their order.
#[derive(Clone, Debug)]
pub struct Batch {
    pub writes: Vec<Write>,
    /// Which connection asks; noted in the change log.
    pub connection: Option<ConnectionId>,
    /// The id under which the log has the request; noted in the change log.
    pub request: Option<String>,
    /// Becomes `created` and `lastModified` of what changes.
    pub at: Timestamp,
    pub guard: Guard,
}

/// A resource's content as it shall be stored, with everything that is derived from it.
#[derive(Clone, Debug)]
pub struct NewDocument {
    /// As [`muster_model::StoredResource::document`].
    pub document: Document,
    /// From [`crate::keys::keys_of`].
    pub keys: Vec<Key>,
    /// What members' lists call it: `displayName`, else `userName`; from [`crate::keys::label_of`].
    pub label: Option<String>,
    /// How it differs from the document that it replaces, for the change log; `None`: there was none, or nobody has looked.
    pub difference: Option<Difference>,
}

#[derive(Clone, Debug)]
pub enum Write {
    /// A new resource; its id is fresh.
    Create {
        id: ResourceId,
        resource_type: TypeName,
        owner: Option<ConnectionId>,
        content: NewDocument,
        members: Option<MembershipDelta>,
    },
    /// A change of a resource's document, of its members, or of both (which makes one new version). Nothing changes,
    /// and no version is made, when there is no document and the members are already as wanted.
    Update {
        id: ResourceId,
        resource_type: TypeName,
        /// The version that `content` was derived from, or that `If-Match` demands. Required when there is content;
        /// a change of members alone needs none.
        expected: Option<Version>,
        content: Option<NewDocument>,
        members: Option<MembershipDelta>,
    },
    /// Deletes the resource, its members' rows and its own memberships. Each group it was in gets a new version and a
    /// change-log entry.
    Delete { id: ResourceId, resource_type: TypeName, expected: Option<Version> },
    /// Gives the resource to another owner, or to nobody, which makes its next version. A conflict of the new owner about
    /// it is adopted thereby. Nothing changes when it is his already.
    ///
    /// In the scope of a connection only what has no owner can be taken, and only by that connection; everything else is
    /// not there. A connection that is not there cannot become an owner.
    ChangeOwner { id: ResourceId, resource_type: TypeName, owner: Option<ConnectionId>, expected: Option<Version> },
}

/// How a group's members change.
#[derive(Clone, Debug, PartialEq)]
pub struct MembershipDelta {
    pub change: MembershipChange,
    pub unknown: UnknownMembers,
}

#[derive(Clone, Debug, PartialEq)]
pub enum MembershipChange {
    /// `leave` first, then `join`. Who is absent already leaves without effect; who is there already joins without
    /// effect. Costs what the named members cost, whatever the size of the group.
    Adjust { leave: Vec<MemberReference>, join: Vec<MemberReference> },
    /// Exactly these, pending ones included.
    Replace(Vec<MemberReference>),
}

/// What to do with a member that no resource of the tenant has as its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownMembers {
    /// Keep it as a pending row; it is not shown as a member. A group that would be a member of itself is refused all the
    /// same ([`crate::CommitError::GroupCycle`]).
    Hold,
    /// Fail the whole batch with [`crate::CommitError::UnknownMembers`].
    Refuse,
}

/// What a committed batch did; one entry a write, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Committed {
    pub written: Vec<Written>,
    /// Members who were to leave and are held; also those who were held before.
    pub held_members: Vec<ResourceId>,
    /// How many changes are held that were not held before.
    pub newly_held: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The version now; for a deletion, the version that was deleted.
    pub version: Version,
    pub created: Timestamp,
    pub last_modified: Timestamp,
    /// `false`: everything was already as wanted, so that no version was made and nothing was logged. Members that are
    /// kept as pending change nothing that anybody sees, so that alone they make no version either.
    pub changed: bool,
}
