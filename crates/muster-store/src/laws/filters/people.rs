//! Generated people and groups. Few values, so that they meet; odd ones, so that folding and escaping matter.

use std::time::Duration;

use muster_model::{MemberReference, ResourceId, Version};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::laws::world::{Kind, World, content, create, hold, replace};
use crate::{Batch, Write};

const NAMES: [&str; 14] = [
    "anna",
    "Anna",
    "ANNABEL",
    "bert",
    "Zo\u{eb}",
    "zoe\u{308}",
    "Stra\u{df}e",
    "\u{130}stanbul",
    "\u{ff22}ob",
    "o'neil",
    "a%b_c*",
    "q\"uote\\",
    "\u{10ffff}end",
    "",
];

const DEPARTMENTS: [&str; 3] = ["Sales", "sales", "R&D"];
/// In how many batches people come.
const MOMENTS: usize = 3;
const EMAIL_TYPES: [&str; 3] = ["work", "home", "Work"];

#[derive(Clone, Debug)]
pub(super) struct Person {
    name: &'static str,
    display: Option<&'static str>,
    external: Option<&'static str>,
    family: Option<&'static str>,
    emails: Vec<(&'static str, Option<&'static str>, bool)>,
    active: Option<bool>,
    department: Option<&'static str>,
    is_changed_later: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Group {
    name: &'static str,
    external: Option<&'static str>,
    /// Of people and earlier groups.
    members: Vec<Index>,
    has_pending: bool,
}

#[derive(Clone, Debug)]
pub(in crate::laws) struct Population {
    people: Vec<Person>,
    groups: Vec<Group>,
}

fn a_name() -> impl Strategy<Value = &'static str> {
    select(&NAMES)
}

fn perhaps_a_name() -> impl Strategy<Value = Option<&'static str>> {
    prop::option::of(a_name())
}

pub(in crate::laws) fn populations() -> impl Strategy<Value = Population> {
    let email = (a_name(), prop::option::of(select(&EMAIL_TYPES)), any::<bool>());
    let person =
        (
            a_name(),
            perhaps_a_name(),
            perhaps_a_name(),
            perhaps_a_name(),
            prop::collection::vec(email, 0..4),
            any::<Option<bool>>(),
            prop::option::of(select(&DEPARTMENTS)),
            any::<bool>(),
        )
            .prop_map(|(name, display, external, family, emails, active, department, is_changed_later)| {
                Person { name, display, external, family, emails, active, department, is_changed_later }
            });
    let group = (a_name(), perhaps_a_name(), prop::collection::vec(any::<Index>(), 0..5), any::<bool>())
        .prop_map(|(name, external, members, has_pending)| Group { name, external, members, has_pending });
    (prop::collection::vec(person, 0..16), prop::collection::vec(group, 0..6))
        .prop_map(|(people, groups)| Population { people, groups })
}

impl Person {
    /// User names must differ, so each has the person's number behind it.
    fn document(&self, number: usize) -> Value {
        let mut document = json!({"userName": format!("{}{number}", self.name)});
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                document[name] = value;
            }
        };
        set("displayName", self.display.map(Value::from));
        set("externalId", self.external.map(Value::from));
        set("name", self.family.map(|family| json!({"familyName": family})));
        set("active", self.active.map(Value::from));
        let emails: Vec<Value> = self
            .emails
            .iter()
            .map(|(value, kind, is_primary)| {
                let mut email = json!({"value": value});
                if let Some(kind) = kind {
                    email["type"] = json!(kind);
                }
                if *is_primary {
                    email["primary"] = json!(true);
                }
                email
            })
            .collect();
        set("emails", (!emails.is_empty()).then_some(Value::Array(emails)));
        let department = self.department.map(|department| json!({"department": department}));
        set(scim::schema::ENTERPRISE_USER, department);
        document
    }
}

impl Population {
    /// Writes everybody, in a few batches at different times; gives the ids in order of creation.
    pub(in crate::laws) async fn settle(&self, world: &World) -> (Vec<ResourceId>, Vec<ResourceId>) {
        let users: Vec<ResourceId> = self.people.iter().map(|_| world.new_id()).collect();
        let groups: Vec<ResourceId> = self.groups.iter().map(|_| world.new_id()).collect();
        // Times with and without microseconds, in another order than the ids.
        for late in (0..MOMENTS).rev() {
            let people = self.people.iter().zip(&users).enumerate().skip(late).step_by(MOMENTS);
            let created = people
                .map(|(number, (person, id))| create(Kind::User, *id, content(Kind::User, person.document(number))));
            commit_at(world, late, created.collect()).await;
        }
        let created = self.groups.iter().enumerate().map(|(number, group)| {
            let present: Vec<ResourceId> = users.iter().chain(&groups[..number]).copied().collect();
            group.creation(number, groups[number], &present)
        });
        commit_at(world, 1, created.collect()).await;
        let people = self.people.iter().zip(&users).enumerate().filter(|(_, (person, _))| person.is_changed_later);
        let changed = people.map(|(number, (person, id))| {
            let mut document = person.document(number);
            document["displayName"] = json!("Anna");
            replace(Kind::User, *id, Version::FIRST, content(Kind::User, document))
        });
        commit_at(world, 2, changed.collect()).await;
        (users, groups)
    }
}

impl Group {
    fn creation(&self, number: usize, id: ResourceId, present: &[ResourceId]) -> Write {
        let mut members: Vec<MemberReference> = Vec::new();
        if !present.is_empty() {
            members.extend(self.members.iter().map(|index| MemberReference::Id(*index.get(present))));
        }
        if self.has_pending {
            members.push(MemberReference::parse("nobody"));
        }
        let mut document = json!({"displayName": format!("{}{number}", self.name)});
        if let Some(external) = self.external {
            document["externalId"] = json!(external);
        }
        Write::Create {
            id,
            resource_type: Kind::Group.name(),
            owner: None,
            content: content(Kind::Group, document),
            members: Some(hold(vec![], members)),
        }
    }
}

/// At a later moment, with that many microseconds.
async fn commit_at(world: &World, microseconds: usize, writes: Vec<Write>) {
    let at = world.now() + Duration::from_micros(microseconds as u64);
    world
        .directory
        .commit(Batch { writes, connection: None, request: None, at, guard: crate::Guard::default() })
        .await
        .unwrap();
}
