//! References to resources that the same request creates: `bulkId:…` wherever the schema lets a reference stand
//! (RFC 7644 section 3.7.2), in the base schema and in extensions alike.

use serde_json::Value;

use super::walk::{Visitor, Walk};
use super::{BULK_ID_PREFIX, BulkLanguage, Method};
use crate::normalize::{is_writable, points_at_resources};
use crate::schema::{Attribute, AttributeType, GROUP, ResolvedPath};
use crate::{Leniency, ResourceSchema};

/// Puts ids in the place of references. `id_of` knows the resources that are created by now; a reference that it does
/// not know stays as it is.
pub fn replace_references<'a>(
    schema: &ResourceSchema,
    (method, language): (Method, BulkLanguage),
    data: &mut Value,
    leniency: &Leniency,
    id_of: impl Fn(&str) -> Option<&'a str>,
) {
    let mut replacing = Replacing { id_of };
    Walk { schema, leniency, visitor: &mut replacing }.data(method, language, data);
}

struct Replacing<F> {
    id_of: F,
}

impl<'a, F: Fn(&str) -> Option<&'a str>> Visitor for Replacing<F> {
    fn text(&mut self, path: &ResolvedPath, text: &mut String) {
        let Some(Reference { before, bulk_id }) = reference(path, text) else { return };
        if let Some(id) = (self.id_of)(bulk_id) {
            *text = format!("{before}{id}");
        }
    }
}

/// A reference, taken apart.
pub(super) struct Reference<'a> {
    /// What an address says before it; empty for a plain id.
    before: &'a str,
    pub(super) bulk_id: &'a str,
}

/// Reads a text at that place as a reference to a new resource.
pub(super) fn reference<'a>(path: &ResolvedPath, text: &'a str) -> Option<Reference<'a>> {
    reference_at(&path.attribute, path.sub_attribute.as_deref(), text)
}

/// Whether a text at that place is a reference to a new resource.
pub(crate) fn refers_to_bulk_id(attribute: &Attribute, sub_attribute: Option<&Attribute>, text: &str) -> bool {
    reference_at(attribute, sub_attribute, text).is_some()
}

fn reference_at<'a>(attribute: &Attribute, sub_attribute: Option<&Attribute>, text: &'a str) -> Option<Reference<'a>> {
    if !may_refer(attribute, sub_attribute) {
        return None;
    }
    if let Some(bulk_id) = text.strip_prefix(BULK_ID_PREFIX) {
        return Some(Reference { before: "", bulk_id });
    }
    // An address may end in one: "../Users/bulkId:qwerty".
    let is_address = sub_attribute.unwrap_or(attribute).attribute_type == AttributeType::Reference;
    let place = text.rfind('/').filter(|_| is_address)?.checked_add(1)?;
    let (before, last) = text.split_at_checked(place)?;
    last.strip_prefix(BULK_ID_PREFIX).map(|bulk_id| Reference { before, bulk_id })
}

/// Whether a text at that place can name a resource: `value` and `$ref` of an attribute that points at resources, the
/// attribute itself where a client writes a bare id for it, and plain references to a resource type. What the server
/// alone writes refers to nothing, whatever a client puts there.
fn may_refer(attribute: &Attribute, sub_attribute: Option<&Attribute>) -> bool {
    let definition = sub_attribute.unwrap_or(attribute);
    if !is_writable(attribute) || !is_writable(definition) {
        return false;
    }
    if points_at_resources(attribute) {
        return sub_attribute.is_none_or(|sub| sub.name == "value" || sub.name == "$ref");
    }
    definition.attribute_type == AttributeType::Reference
        && definition.reference_types.iter().any(|name| name != "external" && name != "uri")
}

/// Whether a text at that place names a member of a group.
pub(super) fn is_membership(schema: &ResourceSchema, path: &ResolvedPath) -> bool {
    is_of_members(schema, path) && may_refer(&path.attribute, path.sub_attribute.as_deref())
}

/// Whether the path is a group's `members` or one of their sub-attributes.
pub(super) fn is_of_members(schema: &ResourceSchema, path: &ResolvedPath) -> bool {
    schema.base().id == GROUP && path.extension.is_none() && path.attribute.name == "members"
}

#[cfg(test)]
mod tests;
