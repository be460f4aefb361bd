//! What differs between identity providers.

use serde_json::{Value, json};

use super::directory::{Circle, Member, Person};
use super::provider::Provider;
use super::speakers::{entra, entra_flag, generic, jumpcloud, okta, okta_v1, onelogin, ping};
use super::stage::{Flow, Stage};
use crate::encoding::resource_path;
use crate::version::ScimVersion;
use crate::wire::{Ask, Client};

/// How one identity provider speaks. Each method is a conversation; the stage notes what is not as expected.
pub(super) trait Speaker {
    fn version(&self) -> ScimVersion {
        ScimVersion::V2_0
    }

    /// Sets the headers that it sends with everything.
    fn introduce_itself(&self, client: &mut Client<'_>);

    /// What happens when an administrator saves the connection.
    fn test_connection(&self, stage: &mut Stage<'_>) -> Flow;

    /// Looks for the person, makes them, and gives the id.
    fn add_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow<Option<String>>;

    /// Brings a changed profile over.
    fn update_person(&self, stage: &mut Stage<'_>, before: &Person, after: &Person) -> Flow;

    /// Takes away or gives back the access of a person; `is_active` is already what it should become.
    fn switch_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow;

    /// Deletes the person; `false` if this identity provider never does.
    fn delete_person(&self, stage: &mut Stage<'_>, person: &Person) -> Flow<bool>;

    /// Looks for the group, makes it empty, and gives the id.
    fn add_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow<Option<String>>;

    fn rename_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow;

    fn change_members(&self, stage: &mut Stage<'_>, circle: &Circle, joining: &[Member], leaving: &[Member]) -> Flow;

    fn delete_circle(&self, stage: &mut Stage<'_>, circle: &Circle) -> Flow {
        stage.remove("delete group", &group_path(circle), &[204])
    }

    /// What happens to groups after a member was deleted.
    fn forget_member(&self, _stage: &mut Stage<'_>, _circle: &Circle, _dead_id: &str) -> Flow {
        Ok(())
    }

    /// What the server should show of the person.
    fn wanted(&self, person: &Person) -> Value {
        json!({
            "userName": person.user_name,
            "externalId": person.key,
            "active": person.is_active,
            "displayName": person.display_name(),
            "name": {"givenName": person.given_name, "familyName": person.family_name},
            "emails": [{"value": person.user_name, "type": "work"}],
            "title": person.title,
            self.version().enterprise_schema(): {"department": person.department},
        })
    }

    /// Most members that it sends in one request.
    fn batch(&self) -> usize {
        100
    }
}

pub(super) fn of(provider: Provider) -> Box<dyn Speaker> {
    match provider {
        Provider::Generic => Box::new(generic::Generic),
        Provider::Okta => Box::new(okta::Okta),
        Provider::Okta11 => Box::new(okta_v1::OktaV1),
        Provider::Entra => Box::new(entra::Entra),
        Provider::EntraFlag => Box::new(entra_flag::EntraFlag),
        Provider::OneLogin => Box::new(onelogin::OneLogin),
        Provider::JumpCloud => Box::new(jumpcloud::JumpCloud),
        Provider::Ping => Box::new(ping::Ping),
    }
}

/// A text in a filter: a JSON string.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// `GET /Users?filter=userName eq "…"`, as most identity providers look for a person.
pub(super) fn by_user_name(person: &Person) -> Ask {
    Ask::get("/Users").query("filter", &format!("userName eq {}", quoted(&person.user_name)))
}

/// `GET /Groups?filter=displayName eq "…"`.
pub(super) fn by_display_name(circle: &Circle) -> Ask {
    Ask::get("/Groups").query("filter", &format!("displayName eq {}", quoted(&circle.name)))
}

/// The envelope of RFC 7644 section 3.5.2.
pub(super) fn patch(path: String, operations: &Value) -> Ask {
    Ask::patch(path, &json!({"schemas": [scim::message::PATCH_OP], "Operations": operations}))
}

pub(super) fn user_path(person: &Person) -> String {
    resource_path("/Users", person.id())
}

pub(super) fn group_path(circle: &Circle) -> String {
    resource_path("/Groups", circle.id())
}

/// One operation that brings members, and one with a filter for each who leaves.
pub(super) fn member_operations(joining: &[Member], leaving: &[Member]) -> Value {
    let mut operations = Vec::new();
    if !joining.is_empty() {
        operations.push(json!({"op": "add", "path": "members", "value": values(joining)}));
    }
    for member in leaving {
        operations.push(json!({"op": "remove", "path": format!("members[value eq \"{}\"]", member.id)}));
    }
    Value::Array(operations)
}

/// `[{"value": id}, …]`.
pub(super) fn values(members: &[Member]) -> Vec<Value> {
    members.iter().map(|member| json!({"value": member.id})).collect()
}
