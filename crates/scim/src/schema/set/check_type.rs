//! What an added resource type must fulfil beyond being readable.

use super::base_attributes;
use crate::schema::addition::words_of_type;
use crate::schema::{
    AdditionError, ENTERPRISE_USER, GROUP, RESOURCE_TYPE, ResourceType, SCHEMA, SERVICE_PROVIDER_CONFIG, Schema, USER,
};

/// First segments that mean something else below the base address (RFC 7644 section 3.2; protocol 1.1, section 3).
const RESERVED_ENDPOINTS: [&str; 7] =
    ["/me", "/bulk", "/schemas", "/resourcetypes", "/serviceproviderconfig", "/serviceproviderconfigs", "/.search"];
/// What `meta.resourceType` says of discovery resources (RFC 7643 sections 5 to 7).
const RESERVED_NAMES: [&str; 3] = ["ServiceProviderConfig", "ResourceType", "Schema"];

pub(super) fn is_builtin(name: &str) -> bool {
    name == "User" || name == "Group"
}

/// Checks a type by itself and against those that are there.
pub(super) fn check(resource_type: &ResourceType, others: &[ResourceType]) -> Result<(), AdditionError> {
    let refused =
        |place: &str, problem: String| Err(AdditionError::new(words_of_type(&resource_type.name), place, problem));
    let name = &resource_type.name;
    let is_plain = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || "-_".contains(character))
        && name.len() <= 64;
    if !is_plain {
        return refused("name", "must begin with a letter and go on with letters, digits, - _, 64 in all".to_owned());
    }
    let has_name = |other: &str| other.eq_ignore_ascii_case(name);
    if RESERVED_NAMES.into_iter().any(has_name) || others.iter().any(|other| has_name(&other.name)) {
        return refused("name", "is the name of another resource type already; choose another".to_owned());
    }
    if resource_type.id != *name {
        return refused("id", format!("must be the name, {name}, or left out"));
    }
    let endpoint = resource_type.endpoint.to_ascii_lowercase();
    if RESERVED_ENDPOINTS.contains(&endpoint.as_str()) {
        return refused(
            "endpoint",
            format!("{} has a meaning of its own in SCIM; choose another", resource_type.endpoint),
        );
    }
    // SCIM 1.1 asks for a format by such an end (protocol 1.1, section 3.6).
    if [".json", ".xml"].iter().any(|end| endpoint.ends_with(end)) {
        return refused("endpoint", "must not end in .json or .xml; choose another".to_owned());
    }
    if let Some(other) = others.iter().find(|other| other.endpoint.eq_ignore_ascii_case(&endpoint)) {
        return refused("endpoint", format!("is the endpoint of {} already; choose another", other.name));
    }
    Ok(())
}

/// Checks the base schema of an added type.
pub(super) fn check_base(called: &str, base: &Schema) -> Result<(), AdditionError> {
    if is_builtin_schema(&base.id) {
        let problem = "is a built-in schema, and users and groups have their endpoints; name a schema of your own";
        return Err(AdditionError::new(called, "schema", problem));
    }
    for attribute in &base.attributes {
        if let Some(problem) = base_attributes::problem_of(attribute) {
            let place = format!("{} of {}", attribute.name, base.id);
            return Err(AdditionError::new(called, place, problem));
        }
    }
    Ok(())
}

/// Of the built-in schemas only the enterprise extension extends anything.
pub(super) fn may_extend(schema: &Schema) -> bool {
    schema.id == ENTERPRISE_USER || !is_builtin_schema(&schema.id)
}

fn is_builtin_schema(urn: &str) -> bool {
    [USER, GROUP, ENTERPRISE_USER, SERVICE_PROVIDER_CONFIG, RESOURCE_TYPE, SCHEMA].contains(&urn)
}
