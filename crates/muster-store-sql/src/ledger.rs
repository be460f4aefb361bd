//! The writes of a batch that each driver's tables want otherwise.

use std::future::Future;

use muster_model::{ChangeKind, ChangeNotes, ConnectionId, ResourceId, TypeName, Version};
use muster_store::StoreError;

use crate::Session;
use crate::columns::IdBytes;

/// The narrow row of a resource.
#[derive(Clone, Debug)]
pub struct ResourceRow {
    pub id: ResourceId,
    pub resource_type: TypeName,
    pub version: Version,
    /// Microseconds, like `last_modified`.
    pub created: i64,
    pub last_modified: i64,
    pub brought_by: Option<IdBytes>,
}

/// What is stored of a resource beside its narrow row.
#[derive(Clone, Debug)]
pub struct Content<'a> {
    /// The document as JSON.
    pub document: String,
    pub label: Option<&'a str>,
}

/// An entry of the change log that has no number yet. `joined` and `left` are members.
#[derive(Clone, Debug)]
pub struct Entry {
    pub kind: ChangeKind,
    pub resource_type: TypeName,
    pub resource: ResourceId,
    pub version: Version,
    pub joined: Vec<ResourceId>,
    pub left: Vec<ResourceId>,
    pub notes: ChangeNotes,
}

/// A session that writes.
pub trait Ledger: Session {
    /// Stores a new resource and its document, and counts it.
    fn insert_resource(
        &self,
        tenant: IdBytes,
        row: &ResourceRow,
        content: Content<'_>,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// Stores another document of a resource, and what members' lists call it.
    fn replace_document(
        &self,
        tenant: IdBytes,
        id: ResourceId,
        content: Content<'_>,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// Removes the narrow row and the document, and counts it out.
    fn remove_resource(&self, tenant: IdBytes, row: &ResourceRow) -> impl Future<Output = Result<(), StoreError>>;

    /// Gives the resource to another owner (`None`: to nobody), in the counts, too.
    fn change_owner(
        &self,
        tenant: IdBytes,
        row: &ResourceRow,
        owner: Option<IdBytes>,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// Writes entries of the tenant's change log (docs/adr/0002), in their order. `at` in microseconds.
    fn log(
        &self,
        tenant: IdBytes,
        by: Option<ConnectionId>,
        at: i64,
        entries: &[Entry],
    ) -> impl Future<Output = Result<(), StoreError>>;
}
