//! Microsoft Entra ID as it is by default: one operation for each attribute, capital letters, texts for booleans, and
//! lists of members where others send filters.

use serde_json::{Value, json};

use super::super::directory::{Circle, Member, Person};
use super::super::speaker::{Speaker, by_display_name, by_user_name, group_path, patch, quoted, user_path};
use super::super::stage::{Flow, Stage};
use crate::encoding::form_encoded;
use crate::wire::{Ask, Client};

pub(in super::super) struct Entra;

const ADSCIM_GROUP: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
/// Of the groups that got members, this part is asked about afterwards.
const REFERENCE_CHECK: usize = 7;

pub(super) fn introduce(client: &mut Client<'_>) {
    client.always("Accept", "application/scim+json");
    client.always("User-Agent", "Microsoft-Azure-AD-Provisioning/1.0");
    client.speak("application/scim+json; charset=utf-8");
}

/// Somebody who does not exist is looked for: 200 with an empty list is the only right answer.
pub(super) fn test_connection(stage: &mut Stage<'_>) -> Flow {
    const NOBODY: &str = "2b9c11ab-5b1c-4f9f-9f36-7d0b2f0f2c11";
    // The validator writes spaces as +.
    let query = format!("filter={}", form_encoded(&format!("userName eq {}", quoted(NOBODY))));
    stage.find_nobody("test connection", &Ask::get("/Users").raw_query(query))?;
    stage.find_nobody(
        "test connection",
        &Ask::get("/Users").query("filter", &format!("externalId eq {}", quoted(NOBODY))),
    )?;
    stage.ask("wrong token", &Ask::get("/Users").header("Authorization", "Bearer wrong"), &[401])?;
    Ok(())
}

pub(super) fn new_user(person: &Person) -> Value {
    json!({
        "schemas": [scim::schema::USER, scim::schema::ENTERPRISE_USER],
        "externalId": person.key,
        "userName": person.user_name,
        "active": person.is_active,
        "addresses": null,
        "displayName": person.display_name(),
        "emails": [{"primary": true, "type": "work", "value": person.user_name}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": person.display_name(), "familyName": person.family_name, "givenName": person.given_name},
        "roles": [],
        "title": person.title,
        scim::schema::ENTERPRISE_USER: {"department": person.department, "employeeNumber": person.employee_number},
    })
}

pub(super) fn add_person(stage: &mut Stage<'_>, person: &Person, wanted: &Value) -> Flow<Option<String>> {
    stage.find_nobody("match user", &by_user_name(person))?;
    stage.make("create user", &Ask::post("/Users", &new_user(person)), wanted)
}

pub(super) fn delete_person(stage: &mut Stage<'_>, person: &Person) -> Flow<bool> {
    stage.remove("delete user", &user_path(person), &[204])?;
    stage.find_nobody("match deleted user", &by_user_name(person))?;
    Ok(true)
}

pub(super) fn add_circle(stage: &mut Stage<'_>, circle: &Circle) -> Flow<Option<String>> {
    stage.find_nobody("match group", &by_display_name(circle).query("excludedAttributes", "members"))?;
    let body = json!({
        "schemas": [scim::schema::GROUP, ADSCIM_GROUP],
        "externalId": circle.key,
        "displayName": circle.name,
        "meta": {"resourceType": "Group"},
    });
    let wanted = json!({"displayName": circle.name, "externalId": circle.key});
    stage.make("create group", &Ask::post("/Groups", &body), &wanted)
}

/// Groups and users who are known are read again before they are changed, without their members.
pub(super) fn read_circle(stage: &mut Stage<'_>, circle: &Circle) -> Flow {
    let ask = Ask::get(group_path(circle)).query("excludedAttributes", "members");
    if let Some(answer) = stage.ask("read group", &ask, &[200])?
        && !answer.at("/members").is_null()
    {
        stage.complain("read group", "members came although they were excluded");
    }
    Ok(())
}

/// Asks whether somebody is in the group, as Entra does where it is not sure.
pub(super) fn check_reference(stage: &mut Stage<'_>, circle: &Circle, member: &Member) -> Flow {
    let filter = format!("id eq {} and members eq {}", quoted(circle.id()), quoted(&member.id));
    let ask = Ask::get("/Groups").query("filter", &filter).query("attributes", "id");
    stage.find_one("check reference", &ask, circle.id())
}

pub(super) fn may_check(circle: &Circle) -> bool {
    circle.key.bytes().map(usize::from).sum::<usize>() % REFERENCE_CHECK == 0
}

/// An operation of the classic kind.
fn operation(kind: &str, path: &str, value: &Value) -> Value {
    json!({"op": kind, "path": path, "value": value})
}

fn listed(members: &[Member]) -> Value {
    members.iter().map(|member| json!({"$ref": null, "value": member.id})).collect()
}

impl Speaker for Entra {
    fn introduce_itself(&self, client: &mut Client<'_>) {
        introduce(client);
    }

    fn test_connection(&self, stage: &mut Stage<'_>) -> Flow {
        test_connection(stage)
    }

    fn add_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow<Option<String>> {
        add_person(stage, person, &self.wanted(person))
    }

    fn update_person(&self, stage: &mut Stage<'_>, before: &Person, after: &Person) -> Flow {
        stage.find_one("match user", &by_user_name(after), after.id())?;
        let mut operations = Vec::new();
        if before.family_name != after.family_name {
            operations.push(operation("Replace", "name.familyName", &json!(after.family_name)));
            operations.push(operation("Replace", "name.formatted", &json!(after.display_name())));
            operations.push(operation("Replace", "displayName", &json!(after.display_name())));
        }
        match (&before.title, &after.title) {
            (Some(_), None) => operations.push(json!({"op": "Remove", "path": "title"})),
            (None, Some(title)) => operations.push(operation("Add", "title", &json!(title))),
            (Some(old), Some(new)) if old != new => operations.push(operation("Replace", "title", &json!(new))),
            _ => {}
        }
        if before.department != after.department {
            let path = format!("{}:department", scim::schema::ENTERPRISE_USER);
            operations.push(operation("Replace", &path, &json!(after.department)));
        }
        // Sent along although it did not change, through a filter.
        operations.push(operation("Replace", "emails[type eq \"work\"].value", &json!(after.user_name)));
        let ask = patch(user_path(after), &Value::Array(operations));
        stage.change("update user", &ask, &[200, 204], &self.wanted(after))
    }

    fn switch_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow {
        stage.find_one("match user", &by_user_name(person), person.id())?;
        let value = if person.is_active { "True" } else { "False" };
        let ask = patch(user_path(person), &json!([operation("Replace", "active", &json!(value))]));
        stage.change("switch user", &ask, &[200, 204], &self.wanted(person))
    }

    fn delete_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow<bool> {
        delete_person(stage, person)
    }

    fn add_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow<Option<String>> {
        add_circle(stage, circle)
    }

    fn rename_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow {
        read_circle(stage, circle)?;
        let ask = patch(group_path(circle), &json!([operation("Replace", "displayName", &json!(circle.name))]));
        stage.change("rename group", &ask, &[200, 204], &json!({"displayName": circle.name}))
    }

    fn change_members(&self, stage: &mut Stage<'_>, circle: &Circle, joining: &[Member], leaving: &[Member]) -> Flow {
        for (kind, members) in [("Add", joining), ("Remove", leaving)] {
            if !members.is_empty() {
                let ask = patch(group_path(circle), &json!([operation(kind, "members", &listed(members))]));
                stage.ask("change members", &ask, &[200, 204])?;
            }
        }
        match joining.first() {
            Some(member) if may_check(circle) => check_reference(stage, circle, member),
            _ => Ok(()),
        }
    }

    fn forget_member(&self, stage: &mut Stage<'_>, circle: &Circle, dead_id: &str) -> Flow {
        let dead = json!([{"$ref": null, "value": dead_id}]);
        let ask = patch(group_path(circle), &json!([operation("Remove", "members", &dead)]));
        stage.ask("remove dead member", &ask, &[200, 204])?;
        Ok(())
    }
}
