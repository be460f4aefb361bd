//! What a whole document must fulfil, whichever way it came about.

use serde_json::Value;

use super::reader::is_writable;
use crate::schema::{Attribute, Mutability, ResolvedPath};
use crate::value::{equal, is_present};
use crate::{Document, Error, ResourceSchema, Result};

/// Whether required attributes of mutability writeOnly are expected in the document. They are in what a client sends
/// as a new resource; a stored document need not hold them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteOnly {
    Expected,
    KeptElsewhere,
}

/// Required attributes and required sub-attributes are present and not empty (RFC 7643 section 2.2).
pub(crate) fn check_required(schema: &ResourceSchema, document: &Document, write_only: WriteOnly) -> Result<()> {
    let expected = |attribute: &Attribute| {
        attribute.required
            && is_writable(attribute)
            && attribute.name != "schemas"
            && (write_only == WriteOnly::Expected || attribute.mutability != Mutability::WriteOnly)
    };
    for (extension, attributes) in attribute_sets(schema) {
        let holder = match extension {
            None => Some(document),
            Some(urn) => document.get(urn).and_then(Value::as_object),
        };
        let Some(holder) = holder else {
            if let Some(urn) = extension.filter(|urn| is_required_extension(schema, urn)) {
                return Err(Error::invalid_value(format!("The extension \"{urn}\" is required")));
            }
            continue;
        };
        for attribute in attributes {
            let value = holder.get(&attribute.name);
            if expected(attribute) && !value.is_some_and(is_present) {
                return Err(is_missing(&name_of(extension, attribute, None)));
            }
            if !attribute.is_complex() || !attribute.sub_attributes.iter().any(|sub| expected(sub)) {
                continue;
            }
            let elements = match value {
                Some(Value::Array(elements)) => elements.as_slice(),
                Some(single) => std::slice::from_ref(single),
                None => &[],
            };
            for sub in attribute.sub_attributes.iter().filter(|sub| expected(sub)) {
                if elements.iter().any(|element| !element.get(&sub.name).is_some_and(is_present)) {
                    return Err(is_missing(&name_of(extension, attribute, Some(sub))));
                }
            }
        }
    }
    Ok(())
}

/// Immutable attributes that had a value have the same one (RFC 7643 section 2.2, RFC 7644 section 3.5.1). Elements of
/// lists are not compared: which before would belong to which after is not known.
pub(crate) fn check_immutable(schema: &ResourceSchema, before: &Document, after: &Document) -> Result<()> {
    for path in immutable_paths(schema) {
        let Some(stored) = value_at(before, &path).filter(|value| is_present(value)) else { continue };
        let kept =
            value_at(after, &path).is_some_and(|value| value == stored || equal(path.definition(), value, stored));
        if !kept {
            return Err(is_immutable(&path.notation()));
        }
    }
    Ok(())
}

pub(crate) fn is_immutable(notation: &str) -> Error {
    Error::mutability(format!("\"{notation}\" is immutable: once set it cannot be changed or removed"))
}

/// Immutable attributes, and immutable sub-attributes of single-valued complex attributes.
pub(super) fn immutable_paths(schema: &ResourceSchema) -> Vec<ResolvedPath> {
    let mut paths = Vec::new();
    for (extension, attributes) in attribute_sets(schema) {
        for attribute in attributes {
            let path = ResolvedPath {
                extension: extension.map(str::to_owned),
                attribute: std::sync::Arc::clone(attribute),
                sub_attribute: None,
            };
            if attribute.mutability == Mutability::Immutable {
                paths.push(path);
            } else if attribute.is_complex() && !attribute.multi_valued {
                for sub in attribute.sub_attributes.iter().filter(|sub| sub.mutability == Mutability::Immutable) {
                    paths.push(ResolvedPath { sub_attribute: Some(std::sync::Arc::clone(sub)), ..path.clone() });
                }
            }
        }
    }
    paths
}

/// The value at a path without regard to lists.
pub(super) fn value_at<'a>(document: &'a Document, path: &ResolvedPath) -> Option<&'a Value> {
    let value = match &path.extension {
        None => document.get(&path.attribute.name),
        Some(urn) => document.get(urn)?.get(&path.attribute.name),
    }?;
    match &path.sub_attribute {
        None => Some(value),
        Some(sub) => value.get(&sub.name),
    }
}

/// Base and common attributes, then those of each extension.
pub(super) fn attribute_sets(
    schema: &ResourceSchema,
) -> impl Iterator<Item = (Option<&str>, impl Iterator<Item = &std::sync::Arc<Attribute>>)> {
    let core = (None, schema.common().iter().chain(&schema.base().attributes));
    let extensions = schema
        .extensions()
        .iter()
        .map(|extension| (Some(extension.id.as_str()), [].iter().chain(&extension.attributes)));
    std::iter::once(core).chain(extensions)
}

fn is_required_extension(schema: &ResourceSchema, urn: &str) -> bool {
    schema.resource_type().schema_extensions.iter().any(|one| one.required && one.schema.eq_ignore_ascii_case(urn))
}

fn name_of(extension: Option<&str>, attribute: &Attribute, sub: Option<&Attribute>) -> String {
    let mut name = extension.map(|urn| format!("{urn}:")).unwrap_or_default();
    name.push_str(&attribute.name);
    if let Some(sub) = sub {
        name.push('.');
        name.push_str(&sub.name);
    }
    name
}

fn is_missing(name: &str) -> Error {
    Error::invalid_value(format!("\"{name}\" is required and must not be empty"))
}
