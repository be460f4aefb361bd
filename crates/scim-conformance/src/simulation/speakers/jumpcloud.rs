//! `JumpCloud`: makes and removes a test user and a test group, replaces whole users, clears with null, and names the
//! members who leave in a list.

use serde_json::{Value, json};

use super::super::directory::{Circle, Member, Person};
use super::super::speaker::{Speaker, by_user_name, group_path, patch, user_path, values};
use super::super::stage::{Flow, Stage};
use crate::encoding::resource_path;
use crate::wire::{Ask, Client};

pub(in super::super) struct JumpCloud;

fn body(person: &Person) -> Value {
    json!({
        "schemas": [scim::schema::USER, scim::schema::ENTERPRISE_USER],
        "externalId": person.key,
        "userName": person.user_name,
        "displayName": person.display_name(),
        "title": person.title.clone().unwrap_or_default(),
        "name": {"givenName": person.given_name, "familyName": person.family_name},
        "emails": [{"primary": true, "type": "work", "value": person.user_name}],
        "phoneNumbers": [{"primary": true, "type": "work", "value": "tel:+1-555-555-5555"}],
        "addresses": [],
        "locale": "en-US",
        "preferredLanguage": "en-US",
        "active": person.is_active,
        scim::schema::ENTERPRISE_USER: {
            "department": person.department,
            "employeeNumber": person.employee_number,
            "costCenter": "",
            "division": "",
            "organization": "",
        },
    })
}

impl Speaker for JumpCloud {
    fn introduce_itself(&self, client: &mut Client<'_>) {
        client.always("Accept", "application/json");
        client.always("User-Agent", "JumpCloud SCIM Client");
        client.speak("application/json");
    }

    fn test_connection(&self, stage: &mut Stage<'_>) -> Flow {
        stage.ask("list users", &Ask::get("/Users"), &[200])?;
        let user = json!({
            "schemas": [scim::schema::USER],
            "userName": "jumpcloud.test.user@example.com",
            "name": {"givenName": "Test", "familyName": "User"},
            "emails": [{"primary": true, "type": "work", "value": "jumpcloud.test.user@example.com"}],
            "active": true,
        });
        if let Some(id) = stage.make("test user", &Ask::post("/Users", &user), &json!({"active": true}))? {
            stage.remove("test user", &resource_path("/Users", &id), &[200, 204])?;
        }
        let group = json!({"schemas": [scim::schema::GROUP], "displayName": "JumpCloud Test Group", "members": []});
        if let Some(id) = stage.make("test group", &Ask::post("/Groups", &group), &json!({}))? {
            stage.remove("test group", &resource_path("/Groups", &id), &[200, 204])?;
        }
        Ok(())
    }

    fn add_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow<Option<String>> {
        stage.find_nobody("match user", &by_user_name(person))?;
        stage.make("create user", &Ask::post("/Users", &body(person)), &self.wanted(person))
    }

    fn update_person(&self, stage: &mut Stage<'_>, _before: &Person, after: &Person) -> Flow {
        let mut whole = body(after);
        if let Some(members) = whole.as_object_mut() {
            members.insert("id".to_owned(), json!(after.id));
        }
        stage.change("replace user", &Ask::put(user_path(after), &whole), &[200], &self.wanted(after))
    }

    fn switch_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow {
        if person.is_active {
            return self.update_person(stage, person, person);
        }
        let body = json!({
            "schemas": [scim::schema::USER],
            "id": person.id,
            "userName": person.user_name,
            "name": {"givenName": person.given_name, "familyName": person.family_name},
            "active": false,
            "emails": null,
        });
        stage.change("switch user", &Ask::put(user_path(person), &body), &[200], &self.wanted(person))
    }

    fn delete_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow<bool> {
        stage.remove("delete user", &user_path(person), &[200, 204])?;
        Ok(true)
    }

    fn add_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow<Option<String>> {
        let body = json!({"schemas": [scim::schema::GROUP], "displayName": circle.name, "members": []});
        stage.make("create group", &Ask::post("/Groups", &body), &json!({"displayName": circle.name}))
    }

    fn rename_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow {
        let operations = json!([{"op": "replace", "path": "displayName", "value": circle.name}]);
        let wanted = json!({"displayName": circle.name});
        stage.change("rename group", &patch(group_path(circle), &operations), &[200, 204], &wanted)
    }

    fn change_members(&self, stage: &mut Stage<'_>, circle: &Circle, joining: &[Member], leaving: &[Member]) -> Flow {
        for (op, members) in [("add", joining), ("remove", leaving)] {
            if !members.is_empty() {
                let operations = json!([{"op": op, "path": "members", "value": values(members)}]);
                stage.ask("change members", &patch(group_path(circle), &operations), &[200, 204])?;
            }
        }
        Ok(())
    }

    fn wanted(&self, person: &Person) -> Value {
        if person.is_active {
            // An empty text may be kept or dropped.
            let mut wanted = json!({
                "userName": person.user_name,
                "externalId": person.key,
                "active": true,
                "displayName": person.display_name(),
                "name": {"givenName": person.given_name, "familyName": person.family_name},
                "emails": [{"value": person.user_name, "type": "work"}],
                "phoneNumbers": [{"value": "tel:+1-555-555-5555"}],
                scim::schema::ENTERPRISE_USER: {"department": person.department},
            });
            if let (Some(title), Some(members)) = (&person.title, wanted.as_object_mut()) {
                members.insert("title".to_owned(), json!(title));
            }
            return wanted;
        }
        // The short PUT cleared everything else.
        json!({
            "userName": person.user_name,
            "active": false,
            "name": {"givenName": person.given_name, "familyName": person.family_name},
            "emails": null,
            "title": null,
            "displayName": null,
        })
    }
}
