//! A resource in the form of 1.1 becomes one of 2.0, and the reverse (core schema 1.1, sections 5 to 8).

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::names::{member_in_2_0, renamed_in, urn_in_1_1, urn_in_2_0};
use crate::normalize::{given_twice, locate, points_at_resources};
use crate::schema::{Attribute, Schema, Target};
use crate::{Error, Leniency, ResourceSchema, Result};

/// What happens to the sub-attribute `operation` of an element (core schema 1.1, section 3.2).
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Operations {
    /// In a PATCH it says what to do with the element.
    Kept,
    /// In a whole resource it means nothing. `"delete"` is refused there: the element would be stored although somebody
    /// wanted it gone.
    Meaningless,
}

/// The body of a POST or PUT (protocol 1.1, sections 3.1 and 3.3.1) as 2.0 would send it.
///
/// `schemas` may be left out and implies the core schema (core schema 1.1, section 5.1); values of a list may be plain
/// (section 3.2). Whatever is wrong beyond names is left for the 2.0 rules to refuse.
pub fn read_resource(schema: &ResourceSchema, body: &Value) -> Result<Value> {
    translate(schema, body, Operations::Meaningless)
}

pub(super) fn translate(schema: &ResourceSchema, body: &Value, operations: Operations) -> Result<Value> {
    let Value::Object(members) = body else { return Ok(body.clone()) };
    let mut translated = Map::with_capacity(members.len().saturating_add(1));
    let mut schemas = None;
    for (name, value) in members {
        if name.eq_ignore_ascii_case("schemas") {
            if schemas.replace(value).is_some() {
                return Err(given_twice("schemas"));
            }
            continue;
        }
        let name = member_in_2_0(name);
        let value = match locate(schema, &name, &Leniency::TOLERANT) {
            Some(Target::Extension(extension)) => extension_value(&extension, value, operations)?,
            Some(Target::Attribute(path)) if path.sub_attribute.is_none() => {
                attribute_value(path.extension.as_deref(), &path.attribute, value, operations)?
            }
            _ => value.clone(),
        };
        if translated.insert(name.as_ref().to_owned(), value).is_some() {
            return Err(given_twice(&name));
        }
    }
    translated.insert("schemas".to_owned(), listed_in_2_0(schema.base(), schemas));
    Ok(Value::Object(translated))
}

/// The core schema is always implied.
fn listed_in_2_0(base: &Schema, sent: Option<&Value>) -> Value {
    let sent = match sent {
        None | Some(Value::Null) => &[],
        Some(Value::Array(listed)) => listed.as_slice(),
        Some(text @ Value::String(_)) => std::slice::from_ref(text),
        Some(other) => return other.clone(),
    };
    let mut listed = vec![Value::from(base.id.as_str())];
    let mut seen = HashSet::from([base.id.as_str()]);
    for one in sent {
        match one.as_str().map(|urn| urn_in_2_0(urn, base)) {
            Some(urn) if seen.insert(urn) => listed.push(Value::from(urn)),
            Some(_) => {}
            None => listed.push(one.clone()),
        }
    }
    Value::Array(listed)
}

fn extension_value(extension: &Schema, value: &Value, operations: Operations) -> Result<Value> {
    let Value::Object(members) = value else { return Ok(value.clone()) };
    let mut translated = Map::with_capacity(members.len());
    for (name, value) in members {
        let value = match extension.attribute(name) {
            Some(attribute) => attribute_value(Some(&extension.id), attribute, value, operations)?,
            None => value.clone(),
        };
        translated.insert(name.clone(), value);
    }
    Ok(Value::Object(translated))
}

fn attribute_value(
    extension: Option<&str>,
    attribute: &Attribute,
    value: &Value,
    operations: Operations,
) -> Result<Value> {
    if !attribute.multi_valued {
        return renamed_sub_attributes(extension, attribute, value);
    }
    match value {
        Value::Array(elements) => {
            let elements = elements.iter().map(|element| element_value(attribute, element, operations));
            Ok(Value::Array(elements.collect::<Result<_>>()?))
        }
        Value::Object(_) => element_value(attribute, value, operations),
        other => Ok(other.clone()),
    }
}

fn renamed_sub_attributes(extension: Option<&str>, attribute: &Attribute, value: &Value) -> Result<Value> {
    let (Value::Object(members), Some(renamed)) = (value, renamed_in(extension, &attribute.name)) else {
        return Ok(value.clone());
    };
    let mut translated = Map::with_capacity(members.len());
    for (name, value) in members {
        let name = if name.eq_ignore_ascii_case(renamed.in_1_1) { renamed.in_2_0 } else { name };
        if translated.insert(name.to_owned(), value.clone()).is_some() {
            return Err(given_twice(&format!("{}.{}", attribute.name, renamed.in_1_1)));
        }
    }
    Ok(Value::Object(translated))
}

fn element_value(attribute: &Attribute, element: &Value, operations: Operations) -> Result<Value> {
    let Value::Object(members) = element else {
        let is_plain = matches!(element, Value::String(_) | Value::Number(_) | Value::Bool(_));
        let takes_plain = attribute.is_complex() && attribute.sub_attribute("value").is_some();
        return Ok(if is_plain && takes_plain { json!({ "value": element }) } else { element.clone() });
    };
    let mut translated = Map::with_capacity(members.len());
    for (name, value) in members {
        if name.eq_ignore_ascii_case("operation") && attribute.sub_attribute("operation").is_none() {
            if operations == Operations::Kept {
                translated.insert("operation".to_owned(), value.clone());
            } else if value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("delete")) {
                return Err(Error::invalid_value(format!(
                    "An element of \"{}\" asks to be deleted, which only a PATCH can do; leave the element out instead",
                    attribute.name
                )));
            }
            continue;
        }
        let value = match attribute.sub_attribute(name) {
            // The examples of 1.1 write the type of a member in small letters.
            Some(sub) if sub.name == "type" && points_at_resources(attribute) => canonical(sub, value),
            _ => value.clone(),
        };
        translated.insert(name.clone(), value);
    }
    Ok(Value::Object(translated))
}

fn canonical(definition: &Attribute, value: &Value) -> Value {
    let text = value.as_str().unwrap_or_default();
    let known = definition.canonical_values.iter().find(|known| known.eq_ignore_ascii_case(text));
    known.map_or_else(|| value.clone(), |known| Value::from(known.as_str()))
}

/// A resource as 2.0 shows it, as 1.1 shows it: no `$ref`, because 1.1 has no references (core schema 1.1, section
/// 3.1), and no `meta.resourceType` (section 5.1).
pub fn show_resource(schema: &ResourceSchema, resource: Value) -> Value {
    let Value::Object(members) = resource else { return resource };
    let mut shown = Map::with_capacity(members.len());
    for (name, value) in members {
        let value = match (name.as_str(), value) {
            ("schemas", Value::Array(listed)) => listed_in_1_1(&listed),
            ("meta", Value::Object(mut meta)) => {
                meta.shift_remove("resourceType");
                Value::Object(meta)
            }
            (name, Value::Object(extended)) if schema.extension(name).is_some() => Value::Object(
                extended
                    .into_iter()
                    .map(|(attribute, value)| {
                        let value = shown_value(Some(name), &attribute, value);
                        (attribute, value)
                    })
                    .collect(),
            ),
            (name, value) => shown_value(None, name, value),
        };
        shown.insert(urn_in_1_1(&name).to_owned(), value);
    }
    Value::Object(shown)
}

fn listed_in_1_1(listed: &[Value]) -> Value {
    let mut urns: Vec<&str> = Vec::with_capacity(listed.len());
    for urn in listed.iter().filter_map(Value::as_str).map(urn_in_1_1) {
        if !urns.contains(&urn) {
            urns.push(urn);
        }
    }
    json!(urns)
}

fn shown_value(extension: Option<&str>, attribute: &str, value: Value) -> Value {
    match value {
        Value::Array(elements) => {
            Value::Array(elements.into_iter().map(|element| shown_value(extension, attribute, element)).collect())
        }
        Value::Object(members) => {
            let renamed = renamed_in(extension, attribute);
            let shown = members.into_iter().filter(|(name, _)| name != "$ref").map(|(name, value)| match renamed {
                Some(renamed) if name == renamed.in_2_0 => (renamed.in_1_1.to_owned(), value),
                _ => (name, value),
            });
            Value::Object(shown.collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests;
