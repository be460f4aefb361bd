//! What the writers know, and whether the directory says the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::Value;

use super::version_of;
use crate::attempt::Target;

/// What all writers write to, and through whom.
pub(super) struct Shared {
    pub(super) person: String,
    pub(super) group: String,
    pub(super) targets: [Arc<Mutex<Target>>; 2],
    pub(super) until: Instant,
}

impl Shared {
    pub(super) fn person_path(&self) -> String {
        format!("/Users/{}", self.person)
    }

    pub(super) fn group_path(&self) -> String {
        format!("/Groups/{}", self.group)
    }

    pub(super) fn target(&self, number: usize) -> Target {
        self.targets[number % 2].lock().unwrap().clone()
    }
}

/// What one writer knows in the end. Each has an attribute of the person and members of the group of its own, so that nobody
/// else changes what it knows.
pub(super) struct Written {
    pub(super) attribute: &'static str,
    pub(super) value: Option<String>,
    /// With whether they are in the group.
    pub(super) members: BTreeMap<String, bool>,
    /// Changes that happened, by an answer or by a look afterwards; each made one version.
    pub(super) person_changes: u64,
    pub(super) group_changes: u64,
    pub(super) unanswered: u64,
}

/// A value of a person by the path that PATCH takes.
pub(super) fn value_at<'a>(person: &'a Value, attribute: &str) -> Option<&'a str> {
    if let Some((urn, name)) = attribute.rsplit_once(':') {
        return person[urn][name].as_str();
    }
    let place = attribute.split('.').fold(person, |place, name| &place[name]);
    place.as_str()
}

pub(super) fn members_of(group: &Value) -> BTreeSet<String> {
    let members = group["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

pub(super) fn verify(written: &[Written], person: &Value, group: &Value) {
    for one in written {
        assert_eq!(value_at(person, one.attribute), one.value.as_deref(), "{}", one.attribute);
    }
    let expected: BTreeSet<_> =
        written.iter().flat_map(|one| &one.members).filter(|(_, is_in)| **is_in).map(|(id, _)| id.clone()).collect();
    assert_eq!(members_of(group), expected);
    // Each change that happened made one version, so none happened twice and none was lost that another overwrote.
    let person_changes: u64 = written.iter().map(|one| one.person_changes).sum();
    let group_changes: u64 = written.iter().map(|one| one.group_changes).sum();
    assert_eq!(version_of(person), 1 + person_changes, "versions of the person");
    assert_eq!(version_of(group), 1 + group_changes, "versions of the group");
}
