//! When two elements of a list are the same one (RFC 7643 section 2.4, RFC 7644 section 3.5.2.1).

use std::collections::HashMap;
use std::fmt::Write;

use serde_json::Value;

use crate::fold;
use crate::schema::{Attribute, AttributeType, Mutability};
use crate::value::{is_present, parse_date_time};

/// Whether elements of the attribute point at resources: then `value` alone says which element it is, and the other
/// sub-attributes describe the resource it names.
pub(crate) fn points_at_resources(attribute: &Attribute) -> bool {
    attribute.sub_attribute("value").is_some()
        && attribute.sub_attribute("$ref").is_some_and(|sub| sub.attribute_type == AttributeType::Reference)
}

/// Text that is the same for two elements exactly when they are the same element: by `value` where elements point at
/// resources, by `value` and `type` where both are there, else by all sub-attributes but the mark `primary`.
pub(crate) fn element_identity(attribute: &Attribute, element: &Value) -> String {
    let mut identity = String::new();
    let Value::Object(members) = element else {
        write_value(&mut identity, attribute, element);
        return identity;
    };
    let has = |name: &str| members.get(name).is_some_and(|value| !value.is_null());
    let names: &[&str] = if has("value") && points_at_resources(attribute) {
        &["value"]
    } else if has("value") && has("type") {
        &["value", "type"]
    } else {
        &[]
    };
    for sub in &attribute.sub_attributes {
        let counts = if names.is_empty() { sub.name != "primary" } else { names.contains(&sub.name.as_str()) };
        if counts && let Some(value) = members.get(&sub.name) {
            write_named(&mut identity, sub, value);
        }
    }
    identity
}

/// Text that is the same for two elements exactly when they agree in these sub-attributes. `None` when the element
/// lacks one of them.
pub(crate) fn identity_by(attribute: &Attribute, element: &Value, names: &[String]) -> Option<String> {
    let mut identity = String::new();
    let Value::Object(members) = element else {
        write_value(&mut identity, attribute, element);
        return names.is_empty().then_some(identity);
    };
    for name in names {
        let sub = attribute.sub_attribute(name)?;
        write_named(&mut identity, sub, members.get(&sub.name)?);
    }
    Some(identity)
}

/// Leaves out elements that are the same as an earlier one; what a later one says more is merged into the earlier. Tells
/// whether two of them said different things.
pub(crate) fn collapse(attribute: &Attribute, elements: &mut Vec<Value>) -> bool {
    if elements.len() < 2 {
        return false;
    }
    let mut index: HashMap<String, usize> = HashMap::with_capacity(elements.len());
    let mut kept: Vec<Value> = Vec::with_capacity(elements.len());
    let mut differed = false;
    for element in std::mem::take(elements) {
        let position = *index.entry(element_identity(attribute, &element)).or_insert(kept.len());
        match kept.get_mut(position) {
            Some(existing) => {
                differed |= *existing != element;
                join(attribute, existing, element);
            }
            None => kept.push(element),
        }
    }
    *elements = kept;
    differed
}

/// Merges two elements of one list that are the same one. Neither was meant to take anything from the other: the mark
/// `primary` stays, and what is empty replaces nothing.
fn join(attribute: &Attribute, existing: &mut Value, mut other: Value) {
    if let (Value::Object(existing), Value::Object(other)) = (&*existing, &mut other) {
        let stays_primary = existing.get("primary") == Some(&Value::Bool(true));
        other.retain(|name, value| {
            !existing.contains_key(name) || (is_present(value) && !(stays_primary && name == "primary"))
        });
    }
    complete(attribute, existing, other);
}

/// Finds elements of one list by identity, so that adding many costs what they cost and not what the list costs.
#[derive(Debug, Default)]
pub(crate) struct ElementIndex(HashMap<String, usize>);

impl ElementIndex {
    pub(crate) fn of(attribute: &Attribute, elements: &[Value]) -> Self {
        let mut index = HashMap::with_capacity(elements.len());
        for (position, element) in elements.iter().enumerate() {
            index.entry(element_identity(attribute, element)).or_insert(position);
        }
        Self(index)
    }

    /// Appends the element, or merges it into the one that it is the same as. Returns where it is now.
    pub(crate) fn add(&mut self, attribute: &Attribute, elements: &mut Vec<Value>, element: Value) -> usize {
        let identity = element_identity(attribute, &element);
        if let Some(position) = self.0.get(&identity)
            && let Some(existing) = elements.get_mut(*position)
        {
            complete(attribute, existing, element);
            return *position;
        }
        let position = elements.len();
        self.0.insert(identity, position);
        elements.push(element);
        position
    }
}

/// Takes over what the other element says; immutable sub-attributes that are set stay (RFC 7643 section 2.2), and so
/// does what makes the element the same one: another letter case is no other value.
fn complete(attribute: &Attribute, existing: &mut Value, other: Value) {
    let (Value::Object(existing), Value::Object(other)) = (existing, other) else { return };
    for (name, value) in other {
        let stays = name == "value"
            || name == "type"
            || attribute.sub_attribute(&name).is_some_and(|sub| sub.mutability == Mutability::Immutable);
        if !stays || !existing.contains_key(&name) {
            existing.insert(name, value);
        }
    }
}

fn write_named(identity: &mut String, sub: &Attribute, value: &Value) {
    identity.push_str(&sub.name);
    identity.push('=');
    if let Value::Array(values) = value {
        for value in values {
            write_value(identity, sub, value);
        }
        identity.push(';');
    } else {
        write_value(identity, sub, value);
    }
}

/// Writes a simple value so that equal values give equal text; the length in front keeps two values from reading as
/// one.
fn write_value(identity: &mut String, definition: &Attribute, value: &Value) {
    let text = match value {
        Value::String(text) => match definition.attribute_type {
            AttributeType::DateTime => parse_date_time(text).map_or_else(|| text.clone(), |at| at.to_string()),
            AttributeType::String if !definition.case_exact => fold(text),
            _ => text.clone(),
        },
        other => other.to_string(),
    };
    // Writing to a string cannot fail.
    let _ = write!(identity, "{}:{text}", text.len());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{group_resource_schema, user_resource_schema};

    #[test]
    fn elements_are_the_same_by_value_and_type() {
        let schema = user_resource_schema();
        let emails = schema.attribute("emails").unwrap();
        let same = |left, right| element_identity(emails, &left) == element_identity(emails, &right);
        assert!(same(json!({"value": "A@x", "type": "work"}), json!({"type": "Work", "value": "a@X", "display": "A"})));
        assert!(!same(json!({"value": "a@x", "type": "work"}), json!({"value": "a@x", "type": "home"})));
        assert!(!same(json!({"value": "a@x"}), json!({"value": "a@x", "type": "home"})));
        assert!(same(json!({"value": "a@x", "primary": true}), json!({"value": "a@x"})));
    }

    #[test]
    fn members_are_the_same_by_value_alone_and_exactly() {
        let schema = group_resource_schema();
        let members = schema.attribute("members").unwrap();
        let same = |left, right| element_identity(members, &left) == element_identity(members, &right);
        assert!(same(json!({"value": "1", "type": "User"}), json!({"value": "1"})));
        assert!(!same(json!({"value": "a"}), json!({"value": "A"})));
    }

    #[test]
    fn two_values_do_not_read_as_one() {
        let schema = user_resource_schema();
        let addresses = schema.attribute("addresses").unwrap();
        let left = json!({"formatted": "a", "streetAddress": "b"});
        let right = json!({"formatted": "a13:streetAddress=1:b"});
        assert_ne!(element_identity(addresses, &left), element_identity(addresses, &right));
    }

    #[test]
    fn joining_two_elements_loses_nothing() {
        let schema = user_resource_schema();
        let emails = schema.attribute("emails").unwrap();
        let collapsed = |elements: Value| {
            let mut elements = elements.as_array().unwrap().clone();
            let differed = collapse(emails, &mut elements);
            (Value::Array(elements), differed)
        };
        assert_eq!(
            collapsed(json!([
                {"value": "a", "type": "work", "primary": true, "display": "A"},
                {"value": "a", "type": "work", "primary": false, "display": ""}
            ])),
            (json!([{"value": "a", "type": "work", "primary": true, "display": "A"}]), true)
        );
        assert_eq!(
            collapsed(json!([{"value": "a", "type": "work"}, {"value": "a", "type": "work", "primary": true}])),
            (json!([{"value": "a", "type": "work", "primary": true}]), true)
        );
        assert_eq!(
            collapsed(json!([{"value": "a", "type": "work"}, {"value": "a", "type": "work"}, {"value": "b"}])),
            (json!([{"value": "a", "type": "work"}, {"value": "b"}]), false)
        );
    }

    #[test]
    fn a_repeated_element_is_merged_into_the_first() {
        let schema = user_resource_schema();
        let emails = schema.attribute("emails").unwrap();
        let mut elements = vec![
            json!({"value": "a@x", "type": "work"}),
            json!({"value": "b@x", "type": "work"}),
            json!({"value": "A@X", "type": "work", "display": "A"}),
        ];
        assert!(collapse(emails, &mut elements));
        assert_eq!(
            elements,
            [json!({"value": "a@x", "type": "work", "display": "A"}), json!({"value": "b@x", "type": "work"})]
        );
    }
}
