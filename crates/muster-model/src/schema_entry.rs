//! What a tenant added to the built-in schemas, as the database keeps it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Counts the changes of a tenant's schemas. 0: it never added anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SchemaRevision(pub u64);

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SchemaEntryKind {
    /// A schema; its name is the URN.
    Schema,
    /// A resource type.
    ResourceType,
    /// An extension of a resource type that another document defines; its name is both names.
    Extension,
    /// A set of documents that comes with Muster; kept by name, so that a release can add to it.
    Pack,
}

impl SchemaEntryKind {
    pub const ALL: [Self; 4] = [Self::Schema, Self::ResourceType, Self::Extension, Self::Pack];

    /// The word in the database and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::ResourceType => "resource_type",
            Self::Extension => "extension",
            Self::Pack => "pack",
        }
    }
}

impl fmt::Display for SchemaEntryKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Which entry: its kind and its name, spelt in one way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaEntryKey {
    pub kind: SchemaEntryKind,
    pub name: String,
}

/// One addition.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaEntry {
    pub key: SchemaEntryKey,
    /// As RFC 7643 sections 6 and 7 define it; of a pack nothing.
    pub document: Value,
    pub added: Timestamp,
}

/// All additions of a tenant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TenantSchemas {
    pub revision: SchemaRevision,
    /// In the order of their keys.
    pub entries: Vec<SchemaEntry>,
}
