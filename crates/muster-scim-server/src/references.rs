//! Fills in what only the server can say of a reference: the address and the name of the resource that it points at, such
//! as a person's manager (RFC 7643 section 4.3). What points at nobody we know is shown as it was sent.

use std::sync::Arc;

use muster_app::resources::Labels;
use scim::schema::Mutability;
use scim::{Attribute, Document, ResourceSchema};
use serde_json::Value;

use crate::render::{Base, endpoint_of};

/// Where and among what resources are shown.
pub(crate) struct Shelf<'a> {
    pub(crate) base: &'a Base,
    pub(crate) schemas: &'a [Arc<ResourceSchema>],
    pub(crate) labels: &'a Labels,
}

impl Shelf<'_> {
    /// Completes every reference of a whole resource.
    pub(crate) fn complete(&self, schema: &ResourceSchema, whole: &mut Document) {
        for (extension, attribute) in schema.reference_attributes() {
            let holder = match extension {
                None => Some(&mut *whole),
                Some(urn) => whole.get_mut(urn).and_then(Value::as_object_mut),
            };
            if let Some(value) = holder.and_then(|holder| holder.get_mut(&attribute.name)) {
                self.complete_value(attribute, value);
            }
        }
    }

    /// Completes the value of one such attribute.
    pub(crate) fn complete_value(&self, attribute: &Attribute, value: &mut Value) {
        match value {
            Value::Object(element) => self.complete_element(attribute, element),
            Value::Array(elements) => {
                for element in elements.iter_mut().filter_map(Value::as_object_mut) {
                    self.complete_element(attribute, element);
                }
            }
            _ => {}
        }
    }

    fn complete_element(&self, attribute: &Attribute, element: &mut Document) {
        let Some(found) = element.get("value").and_then(Value::as_str).and_then(|id| self.labels.find(id)) else {
            return;
        };
        let types = attribute.sub_attribute("$ref").map(|reference| reference.reference_types.as_slice());
        let is_of_type = types.is_none_or(|types| types.iter().any(|name| name == found.resource_type.as_str()));
        let Some(endpoint) = endpoint_of(self.schemas, found.resource_type.as_str()).filter(|_| is_of_type) else {
            return;
        };
        element.insert("$ref".to_owned(), Value::from(format!("{}{endpoint}/{}", self.base.url, found.id)));
        for name in ["displayName", "display"] {
            let is_ours = attribute.sub_attribute(name).is_some_and(|sub| sub.mutability == Mutability::ReadOnly);
            if let (true, Some(display)) = (is_ours, &found.display) {
                element.insert(name.to_owned(), Value::from(display.as_str()));
            }
        }
    }
}
