//! What a tenant has, and where it comes from.

use std::sync::Arc;

use muster_model::{SchemaEntry, SchemaEntryKind, Tenant};
use muster_store::Scope;
use scim::Schema;
use scim::schema::{Addition, ResourceType, SchemaSet};

use super::entries;
use super::pack::{PACKS, Pack};
use crate::{App, AppError, OperatorAccess, tenants};

/// Where a schema or resource type comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Every tenant has it.
    BuiltIn,
    /// It came with a pack that is enabled.
    Pack(&'static str),
    /// The tenant added it.
    Own,
}

pub struct ListedSchema {
    pub schema: Arc<Schema>,
    pub origin: Origin,
    /// Names of the resource types that have it as base or extension.
    pub used_by: Vec<String>,
}

pub struct ListedType {
    pub resource_type: ResourceType,
    pub origin: Origin,
}

pub struct Overview {
    pub tenant: Tenant,
    pub schemas: Vec<ListedSchema>,
    pub resource_types: Vec<ListedType>,
    /// Each with whether it is enabled.
    pub packs: Vec<(&'static Pack, bool)>,
}

pub enum Shown {
    Schema(Arc<Schema>),
    ResourceType(ResourceType),
}

pub async fn list(app: &App, _access: &OperatorAccess, tenant: Option<&str>) -> Result<Overview, AppError> {
    let tenant = tenants::find_by_name(app, tenant.unwrap_or(Tenant::DEFAULT_NAME)).await?;
    let found = app.store.directory(tenant.id, Scope::Tenant).list_schema_entries().await?;
    let set = assembled(&found.entries)?;
    let packs = PACKS.iter().map(|pack| (pack, is_enabled(&found.entries, pack.name))).collect();
    let schemas = set.schemas().iter().map(|schema| ListedSchema {
        schema: Arc::clone(schema),
        origin: origin(&found.entries, SchemaEntryKind::Schema, &schema.id),
        used_by: users_of(&set, &schema.id),
    });
    let resource_types = set.resource_schemas().iter().map(|schema| ListedType {
        resource_type: schema.resource_type().clone(),
        origin: origin(&found.entries, SchemaEntryKind::ResourceType, &schema.resource_type().name),
    });
    Ok(Overview { schemas: schemas.collect(), resource_types: resource_types.collect(), packs, tenant })
}

/// A schema by its URN, or a resource type by its name, in any letter case.
pub async fn show(app: &App, _access: &OperatorAccess, tenant: Option<&str>, name: &str) -> Result<Shown, AppError> {
    let tenant = tenants::find_by_name(app, tenant.unwrap_or(Tenant::DEFAULT_NAME)).await?;
    let found = app.store.directory(tenant.id, Scope::Tenant).list_schema_entries().await?;
    let set = assembled(&found.entries)?;
    if let Some(schema) = set.schema(name) {
        return Ok(Shown::Schema(Arc::clone(schema)));
    }
    match set.resource_schema(name) {
        Some(schema) => Ok(Shown::ResourceType(schema.resource_type().clone())),
        None => Err(AppError::InvalidInput(format!(
            "there is no schema or resource type {name}; `muster schema list` shows them"
        ))),
    }
}

/// For the one who may read the reason.
pub(super) fn assembled(entries: &[SchemaEntry]) -> Result<SchemaSet, AppError> {
    entries::assembled(entries).map_err(|problem| AppError::InvalidInput(problem.to_string()))
}

pub(super) fn origin(entries: &[SchemaEntry], kind: SchemaEntryKind, name: &str) -> Origin {
    if entries.iter().any(|entry| entry.key.kind == kind && entry.key.name.eq_ignore_ascii_case(name)) {
        return Origin::Own;
    }
    let brings = |pack: &&Pack| {
        pack.additions().unwrap_or_default().iter().any(|addition| match addition {
            Addition::Schema(schema) => kind == SchemaEntryKind::Schema && schema.id.eq_ignore_ascii_case(name),
            Addition::ResourceType(one) => kind == SchemaEntryKind::ResourceType && one.name.eq_ignore_ascii_case(name),
            Addition::Extension { .. } => false,
        })
    };
    PACKS
        .iter()
        .filter(|pack| is_enabled(entries, pack.name))
        .find(brings)
        .map_or(Origin::BuiltIn, |pack| Origin::Pack(pack.name))
}

pub(super) fn is_enabled(entries: &[SchemaEntry], pack: &str) -> bool {
    entries.iter().any(|entry| entry.key.kind == SchemaEntryKind::Pack && entry.key.name == pack)
}

fn users_of(set: &SchemaSet, urn: &str) -> Vec<String> {
    let uses =
        set.resource_schemas().iter().filter(|schema| schema.base().id == urn || schema.extension(urn).is_some());
    uses.map(|schema| schema.resource_type().name.clone()).collect()
}
