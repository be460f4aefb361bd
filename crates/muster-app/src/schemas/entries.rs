//! From what the database keeps to what it means, and back.

use std::sync::Arc;

use jiff::Timestamp;
use muster_model::{SchemaEntry, SchemaEntryKey, SchemaEntryKind};
use scim::schema::{Addition, AdditionError, LoadError, ResourceType, Schema, SchemaExtension, SchemaSet};
use serde_json::{Value, json};

use super::pack::Pack;
use crate::AppError;

/// Why a tenant's schemas cannot be put together.
#[derive(Debug, thiserror::Error)]
pub(super) enum AssemblyError {
    #[error(transparent)]
    Addition(#[from] AdditionError),
    #[error("the {kind} {name} in the database cannot be read: {error}")]
    Unreadable { kind: SchemaEntryKind, name: String, error: LoadError },
    #[error(
        "this release has no pack named {0}; an older release must not serve a tenant that uses a newer one's pack"
    )]
    UnknownPack(String),
}

pub(super) fn assembled(entries: &[SchemaEntry]) -> Result<SchemaSet, AssemblyError> {
    let mut additions = Vec::new();
    for entry in entries {
        additions.extend(additions_of(entry)?);
    }
    Ok(SchemaSet::with(&additions)?)
}

/// What one entry adds; a pack adds several things.
pub(super) fn additions_of(entry: &SchemaEntry) -> Result<Vec<Addition>, AssemblyError> {
    let SchemaEntryKey { kind, name } = &entry.key;
    let unreadable = |error| AssemblyError::Unreadable { kind: *kind, name: name.clone(), error };
    Ok(match kind {
        SchemaEntryKind::Schema => {
            vec![Addition::Schema(Arc::new(Schema::parse(&entry.document).map_err(unreadable)?))]
        }
        SchemaEntryKind::ResourceType => {
            vec![Addition::ResourceType(ResourceType::parse(&entry.document).map_err(unreadable)?)]
        }
        SchemaEntryKind::Extension => vec![extension_of(&entry.document).map_err(unreadable)?],
        SchemaEntryKind::Pack => {
            Pack::find(name).ok_or_else(|| AssemblyError::UnknownPack(name.clone()))?.additions()?
        }
    })
}

/// How an addition is kept: as the standard writes it, with every default spelt out.
pub(super) fn entry_of(addition: &Addition, added: Timestamp) -> Result<SchemaEntry, AppError> {
    let written = |value: Result<Value, serde_json::Error>| value.map_err(|error| AppError::Internal(Box::new(error)));
    let (kind, name, document) = match addition {
        Addition::Schema(schema) => {
            (SchemaEntryKind::Schema, schema.id.clone(), written(serde_json::to_value(schema))?)
        }
        Addition::ResourceType(resource_type) => {
            (SchemaEntryKind::ResourceType, resource_type.name.clone(), written(serde_json::to_value(resource_type))?)
        }
        Addition::Extension { resource_type, extension } => (
            SchemaEntryKind::Extension,
            name_of_extension(resource_type, &extension.schema),
            json!({ "resourceType": resource_type, "schema": extension.schema, "required": extension.required }),
        ),
    };
    Ok(SchemaEntry { key: SchemaEntryKey { kind, name }, document, added })
}

pub(super) fn entry_of_pack(pack: &Pack, added: Timestamp) -> SchemaEntry {
    let key = SchemaEntryKey { kind: SchemaEntryKind::Pack, name: pack.name.to_owned() };
    SchemaEntry { key, document: json!({}), added }
}

pub(super) fn name_of_extension(resource_type: &str, urn: &str) -> String {
    format!("{resource_type} {urn}")
}

fn extension_of(document: &Value) -> Result<Addition, LoadError> {
    let text = |name: &str| {
        let found = document.get(name).and_then(Value::as_str).map(str::to_owned);
        found.ok_or_else(|| LoadError { place: name.to_owned(), problem: "is missing".to_owned() })
    };
    let required = document.get("required").and_then(Value::as_bool).unwrap_or(false);
    let extension = SchemaExtension { schema: text("schema")?, required };
    Ok(Addition::Extension { resource_type: text("resourceType")?, extension })
}
