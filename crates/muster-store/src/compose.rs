//! Puts a stored resource together as SCIM shows it, without the parts that depend on an address.

use muster_model::{Member, StoredResource};
use scim::{Document, ResourceSchema};
use serde_json::{Value, json};

/// The whole resource: `schemas`, `id`, the document, `members` and `groups` where they were read, and `meta` without
/// `location`. This is what filters are evaluated on; the edge adds `$ref` and `meta.location`, which depend on the
/// address it is called by.
pub fn composed(schema: &ResourceSchema, resource: &StoredResource) -> Document {
    let mut whole = Document::new();
    let mut schemas = vec![Value::from(schema.base().id.as_str())];
    for extension in schema.extensions() {
        if resource.document.contains_key(&extension.id) {
            schemas.push(Value::from(extension.id.as_str()));
        }
    }
    whole.insert("schemas".to_owned(), Value::Array(schemas));
    whole.insert("id".to_owned(), Value::from(resource.id.to_string()));
    for (name, value) in &resource.document {
        whole.insert(name.clone(), value.clone());
    }
    insert_members(&mut whole, "members", resource.members.as_deref(), |member| {
        Value::from(member.resource_type.as_str())
    });
    // Only direct memberships are listed here, and they may be changed through the group (RFC 7643 section 4.1.2).
    insert_members(&mut whole, "groups", resource.groups.as_deref(), |_| Value::from("direct"));
    whole.insert(
        "meta".to_owned(),
        json!({
            "resourceType": resource.resource_type.as_str(),
            "created": resource.created.to_string(),
            "lastModified": resource.last_modified.to_string(),
            "version": etag(resource),
        }),
    );
    whole
}

/// The weak entity tag of a resource (RFC 7644 section 3.14): its version counter.
pub fn etag(resource: &StoredResource) -> String {
    format!("W/\"{}\"", resource.version.0)
}

fn insert_members(whole: &mut Document, name: &str, members: Option<&[Member]>, kind: impl Fn(&Member) -> Value) {
    let Some(members) = members.filter(|members| !members.is_empty()) else { return };
    let list = members.iter().map(|member| {
        let mut element = Document::new();
        element.insert("value".to_owned(), Value::from(member.id.to_string()));
        if let Some(display) = &member.display {
            element.insert("display".to_owned(), Value::from(display.as_str()));
        }
        element.insert("type".to_owned(), kind(member));
        Value::Object(element)
    });
    whole.insert(name.to_owned(), Value::Array(list.collect()));
}
