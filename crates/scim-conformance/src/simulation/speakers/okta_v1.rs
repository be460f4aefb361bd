//! Okta, SCIM 1.1: partial resources instead of operations, and errors of another form.

use serde_json::{Value, json};

use super::super::directory::{Circle, Member, Person};
use super::super::speaker::{Speaker, by_display_name, by_user_name, group_path, user_path};
use super::super::stage::{Flow, Stage};
use crate::version::ScimVersion;
use crate::wire::{Ask, Client};

pub(in super::super) struct OktaV1;

const CORE: &str = "urn:scim:schemas:core:1.0";
const ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";
const CUSTOM_GROUP: &str = "urn:okta:custom:group:1.0";

fn body(person: &Person) -> Value {
    json!({
        "schemas": [CORE, ENTERPRISE],
        "userName": person.user_name,
        "name": {"givenName": person.given_name, "familyName": person.family_name},
        "emails": [{"primary": true, "value": person.user_name, "type": "work"}],
        "displayName": person.display_name(),
        "title": person.title,
        "locale": "en_US",
        "externalId": person.key,
        "active": person.is_active,
        ENTERPRISE: {"department": person.department, "employeeNumber": person.employee_number},
    })
}

fn patch_group(stage: &mut Stage<'_>, what: &'static str, circle: &Circle, changes: Value) -> Flow {
    let mut body = changes;
    if let Some(members) = body.as_object_mut() {
        members.insert("schemas".to_owned(), json!([CORE]));
    }
    let ask = Ask::patch(group_path(circle), &body);
    stage.change(what, &ask, &[200, 204], &json!({"displayName": circle.name}))
}

impl Speaker for OktaV1 {
    fn version(&self) -> ScimVersion {
        ScimVersion::V1_1
    }

    fn introduce_itself(&self, client: &mut Client<'_>) {
        client.always("Accept", "application/json");
        client.always("Accept-Charset", "utf-8");
        client.always("User-Agent", "Okta SCIM Client 1.0.0");
        client.speak("application/json");
    }

    fn test_connection(&self, stage: &mut Stage<'_>) -> Flow {
        for (endpoint, count) in [("/Users", "2"), ("/Groups", "100")] {
            let ask = Ask::get(endpoint).query("startIndex", "1").query("count", count);
            if let Some(answer) = stage.ask("test connection", &ask, &[200])? {
                for name in ["totalResults", "startIndex", "itemsPerPage"] {
                    if answer.number_at(&format!("/{name}")).is_none() {
                        stage.complain("test connection", &format!("{name} is missing or no whole number"));
                    }
                }
            }
        }
        let ask = Ask::get("/Users/010101001010101011001010101011");
        if let Some(answer) = stage.ask("read nobody", &ask, &[404])? {
            let wanted = json!({"Errors": [{"description": "*", "code": "*"}], "detail": "*"});
            stage.compare("read nobody", &wanted, &answer.body);
        }
        stage.ask("garbled filter", &Ask::get("/Users").raw_query("filter=RAW@VALUE"), &[400])?;
        stage.ask("wrong token", &Ask::get("/Users").header("Authorization", "non-token"), &[401])?;
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
        let path = user_path(after);
        let Some(read) = stage.ask("read user", &Ask::get(path.clone()), &[200])? else { return Ok(()) };
        let mut whole = read.body.clone();
        if let (Some(whole), Some(own)) = (whole.as_object_mut(), body(after).as_object()) {
            whole.extend(own.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        stage.change("replace user", &Ask::put(path, &whole), &[200], &self.wanted(after))
    }

    fn switch_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow {
        if person.is_active {
            stage.find_one(
                "match user",
                &by_user_name(person).query("startIndex", "1").query("count", "100"),
                person.id(),
            )?;
        }
        let body = json!({"schemas": [CORE], "id": person.id(), "active": person.is_active});
        let ask = Ask::patch(user_path(person), &body);
        stage.change("switch user", &ask, &[200, 204], &self.wanted(person))
    }

    fn delete_person(&self, _stage: &mut Stage<'_>, _person: &Person) -> Flow<bool> {
        Ok(false)
    }

    fn add_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow<Option<String>> {
        stage.find_nobody("match group", &by_display_name(circle).query("startIndex", "1").query("count", "100"))?;
        let body = json!({
            "schemas": [CORE, CUSTOM_GROUP],
            "displayName": circle.name,
            CUSTOM_GROUP: {"description": "pushed by Okta"},
        });
        stage.make("create group", &Ask::post("/Groups", &body), &json!({"displayName": circle.name}))
    }

    fn rename_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow {
        patch_group(stage, "rename group", circle, json!({"id": circle.id(), "displayName": circle.name}))
    }

    fn change_members(&self, stage: &mut Stage<'_>, circle: &Circle, joining: &[Member], leaving: &[Member]) -> Flow {
        let joining = joining.iter().map(|member| json!({"value": member.id, "display": member.label}));
        let leaving =
            leaving.iter().map(|member| json!({"value": member.id, "display": member.label, "operation": "delete"}));
        let members: Vec<Value> = joining.chain(leaving).collect();
        patch_group(stage, "change members", circle, json!({"members": members}))
    }

    fn delete_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow {
        stage.remove("delete group", &group_path(circle), &[200, 204])
    }
}
