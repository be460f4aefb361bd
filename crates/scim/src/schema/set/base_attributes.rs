//! Attributes to which a server gives a meaning by their name alone. In the base schema of a type they may be there with
//! the type that the meaning needs, or not at all.

use crate::schema::{Attribute, AttributeType, Mutability};

/// What is wrong with an attribute of a base schema, and what to do.
pub(super) fn problem_of(attribute: &Attribute) -> Option<&'static str> {
    let is_single = |attribute_type| attribute.attribute_type == attribute_type && !attribute.multi_valued;
    // Names match in any letter case (RFC 7643 section 2.1).
    match attribute.name.to_ascii_lowercase().as_str() {
        "schemas" | "id" | "externalid" | "meta" => {
            Some("every resource has it already (RFC 7643 section 3.1); leave it out")
        }
        "members" => Some("only Group has members; choose another name, or put it into an extension"),
        "username" | "displayname" if !is_single(AttributeType::String) => {
            Some("names the resource, so it must be a single string; change its type or its name")
        }
        "active" if !is_single(AttributeType::Boolean) => {
            Some("says whether the resource is active, so it must be a single boolean; change its type or its name")
        }
        "password" if !(is_single(AttributeType::String) && attribute.mutability == Mutability::WriteOnly) => {
            Some("is kept as a hash only, so it must be a single string with mutability writeOnly")
        }
        "emails" if !(attribute.is_complex() && attribute.multi_valued && has_text(attribute, "value")) => {
            Some("is looked up by emails.value, so it must be complex and multiValued with a string called value")
        }
        "groups" if !is_list_of_groups(attribute) => Some(
            "is the list of groups that the resource is in, so it must be complex, multiValued and readOnly with value, \
             $ref, display and type; copy it from the User schema, or choose another name",
        ),
        _ => None,
    }
}

fn has_text(attribute: &Attribute, name: &str) -> bool {
    attribute.sub_attribute(name).is_some_and(|sub| sub.attribute_type == AttributeType::String && !sub.multi_valued)
}

fn is_list_of_groups(attribute: &Attribute) -> bool {
    attribute.is_complex()
        && attribute.multi_valued
        && attribute.mutability == Mutability::ReadOnly
        && attribute.sub_attribute("$ref").is_some()
        && ["value", "display", "type"].iter().all(|name| has_text(attribute, name))
}
