//! The guard against mass deprovisioning over HTTP: what is taken away beyond the limit is held, and a person decides.

mod decisions;
mod opposites;
mod ways;
mod window;

use muster_app::OperatorAccess;
use muster_app::held::{self, Held, Selection};
use muster_model::Provider;
use muster_testkit::{TestClient, TestHub};
use serde_json::{Value, json};

/// A connection whose guard lets nothing through, with people and a group of all of them.
struct Scene {
    hub: TestHub,
    client: TestClient,
    people: Vec<String>,
    group: String,
}

impl Scene {
    async fn new(people: usize, settings: &[&str]) -> Self {
        Self::of(Provider::Generic, people, settings).await
    }

    async fn of(provider: Provider, people: usize, settings: &[&str]) -> Self {
        let hub = TestHub::start().await;
        let client = hub.connect_with("idp", provider, settings).await;
        let mut ids = Vec::new();
        for number in 0..people {
            let body = json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": format!("p{number}"),
                "active": true,
            });
            ids.push(client.post("/Users", &body).await.id());
        }
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": "all",
            "members": members(&ids),
        });
        let group = client.post("/Groups", &body).await.id();
        Self { hub, client, people: ids, group }
    }

    fn user(&self, number: usize) -> String {
        format!("/Users/{}", self.people[number])
    }

    fn group(&self) -> String {
        format!("/Groups/{}", self.group)
    }

    async fn is_active(&self, number: usize) -> Option<bool> {
        self.client.get(&self.user(number)).await.body["active"].as_bool()
    }

    async fn member_count(&self) -> usize {
        self.client.get(&self.group()).await.body["members"].as_array().map_or(0, Vec::len)
    }

    async fn held(&self) -> Vec<Held> {
        held::list(&self.hub.app, &access(), &everything()).await.unwrap()
    }

    /// What is held, in words: kind and number of changes. Sorted, because the clock stands still.
    async fn told(&self) -> Vec<(&'static str, u64)> {
        let held = self.held().await;
        let mut told: Vec<_> = held.iter().map(|one| (one.operation.kind.as_str(), one.operation.changes())).collect();
        told.sort_unstable();
        told
    }
}

fn access() -> OperatorAccess {
    OperatorAccess::of_local_administrator()
}

fn everything() -> Selection {
    Selection::All { tenant: None, connection: None }
}

fn members(ids: &[String]) -> Vec<Value> {
    ids.iter().map(|id| json!({ "value": id })).collect()
}

/// A guard that lets nothing through: one percent of a few is nobody.
const NOTHING: [&str; 2] = ["guard_percent=1", "guard_least=0"];
