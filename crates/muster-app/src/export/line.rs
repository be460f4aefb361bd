//! One line: a resource as a POST would send it.

use std::sync::Arc;

use muster_model::ResourceId;
use muster_store::keys;
use scim::schema::Returned;
use scim::{Attribute, Document, Leniency, ResourceSchema};
use serde_json::Value;

use crate::load::names::{manager_of, marks, set_manager, take_manager};
use crate::password::PASSWORD;

/// A resource without what a load would not take: no id, no `meta`, and nothing that nobody may read.
pub(super) struct Line {
    schemas: Vec<String>,
    document: Document,
    /// Whether something stayed behind that a POST must have.
    pub(super) lacks_required: bool,
}

impl Line {
    /// Takes over what the schema knows and shows, and nothing else: a stored document may hold what was accepted when the
    /// connection had another profile, or an extension that was removed since (docs/adr/0015).
    pub(super) fn of(schema: &ResourceSchema, stored: Document) -> Self {
        let mut line =
            Self { schemas: vec![schema.base().id.clone()], document: Document::new(), lacks_required: false };
        for (name, value) in stored {
            // Whatever the schema says: where passwords are not accepted it does not define the attribute at all.
            if name.eq_ignore_ascii_case(PASSWORD) {
                continue;
            }
            match (schema.extension(&name), value) {
                (Some(extension), Value::Object(mut part)) => {
                    keep_readable(&extension.attributes, &mut part, &mut line.lacks_required);
                    line.schemas.push(extension.id.clone());
                    line.document.insert(extension.id.clone(), Value::Object(part));
                }
                (None, value) => {
                    let Some(attribute) = schema.attribute(&name) else { continue };
                    let mut alone = Document::from_iter([(name, value)]);
                    keep_readable(std::slice::from_ref(attribute), &mut alone, &mut line.lacks_required);
                    line.document.extend(alone);
                }
                (Some(_), _) => {}
            }
        }
        line
    }

    /// Whether a load could tell that it has the line already.
    pub(super) fn is_recognisable(&self, schema: &ResourceSchema, leniency: &Leniency) -> bool {
        !marks(&keys::keys_of(schema, &self.document, leniency)).is_empty()
    }

    /// The manager, where it is somebody who has an id here (RFC 7643 section 4.3).
    pub(super) fn manager(&self) -> Option<ResourceId> {
        manager_of(&self.document).and_then(ResourceId::parse)
    }

    /// What stands there instead of an id: the provider named a manager whom nobody knew.
    pub(super) fn unknown_manager(&self) -> Option<&str> {
        manager_of(&self.document).filter(|value| ResourceId::parse(value).is_none())
    }

    pub(super) fn leave_manager_out(&mut self) {
        take_manager(&mut self.document);
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

/// Keeps what these attributes define and let be read, also inside of them.
fn keep_readable(attributes: &[Arc<Attribute>], document: &mut Document, lacks_required: &mut bool) {
    document.retain(|name, value| {
        let Some(attribute) = attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name)) else {
            return false;
        };
        if attribute.returned == Returned::Never {
            *lacks_required |= attribute.required;
            return false;
        }
        // One without parts may hold anything.
        if !attribute.sub_attributes.is_empty() {
            let parts = match value {
                Value::Array(elements) => elements.as_mut_slice(),
                one => std::slice::from_mut(one),
            };
            for part in parts.iter_mut().filter_map(Value::as_object_mut) {
                keep_readable(&attribute.sub_attributes, part, lacks_required);
            }
        }
        true
    });
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn what_the_schema_does_not_know_is_in_no_line() {
        let user = user_resource_schema();
        let mut base = user.base().as_ref().clone();
        base.attributes.retain(|attribute| attribute.name != "password");
        let schema = ResourceSchema::new(user.resource_type().clone(), Arc::new(base), user.extensions().to_vec());
        let Value::Object(document) = json!({
            "userName": "anna", "PassWord": "canary", "shoeSize": "canary", "urn:example:removed": { "a": "canary" },
            "name": { "givenName": "Anna", "secondNickName": "canary" },
            ENTERPRISE_USER: { "department": "d", "salary": "canary" },
        }) else {
            panic!("an object")
        };
        let line = Line::of(&schema, document);
        let text = String::from_utf8(line.begin()).unwrap();
        assert!(!text.contains("canary") && text.contains("Anna"), "{text}");
        assert!(!line.lacks_required && line.is_recognisable(&schema, &Leniency::default()));
    }

    #[test]
    fn a_line_that_no_load_takes_knows_it() {
        let user = user_resource_schema();
        let hidden = hiding(user.base(), "userName", ("emails", "value"));
        let schema = ResourceSchema::new(user.resource_type().clone(), hidden, user.extensions().to_vec());
        let Value::Object(document) = json!({ "userName": "anna", "title": "Boss" }) else { panic!("an object") };
        let line = Line::of(&schema, document);
        assert!(line.lacks_required && !line.is_recognisable(&schema, &Leniency::default()));
    }
}
