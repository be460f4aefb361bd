//! From a stored resource to what a client sees: the whole document, with the parts that depend on the address, cut to
//! the projection.

use muster_app::resources::composed_of;
use muster_model::{DamagedDocument, StoredResource};
use scim::projection::Projection;
use scim::{Document, ResourceSchema};
use serde_json::Value;

use crate::references::Shelf;
use crate::wire::Wire;

/// Where a connection is reached by this client.
pub(crate) struct Base {
    /// Without a trailing slash: `https://muster.example.com/scim/v2/con_…`.
    pub(crate) url: String,
    /// What it speaks there.
    pub(crate) wire: Wire,
}

impl Base {
    /// The permanent address of a resource.
    pub(crate) fn location(&self, schema: &ResourceSchema, resource: &StoredResource) -> String {
        format!("{}{}/{}", self.url, schema.resource_type().endpoint, resource.id)
    }
}

/// Renders a resource.
pub(crate) fn resource(
    shelf: &Shelf<'_>,
    schema: &ResourceSchema,
    resource: StoredResource,
    projection: &Projection,
) -> Result<Value, DamagedDocument> {
    let Shelf { base, schemas, .. } = *shelf;
    let location = base.location(schema, &resource);
    let mut whole = composed_of(schema, resource)?;
    if let Some(Value::Object(meta)) = whole.get_mut("meta") {
        meta.insert("location".to_owned(), Value::from(location));
    }
    add_references(&mut whole, "members", |element| {
        let kind = element.get("type").and_then(Value::as_str)?;
        let endpoint = endpoint_of(schemas, kind)?;
        Some(format!("{}{endpoint}/{}", base.url, element.get("value").and_then(Value::as_str)?))
    });
    add_references(&mut whole, "groups", |element| {
        let endpoint = endpoint_of(schemas, "Group")?;
        Some(format!("{}{endpoint}/{}", base.url, element.get("value").and_then(Value::as_str)?))
    });
    shelf.complete(schema, &mut whole);
    Ok(base.wire.show_resource(schema, Value::Object(projection.apply(schema, whole))))
}

pub(crate) fn endpoint_of<'a>(schemas: &'a [std::sync::Arc<ResourceSchema>], type_name: &str) -> Option<&'a str> {
    schemas
        .iter()
        .map(|schema| schema.resource_type())
        .find(|resource_type| resource_type.name == type_name)
        .map(|resource_type| resource_type.endpoint.as_str())
}

/// Adds `$ref` (RFC 7643 section 2.4) to each element of a list.
fn add_references(whole: &mut Document, name: &str, reference: impl Fn(&Document) -> Option<String>) {
    let Some(Value::Array(elements)) = whole.get_mut(name) else { return };
    for element in elements.iter_mut().filter_map(Value::as_object_mut) {
        if let Some(address) = reference(element) {
            element.insert("$ref".to_owned(), Value::from(address));
        }
    }
}
