//! Schema resources of 1.1 (core schema 1.1, section 10): one for each resource type, extensions included.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::names::{CORE, renamed_in, urn_in_1_1};
use crate::ResourceSchema;
use crate::normalize::points_at_resources;
use crate::schema::{Attribute, AttributeType, Mutability};

/// What `/Schemas` lists beside the core schema, because Okta's acceptance test for 1.1 looks for it.
pub const LIST_RESPONSE: &str = "urn:scim:schemas:core:1.0:ListResponse";

/// All schema resources as one page.
pub fn show_schemas<'a>(schemas: impl IntoIterator<Item = &'a Arc<ResourceSchema>>) -> Value {
    let resources: Vec<Value> = schemas.into_iter().map(|schema| show_schema(schema)).collect();
    json!({
        "schemas": [CORE, LIST_RESPONSE],
        "totalResults": resources.len(),
        "itemsPerPage": resources.len(),
        "startIndex": 1,
        "Resources": resources,
    })
}

/// The resource type that `/Schemas/{name}` means: by the id of its schema, by its name (`User`, as `CyberArk` asks), or
/// by its endpoint (`Users`, as Slack has it).
pub fn find_schema<'a>(schemas: &'a [Arc<ResourceSchema>], name: &str) -> Option<&'a Arc<ResourceSchema>> {
    schemas.iter().find(|schema| {
        let resource_type = schema.resource_type();
        name.eq_ignore_ascii_case(&schema_id(schema))
            || name.eq_ignore_ascii_case(&resource_type.name)
            || name.eq_ignore_ascii_case(resource_type.endpoint.trim_start_matches('/'))
    })
}

/// The schema resource of a resource type. The client finds the endpoint in it (protocol 1.1, section 3).
pub fn show_schema(schema: &ResourceSchema) -> Value {
    let resource_type = schema.resource_type();
    let base = urn_in_1_1(&schema.base().id);
    // `schemas` says which schemas a resource uses and is no attribute of any of them.
    let common = schema.common().iter().filter(|attribute| attribute.name != "schemas");
    let mut attributes: Vec<Value> = common.map(|attribute| show_attribute(CORE, None, attribute)).collect();
    attributes.extend(schema.base().attributes.iter().map(|attribute| show_attribute(base, None, attribute)));
    for extension in schema.extensions() {
        let urn = urn_in_1_1(&extension.id);
        let shown = extension.attributes.iter().map(|one| show_attribute(urn, Some(&extension.id), one));
        attributes.extend(shown);
    }
    json!({
        "schemas": [CORE],
        "id": schema_id(schema),
        "name": resource_type.name,
        "description": resource_type.description,
        "schema": base,
        "endpoint": resource_type.endpoint,
        "attributes": attributes,
    })
}

/// The id of its schema resource, `urn:scim:schemas:core:1.0:User`; a tenant's own schema has its own URN.
pub fn schema_id(schema: &ResourceSchema) -> String {
    match urn_in_1_1(&schema.base().id) {
        CORE => format!("{CORE}:{}", schema.resource_type().name),
        own => own.to_owned(),
    }
}

fn show_attribute(urn: &str, extension: Option<&str>, attribute: &Attribute) -> Value {
    let mut shown = described(&attribute.name, attribute);
    shown.insert("schema".to_owned(), Value::from(urn));
    let parts: Vec<Value> = attribute
        .sub_attributes
        .iter()
        .filter(|part| is_in_1_1(attribute, part))
        .map(|part| show_sub_attribute(extension, attribute, part))
        .chain(parts_of_1_1(attribute))
        .collect();
    if !parts.is_empty() {
        shown.insert("subAttributes".to_owned(), Value::Array(parts));
    }
    Value::Object(shown)
}

/// 1.1 has no references (section 3.1) and no resource types (section 5.1).
fn is_in_1_1(attribute: &Attribute, part: &Attribute) -> bool {
    part.name != "$ref" && !(attribute.name == "meta" && part.name == "resourceType")
}

fn show_sub_attribute(extension: Option<&str>, attribute: &Attribute, part: &Attribute) -> Value {
    let name = match renamed_in(extension, &attribute.name) {
        Some(renamed) if part.name == renamed.in_2_0 => renamed.in_1_1,
        _ => &part.name,
    };
    let mut shown = described(name, part);
    // Section 8: the type of a member is READ-ONLY; it follows from the member.
    if part.name == "type" && points_at_resources(attribute) {
        shown.insert("readOnly".to_owned(), Value::Bool(true));
    }
    Value::Object(shown)
}

/// Section 5.1: `meta.attributes` exists in a PATCH only.
fn parts_of_1_1(attribute: &Attribute) -> Option<Value> {
    (attribute.name == "meta").then(|| {
        json!({
            "name": "attributes",
            "type": "string",
            "multiValued": true,
            "multiValuedAttributeChildName": "attribute",
            "description": "Names of the attributes that a PATCH removes.",
            "readOnly": false,
            "required": false,
            "caseExact": false,
        })
    })
}

fn described(name: &str, attribute: &Attribute) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("name".to_owned(), Value::from(name));
    shown.insert("type".to_owned(), Value::from(type_name(attribute.attribute_type)));
    shown.insert("multiValued".to_owned(), Value::Bool(attribute.multi_valued));
    if attribute.multi_valued {
        shown.insert("multiValuedAttributeChildName".to_owned(), Value::from(child_name(name)));
    }
    shown.insert("description".to_owned(), Value::from(attribute.description.as_str()));
    shown.insert("readOnly".to_owned(), Value::Bool(attribute.mutability == Mutability::ReadOnly));
    shown.insert("required".to_owned(), Value::Bool(attribute.required));
    shown.insert("caseExact".to_owned(), Value::Bool(attribute.case_exact));
    if !attribute.canonical_values.is_empty() {
        shown.insert("canonicalValues".to_owned(), json!(attribute.canonical_values));
    }
    shown
}

/// Section 3.1 knows no reference; it is a string there.
fn type_name(attribute_type: AttributeType) -> &'static str {
    match attribute_type {
        AttributeType::String | AttributeType::Reference => "string",
        AttributeType::Boolean => "boolean",
        AttributeType::Decimal => "decimal",
        AttributeType::Integer => "integer",
        AttributeType::DateTime => "dateTime",
        AttributeType::Binary => "binary",
        AttributeType::Complex => "complex",
    }
}

/// The name of one element in XML: `emails` holds `email`, `addresses` holds `address`.
fn child_name(name: &str) -> &str {
    name.strip_suffix("ses")
        .map_or_else(|| name.strip_suffix('s').unwrap_or(name), |_| name.strip_suffix("es").unwrap_or(name))
}

#[cfg(test)]
mod tests;
