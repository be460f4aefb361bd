//! One line: a resource as a POST would send it.

use muster_model::ResourceId;
use scim::schema::Returned;
use scim::{Attribute, Document, ResourceSchema};
use serde_json::Value;

use crate::load::names::{manager_of, set_manager};

/// A resource without what a load would not take: no id, no `meta`, and nothing that is never returned.
pub(super) struct Line {
    schemas: Vec<String>,
    document: Document,
}

impl Line {
    pub(super) fn of(schema: &ResourceSchema, mut document: Document) -> Self {
        let own = schema.common().iter().chain(&schema.base().attributes);
        leave_out(own.map(AsRef::as_ref), &mut document);
        let mut schemas = vec![schema.base().id.clone()];
        for extension in schema.extensions() {
            if let Some(Value::Object(part)) = document.get_mut(&extension.id) {
                leave_out(extension.attributes.iter().map(AsRef::as_ref), part);
                schemas.push(extension.id.clone());
            }
        }
        Self { schemas, document }
    }

    /// The manager, where it is somebody who has an id here (RFC 7643 section 4.3).
    pub(super) fn manager(&self) -> Option<ResourceId> {
        manager_of(&self.document).and_then(ResourceId::parse)
    }

    pub(super) fn name_manager(&mut self, name: &str) {
        set_manager(&mut self.document, name.to_owned());
    }

    /// The text without the end of the object, so that members can follow.
    pub(super) fn begin(&self) -> Vec<u8> {
        let mut text = b"{\"schemas\":".to_vec();
        write(&mut text, &Value::from(self.schemas.as_slice()));
        for (name, value) in &self.document {
            text.push(b',');
            write(&mut text, &Value::from(name.as_str()));
            text.push(b':');
            write(&mut text, value);
        }
        text
    }
}

/// Appends a member to the list, which the first one begins.
pub(super) fn member(text: &mut Vec<u8>, is_begun: &mut bool, name: &str) {
    let before: &[u8] = if std::mem::replace(is_begun, true) { b",{\"value\":" } else { b",\"members\":[{\"value\":" };
    text.extend_from_slice(before);
    write(text, &Value::from(name));
    text.push(b'}');
}

fn write(text: &mut Vec<u8>, value: &Value) {
    text.extend_from_slice(value.to_string().as_bytes());
}

/// Takes out what is never returned, also inside of attributes.
fn leave_out<'a>(attributes: impl Iterator<Item = &'a Attribute>, document: &mut Document) {
    for attribute in attributes {
        if attribute.returned == Returned::Never {
            document.shift_remove(&attribute.name);
            continue;
        }
        let inside = || attribute.sub_attributes.iter().map(AsRef::as_ref);
        match document.get_mut(&attribute.name) {
            Some(Value::Object(value)) => leave_out(inside(), value),
            Some(Value::Array(elements)) => {
                elements.iter_mut().filter_map(Value::as_object_mut).for_each(|element| leave_out(inside(), element));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use scim::Schema;
    use scim::schema::{ENTERPRISE_USER, user_resource_schema};
    use serde_json::json;

    use super::*;

    /// The schema with these never returned, whole or inside of an attribute.
    fn hiding(schema: &Schema, whole: &str, (holder, inside): (&str, &str)) -> Arc<Schema> {
        let mut schema = schema.clone();
        for attribute in &mut schema.attributes {
            let attribute = Arc::make_mut(attribute);
            if attribute.name == whole {
                attribute.returned = Returned::Never;
            }
            if attribute.name == holder {
                let hidden = attribute.sub_attributes.iter_mut().filter(|sub| sub.name == inside);
                hidden.for_each(|sub| Arc::make_mut(sub).returned = Returned::Never);
            }
        }
        Arc::new(schema)
    }

    #[test]
    fn what_is_never_returned_is_in_no_line_however_deep_it_stands() {
        let user = user_resource_schema();
        let base = hiding(user.base(), "title", ("emails", "value"));
        let extensions = user.extensions().iter().map(|one| hiding(one, "costCenter", ("manager", "value"))).collect();
        let schema = ResourceSchema::new(user.resource_type().clone(), base, extensions);
        let Value::Object(document) = json!({
            "userName": "anna", "title": "canary", "password": "canary",
            "emails": [{ "value": "canary", "type": "work" }, { "value": "canary" }],
            ENTERPRISE_USER: { "costCenter": "canary", "department": "d", "manager": { "value": "canary" } },
        }) else {
            panic!("an object")
        };
        let mut text = String::from_utf8(Line::of(&schema, document).begin()).unwrap();
        text.push('}');
        assert!(!text.contains("canary"), "{text}");
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&line["userName"], &line["emails"][0]["type"]), (&json!("anna"), &json!("work")));
        assert_eq!(line[ENTERPRISE_USER]["department"], "d");
        assert_eq!(line["schemas"], json!([user.base().id, ENTERPRISE_USER]));
    }
}
