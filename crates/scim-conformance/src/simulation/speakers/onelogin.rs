//! `OneLogin`: bodies from a template, with a 1.0 schema sent to a 2.0 address, texts for booleans and an id of null.

use serde_json::{Value, json};

use super::super::directory::{Circle, Member, Person};
use super::super::speaker::{Speaker, by_user_name, group_path, member_operations, patch, user_path};
use super::super::stage::{Flow, Stage};
use crate::encoding::resource_path;
use crate::wire::{Ask, Client};

pub(in super::super) struct OneLogin;

fn body(person: &Person) -> Value {
    json!({
        "schemas": ["urn:scim:schemas:core:1.0", scim::schema::ENTERPRISE_USER],
        "id": person.id,
        "externalId": person.key,
        "userName": person.user_name,
        "active": person.is_active.to_string(),
        "displayName": person.display_name(),
        "title": person.title,
        "name": {"givenName": person.given_name, "familyName": person.family_name},
        "emails": [{"value": person.user_name, "type": "work", "primary": true}],
        "prefferedLanguage": "en",
        scim::schema::ENTERPRISE_USER: {"department": person.department},
    })
}

impl OneLogin {
    fn put(&self, stage: &mut Stage<'_>, what: &'static str, person: &Person) -> Flow {
        stage.ask("read user", &Ask::get(user_path(person)), &[200])?;
        stage.change(what, &Ask::put(user_path(person), &body(person)), &[200], &self.wanted(person))
    }
}

impl Speaker for OneLogin {
    fn introduce_itself(&self, client: &mut Client<'_>) {
        client.always("Accept", "application/json");
        client.always("User-Agent", "OneLogin SCIM Client");
        client.speak("application/json");
    }

    fn test_connection(&self, stage: &mut Stage<'_>) -> Flow {
        let ask = Ask::get("/Users").query("filter", "userName eq \"nobody@onelogin.example\"");
        // A miss may be an empty list or a 404.
        stage.ask("test connection", &ask, &[200, 404])?;
        stage.ask("list groups", &Ask::get("/Groups"), &[200])?;
        Ok(())
    }

    fn add_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow<Option<String>> {
        stage.find_nobody("match user", &by_user_name(person))?;
        let made = stage.make("create user", &Ask::post("/Users", &body(person)), &self.wanted(person))?;
        if let Some(id) = &made {
            stage.ask("read user", &Ask::get(resource_path("/Users", id)), &[200])?;
        }
        Ok(made)
    }

    fn update_person(&self, stage: &mut Stage<'_>, _before: &Person, after: &Person) -> Flow {
        self.put(stage, "replace user", after)
    }

    fn switch_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow {
        self.put(stage, "switch user", person)
    }

    fn delete_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow<bool> {
        stage.remove("delete user", &user_path(person), &[200, 204])?;
        Ok(true)
    }

    fn add_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow<Option<String>> {
        let body = json!({"schemas": ["urn:scim:schemas:core:1.0"], "displayName": circle.name});
        stage.make("create group", &Ask::post("/Groups", &body), &json!({"displayName": circle.name}))
    }

    fn rename_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow {
        let operations = json!([{"op": "replace", "value": {"displayName": circle.name}}]);
        let wanted = json!({"displayName": circle.name});
        stage.change("rename group", &patch(group_path(circle), &operations), &[200, 204], &wanted)
    }

    fn change_members(&self, stage: &mut Stage<'_>, circle: &Circle, joining: &[Member], leaving: &[Member]) -> Flow {
        let operations = member_operations(joining, leaving);
        stage.ask("change members", &patch(group_path(circle), &operations), &[200, 204])?;
        Ok(())
    }
}
