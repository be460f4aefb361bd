//! The resource itself, beside the event that speaks of it.

use std::collections::{BTreeMap, HashMap};

use muster_model::{ResourceId, StoredResource, TypeName};
use muster_store::compose::composed_of;
use muster_store::{Directory, Include};
use scim::schema::SchemaSet;
use serde_json::Value;

use super::Event;
use super::readable::readable;
use crate::{App, AppError};

/// Gives each event its resource as it is now. Whose resource is gone gets none.
pub(crate) async fn add_object(app: &App, directory: &dyn Directory, events: &mut [Event]) -> Result<(), AppError> {
    let wanted: Vec<_> = events.iter().map(|event| (event.resource_type.clone(), event.resource)).collect();
    let objects = objects_of(app, directory, &wanted).await?;
    for event in events {
        event.object = objects.get(&event.resource).cloned();
    }
    Ok(())
}

/// The resources that are there, without members, groups, and what nobody may read.
pub(crate) async fn objects_of(
    app: &App,
    directory: &dyn Directory,
    wanted: &[(TypeName, ResourceId)],
) -> Result<HashMap<ResourceId, Value>, AppError> {
    let mut by_type: BTreeMap<&TypeName, Vec<ResourceId>> = BTreeMap::new();
    for (resource_type, id) in wanted {
        by_type.entry(resource_type).or_default().push(*id);
    }
    let mut objects = HashMap::new();
    if by_type.is_empty() {
        return Ok(objects);
    }
    let schemas = app.schemas.whole(directory).await?;
    for (resource_type, mut ids) in by_type {
        ids.sort_unstable();
        ids.dedup();
        for resource in directory.find_resources(resource_type, &ids, Include::default()).await? {
            let id = resource.id;
            objects.extend(shown(&schemas, resource)?.map(|shown| (id, shown)));
        }
    }
    Ok(objects)
}

/// `None`: the tenant has no such type any more.
pub(super) fn shown(schemas: &SchemaSet, resource: StoredResource) -> Result<Option<Value>, AppError> {
    let Some(schema) = schemas.resource_schema(resource.resource_type.as_str()) else { return Ok(None) };
    let document = readable(schema, resource.document.into_document()?).into();
    Ok(Some(Value::Object(composed_of(schema, StoredResource { document, ..resource })?)))
}
