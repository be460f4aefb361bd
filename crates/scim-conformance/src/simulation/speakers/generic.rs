//! A client that follows the standard: reads what the server announces, uses versions, paths and `.search`.

use serde_json::{Value, json};

use super::super::directory::{Circle, Member, Person};
use super::super::speaker::{Speaker, group_path, patch, quoted, user_path, values};
use super::super::stage::{Flow, Stage};
use crate::wire::{Ask, Client};

pub(in super::super) struct Generic;

fn body(person: &Person) -> Value {
    json!({
        "schemas": [scim::schema::USER, scim::schema::ENTERPRISE_USER],
        "externalId": person.key,
        "userName": person.user_name,
        "active": person.is_active,
        "displayName": person.display_name(),
        "title": person.title,
        "name": {"givenName": person.given_name, "familyName": person.family_name},
        "emails": [{"value": person.user_name, "type": "work", "primary": true}],
        scim::schema::ENTERPRISE_USER: {"department": person.department},
    })
}

/// Filters hold personal values, which belong into a body (RFC 7644 section 7.5.2).
fn search(endpoint: &str, filter: &str) -> Ask {
    let body = json!({"schemas": [scim::message::SEARCH_REQUEST], "filter": filter, "attributes": ["id"], "count": 2});
    Ask::post(format!("{endpoint}/.search"), &body)
}

fn lookup(person: &Person) -> Ask {
    search("/Users", &format!("userName eq {}", quoted(&person.user_name)))
}

impl Speaker for Generic {
    fn introduce_itself(&self, client: &mut Client<'_>) {
        client.always("Accept", "application/scim+json");
        client.always("User-Agent", "scim-conformance");
        client.speak("application/scim+json");
    }

    fn test_connection(&self, stage: &mut Stage<'_>) -> Flow {
        for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
            stage.ask("discovery", &Ask::get(path), &[200])?;
        }
        Ok(())
    }

    fn add_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow<Option<String>> {
        stage.find_nobody("match user", &lookup(person))?;
        let made = stage.make("create user", &Ask::post("/Users", &body(person)), &self.wanted(person))?;
        if made.is_some() {
            // A client that timed out sends the same again.
            stage.ask("create twice", &Ask::post("/Users", &body(person)), &[409])?;
        }
        Ok(made)
    }

    fn update_person(&self, stage: &mut Stage<'_>, before: &Person, after: &Person) -> Flow {
        let path = user_path(after);
        let Some(read) = stage.ask("read user", &Ask::get(path.clone()), &[200])? else { return Ok(()) };
        stage.compare("read user", &self.wanted(before), &read.body);
        let mut ask = Ask::put(path, &body(after));
        if let Some(version) = read.header("etag") {
            ask = ask.header("If-Match", version);
        }
        stage.change("replace user", &ask, &[200], &self.wanted(after))?;
        if read.header("etag").is_some() {
            // The same again is based on an old version now.
            stage.ask("write on old version", &ask, &[412])?;
        }
        Ok(())
    }

    fn switch_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow {
        let operations = json!([{"op": "replace", "path": "active", "value": person.is_active}]);
        stage.change("switch user", &patch(user_path(person), &operations), &[200, 204], &self.wanted(person))?;
        stage.find_one("match user", &lookup(person), person.id())
    }

    fn delete_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow<bool> {
        stage.remove("delete user", &user_path(person), &[204])?;
        stage.find_nobody("match deleted user", &lookup(person))?;
        Ok(true)
    }

    fn add_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow<Option<String>> {
        stage.find_nobody("match group", &search("/Groups", &format!("externalId eq {}", quoted(&circle.key))))?;
        let body = json!({"schemas": [scim::schema::GROUP], "externalId": circle.key, "displayName": circle.name});
        let wanted = json!({"displayName": circle.name, "externalId": circle.key});
        stage.make("create group", &Ask::post("/Groups", &body), &wanted)
    }

    fn rename_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow {
        let operations = json!([{"op": "replace", "path": "displayName", "value": circle.name}]);
        let wanted = json!({"displayName": circle.name});
        stage.change("rename group", &patch(group_path(circle), &operations), &[200, 204], &wanted)
    }

    fn change_members(&self, stage: &mut Stage<'_>, circle: &Circle, joining: &[Member], leaving: &[Member]) -> Flow {
        let mut operations = Vec::new();
        for member in leaving {
            operations.push(json!({"op": "remove", "path": format!("members[value eq \"{}\"]", member.id)}));
        }
        if !joining.is_empty() {
            operations.push(json!({"op": "add", "path": "members", "value": values(joining)}));
        }
        stage.ask("change members", &patch(group_path(circle), &Value::Array(operations)), &[200, 204])?;
        Ok(())
    }
}
