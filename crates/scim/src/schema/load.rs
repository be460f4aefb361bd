//! Reads schema and resource type documents (RFC 7643 sections 6 and 7) and refuses what later code could not trust.
//!
//! Tolerated, because documents in the field differ there: letter case of keywords, missing characteristics (the
//! defaults of section 2.2 apply), characteristics that the type does not have, members that nobody defined.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{
    Attribute, AttributeType, Mutability, ResourceType, Returned, SCHEMA, Schema, SchemaExtension, Uniqueness,
};
use crate::path::is_attribute_name;

/// Why a document cannot be used: the place in it, and what to do there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct LoadError {
    /// Attribute path such as `emails.type`, or a member of the document such as `id`.
    pub place: String,
    pub problem: String,
}

impl LoadError {
    fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into() }
    }
}

const TYPES: [(&str, AttributeType); 8] = [
    ("string", AttributeType::String),
    ("boolean", AttributeType::Boolean),
    ("decimal", AttributeType::Decimal),
    ("integer", AttributeType::Integer),
    ("dateTime", AttributeType::DateTime),
    ("reference", AttributeType::Reference),
    ("binary", AttributeType::Binary),
    ("complex", AttributeType::Complex),
];
const MUTABILITIES: [(&str, Mutability); 4] = [
    ("readOnly", Mutability::ReadOnly),
    ("readWrite", Mutability::ReadWrite),
    ("immutable", Mutability::Immutable),
    ("writeOnly", Mutability::WriteOnly),
];
const RETURNED: [(&str, Returned); 4] = [
    ("always", Returned::Always),
    ("never", Returned::Never),
    ("default", Returned::Default),
    ("request", Returned::Request),
];
const UNIQUENESS: [(&str, Uniqueness); 3] =
    [("none", Uniqueness::None), ("server", Uniqueness::Server), ("global", Uniqueness::Global)];

impl Schema {
    /// Reads a schema document (RFC 7643 section 7).
    pub fn parse(document: &Value) -> Result<Self, LoadError> {
        let members = object(document, "schema")?;
        let id = required_text(members, "id", "id")?;
        if !is_schema_urn(&id) {
            return Err(LoadError::new(
                "id",
                "must be a URI without spaces, such as urn:example:params:scim:Badge:1.0",
            ));
        }
        // Section 7 describes itself with a complex sub-attribute; nothing else may (section 2.3.8, erratum 8415).
        let levels = if id.eq_ignore_ascii_case(SCHEMA) { 2 } else { 1 };
        let Some(listed) = members.get("attributes") else {
            return Err(LoadError::new("attributes", "is missing; list the attributes that the schema defines"));
        };
        Ok(Self {
            name: text(members, "name", "name")?.unwrap_or_else(|| id.clone()),
            description: text(members, "description", "description")?.unwrap_or_default(),
            attributes: parse_attributes(listed, "attributes", "", levels)?,
            id,
        })
    }
}

impl ResourceType {
    /// Reads a resource type document (RFC 7643 section 6).
    pub fn parse(document: &Value) -> Result<Self, LoadError> {
        let members = object(document, "resource type")?;
        let name = required_text(members, "name", "name")?;
        let schema = required_text(members, "schema", "schema")?;
        Ok(Self {
            id: text(members, "id", "id")?.unwrap_or_else(|| name.clone()),
            endpoint: parse_endpoint(&required_text(members, "endpoint", "endpoint")?)?,
            description: text(members, "description", "description")?.unwrap_or_default(),
            schema_extensions: parse_extensions(members, &schema)?,
            name,
            schema,
        })
    }
}

/// An endpoint is one segment below the base address (RFC 7643 section 6); a missing slash in front is supplied.
fn parse_endpoint(endpoint: &str) -> Result<String, LoadError> {
    let segment = endpoint.strip_prefix('/').unwrap_or(endpoint);
    let fits = !segment.is_empty()
        && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte))
        && segment.bytes().any(|byte| byte.is_ascii_alphanumeric());
    if !fits {
        return Err(LoadError::new(
            "endpoint",
            "must be one path segment of letters, digits, - _ . ~, such as /Badges",
        ));
    }
    Ok(format!("/{segment}"))
}

fn parse_extensions(members: &Map<String, Value>, base: &str) -> Result<Vec<SchemaExtension>, LoadError> {
    let mut extensions: Vec<SchemaExtension> = Vec::new();
    for (index, entry) in list(members, "schemaExtensions", "schemaExtensions")?.iter().enumerate() {
        let place = format!("schemaExtensions[{index}]");
        let entry = object(entry, &place)?;
        let schema = required_text(entry, "schema", &format!("{place}.schema"))?;
        let is_known = schema.eq_ignore_ascii_case(base)
            || extensions.iter().any(|extension| extension.schema.eq_ignore_ascii_case(&schema));
        if is_known {
            return Err(LoadError::new(
                format!("{place}.schema"),
                "is named twice; name the base schema once and every extension once",
            ));
        }
        let required = boolean(entry, "required", &format!("{place}.required"))?;
        extensions.push(SchemaExtension { schema, required });
    }
    Ok(extensions)
}

fn parse_attributes(
    listed: &Value,
    list_name: &str,
    parent: &str,
    levels: u8,
) -> Result<Vec<Arc<Attribute>>, LoadError> {
    let list_place = if parent.is_empty() { list_name.to_owned() } else { format!("{parent}.{list_name}") };
    let Some(entries) = listed.as_array() else {
        return Err(LoadError::new(list_place, "must be a JSON array of attribute definitions"));
    };
    let mut attributes: Vec<Arc<Attribute>> = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let attribute = parse_attribute(entry, &format!("{list_place}[{index}]"), parent, levels)?;
        // Names are matched without regard to case (section 2.1), so two spellings would be one attribute.
        if attributes.iter().any(|earlier| earlier.name.eq_ignore_ascii_case(&attribute.name)) {
            return Err(LoadError::new(
                join(parent, &attribute.name),
                "is defined twice; letter case does not make names different, so rename or remove one",
            ));
        }
        attributes.push(Arc::new(attribute));
    }
    Ok(attributes)
}

fn parse_attribute(entry: &Value, position: &str, parent: &str, levels: u8) -> Result<Attribute, LoadError> {
    let members = object(entry, position)?;
    let name = required_text(members, "name", &format!("{position}.name"))?;
    if !is_attribute_name(&name) {
        return Err(LoadError::new(
            format!("{position}.name"),
            "must begin with a letter and go on with letters, digits, - _ $ (the one exception is $ref)",
        ));
    }
    let place = join(parent, &name);
    let member = |key: &str| format!("{place} ({key})");
    let attribute_type = keyword(members, "type", &member("type"), &TYPES, AttributeType::String)?;
    let is_complex = attribute_type == AttributeType::Complex;
    if is_complex && levels == 0 {
        return Err(LoadError::new(
            member("type"),
            "a sub-attribute cannot be complex; use a simple type or move it to the top level",
        ));
    }
    let sub_attributes = match members.get("subAttributes") {
        None | Some(Value::Null) => Vec::new(),
        Some(listed) if is_complex => parse_attributes(listed, "subAttributes", &place, levels.saturating_sub(1))?,
        Some(Value::Array(listed)) if listed.is_empty() => Vec::new(),
        Some(_) => {
            return Err(LoadError::new(
                member("subAttributes"),
                "only a complex attribute has sub-attributes; set its type to complex or leave them out",
            ));
        }
    };
    let mutability = keyword(members, "mutability", &member("mutability"), &MUTABILITIES, Mutability::ReadWrite)?;
    let returned = keyword(members, "returned", &member("returned"), &RETURNED, Returned::Default)?;
    let case_exact = boolean(members, "caseExact", &member("caseExact"))?;
    let uniqueness = keyword(members, "uniqueness", &member("uniqueness"), &UNIQUENESS, Uniqueness::None)?;
    Ok(Attribute {
        attribute_type,
        multi_valued: boolean(members, "multiValued", &member("multiValued"))?,
        description: text(members, "description", &member("description"))?.unwrap_or_default(),
        required: boolean(members, "required", &member("required"))?,
        canonical_values: texts(members, "canonicalValues", &member("canonicalValues"))?,
        case_exact: match attribute_type {
            // Sections 2.3.6 and 2.3.7: these are case exact by their type, whatever a document says (erratum 6001).
            AttributeType::Reference | AttributeType::Binary => true,
            AttributeType::String => case_exact,
            // The others have no letter case (sections 2.3.2 to 2.3.5 and 2.3.8).
            _ => false,
        },
        mutability,
        // Section 7: values of a writeOnly attribute shall not be returned; that outranks what `returned` says.
        returned: if mutability == Mutability::WriteOnly { Returned::Never } else { returned },
        // Sections 2.3.2 and 2.3.8, erratum 6004: neither booleans nor complex values can be unique.
        uniqueness: if is_complex || attribute_type == AttributeType::Boolean { Uniqueness::None } else { uniqueness },
        reference_types: texts(members, "referenceTypes", &member("referenceTypes"))?,
        sub_attributes,
        name,
    })
}

fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}

/// A URI by the characters it may have: enough to keep a schema name usable as a path prefix and as a member name.
fn is_schema_urn(text: &str) -> bool {
    text.contains(':')
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|character| character.is_ascii_graphic() && !"\"<>\\^`{|}[]()".contains(character))
}

fn object<'a>(value: &'a Value, place: &str) -> Result<&'a Map<String, Value>, LoadError> {
    value.as_object().ok_or_else(|| LoadError::new(place, "must be a JSON object"))
}

fn text(members: &Map<String, Value>, key: &str, place: &str) -> Result<Option<String>, LoadError> {
    match members.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(LoadError::new(place, "must be a JSON string")),
    }
}

fn required_text(members: &Map<String, Value>, key: &str, place: &str) -> Result<String, LoadError> {
    match text(members, key, place)? {
        Some(text) if !text.trim().is_empty() => Ok(text),
        _ => Err(LoadError::new(place, "is missing; give it as a JSON string that is not empty")),
    }
}

/// An unstated flag is false (RFC 7643 section 2.2).
fn boolean(members: &Map<String, Value>, key: &str, place: &str) -> Result<bool, LoadError> {
    match members.get(key) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(LoadError::new(place, "must be true or false")),
    }
}

fn list<'a>(members: &'a Map<String, Value>, key: &str, place: &str) -> Result<&'a [Value], LoadError> {
    match members.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(entries)) => Ok(entries),
        Some(_) => Err(LoadError::new(place, "must be a JSON array")),
    }
}

fn texts(members: &Map<String, Value>, key: &str, place: &str) -> Result<Vec<String>, LoadError> {
    let entries = list(members, key, place)?.iter();
    entries
        .map(|entry| entry.as_str().map(str::to_owned))
        .collect::<Option<Vec<String>>>()
        .ok_or_else(|| LoadError::new(place, "must hold JSON strings only"))
}

fn keyword<T: Copy, const N: usize>(
    members: &Map<String, Value>,
    key: &str,
    place: &str,
    words: &[(&str, T); N],
    unstated: T,
) -> Result<T, LoadError> {
    let Some(word) = text(members, key, place)? else { return Ok(unstated) };
    let known = words.iter().find(|(spelling, _)| spelling.eq_ignore_ascii_case(&word));
    known.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let spellings: Vec<&str> = words.iter().map(|(spelling, _)| *spelling).collect();
        LoadError::new(place, format!("must be one of {}", spellings.join(", ")))
    })
}

#[cfg(test)]
mod tests;
