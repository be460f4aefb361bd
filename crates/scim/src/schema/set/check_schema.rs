//! What an added schema must fulfil beyond being readable.

use std::sync::Arc;

use crate::schema::addition::words_of_schema;
use crate::schema::{AdditionError, Attribute, AttributeType, ResourceType, Schema, Uniqueness};

/// What references may point at beside resource types (RFC 7643 section 7).
const EXTERNAL: [&str; 2] = ["external", "uri"];
/// URNs that mean something else on the wire (RFC 7644 section 8.2; core schema 1.1, sections 5 to 10).
const RESERVED_URNS: [&str; 3] =
    ["urn:ietf:params:scim:api:messages:", "urn:scim:schemas:core:1.0", "urn:scim:schemas:extension:enterprise:1.0"];

/// Checks a schema by itself.
pub(super) fn check(schema: &Schema) -> Result<(), AdditionError> {
    let id = schema.id.to_ascii_lowercase();
    if RESERVED_URNS.iter().any(|reserved| id.starts_with(reserved)) {
        let problem = "belongs to SCIM's own messages or to SCIM 1.1; choose a URN of your own";
        return Err(AdditionError::new(words_of_schema(&schema.id), "id", problem));
    }
    for attribute in &schema.attributes {
        let problem = match attribute.name.to_ascii_lowercase().as_str() {
            "$ref" => Some("$ref can only be a sub-attribute; choose another name"),
            "schemas" => Some("is the list of a resource's schemas; choose another name"),
            _ => None,
        };
        if let Some(problem) = problem {
            return Err(AdditionError::new(words_of_schema(&schema.id), &attribute.name, problem));
        }
    }
    each_attribute(schema, |place, attribute| match problem_of(attribute) {
        Some((member, problem)) => {
            Err(AdditionError::new(words_of_schema(&schema.id), format!("{place} ({member})"), problem))
        }
        None => Ok(()),
    })
}

/// The member that is wrong, and what to do.
fn problem_of(attribute: &Attribute) -> Option<(&'static str, &'static str)> {
    let is_reference = attribute.attribute_type == AttributeType::Reference;
    let is_text = is_reference || attribute.attribute_type == AttributeType::String;
    let name = attribute.name.to_ascii_lowercase();
    if attribute.is_complex() && attribute.sub_attributes.is_empty() {
        // RFC 7643 section 7.
        return Some(("subAttributes", "a complex attribute needs at least one; list them, or choose a simple type"));
    }
    if !is_reference && !attribute.reference_types.is_empty() {
        return Some((
            "referenceTypes",
            "only a reference points at something; set its type to reference, or leave it out",
        ));
    }
    if name == "$ref" && !is_reference {
        return Some(("type", "$ref is the address of a resource; set its type to reference"));
    }
    if name == "$ref" && attribute.reference_types.is_empty() {
        return Some(("referenceTypes", "must name the resource types that $ref points at, such as User"));
    }
    if attribute.uniqueness != Uniqueness::None && !is_text {
        return Some(("uniqueness", "only strings and references can be unique here; set it to none"));
    }
    None
}

/// What `primary` means is fixed (RFC 7643 section 2.4).
fn problem_of_primary(attribute: &Attribute) -> Option<&'static str> {
    let primary = attribute.sub_attribute("primary")?;
    let is_flag = primary.attribute_type == AttributeType::Boolean && !primary.multi_valued;
    (!is_flag).then_some("marks one element of the list, so it must be a single boolean")
}

/// References name resource types that there are.
pub(super) fn check_reference_types(schemas: &[Arc<Schema>], types: &[ResourceType]) -> Result<(), AdditionError> {
    for schema in schemas {
        each_attribute(schema, |place, attribute| {
            let is_known =
                |name: &&String| EXTERNAL.contains(&name.as_str()) || types.iter().any(|known| known.name == **name);
            match attribute.reference_types.iter().find(|name| !is_known(name)) {
                None => Ok(()),
                Some(unknown) => {
                    let known: Vec<&str> = types.iter().map(|one| one.name.as_str()).chain(EXTERNAL).collect();
                    let problem = format!("there is no resource type {unknown}; name one of {}", known.join(", "));
                    Err(AdditionError::new(words_of_schema(&schema.id), format!("{place} (referenceTypes)"), problem))
                }
            }
        })?;
    }
    Ok(())
}

/// In attribute notation a URN is followed by a colon and a name (RFC 7644 section 3.10), so the URN of a schema must not
/// read like an attribute of another.
pub(super) fn check_paths_are_clear(schema: &Schema, others: &[Arc<Schema>]) -> Result<(), AdditionError> {
    for other in others {
        for (short, long) in [(schema, &**other), (&**other, schema)] {
            let rest = long.id.get(..short.id.len()).filter(|start| start.eq_ignore_ascii_case(&short.id));
            let name = rest.and_then(|_| long.id.get(short.id.len()..)?.strip_prefix(':'));
            if let Some(name) = name.filter(|name| short.attribute(name).is_some()) {
                let problem = format!(
                    "{} would also mean the attribute {name} of {}; choose another URN or another name",
                    long.id, short.id
                );
                return Err(AdditionError::new(words_of_schema(&schema.id), "id", problem));
            }
        }
    }
    Ok(())
}

pub(super) fn number_of_attributes(schema: &Schema) -> usize {
    schema.attributes.iter().map(|attribute| 1 + attribute.sub_attributes.len()).sum()
}

/// Visits attributes and sub-attributes, each with its place in attribute notation.
fn each_attribute(
    schema: &Schema,
    mut visit: impl FnMut(&str, &Attribute) -> Result<(), AdditionError>,
) -> Result<(), AdditionError> {
    for attribute in &schema.attributes {
        visit(&attribute.name, attribute)?;
        if let Some(problem) = problem_of_primary(attribute) {
            let place = format!("{}.primary", attribute.name);
            return Err(AdditionError::new(words_of_schema(&schema.id), place, problem));
        }
        for sub in &attribute.sub_attributes {
            visit(&format!("{}.{}", attribute.name, sub.name), sub)?;
        }
    }
    Ok(())
}
