//! Okta, SCIM 2.0. It reads before it writes, replaces whole users, and never deletes one.

use serde_json::{Value, json};

use super::super::directory::{Circle, Member, Person};
use super::super::speaker::{Speaker, by_display_name, by_user_name, group_path, patch, user_path};
use super::super::stage::{Flow, Stage};
use crate::wire::{Ask, Client};

pub(in super::super) struct Okta;

/// Every so many-th person's password is synchronised.
const PASSWORD_SYNC: usize = 50;

fn body(person: &Person) -> Value {
    json!({
        "schemas": [scim::schema::USER, scim::schema::ENTERPRISE_USER],
        "userName": person.user_name,
        "name": {"givenName": person.given_name, "familyName": person.family_name},
        "emails": [{"primary": true, "value": person.user_name, "type": "work"}],
        "displayName": person.display_name(),
        "title": person.title,
        "locale": "en-US",
        "externalId": person.key,
        "groups": [],
        "active": person.is_active,
        scim::schema::ENTERPRISE_USER: {"department": person.department, "employeeNumber": person.employee_number},
    })
}

/// Some applications are catalog apps that use PATCH, some custom apps that use PUT; both kinds are played.
fn is_catalog_app(person: &Person) -> bool {
    person.employee_number.ends_with(['0', '2', '4', '6', '8'])
}

/// What was read, with the members of the second put over it: Okta sends back id, meta and groups too.
fn overlaid(read: &Value, person: &Person) -> Value {
    let mut whole = read.clone();
    if let (Some(whole), Some(own)) = (whole.as_object_mut(), body(person).as_object()) {
        for (name, value) in own.iter().filter(|(name, _)| *name != "groups") {
            whole.insert(name.clone(), value.clone());
        }
    }
    whole
}

impl Okta {
    fn put_whole(&self, stage: &mut Stage<'_>, person: &Person) -> Flow {
        let path = user_path(person);
        let Some(read) = stage.ask("read user", &Ask::get(path.clone()), &[200])? else { return Ok(()) };
        let ask = Ask::put(path, &overlaid(&read.body, person));
        stage.change("replace user", &ask, &[200], &self.wanted(person))
    }
}

impl Speaker for Okta {
    fn introduce_itself(&self, client: &mut Client<'_>) {
        client.always("Accept", "application/scim+json");
        client.always("Accept-Charset", "utf-8");
        client.always("User-Agent", "Okta SCIM Client 1.0.0");
        client.speak("application/scim+json; charset=utf-8");
    }

    fn test_connection(&self, stage: &mut Stage<'_>) -> Flow {
        for (endpoint, count) in [("/Users", "2"), ("/Groups", "100")] {
            let ask = Ask::get(endpoint).query("startIndex", "1").query("count", count);
            let Some(answer) = stage.ask("test connection", &ask, &[200])? else { continue };
            for name in ["totalResults", "startIndex", "itemsPerPage"] {
                if answer.number_at(&format!("/{name}")).is_none() {
                    stage.complain("test connection", &format!("{name} is missing or no whole number"));
                }
            }
        }
        // Its acceptance test asks for somebody who is not there, and without a token.
        let ask = Ask::get("/Users/010101001010101011001010101011");
        if let Some(answer) = stage.ask("read nobody", &ask, &[404])? {
            let wanted = json!({"schemas": [scim::message::ERROR], "status": "404", "detail": "*"});
            stage.compare("read nobody", &wanted, &answer.body);
        }
        let ask = Ask::get("/Users").header("Authorization", "non-token");
        if let Some(answer) = stage.ask("wrong token", &ask, &[401])? {
            let wanted = json!({"schemas": [scim::message::ERROR], "status": "401", "detail": "*"});
            stage.compare("wrong token", &wanted, &answer.body);
        }
        Ok(())
    }

    fn add_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow<Option<String>> {
        let ask = by_user_name(person).query("startIndex", "1").query("count", "100");
        stage.find_nobody("match user", &ask)?;
        let mut new = body(person);
        if let Some(members) = new.as_object_mut() {
            members.insert("password".to_owned(), json!(format!("1mz050nq-{}", person.key)));
        }
        stage.make("create user", &Ask::post("/Users", &new), &self.wanted(person))
    }

    fn update_person(&self, stage: &mut Stage<'_>, _before: &Person, after: &Person) -> Flow {
        self.put_whole(stage, after)?;
        if after.employee_number.parse::<usize>().is_ok_and(|number| number % PASSWORD_SYNC == 0) {
            let operations = json!([{"op": "replace", "value": {"password": format!("n3w-{}", after.key)}}]);
            stage.change("sync password", &patch(user_path(after), &operations), &[200, 204], &self.wanted(after))?;
        }
        Ok(())
    }

    fn switch_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow {
        if person.is_active {
            // Assigning again begins with the search.
            stage.find_one(
                "match user",
                &by_user_name(person).query("startIndex", "1").query("count", "100"),
                person.id(),
            )?;
        }
        if !is_catalog_app(person) {
            return self.put_whole(stage, person);
        }
        let operations = json!([{"op": "replace", "value": {"active": person.is_active}}]);
        stage.change("switch user", &patch(user_path(person), &operations), &[200, 204], &self.wanted(person))
    }

    fn delete_person(&self, _stage: &mut Stage<'_>, _person: &Person) -> Flow<bool> {
        Ok(false)
    }

    fn add_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow<Option<String>> {
        stage.find_nobody("match group", &by_display_name(circle).query("startIndex", "1").query("count", "100"))?;
        let body = json!({"schemas": [scim::schema::GROUP], "displayName": circle.name, "members": []});
        let made = stage.make("create group", &Ask::post("/Groups", &body), &json!({"displayName": circle.name}))?;
        if made.is_some() {
            self.rename_circle(stage, &Circle { id: made.clone(), ..circle.clone() })?;
        }
        Ok(made)
    }

    fn rename_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow {
        let operations = json!([{"op": "replace", "value": {"id": circle.id(), "displayName": circle.name}}]);
        let wanted = json!({"displayName": circle.name});
        stage.change("rename group", &patch(group_path(circle), &operations), &[200, 204], &wanted)
    }

    fn change_members(&self, stage: &mut Stage<'_>, circle: &Circle, joining: &[Member], leaving: &[Member]) -> Flow {
        let mut operations: Vec<Value> = leaving
            .iter()
            .map(|member| json!({"op": "remove", "path": format!("members[value eq \"{}\"]", member.id)}))
            .collect();
        if !joining.is_empty() {
            let listed = joining.iter().map(|member| json!({"value": member.id, "display": member.label}));
            operations.push(json!({"op": "add", "path": "members", "value": listed.collect::<Vec<_>>()}));
        }
        let ask = patch(group_path(circle), &Value::Array(operations));
        stage.change("change members", &ask, &[200, 204], &json!({"displayName": circle.name}))
    }
}
