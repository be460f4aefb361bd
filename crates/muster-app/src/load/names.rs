//! Who is meant: lines name one another as people know them, by `externalId` or `userName`, because nobody has an id yet.

use std::collections::HashMap;

use muster_model::{ResourceId, TypeName};
use muster_store::{Directory, FoundByKey, Key, StoreError, keys};
use scim::schema::{ENTERPRISE_USER, GROUP, USER};
use scim::{Document, ResourceSchema};
use serde_json::Value;

use crate::ScimCaller;
use crate::resources::type_name;

pub(crate) const EXTERNAL_ID: &str = "externalId";
pub(crate) const USER_NAME: &str = "userName";
const DISPLAY_NAME: &str = "displayName";
const MANAGER: &str = "manager";
const VALUE: &str = "value";

/// As many names are looked up in one go.
const NAMES_AT_ONCE: usize = 10_000;

/// Takes out how the manager is named (RFC 7643 section 4.3), until it is known who that is.
pub(crate) fn take_manager(document: &mut Document) -> Option<String> {
    let extension = document.get_mut(ENTERPRISE_USER)?.as_object_mut()?;
    let manager = extension.get_mut(MANAGER)?.as_object_mut()?;
    let name = manager.get(VALUE)?.as_str()?.to_owned();
    manager.shift_remove(VALUE);
    if manager.is_empty() {
        extension.shift_remove(MANAGER);
    }
    if extension.is_empty() {
        document.shift_remove(ENTERPRISE_USER);
    }
    Some(name)
}

pub(super) fn has_manager(document: &Document) -> bool {
    document.get(ENTERPRISE_USER).and_then(|extension| extension.get(MANAGER)?.get(VALUE)).is_some()
}

/// How the manager is named.
pub(crate) fn manager_of(document: &Document) -> Option<&str> {
    document.get(ENTERPRISE_USER)?.get(MANAGER)?.get(VALUE)?.as_str()
}

pub(crate) fn set_manager(document: &mut Document, value: String) {
    let extension = object(document.entry(ENTERPRISE_USER).or_insert_with(|| Value::Object(Document::new())));
    let manager = extension.map(|extension| extension.entry(MANAGER).or_insert_with(|| Value::Object(Document::new())));
    if let Some(manager) = manager.and_then(object) {
        manager.insert(VALUE.to_owned(), Value::String(value));
    }
}

fn object(value: &mut Value) -> Option<&mut Document> {
    value.as_object_mut()
}

/// What a name was found to stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    One(ResourceId),
    /// One is called that by `externalId`, and another one by `externalId` of another type, by `userName` or by its id.
    Several,
}

/// Looks names up: people by `externalId` and `userName`, groups by `externalId`, and all by their ids. A name that looks like
/// an id may still be an `externalId`: many systems name by UUIDs. Who is not found is not in the answer.
pub(crate) async fn meanings(
    caller: &ScimCaller,
    directory: &dyn Directory,
    names: Vec<String>,
) -> Result<HashMap<String, Meaning>, StoreError> {
    let mut found: HashMap<String, Meaning> = HashMap::new();
    for names in names.chunks(NAMES_AT_ONCE) {
        let ids: Vec<ResourceId> = names.iter().filter_map(|name| ResourceId::parse(name)).collect();
        if !ids.is_empty() {
            let there = directory.list_labels(&ids).await?;
            found.extend(there.into_iter().map(|member| (member.id.to_string(), Meaning::One(member.id))));
        }
        for (base, attribute) in [(USER, EXTERNAL_ID), (USER, USER_NAME), (GROUP, EXTERNAL_ID)] {
            let Some(schema) = caller.resource_schemas().iter().find(|schema| schema.base().id == base) else {
                continue;
            };
            let Some(definition) = definition(schema, attribute) else { continue };
            let values = names.iter().map(|name| keys::key_value(definition, name)).collect();
            let answers = directory.find_by_keys(&type_name(schema), attribute, values).await?;
            for (name, answer) in names.iter().zip(answers) {
                let Some(FoundByKey { id, .. }) = answer else { continue };
                let meaning = found.entry(name.clone()).or_insert(Meaning::One(id));
                if *meaning != Meaning::One(id) {
                    *meaning = Meaning::Several;
                }
            }
        }
    }
    Ok(found)
}

fn definition<'a>(schema: &'a ResourceSchema, name: &str) -> Option<&'a scim::schema::Attribute> {
    let common = schema.common().iter().find(|attribute| attribute.name == name);
    common.or_else(|| schema.base().attribute(name)).map(AsRef::as_ref)
}

/// By what a line is recognised when it was loaded before: its `externalId` and whatever is unique about it; a group that
/// has neither by its name. Each is an attribute and a value in the spelling of the index.
pub(crate) fn marks(keys: &[Key]) -> Vec<(&str, &str)> {
    let mut marks: Vec<(&str, &str)> = keys
        .iter()
        .filter(|key| key.unique_in.is_some() || key.attribute == EXTERNAL_ID)
        .map(|key| (key.attribute.as_str(), key.value.as_str()))
        .collect();
    if marks.is_empty() {
        let names = keys.iter().filter(|key| key.attribute == DISPLAY_NAME);
        marks.extend(names.map(|key| (key.attribute.as_str(), key.value.as_str())));
    }
    marks
}

/// What was found for one line's marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recognised {
    New,
    There(FoundByKey),
    /// Different marks belong to different resources.
    Several,
}

/// Looks up which of these are there already. In their order.
pub(super) async fn recognised(
    directory: &dyn Directory,
    lines: &[(TypeName, Vec<(&str, &str)>)],
) -> Result<Vec<Recognised>, StoreError> {
    let mut questions: HashMap<(&TypeName, &str), Vec<(usize, &str)>> = HashMap::new();
    for (place, (resource_type, marks)) in lines.iter().enumerate() {
        for (attribute, value) in marks {
            questions.entry((resource_type, attribute)).or_default().push((place, value));
        }
    }
    let mut recognised = vec![Recognised::New; lines.len()];
    for ((resource_type, attribute), asked) in questions {
        let values = asked.iter().map(|(_, value)| (*value).to_owned()).collect();
        let answers = directory.find_by_keys(resource_type, attribute, values).await?;
        for ((place, _), answer) in asked.into_iter().zip(answers) {
            let (Some(found), Some(so_far)) = (answer, recognised.get_mut(place)) else { continue };
            *so_far = match *so_far {
                Recognised::New => Recognised::There(found),
                Recognised::There(other) if other.id == found.id => Recognised::There(found),
                Recognised::There(_) | Recognised::Several => Recognised::Several,
            };
        }
    }
    Ok(recognised)
}
