//! A resource as sent becomes a document as stored (RFC 7644 sections 3.3 and 3.5.1).
//!
//! The normal form: names spelt as in the schema, extension attributes in an object under the extension's URN, values
//! in their attribute's type, no nulls, no empty lists or objects, no readOnly attributes, no `schemas`.

mod certificate;
mod formats;
mod identity;
mod laws;
mod misspellings;
mod place;
mod primary;
mod reader;
mod reference;
mod schemas;
mod sent_name;
mod simple;

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value};

pub(crate) use identity::{ElementIndex, collapse, element_identity, identity_by, points_at_resources};
pub(crate) use laws::{WriteOnly, check_immutable, check_required, is_immutable};
pub(crate) use misspellings::Misspellings;
pub(crate) use place::Place;
pub(crate) use primary::{SeveralPrimaries, clear_other_primaries, has_primary, is_primary, several_primaries};
pub(crate) use reader::{Merge, ValueReader, is_writable};
pub(crate) use schemas::check_added_schemas;
pub(crate) use sent_name::{SentMembers, bare_name_counts, sent_members};

use crate::path::AttributePath;
use crate::schema::{Mutability, ResolvedPath, Target};
use crate::{Document, Error, Leniency, Repairs, ResourceSchema, Result, Schema};

/// The document of a resource to create (RFC 7644 section 3.3). Keeps every writable attribute, `members` and
/// `password` among them; what the schema calls readOnly is left out without complaint.
pub fn normalize_new(
    schema: &ResourceSchema,
    body: &Value,
    leniency: &Leniency,
    repairs: &mut Repairs,
) -> Result<Document> {
    let sent = read_body(schema, body, leniency, repairs)?;
    check_required(schema, &sent.document, WriteOnly::Expected)?;
    Ok(sent.document)
}

/// The document that replaces a stored one (RFC 7644 section 3.5.1). Attributes that the body leaves out are cleared,
/// but for those that a client cannot send back: writeOnly, immutable and readOnly ones stay as stored.
pub fn normalize_replacement(
    schema: &ResourceSchema,
    body: &Value,
    stored: &Document,
    leniency: &Leniency,
    repairs: &mut Repairs,
) -> Result<Document> {
    let Sent { mut document, mentioned } = read_body(schema, body, leniency, repairs)?;
    for path in paths_that_stay(schema) {
        if let Some(value) = laws::value_at(stored, &path)
            && laws::value_at(&document, &path).is_none()
            && !mentioned.contains(&path.notation())
        {
            insert(&mut document, &path, value.clone())?;
        }
    }
    check_immutable(schema, stored, &document)?;
    check_required(schema, &document, WriteOnly::KeptElsewhere)?;
    Ok(document)
}

struct Sent {
    document: Document,
    /// Notation of every attribute that the body names, with a value or without.
    mentioned: HashSet<String>,
}

fn read_body(schema: &ResourceSchema, body: &Value, leniency: &Leniency, repairs: &mut Repairs) -> Result<Sent> {
    let Value::Object(members) = body else {
        return Err(Error::invalid_syntax("The body must be a JSON object"));
    };
    let several_primaries =
        if leniency.several_primaries { SeveralPrimaries::KeepFirst } else { SeveralPrimaries::Refuse };
    let mut reader = ValueReader { leniency, repairs, several_primaries };
    schemas::check_schemas(schema, crate::message::member(members, "schemas")?, &mut reader)?;
    let mut sent = Sent { document: Document::new(), mentioned: HashSet::new() };
    let SentMembers { full, bare } = sent_members(schema, members, &mut reader);
    for (name, target, value) in full {
        match target {
            None => reader.unknown(None, name)?,
            Some(Target::Attribute(path)) => sent.take(&mut reader, &path, value)?,
            Some(Target::Extension(extension)) => {
                for (path, value) in extension_members(schema, &extension, value, &mut reader)? {
                    sent.take(&mut reader, &path, value)?;
                }
            }
        }
    }
    let by_full_name = sent.mentioned.clone();
    for (name, path, value) in bare {
        if bare_name_counts(&mut reader, name, &path, &by_full_name) {
            sent.take(&mut reader, &path, value)?;
        }
    }
    Ok(sent)
}

impl Sent {
    fn take(&mut self, reader: &mut ValueReader, path: &ResolvedPath, value: &Value) -> Result<()> {
        if !is_writable(&path.attribute) || !is_writable(path.definition()) || is_schemas(path) {
            return Ok(());
        }
        let notation = path.notation();
        if self.mentioned.contains(&notation) {
            return Err(given_twice(&notation));
        }
        if let Some(value) = reader.value(Place::of(path), value)?
            && !reader.clears_reference(path, &value)
        {
            insert(&mut self.document, path, value)?;
        }
        self.mentioned.insert(notation);
        Ok(())
    }
}

/// What a member name of a body means: an attribute by its plain name, an extension by its URN, or, where the peer is
/// allowed that, an attribute of an extension by its plain name or an attribute in attribute notation.
pub(crate) fn locate(schema: &ResourceSchema, name: &str, leniency: &Leniency) -> Option<Target> {
    if let Some(attribute) = schema.attribute(name) {
        let attribute = Arc::clone(attribute);
        return Some(Target::Attribute(ResolvedPath { extension: None, attribute, sub_attribute: None }));
    }
    if let Some(extension) = schema.extension(name) {
        return Some(Target::Extension(Arc::clone(extension)));
    }
    if leniency.bare_extension_names
        && let Some(extension) = schema.only_extension_with(name)
    {
        let attribute = extension.attribute(name).map(Arc::clone)?;
        let extension = Some(extension.id.clone());
        return Some(Target::Attribute(ResolvedPath { extension, attribute, sub_attribute: None }));
    }
    if !leniency.notation_keys {
        return None;
    }
    let path = AttributePath::parse(name).ok()?;
    schema.resolve_leniently(&path, leniency).ok()
}

/// The attributes that the object of an extension names. Null or an empty list stands for an empty object.
pub(crate) fn extension_members<'a>(
    schema: &ResourceSchema,
    extension: &Schema,
    value: &'a Value,
    reader: &mut ValueReader,
) -> Result<Vec<(ResolvedPath, &'a Value)>> {
    let members = match value {
        Value::Object(members) => members,
        Value::Null => return Ok(Vec::new()),
        Value::Array(elements) if elements.is_empty() => return Ok(Vec::new()),
        _ => return Err(Error::invalid_value(format!("\"{}\" must be an object", extension.id))),
    };
    let mut named = Vec::with_capacity(members.len());
    for (name, value) in members {
        // Some clients repeat the list of schemas inside the extension.
        if name.eq_ignore_ascii_case("schemas") {
            continue;
        }
        match locate_in_extension(schema, extension, name, reader.leniency) {
            Some(path) => named.push((path, value)),
            None => reader.unknown(Some(&extension.id), name)?,
        }
    }
    Ok(named)
}

fn locate_in_extension(
    schema: &ResourceSchema,
    extension: &Schema,
    name: &str,
    leniency: &Leniency,
) -> Option<ResolvedPath> {
    if let Some(attribute) = extension.attribute(name) {
        let attribute = Arc::clone(attribute);
        return Some(ResolvedPath { extension: Some(extension.id.clone()), attribute, sub_attribute: None });
    }
    if !leniency.notation_keys {
        return None;
    }
    let mut path = AttributePath::parse(name).ok()?;
    path.urn.get_or_insert_with(|| extension.id.clone());
    let resolved = schema.resolve_attribute(&path).ok()?;
    (resolved.extension.as_deref() == Some(extension.id.as_str())).then_some(resolved)
}

pub(crate) fn is_schemas(path: &ResolvedPath) -> bool {
    path.extension.is_none() && path.attribute.name == "schemas"
}

/// Attributes that a replacement keeps when the body does not name them.
fn paths_that_stay(schema: &ResourceSchema) -> Vec<ResolvedPath> {
    let mut paths = laws::immutable_paths(schema);
    for (extension, attributes) in laws::attribute_sets(schema) {
        for attribute in attributes {
            if matches!(attribute.mutability, Mutability::WriteOnly | Mutability::ReadOnly) {
                paths.push(ResolvedPath {
                    extension: extension.map(str::to_owned),
                    attribute: Arc::clone(attribute),
                    sub_attribute: None,
                });
            }
        }
    }
    paths
}

/// Puts a value at its place. A sub-attribute joins what the body says about its attribute elsewhere.
fn insert(document: &mut Document, path: &ResolvedPath, value: Value) -> Result<()> {
    let holder = match &path.extension {
        None => document,
        Some(urn) => object_at(document, urn).ok_or_else(|| given_twice(urn))?,
    };
    if path.attribute.multi_valued && path.sub_attribute.is_some() {
        return Err(Error::invalid_syntax(format!(
            "\"{}\" does not say which element it belongs to; send the list as a whole",
            path.notation()
        )));
    }
    let (holder, name) = match &path.sub_attribute {
        None => (holder, &path.attribute.name),
        Some(sub) => {
            let holder = object_at(holder, &path.attribute.name).ok_or_else(|| given_twice(&path.notation()))?;
            (holder, &sub.name)
        }
    };
    match (holder.get_mut(name), value) {
        (Some(Value::Object(existing)), Value::Object(more)) => {
            for (name, value) in more {
                if existing.insert(name, value).is_some() {
                    return Err(given_twice(&path.notation()));
                }
            }
        }
        (Some(_), _) => return Err(given_twice(&path.notation())),
        (None, value) => {
            holder.insert(name.clone(), value);
        }
    }
    Ok(())
}

fn object_at<'a>(holder: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Map<String, Value>> {
    holder.entry(name).or_insert_with(|| Value::Object(Map::new())).as_object_mut()
}

pub(crate) fn given_twice(notation: &str) -> Error {
    Error::invalid_syntax(format!("\"{notation}\" is given more than once, in different spellings; send it once"))
}
