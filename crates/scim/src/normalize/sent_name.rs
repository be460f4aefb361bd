//! What a member name of a body means, with a note where it is not a plain name.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::locate;
use super::misspellings::Misspellings;
use super::reader::ValueReader;
use crate::schema::{ResolvedPath, Target};
use crate::shown_name::shown_name;
use crate::{Repair, ResourceSchema};

/// The members of an object of attributes, with what their names mean.
pub(crate) struct SentMembers<'a> {
    /// `None`: nobody defines the name.
    pub(crate) full: Vec<(&'a str, Option<Target>, &'a Value)>,
    /// Attributes of an extension named without its URN. They are to be read last, see [`bare_name_counts`].
    pub(crate) bare: Vec<(&'a str, ResolvedPath, &'a Value)>,
}

pub(crate) fn sent_members<'a>(
    schema: &ResourceSchema,
    members: &'a Map<String, Value>,
    reader: &mut ValueReader,
) -> SentMembers<'a> {
    let mut sent = SentMembers { full: Vec::with_capacity(members.len()), bare: Vec::new() };
    let misspellings = Misspellings::in_object(reader.leniency, "", members);
    for (name, value) in members {
        match locate_sent(schema, &misspellings, name, reader) {
            Some(Target::Attribute(path)) if is_bare(name, &path) => sent.bare.push((name, path, value)),
            target => sent.full.push((name, target, value)),
        }
    }
    sent
}

/// Whether an attribute of an extension is named without the extension's URN.
fn is_bare(name: &str, path: &ResolvedPath) -> bool {
    path.extension.is_some() && !name.contains(':')
}

/// Whether what a bare name says is taken. What the message says of the attribute in the extension's own object, or by
/// its full name, wins. Either way the bare name is noted.
pub(crate) fn bare_name_counts(
    reader: &mut ValueReader,
    name: &str,
    path: &ResolvedPath,
    by_full_name: &HashSet<String>,
) -> bool {
    let whole = ResolvedPath { sub_attribute: None, ..path.clone() }.notation();
    let part = format!("{whole}.");
    if by_full_name.contains(&whole) || by_full_name.iter().any(|named| named.starts_with(&part)) {
        reader.note(Repair::UnknownAttributeDropped { attribute: shown_name(name) });
        return false;
    }
    reader.note(Repair::BareExtensionName { attribute: path.notation() });
    true
}

/// As [`locate`]; names that are attribute notation or a known misspelling are noted. `misspellings` are those of the
/// object that the name stands in.
fn locate_sent(
    schema: &ResourceSchema,
    misspellings: &Misspellings,
    name: &str,
    reader: &mut ValueReader,
) -> Option<Target> {
    if let Some(target) = locate(schema, name, reader.leniency) {
        if schema.attribute(name).is_none() && schema.extension(name).is_none() {
            let attribute = match &target {
                Target::Attribute(path) if is_bare(name, path) => return Some(target),
                Target::Attribute(path) => path.notation(),
                Target::Extension(extension) => extension.id.clone(),
            };
            reader.note(Repair::NotationRead { attribute });
        }
        return Some(target);
    }
    let meant = misspellings.correct(reader, "", name)?;
    locate(schema, meant, reader.leniency)
}
