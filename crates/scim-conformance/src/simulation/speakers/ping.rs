//! `PingFederate` and `PingOne`: ask for user 0 first, filter by a configured expression, overwrite memberships.

use serde_json::{Value, json};

use super::super::directory::{Circle, Member, Person};
use super::super::speaker::{
    Speaker, by_display_name, by_user_name, group_path, member_operations, patch, quoted, user_path,
};
use super::super::stage::{Flow, Stage};
use crate::wire::{Ask, Client};

pub(in super::super) struct Ping;

/// Of the people, this part is looked for by their address, as another administrator would have set it up.
fn is_found_by_email(person: &Person) -> bool {
    person.employee_number.ends_with(['1', '4', '7'])
}

fn lookup(person: &Person) -> Ask {
    if is_found_by_email(person) {
        return Ask::get("/Users").query("filter", &format!("emails eq {}", quoted(&person.user_name)));
    }
    by_user_name(person)
}

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

impl Ping {
    fn probe(stage: &mut Stage<'_>) -> Flow {
        if let Some(answer) = stage.ask("probe", &Ask::get("/Users/0"), &[404])? {
            let wanted = json!({"schemas": [scim::message::ERROR], "status": "404"});
            stage.compare("probe", &wanted, &answer.body);
        }
        Ok(())
    }
}

impl Speaker for Ping {
    fn introduce_itself(&self, client: &mut Client<'_>) {
        client.always("Accept", "application/scim+json");
        client.always("User-Agent", "PingFederate SCIM Provisioner");
        client.speak("application/scim+json");
    }

    fn test_connection(&self, stage: &mut Stage<'_>) -> Flow {
        Self::probe(stage)?;
        stage.ask("list users", &Ask::get("/Users").query("count", "1"), &[200])?;
        Ok(())
    }

    fn add_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow<Option<String>> {
        stage.find_nobody("match user", &lookup(person))?;
        stage.make("create user", &Ask::post("/Users", &body(person)), &self.wanted(person))
    }

    fn update_person(&self, stage: &mut Stage<'_>, _before: &Person, after: &Person) -> Flow {
        stage.find_one("match user", &lookup(after), after.id())?;
        stage.change("replace user", &Ask::put(user_path(after), &body(after)), &[200], &self.wanted(after))
    }

    fn switch_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow {
        Self::probe(stage)?;
        let operations = json!([{"op": "replace", "path": "active", "value": person.is_active}]);
        stage.change("switch user", &patch(user_path(person), &operations), &[200, 204], &self.wanted(person))
    }

    fn delete_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow<bool> {
        stage.remove("delete user", &user_path(person), &[204])?;
        Ok(true)
    }

    fn add_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow<Option<String>> {
        stage.find_nobody("match group", &by_display_name(circle))?;
        let body = json!({"schemas": [scim::schema::GROUP], "displayName": circle.name});
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
