//! What of a document may be read: what the tenant's schemas define and let be returned (RFC 7643 section 7). A document may
//! hold more, such as an extension that was removed since (docs/adr/0015), or a password from when it was accepted.

use std::sync::Arc;

use scim::schema::Returned;
use scim::{Attribute, Document, ResourceSchema};
use serde_json::Value;

pub(super) fn readable(schema: &ResourceSchema, stored: Document) -> Document {
    let mut shown = Document::new();
    for (name, value) in stored {
        match (schema.extension(&name), value) {
            (Some(extension), Value::Object(mut part)) => {
                keep_readable(&extension.attributes, &mut part);
                shown.insert(extension.id.clone(), Value::Object(part));
            }
            (Some(_), _) => {}
            (None, value) => {
                let Some(attribute) = schema.attribute(&name) else { continue };
                let mut alone = Document::from_iter([(name, value)]);
                keep_readable(std::slice::from_ref(attribute), &mut alone);
                shown.extend(alone);
            }
        }
    }
    shown
}

/// Also inside of attributes. One without parts may hold anything.
fn keep_readable(attributes: &[Arc<Attribute>], document: &mut Document) {
    document.retain(|name, value| {
        let defined = attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name));
        let Some(attribute) = defined.filter(|attribute| attribute.returned != Returned::Never) else { return false };
        if !attribute.sub_attributes.is_empty() {
            let parts = match value {
                Value::Array(elements) => elements.as_mut_slice(),
                one => std::slice::from_mut(one),
            };
            parts
                .iter_mut()
                .filter_map(Value::as_object_mut)
                .for_each(|part| keep_readable(&attribute.sub_attributes, part));
        }
        true
    });
}

#[cfg(test)]
mod tests {
    use scim::schema::{ENTERPRISE_USER, user_resource_schema};
    use serde_json::json;

    use super::*;

    #[test]
    fn what_no_schema_names_and_what_is_never_returned_stays_behind() {
        let Value::Object(stored) = json!({
            "userName": "anna", "externalId": "e", "password": "canary", "Unknown": "canary",
            "name": {"givenName": "Anna", "unknown": "canary"},
            "emails": [{"value": "a@example.com", "secret": "canary"}],
            ENTERPRISE_USER: {"department": "d", "unknown": "canary"},
            "urn:example:removed": {"badge": "canary"},
        }) else {
            panic!("an object")
        };
        let shown = readable(&user_resource_schema(), stored);
        let wanted = json!({
            "userName": "anna", "externalId": "e", "name": {"givenName": "Anna"},
            "emails": [{"value": "a@example.com"}], ENTERPRISE_USER: {"department": "d"},
        });
        assert_eq!(Value::Object(shown), wanted);
    }
}
