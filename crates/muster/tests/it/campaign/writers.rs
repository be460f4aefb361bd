//! One of the writers. It alternates between the nodes and between what it writes, and after a request without an answer it
//! looks what became of it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::model::{Shared, Written, members_of, value_at};
use crate::attempt::{Target, attempt};

/// Of the person; one for each writer.
const ATTRIBUTES: [&str; 16] = [
    "title",
    "nickName",
    "displayName",
    "userType",
    "externalId",
    "timezone",
    "name.familyName",
    "name.givenName",
    "name.middleName",
    "name.honorificPrefix",
    "name.honorificSuffix",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
];

/// How long what a killed node had begun may go on in the database.
const SETTLED: Duration = Duration::from_secs(2);
const LONGEST_OUTAGE: Duration = Duration::from_mins(2);

struct Writer<'a> {
    shared: &'a Shared,
    number: usize,
    /// Requests so far; decides through which node the next one goes.
    asked: usize,
    written: Written,
}

pub(super) fn write(shared: &Shared, number: usize, members: Vec<String>) -> Written {
    let members: BTreeMap<_, _> = members.into_iter().map(|id| (id, false)).collect();
    let attribute = ATTRIBUTES[number];
    let written = Written { attribute, value: None, members, person_changes: 0, group_changes: 0, unanswered: 0 };
    let mut writer = Writer { shared, number, asked: number, written };
    let mut turn = 0;
    while Instant::now() < shared.until {
        turn += 1;
        match turn % 4 {
            0 => writer.change_person(turn, true),
            2 => writer.change_person(turn, false),
            _ => writer.change_group(turn),
        }
    }
    writer.written
}

fn patch(operation: &Value) -> String {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] }).to_string()
}

impl Writer<'_> {
    fn next_target(&mut self) -> Target {
        self.asked += 1;
        self.shared.target(self.asked)
    }

    fn change_person(&mut self, turn: usize, with_condition: bool) {
        let value = format!("{}-{turn}", self.number);
        let body = patch(&json!({ "op": "replace", "path": self.written.attribute, "value": value }));
        let path = self.shared.person_path();
        let condition = with_condition.then(|| {
            let person = self.look(&path);
            person["meta"]["version"].as_str().unwrap().to_owned()
        });
        let target = self.next_target();
        match attempt(&target, "PATCH", &path, condition.as_deref(), &body) {
            Some(answer) if matches!(answer.status, 200 | 204) => self.person_changed(value),
            Some(answer) => {
                assert!(with_condition && answer.status == 412, "{}: {}", answer.status, answer.body);
            }
            None => {
                self.settle();
                let person = self.look(&path);
                let found = value_at(&person, self.written.attribute);
                if found == Some(value.as_str()) {
                    self.person_changed(value);
                } else {
                    assert_eq!(found, self.written.value.as_deref(), "an acknowledged value was lost");
                }
            }
        }
    }

    fn change_group(&mut self, turn: usize) {
        let place = turn / 2 % self.written.members.len();
        let (member, was_in) = self.written.members.iter().nth(place).map(|(id, is_in)| (id.clone(), *is_in)).unwrap();
        let operation = if was_in {
            json!({ "op": "remove", "path": format!("members[value eq \"{member}\"]") })
        } else {
            json!({ "op": "add", "path": "members", "value": [{ "value": member }] })
        };
        let (target, path) = (self.next_target(), self.shared.group_path());
        if let Some(answer) = attempt(&target, "PATCH", &path, None, &patch(&operation)) {
            assert!(matches!(answer.status, 200 | 204), "{}: {}", answer.status, answer.body);
            self.group_changed(member, !was_in);
            return;
        }
        self.settle();
        let is_in = members_of(&self.look(&path)).contains(&member);
        if is_in != was_in {
            self.group_changed(member, is_in);
        }
    }

    fn person_changed(&mut self, value: String) {
        self.written.value = Some(value);
        self.written.person_changes += 1;
    }

    fn group_changed(&mut self, member: String, is_in: bool) {
        self.written.members.insert(member, is_in);
        self.written.group_changes += 1;
    }

    fn settle(&mut self) {
        self.written.unanswered += 1;
        std::thread::sleep(SETTLED);
    }

    /// Asks whichever node answers.
    fn look(&mut self, path: &str) -> Value {
        let begun = Instant::now();
        loop {
            let target = self.next_target();
            if let Some(answer) = attempt(&target, "GET", path, None, "") {
                assert_eq!(answer.status, 200, "{}", answer.body);
                return answer.json();
            }
            assert!(begun.elapsed() < LONGEST_OUTAGE, "no node answers");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
