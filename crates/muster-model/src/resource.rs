//! A SCIM resource as the directory keeps it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ConnectionId, Members, ResourceId, StoredDocument};

/// The name of a resource type, as in `meta.resourceType`: `User`, `Group`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TypeName(String);

impl TypeName {
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Counts the changes of one resource, from 1. Its ETag is `W/"{version}"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub u64);

impl Version {
    pub const FIRST: Self = Self(1);
}

/// A resource read from the store.
///
/// `document` holds what a client may write, without `id`, `meta`, `schemas`, `members` and `groups`: those are kept
/// as columns and rows and put together when the resource is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredResource {
    pub id: ResourceId,
    pub resource_type: TypeName,
    /// The connection that brought it; `None` when a person or a job made it.
    pub owner: Option<ConnectionId>,
    pub version: Version,
    pub created: Timestamp,
    pub last_modified: Timestamp,
    pub document: StoredDocument,
    /// A group's members in the order of joining, when they were asked for.
    pub members: Option<Members>,
    /// The groups that this resource is in, directly or through other groups, when they were asked for.
    pub groups: Option<Vec<Membership>>,
}

/// A group as somebody who is in it sees it (RFC 7643 section 4.1.2, `groups`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    pub id: ResourceId,
    pub resource_type: TypeName,
    /// As [`Member::display`].
    pub display: Option<String>,
    /// `false`: only through another group that is a member of this one.
    pub is_direct: bool,
}

/// A resource as those see it who name it: a member as its group sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub id: ResourceId,
    pub resource_type: TypeName,
    /// What the resource is called: its `displayName`, else its `userName`.
    pub display: Option<String>,
}

/// A member as a client names it. Anything that is no id of ours can only be unknown.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MemberReference {
    Id(ResourceId),
    Unknown(String),
}

impl MemberReference {
    pub fn parse(text: &str) -> Self {
        ResourceId::parse(text).map_or_else(|| Self::Unknown(text.to_owned()), Self::Id)
    }
}

impl fmt::Display for MemberReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => fmt::Display::fmt(id, formatter),
            Self::Unknown(text) => formatter.write_str(text),
        }
    }
}
