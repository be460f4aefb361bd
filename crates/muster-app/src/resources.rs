//! People, groups and every other SCIM resource of a tenant.

mod addresses;
mod create;
mod create_together;
mod delete;
mod difference;
mod dismissal;
mod labels;
mod list;
mod patch;
mod precondition;
mod read;
mod replace;
pub(crate) mod settled;

use std::sync::Arc;

use muster_model::{ResourceId, StoredResource, TypeName};
use muster_store::keys::TooLong;
use muster_store::{Include, Key, NewDocument, keys};
use scim::projection::Projection;
use scim::{Document, Leniency, ResourceSchema};

use crate::repairs::note as note_repairs;
use crate::{App, AppError, ScimCaller};

pub use create::create;
pub(crate) use create_together::{NewResource, create_together};
pub use delete::delete;
pub(crate) use difference::content_instead;
pub use labels::{Labels, labels_of_references};
pub use list::{Paging, ResourceList, list, list_all_types, list_one_resource};
pub use muster_store::compose::{composed_of, etag};
pub use patch::{Patched, patch};
pub use precondition::{Precondition, version_of_tag};
pub use read::read;
pub use replace::replace;
pub(crate) use replace::replaced_members;

/// How often a write is derived anew after losing a race before the caller is told to try again.
pub(crate) const TRIES: usize = 32;

pub(crate) fn type_name(schema: &ResourceSchema) -> TypeName {
    TypeName::new(&schema.resource_type().name)
}

fn not_found(schema: &ResourceSchema) -> AppError {
    AppError::ResourceNotFound { resource_type: schema.resource_type().name.clone() }
}

/// Whether the type's `members` are kept as rows.
pub(crate) fn holds_members(schema: &ResourceSchema) -> bool {
    schema.base().id == scim::schema::GROUP
}

/// The rows that a projection needs beside the document.
pub(crate) fn include_for(schema: &ResourceSchema, projection: &Projection) -> Include {
    Include {
        members: holds_members(schema) && projection.wants("members"),
        groups: schema.base().attribute("groups").is_some() && projection.wants("groups"),
    }
}

/// How many looked-up values one resource may have. Each is a row of the index, and all are written in one go.
const MOST_KEYS: usize = 1000;
/// As JSON. A page holds up to a thousand documents, a group's members not counted.
const MOST_DOCUMENT_BYTES: usize = 256 * 1024;

pub(crate) fn content(
    schema: &ResourceSchema,
    document: Document,
    leniency: &Leniency,
) -> Result<NewDocument, AppError> {
    let keys = keys::keys_of(schema, &document, leniency);
    if keys.len() > MOST_KEYS {
        return Err(AppError::Scim(scim::Error::invalid_value(format!(
            "the resource has more than {MOST_KEYS} values that are looked up by, such as \"emails\"; send fewer"
        ))));
    }
    for key in &keys {
        expect_room(schema, key)?;
    }
    if weight(&document) > MOST_DOCUMENT_BYTES {
        return Err(AppError::Scim(scim::Error::invalid_value(format!(
            "the resource is larger than {} KiB without its members; send shorter values, or fewer",
            MOST_DOCUMENT_BYTES / 1024
        ))));
    }
    Ok(NewDocument { keys, label: keys::label_of(&document), document, difference: None })
}

/// Refuses what a database has no room for in its index.
fn expect_room(schema: &ResourceSchema, key: &Key) -> Result<(), AppError> {
    let attribute = &key.attribute;
    let problem = match keys::check_length(&schema.resource_type().name, key) {
        Ok(()) => return Ok(()),
        Err(TooLong::Value) => format!("a value of {attribute:?} has more than {} bytes", keys::LONGEST_VALUE),
        Err(TooLong::Entry) => {
            format!("a value of {attribute:?} has too many bytes beside the long name of the attribute")
        }
    };
    let advice = "and it is looked up by; send a shorter one";
    Err(AppError::Scim(scim::Error::invalid_value(format!("{problem}, {advice}"))))
}

/// Roughly how many bytes the document takes as JSON.
fn weight(document: &Document) -> usize {
    document.iter().map(|(name, value)| name.len() + weight_of(value)).sum()
}

fn weight_of(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::String(text) => text.len() + 3,
        serde_json::Value::Array(elements) => elements.iter().map(weight_of).sum::<usize>() + 2,
        serde_json::Value::Object(members) => weight(members) + 4,
        _ => 5,
    }
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
