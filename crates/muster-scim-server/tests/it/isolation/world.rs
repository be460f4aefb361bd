//! Directories of others around the one who asks, and what he is answered without what must differ.

use std::fmt::Write as _;

use http::Method;
use muster_model::{ConnectionId, Provider, ResourceId, Sequence, TenantId};
use muster_store::{Include, ResourceQuery, Scope};
use muster_testkit::{TestClient, TestHub};
use scim::schema::{group_resource_schema, user_resource_schema};
use serde_json::{Value, json};

use super::routes::{Probe, Wire};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

pub(super) struct World {
    pub(super) hub: TestHub,
    pub(super) asker: TestClient,
    foreign: Vec<Foreign>,
    tenants: Vec<TenantId>,
    own: std::sync::Mutex<Option<Own>>,
}

/// An id that is none of the asker's business.
#[derive(Clone)]
pub(super) struct Foreign {
    pub(super) whose: String,
    pub(super) id: String,
}

/// A person and a group of the asker, in the state in which every probe finds them.
#[derive(Clone)]
struct Own {
    person: String,
    group: String,
}

impl World {
    pub(super) async fn start(provider: Provider, settings: &[&str]) -> Self {
        let hub = TestHub::start().await;
        let asker = hub
            .connect_with("asker", provider, &[settings, &["requests_per_second=0", "guard_percent=0"]].concat())
            .await;
        let neighbour = hub.connect("neighbour", Provider::Generic).await;
        let gone = hub.connect("gone", Provider::Generic).await;
        let elsewhere = hub.connect_in("elsewhere", "elsewhere", Provider::Generic).await;
        let mut foreign = Vec::new();
        for (whose, client) in
            [("a neighbour", &neighbour), ("a connection that is gone", &gone), ("elsewhere", &elsewhere)]
        {
            foreign.extend(settled(&hub, client, whose).await);
        }
        hub.disconnect(&gone).await;
        let store = hub.app.store();
        let mut tenants = Vec::new();
        for tenant in store.list_tenants().await.unwrap() {
            tenants.push(tenant.id);
        }
        assert_eq!(tenants.len(), 2);
        Self { hub, asker, foreign, tenants, own: std::sync::Mutex::new(None) }
    }

    pub(super) fn foreign_ids(&self) -> &[Foreign] {
        &self.foreign
    }

    /// Status, headers and body, with names for the ids that differ from asking to asking.
    pub(super) async fn ask(&self, probe: &Probe, id: &str) -> String {
        let own = self.own().await;
        let fill = |text: &str| text.replace("{id}", id).replace("{me}", &own.person).replace("{mine}", &own.group);
        let mut client = match probe.wire {
            Wire::V2 => self.asker.clone(),
            Wire::Short => self.asker.clone().at_short_address(),
            Wire::V1 => self.asker.clone().at_1_1_address(),
        };
        for (name, value) in &probe.headers {
            client = client.with_header(name.clone(), value);
        }
        let body = probe.body.as_deref().map(|body| fill(body).into_bytes()).unwrap_or_default();
        let answer = client.send_raw(probe.method.clone(), &fill(&probe.path), body).await;
        assert!(!answer.status.is_server_error() || answer.status == http::StatusCode::NOT_IMPLEMENTED, "{probe}");
        let mut headers: Vec<String> =
            answer.headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
        headers.sort();
        let told = format!("{}\n{}\n{:#}", answer.status, headers.join("\n"), timeless(answer.body));
        let told = told.replace(id, "{id}").replace(&own.person, "{me}").replace(&own.group, "{mine}");
        if probe.touches_own {
            self.forget_own().await;
        }
        without_new_ids(&told)
    }

    /// The same with the id of the asker's own person, and of his own group.
    pub(super) async fn ask_with_own_id(&self, probe: &Probe) -> String {
        let own = self.own().await;
        let id = if probe.path.starts_with("/Groups/") { own.group } else { own.person };
        self.ask(probe, &id).await
    }

    async fn own(&self) -> Own {
        if let Some(own) = self.own.lock().unwrap().clone() {
            return own;
        }
        let person = self.hub_post("/Users", json!({ "userName": "me", "displayName": "Me" })).await;
        let group = self.hub_post("/Groups", json!({ "displayName": "mine", "members": [{ "value": person }] })).await;
        let own = Own { person, group };
        *self.own.lock().unwrap() = Some(own.clone());
        own
    }

    async fn hub_post(&self, path: &str, body: Value) -> String {
        post(&self.hub, &self.asker, path, body).await
    }

    /// Deletes everything that the asker brought.
    async fn forget_own(&self) {
        *self.own.lock().unwrap() = None;
        let directory = self.hub.app.store().directory(self.tenants[0], Scope::Connection(self.asker.connection));
        for (schema, endpoint) in [(user_resource_schema(), "Users"), (group_resource_schema(), "Groups")] {
            let listed = directory.list_resources(&ResourceQuery::first(schema, 1000)).await.unwrap();
            for resource in listed.resources {
                self.asker.send(Method::DELETE, &format!("/{endpoint}/{}", resource.id), None).await;
            }
        }
    }

    /// Everything that others have, as the database has it.
    pub(super) async fn dump_of_others(&self) -> String {
        let mut dump = String::new();
        for tenant in &self.tenants {
            let directory = self.hub.app.store().directory(*tenant, Scope::Tenant);
            let mut ids: Vec<ResourceId> = Vec::new();
            for schema in [user_resource_schema(), group_resource_schema()] {
                let include = Include { members: true, groups: true };
                let query = ResourceQuery { include, ..ResourceQuery::first(schema, 1000) };
                for resource in directory.list_resources(&query).await.unwrap().resources {
                    if resource.owner != Some(self.asker.connection) {
                        let pending = directory.list_pending_members(resource.id).await.unwrap();
                        ids.push(resource.id);
                        writeln!(dump, "{resource:?} {pending:?}").unwrap();
                    }
                }
            }
            for change in directory.list_changes(Sequence::START, usize::MAX).await.unwrap() {
                if ids.contains(&change.resource) {
                    writeln!(dump, "{:?} {} {:?}", change.kind, change.resource, change.version).unwrap();
                }
            }
        }
        assert!(dump.contains("Anna of elsewhere") && dump.contains("pending"));
        dump
    }
}

pub(super) async fn post(hub: &TestHub, client: &TestClient, path: &str, mut body: Value) -> String {
    // So that ids are in the order of creation.
    hub.clock.advance(std::time::Duration::from_secs(1));
    let schema = if path == "/Users" { "User" } else { "Group" };
    let mut schemas = vec![format!("urn:ietf:params:scim:schemas:core:2.0:{schema}")];
    if body.get(ENTERPRISE).is_some() {
        schemas.push(ENTERPRISE.to_owned());
    }
    body["schemas"] = json!(schemas);
    let created = client.post(path, &body).await;
    assert_eq!(created.status, http::StatusCode::CREATED, "{:?}", created.body);
    created.id()
}

/// A boss, a person whose manager he is, a group of hers within another.
async fn settled(hub: &TestHub, client: &TestClient, whose: &str) -> Vec<Foreign> {
    let boss = post(hub, client, "/Users", json!({ "userName": format!("boss of {whose}") })).await;
    let manager = json!({ "manager": { "value": boss } });
    let anna = json!({ "userName": format!("anna of {whose}"), "displayName": format!("Anna of {whose}"), (ENTERPRISE): manager });
    let anna = post(hub, client, "/Users", anna).await;
    let members = json!([{ "value": anna }, { "value": "pending" }]);
    let team = post(hub, client, "/Groups", json!({ "displayName": "team", "members": members })).await;
    let outer = json!({ "displayName": "outer", "members": [{ "value": team }] });
    post(hub, client, "/Groups", outer).await;
    [("boss", boss), ("person", anna), ("group", team)]
        .map(|(what, id)| Foreign { whose: format!("{whose}: {what}"), id })
        .into()
}

/// Times are the clock's business.
fn timeless(mut body: Value) -> Value {
    match &mut body {
        Value::Object(members) => {
            for name in ["created", "lastModified"] {
                if let Some(time) = members.get_mut(name) {
                    *time = json!("time");
                }
            }
            members.values_mut().for_each(|value| *value = timeless(value.take()));
        }
        Value::Array(elements) => elements.iter_mut().for_each(|value| *value = timeless(value.take())),
        _ => {}
    }
    body
}

/// The ids of what a request created, and sealed cursors, are chance.
fn without_new_ids(text: &str) -> String {
    let is_part = |character: char| character.is_ascii_hexdigit() || character == '-';
    let mut shown = String::new();
    let mut rest = text;
    while let Some(begin) = rest.find(is_part) {
        let (before, from) = rest.split_at(begin);
        let end = from.find(|character| !is_part(character)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        shown.push_str(before);
        shown.push_str(if ResourceId::parse(word).is_some() { "{new}" } else { word });
        rest = after;
    }
    shown + rest
}

/// Whose a resource is, as the database has it.
pub(super) async fn owner_of(hub: &TestHub, id: &str) -> Option<ConnectionId> {
    let tenant = hub.app.store().find_tenant_by_name("default").await.unwrap().unwrap();
    let directory = hub.app.store().directory(tenant.id, Scope::Tenant);
    let id = ResourceId::parse(id).unwrap();
    let user = muster_model::TypeName::new("User");
    directory.find_resource(&user, id, Include::default()).await.unwrap().unwrap().owner
}
