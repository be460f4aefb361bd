//! People, groups and every other SCIM resource of a tenant.

mod create;
mod delete;
mod list;
mod patch;
mod precondition;
mod read;
mod replace;

use std::sync::Arc;

use muster_model::{ResourceId, StoredResource, TypeName};
use muster_store::{Include, NewDocument, keys};
use scim::projection::Projection;
use scim::{Document, Leniency, Repair, ResourceSchema};

use crate::{App, AppError, ScimCaller};

pub use create::create;
pub use delete::delete;
pub use list::{DEFAULT_COUNT, MAX_RESULTS, ResourceList, list, list_all_types};
pub use muster_store::compose::{composed, etag};
pub use patch::{Patched, patch};
pub use precondition::Precondition;
pub use read::read;
pub use replace::replace;

/// How often a write is derived anew after losing a race before the caller is told to try again.
const TRIES: usize = 32;

fn type_name(schema: &ResourceSchema) -> TypeName {
    TypeName::new(&schema.resource_type().name)
}

fn not_found(schema: &ResourceSchema) -> AppError {
    AppError::ResourceNotFound { resource_type: schema.resource_type().name.clone() }
}

/// Whether the type's `members` are kept as rows.
fn holds_members(schema: &ResourceSchema) -> bool {
    schema.base().id == scim::schema::GROUP
}

/// The rows that a projection needs beside the document.
fn include_for(schema: &ResourceSchema, projection: &Projection) -> Include {
    Include {
        members: holds_members(schema) && projection.wants("members"),
        groups: schema.base().attribute("groups").is_some() && projection.wants("groups"),
    }
}

fn content(schema: &ResourceSchema, document: Document, leniency: &Leniency) -> NewDocument {
    NewDocument { keys: keys::keys_of(schema, &document, leniency), label: keys::label_of(&document), document }
}

/// Reads a resource that the caller was just told of.
async fn find(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    id: ResourceId,
    include: Include,
) -> Result<StoredResource, AppError> {
    let found = caller.directory(app).find_resource(&type_name(schema), id, include).await?;
    found.ok_or_else(|| not_found(schema))
}

/// Repairs of a client's message are counted and named in the debug log; they carry attribute names, never values.
fn note_repairs(caller: &ScimCaller, repairs: &[Repair]) {
    for repair in repairs {
        tracing::debug!(connection.id = %caller.connection().id, repair = ?repair, "a request was repaired");
    }
    if !repairs.is_empty() {
        metrics::counter!("muster_scim_repairs_total").increment(repairs.len() as u64);
    }
}
