//! A change of a tenant's schemas.

use muster_model::{SchemaEntry, SchemaEntryKey, SchemaRevision, TypeName};

use crate::StoreError;

/// Entries that come and go together, with what must not be in use for that.
#[derive(Clone, Debug, Default)]
pub struct SchemaChange {
    /// The revision that the change was derived from.
    pub expected: SchemaRevision,
    pub remove: Vec<SchemaEntryKey>,
    /// Takes the place of an entry of the same key.
    pub put: Vec<SchemaEntry>,
    /// Looked at in the transaction of the change.
    pub must_be_unused: Vec<SchemaUse>,
}

/// Something that resources may use.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SchemaUse {
    /// There are resources of the type.
    Type(TypeName),
    /// There are resources of the type that have something in that extension. The driver may look at each of them.
    Extension { resource_type: TypeName, urn: String },
}

/// Why a tenant's schemas were not changed. Nothing of the change was applied.
#[derive(Debug, thiserror::Error)]
pub enum SchemaChangeError {
    #[error("the schemas have changed in the meantime")]
    RevisionMismatch,
    #[error("{count} resources use it")]
    InUse { used: SchemaUse, count: u64 },
    #[error("there is no such tenant")]
    TenantNotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}
