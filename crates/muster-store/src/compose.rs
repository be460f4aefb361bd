//! Puts a stored resource together as SCIM shows it, without the parts that depend on an address.

use muster_model::{DamagedDocument, Members, ResourceId, StoredResource};
use scim::{Document, ResourceSchema};
use serde_json::{Value, json};

/// The whole resource: `schemas`, `id`, the document, `members` and `groups` where they were read, and `meta` without
/// `location`. This is what filters are evaluated on; the edge adds `$ref` and `meta.location`, which depend on the
/// address it is called by.
pub fn composed(schema: &ResourceSchema, resource: &StoredResource) -> Result<Document, DamagedDocument> {
    composed_of(schema, resource.clone())
}

/// The same of a resource that nobody needs any more, so that nothing is copied.
pub fn composed_of(schema: &ResourceSchema, resource: StoredResource) -> Result<Document, DamagedDocument> {
    let version = etag(&resource);
    let document = resource.document.into_document()?;
    // Beside the document: schemas, id, members, groups, meta.
    let mut whole = Document::with_capacity(document.len().saturating_add(5));
    let mut schemas = vec![Value::from(schema.base().id.as_str())];
    for extension in schema.extensions() {
        if document.contains_key(&extension.id) {
            schemas.push(Value::from(extension.id.as_str()));
        }
    }
    whole.insert("schemas".to_owned(), Value::Array(schemas));
    whole.insert("id".to_owned(), Value::from(resource.id.to_string()));
    whole.extend(document);
    let members = resource
        .members
        .iter()
        .flat_map(Members::iter)
        .map(|member| element(member.id, member.display.map(str::to_owned), member.resource_type.as_str()));
    insert_list(&mut whole, "members", members.collect());
    let groups = resource.groups.into_iter().flatten();
    let groups = groups.map(|group| {
        // A direct membership may be changed through the group, an indirect one may not (RFC 7643 section 4.1.2).
        element(group.id, group.display, if group.is_direct { "direct" } else { "indirect" })
    });
    insert_list(&mut whole, "groups", groups.collect());
    whole.insert(
        "meta".to_owned(),
        json!({
            "resourceType": resource.resource_type.as_str(),
            "created": resource.created.to_string(),
            "lastModified": resource.last_modified.to_string(),
            "version": version,
        }),
    );
    Ok(whole)
}

/// The weak entity tag of a resource (RFC 7644 section 3.14): its version counter.
pub fn etag(resource: &StoredResource) -> String {
    format!("W/\"{}\"", resource.version.0)
}

fn element(id: ResourceId, display: Option<String>, kind: &str) -> Value {
    let mut element = Document::new();
    element.insert("value".to_owned(), Value::from(id.to_string()));
    if let Some(display) = display {
        element.insert("display".to_owned(), Value::from(display));
    }
    element.insert("type".to_owned(), Value::from(kind));
    Value::Object(element)
}

fn insert_list(whole: &mut Document, name: &str, elements: Vec<Value>) {
    if !elements.is_empty() {
        whole.insert(name.to_owned(), Value::Array(elements));
    }
}
