//! Microsoft Entra ID with `aadOptscim062020`: small letters, real booleans, one value with dotted and URN keys, and
//! filters for members who leave.

use serde_json::{Map, Value, json};

use super::super::directory::{Circle, Member, Person};
use super::super::speaker::{Speaker, by_user_name, group_path, member_operations, patch, user_path};
use super::super::stage::{Flow, Stage};
use super::entra;
use crate::wire::Client;

pub(in super::super) struct EntraFlag;

impl Speaker for EntraFlag {
    fn introduce_itself(&self, client: &mut Client<'_>) {
        entra::introduce(client);
    }

    fn test_connection(&self, stage: &mut Stage<'_>) -> Flow {
        entra::test_connection(stage)
    }

    fn add_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow<Option<String>> {
        entra::add_person(stage, person, &self.wanted(person))
    }

    fn update_person(&self, stage: &mut Stage<'_>, before: &Person, after: &Person) -> Flow {
        stage.find_one("match user", &by_user_name(after), after.id())?;
        let mut value = Map::new();
        if before.family_name != after.family_name {
            value.insert("displayName".to_owned(), json!(after.display_name()));
            value.insert("name.familyName".to_owned(), json!(after.family_name));
            value.insert("name.formatted".to_owned(), json!(after.display_name()));
        }
        if before.department != after.department {
            value.insert(format!("{}:department", scim::schema::ENTERPRISE_USER), json!(after.department));
        }
        if let Some(title) = after.title.as_ref().filter(|_| before.title != after.title) {
            value.insert("title".to_owned(), json!(title));
        }
        let mut operations = Vec::new();
        if before.title.is_some() && after.title.is_none() {
            operations.push(json!({"op": "remove", "path": "title"}));
        }
        if !value.is_empty() {
            operations.push(json!({"op": "replace", "value": value}));
        }
        let ask = patch(user_path(after), &Value::Array(operations));
        stage.change("update user", &ask, &[200, 204], &self.wanted(after))
    }

    fn switch_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow {
        stage.find_one("match user", &by_user_name(person), person.id())?;
        let operations = json!([{"op": "replace", "value": {"active": person.is_active}}]);
        stage.change("switch user", &patch(user_path(person), &operations), &[200, 204], &self.wanted(person))
    }

    fn delete_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow<bool> {
        entra::delete_person(stage, person)
    }

    fn add_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow<Option<String>> {
        entra::add_circle(stage, circle)
    }

    fn rename_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow {
        entra::read_circle(stage, circle)?;
        let operations = json!([{"op": "replace", "value": {"displayName": circle.name}}]);
        let wanted = json!({"displayName": circle.name});
        stage.change("rename group", &patch(group_path(circle), &operations), &[200, 204], &wanted)
    }

    fn change_members(&self, stage: &mut Stage<'_>, circle: &Circle, joining: &[Member], leaving: &[Member]) -> Flow {
        let operations = member_operations(joining, leaving);
        stage.ask("change members", &patch(group_path(circle), &operations), &[200, 204])?;
        match joining.first() {
            Some(member) if entra::may_check(circle) => entra::check_reference(stage, circle, member),
            _ => Ok(()),
        }
    }

    fn forget_member(&self, stage: &mut Stage<'_>, circle: &Circle, dead_id: &str) -> Flow {
        let operations = json!([{"op": "remove", "path": format!("members[value eq \"{dead_id}\"]")}]);
        stage.ask("remove dead member", &patch(group_path(circle), &operations), &[200, 204])?;
        Ok(())
    }
}
