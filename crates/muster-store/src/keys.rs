//! Which values are kept in the look-up index, in which spelling, and which of them must be unique.

use indexmap::IndexSet;
use scim::schema::{Attribute, ResolvedPath, Uniqueness};
use scim::{Document, Leniency, ResourceSchema, fold};
use serde_json::Value;

/// Attributes that identity providers look up by (Okta, Entra, OneLogin, Ping and others), beside every
/// attribute whose schema says `uniqueness: server` or `global`; and the manager, so that those whose manager is deleted are found.
/// Notation as in [`ResolvedPath::notation`]. A new entry needs a migration for the documents that are there.
const LOOKED_UP: [&str; 5] = ["userName", "externalId", "displayName", "emails.value", MANAGER];

/// The reference to a person's manager (RFC 7643 section 4.3).
pub const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value";

/// In bytes as they are stored. PostgreSQL has no room for longer entries in an index, and no identity provider has longer
/// names.
pub const LONGEST_VALUE: usize = 2_000;
/// The same of the value and of what stands before it in the index: resource type and attribute, whose names a tenant
/// may have chosen.
const LONGEST_ENTRY: usize = 2_500;

/// How many bytes a text takes in the database that needs the most: PostgreSQL has no room for the character NUL, so that
/// it and the one that stands in for it take two each.
pub fn stored_length(text: &str) -> usize {
    text.len() + text.bytes().filter(|byte| *byte < 2).count()
}

/// Why a value cannot be an entry of the look-up index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooLong {
    /// Longer than [`LONGEST_VALUE`].
    Value,
    /// The value with the names of its attribute and of the resource type.
    Entry,
}

/// `Ok`: every database has room for the entry.
pub fn check_length(resource_type: &str, key: &Key) -> Result<(), TooLong> {
    let value = stored_length(&key.value);
    if value > LONGEST_VALUE {
        Err(TooLong::Value)
    } else if value + stored_length(&key.attribute) + stored_length(resource_type) > LONGEST_ENTRY {
        Err(TooLong::Entry)
    } else {
        Ok(())
    }
}

/// One entry of the look-up index.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// SCIM notation: `userName`, `emails.value`.
    pub attribute: String,
    /// Folded unless the attribute is caseExact.
    pub value: String,
    /// `None`: several resources may have it.
    pub unique_in: Option<KeyScope>,
}

/// Among whom a value must be unique, always within one resource type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyScope {
    Tenant,
    /// Among the resources of the same owner.
    Owner,
}

/// Whether values of that attribute are in the index.
pub fn is_keyed(path: &ResolvedPath) -> bool {
    let definition = path.definition();
    definition.uniqueness != Uniqueness::None && definition.name != "id"
        || LOOKED_UP.contains(&path.notation().as_str())
}

/// The spelling in which a value of that attribute is indexed and compared.
pub fn key_value(definition: &Attribute, text: &str) -> String {
    if definition.case_exact { text.to_owned() } else { fold(text) }
}

/// All index entries of a document. Equal values of one list give one entry.
pub fn keys_of(schema: &ResourceSchema, document: &Document, leniency: &Leniency) -> Vec<Key> {
    let mut keys = IndexSet::new();
    let base = schema.common().iter().chain(&schema.base().attributes);
    let owned = base.map(|attribute| (None, attribute, document));
    let extended = schema.extensions().iter().filter_map(|extension| match document.get(&extension.id) {
        Some(Value::Object(members)) => Some((extension, members)),
        _ => None,
    });
    let extended = extended.flat_map(|(extension, members)| {
        extension.attributes.iter().map(move |attribute| (Some(extension.id.clone()), attribute, members))
    });
    for (extension, attribute, members) in owned.chain(extended) {
        let Some(value) = members.get(&attribute.name) else { continue };
        let mut path = ResolvedPath { extension, attribute: attribute.clone(), sub_attribute: None };
        if attribute.is_complex() {
            for sub in &attribute.sub_attributes {
                path.sub_attribute = Some(sub.clone());
                if is_keyed(&path) {
                    for element in elements(value) {
                        push(&mut keys, schema, &path, element.get(&sub.name), leniency);
                    }
                }
            }
        } else if is_keyed(&path) {
            for element in elements(value) {
                push(&mut keys, schema, &path, Some(element), leniency);
            }
        }
    }
    keys.into_iter().collect()
}

/// In characters. A label stands in the list of every group and person that it belongs to.
const LONGEST_LABEL: usize = 256;

/// What members' lists call a resource: its `displayName`, else its `userName`.
pub fn label_of(document: &Document) -> Option<String> {
    ["displayName", "userName"]
        .into_iter()
        .filter_map(|name| document.get(name).and_then(Value::as_str))
        .find(|label| !label.is_empty())
        .map(|label| label.chars().take(LONGEST_LABEL).collect())
}

fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(elements) => elements,
        other => std::slice::from_ref(other),
    }
}

fn push(
    keys: &mut IndexSet<Key>,
    schema: &ResourceSchema,
    path: &ResolvedPath,
    value: Option<&Value>,
    leniency: &Leniency,
) {
    let Some(text) = value.and_then(Value::as_str) else { return };
    let definition = path.definition();
    // What is unique everywhere is unique here; other servers cannot be asked (RFC 7643 section 7).
    let unique_in = if definition.uniqueness != Uniqueness::None {
        Some(KeyScope::Tenant)
    } else if schema.resource_type().name == "Group"
        && path.notation() == "displayName"
        && !leniency.duplicate_group_names
    {
        // Entra finds groups by displayName and must be told of a second one.
        Some(KeyScope::Owner)
    } else if path.notation() == "externalId" && !leniency.duplicate_external_ids {
        // What identity provider it belongs to is whose connection it is (RFC 7643 section 3.1).
        Some(KeyScope::Owner)
    } else {
        None
    };
    let key = Key { attribute: path.notation(), value: key_value(definition, text), unique_in };
    keys.insert(key);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_as_long_as_it_is_stored() {
        let check = |attribute: usize, value: String| {
            check_length("User", &Key { attribute: "a".repeat(attribute), value, unique_in: None })
        };
        assert_eq!(check(8, "x".repeat(LONGEST_VALUE)), Ok(()));
        assert_eq!(check(8, "x".repeat(LONGEST_VALUE + 1)), Err(TooLong::Value));
        for doubled in ["\0", "\u{1}"] {
            assert_eq!(check(8, doubled.repeat(LONGEST_VALUE / 2)), Ok(()));
            assert_eq!(check(8, doubled.repeat(LONGEST_VALUE / 2 + 1)), Err(TooLong::Value));
        }
        assert_eq!(check(496, "x".repeat(LONGEST_VALUE)), Ok(()));
        assert_eq!(check(497, "x".repeat(LONGEST_VALUE)), Err(TooLong::Entry));
    }
}
