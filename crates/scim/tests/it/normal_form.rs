//! What holds for every document that is stored.

use scim::path::AttributePath;
use scim::schema::{Mutability, Target};
use scim::{Attribute, Document, ResourceSchema};
use serde_json::Value;

/// Panics unless the document is in the form that `scim::normalize` describes.
pub(crate) fn assert_normal(schema: &ResourceSchema, document: &Document) {
    for (name, value) in document {
        if let Some(extension) = schema.extension(name) {
            assert_eq!(*name, extension.id, "canonical URN");
            let members = value.as_object().expect("an extension is an object");
            assert!(!members.is_empty(), "empty extension");
            for (name, value) in members {
                assert_value(extension.attribute(name).expect("known attribute"), name, value);
            }
        } else {
            let path = AttributePath { urn: None, attribute: name.clone(), sub_attribute: None };
            let Ok(Target::Attribute(path)) = schema.resolve(&path) else { panic!("unknown attribute {name}") };
            assert_ne!(name, "schemas");
            assert_value(&path.attribute, name, value);
        }
    }
}

fn assert_value(attribute: &Attribute, name: &str, value: &Value) {
    assert_eq!(attribute.name, name, "canonical name");
    assert_ne!(attribute.mutability, Mutability::ReadOnly, "{name} is readOnly");
    if !attribute.multi_valued {
        return assert_single(attribute, value);
    }
    let elements = value.as_array().expect("a list");
    assert!(!elements.is_empty(), "{name} is empty");
    for element in elements {
        assert_single(attribute, element);
    }
    let primaries = elements.iter().filter(|element| element.get("primary") == Some(&Value::Bool(true))).count();
    assert!(primaries < 2, "{name} has {primaries} primaries");
}

fn assert_single(attribute: &Attribute, value: &Value) {
    match value {
        Value::Object(members) => {
            assert!(attribute.is_complex() && !members.is_empty(), "{}", attribute.name);
            for (name, value) in members {
                assert_value(attribute.sub_attribute(name).expect("known sub-attribute"), name, value);
            }
        }
        Value::Null | Value::Array(_) => panic!("{} holds {value}", attribute.name),
        _ => assert!(!attribute.is_complex(), "{}", attribute.name),
    }
}
