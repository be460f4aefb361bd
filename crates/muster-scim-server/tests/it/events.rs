//! Whoever follows the events has the directory (docs/adr/0028): alone by the feed, or by a snapshot and then the feed, however
//! often he is killed, and whatever happens meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use muster_app::events::{self, FeedPage, FeedQuery, Start};
use muster_app::{AppError, OperatorAccess};
use muster_model::fake::SeededRng;
use muster_model::{Provider, Sequence};
use muster_testkit::{TestClient, TestHub};
use serde_json::{Value, json};

/// What a consumer has: each resource as he last saw it, and who is in which group.
#[derive(Clone, Debug, Default, PartialEq)]
struct Mirror {
    resources: BTreeMap<String, Value>,
    members: BTreeMap<String, BTreeSet<String>>,
}

impl Mirror {
    /// As docs/events.md tells consumers to do it.
    fn apply(&mut self, event: &Value) {
        let data = &event["data"];
        let id = data["resource_id"].as_str().unwrap().to_owned();
        let ids = || -> Vec<String> {
            data["members"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
        };
        match event["type"].as_str().unwrap() {
            "directory.group.member.added" => self.members.entry(id).or_default().extend(ids()),
            "directory.group.member.removed" => {
                let members = self.members.entry(id).or_default();
                members.retain(|member| !ids().contains(member));
            }
            deleted if deleted.ends_with(".deleted") => {
                self.resources.remove(&id);
                self.members.remove(&id);
            }
            _ => {
                // What is gone meanwhile comes without it; its deletion follows.
                if let Some(object) = data.get("object") {
                    self.resources.insert(id, object.clone());
                }
            }
        }
    }

    /// The directory as a SCIM client reads it.
    async fn read(client: &TestClient) -> Self {
        let mut read = Self::default();
        for path in ["/Users?count=1000", "/Groups?count=1000&attributes=members,displayName,externalId"] {
            let list = client.get(path).await.body;
            for resource in list["Resources"].as_array().into_iter().flatten() {
                let id = resource["id"].as_str().unwrap().to_owned();
                let members: BTreeSet<String> = resource["members"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|member| member["value"].as_str().unwrap().to_owned())
                    .collect();
                if !members.is_empty() {
                    read.members.insert(id.clone(), members);
                }
                read.resources.insert(id, plain(resource));
            }
        }
        read
    }

    /// In the form of [`Self::read`].
    fn plain(mut self) -> Self {
        self.members.retain(|_, members| !members.is_empty());
        self.resources.values_mut().for_each(|resource| *resource = plain(resource));
        self
    }
}

/// Without what depends on an address, and what the lists above do not show.
fn plain(resource: &Value) -> Value {
    let mut resource = resource.clone();
    for name in ["members", "groups", "schemas", "meta"] {
        resource.as_object_mut().unwrap().shift_remove(name);
    }
    resource
}

/// A consumer that keeps what he has, and where he is, together.
#[derive(Clone)]
struct Consumer {
    mirror: Mirror,
    start: Start,
}

struct World {
    hub: TestHub,
    client: TestClient,
    rng: SeededRng,
    users: Vec<String>,
    groups: Vec<String>,
    names: u64,
}

fn access() -> OperatorAccess {
    OperatorAccess::of_local_administrator()
}

impl World {
    async fn new(seed: u64) -> Self {
        let hub = TestHub::start().await;
        let client = hub.connect_with("events", Provider::Generic, &["guard_percent=0"]).await;
        Self { hub, client, rng: SeededRng::new(seed), users: Vec::new(), groups: Vec::new(), names: 0 }
    }

    fn below(&self, bound: usize) -> usize {
        usize::try_from(self.rng.next() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    fn any(&self, of: &[String]) -> Option<String> {
        of.get(self.below(of.len())).cloned()
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("name-{}", self.names)
    }

    /// Something that an identity provider does.
    async fn act(&mut self) {
        self.hub.clock.advance(Duration::from_secs(1));
        let (user, group, name) = (self.any(&self.users), self.any(&self.groups), self.name());
        match (self.below(9), user, group) {
            (0 | 1, ..) => {
                let body = json!({"userName": name, "password": "correct horse canary"});
                self.users.push(self.client.post("/Users", &body).await.id());
            }
            (2, ..) => {
                let members: Vec<Value> = self.users.iter().take(3).map(|id| json!({"value": id})).collect();
                let body = json!({"displayName": name, "members": members});
                self.groups.push(self.client.post("/Groups", &body).await.id());
            }
            (3, Some(user), _) => {
                let is_active = self.below(2) == 0;
                let operations = json!([{"op": "replace", "path": "active", "value": is_active}]);
                self.client.patch(&format!("/Users/{user}"), operations).await;
            }
            (4, Some(user), _) => {
                let operations = json!([{"op": "replace", "path": "title", "value": name}]);
                self.client.patch(&format!("/Users/{user}"), operations).await;
            }
            (5, Some(user), _) if self.below(3) == 0 => {
                self.client.delete(&format!("/Users/{user}")).await;
                self.users.retain(|known| *known != user);
            }
            (6, Some(user), Some(group)) => {
                let op = if self.below(2) == 0 { "add" } else { "remove" };
                let operations = json!([{"op": op, "path": "members", "value": [{"value": user}]}]);
                self.client.patch(&format!("/Groups/{group}"), operations).await;
            }
            (7, _, Some(group)) => {
                let members: Vec<Value> = self.users.iter().skip(1).take(4).map(|id| json!({"value": id})).collect();
                let body = json!({"displayName": name, "members": members});
                self.client.put(&format!("/Groups/{group}"), &body).await;
            }
            (8, _, Some(group)) if self.below(4) == 0 => {
                self.client.delete(&format!("/Groups/{group}")).await;
                self.groups.retain(|known| *known != group);
            }
            _ => {}
        }
    }

    async fn feed(&self, start: Start, limit: usize) -> FeedPage {
        events::list(&self.hub.app, &access(), &query(start, limit)).await.unwrap()
    }

    /// Reads a page, and is perhaps killed before it is kept; `false`: there was nothing more.
    async fn follow(&self, consumer: &mut Consumer) -> bool {
        let page = self.feed(consumer.start.clone(), 1 + self.below(7)).await;
        let mut after = consumer.clone();
        page.events.iter().for_each(|event| after.mirror.apply(&event.to_json()));
        after.start = Start::Cursor(page.next);
        if self.below(4) > 0 {
            *consumer = after;
        }
        page.has_more || !page.events.is_empty()
    }

    async fn catch_up(&self, consumer: &mut Consumer) {
        while self.follow(consumer).await {}
    }

    /// A snapshot while things go on, from a consumer that is killed in the middle and begins anew.
    async fn snapshot(&mut self) -> Consumer {
        loop {
            let mut mirror = Mirror::default();
            let mut cursor: Option<String> = None;
            loop {
                let limit = 1 + self.below(5);
                let page = events::snapshot(&self.hub.app, &access(), None, cursor.as_deref(), limit).await.unwrap();
                page.events.iter().for_each(|event| mirror.apply(&event.to_json()));
                if page.next.is_none() {
                    return Consumer { mirror, start: Start::Cursor(page.feed) };
                }
                cursor = page.next;
                self.act().await;
                if self.below(20) == 0 {
                    break;
                }
            }
        }
    }
}

fn query(start: Start, limit: usize) -> FeedQuery {
    FeedQuery { tenant: None, start, types: Vec::new(), limit, wait: Duration::ZERO, objects: true }
}

#[tokio::test]
async fn who_follows_has_the_directory_however_often_he_is_killed() {
    for seed in 1..=10 {
        let mut world = World::new(seed).await;
        let mut by_feed = Consumer { mirror: Mirror::default(), start: Start::Beginning };
        for _ in 0..30 {
            world.act().await;
            world.follow(&mut by_feed).await;
        }
        let mut by_snapshot = world.snapshot().await;
        for _ in 0..30 {
            world.act().await;
            world.follow(&mut by_feed).await;
            world.follow(&mut by_snapshot).await;
        }
        world.catch_up(&mut by_feed).await;
        world.catch_up(&mut by_snapshot).await;
        let truth = Mirror::read(&world.client).await;
        assert!(!truth.resources.is_empty());
        assert_eq!(by_feed.mirror.plain(), truth, "seed {seed}");
        assert_eq!(by_snapshot.mirror.plain(), truth, "seed {seed}");
    }
}

#[tokio::test]
async fn pages_of_any_size_give_the_same_events_once_and_no_secret() {
    let mut world = World::new(99).await;
    for _ in 0..40 {
        world.act().await;
    }
    let whole = world.feed(Start::Beginning, 1000).await;
    assert!(!whole.has_more);
    let mut pieces = Vec::new();
    let mut start = Start::Beginning;
    loop {
        let page = world.feed(start, 1).await;
        pieces.extend(page.events);
        start = Start::Cursor(page.next);
        if !page.has_more {
            break;
        }
    }
    assert_eq!(pieces, whole.events);
    let ids: BTreeSet<String> = pieces.iter().map(|event| event.id.to_string()).collect();
    assert_eq!(ids.len(), pieces.len());
    assert!(pieces.is_sorted_by_key(|event| (event.sequence, event.place)));
    let text: String = pieces.iter().map(|event| event.to_json().to_string()).collect();
    assert!(!text.contains("canary") && !text.contains("argon2"), "a password, or what is kept of it");
    assert!(text.contains("\"connection\":\"con_"));
}

#[tokio::test]
async fn types_are_chosen_and_pages_that_pass_over_others_go_on() {
    let mut world = World::new(5).await;
    for _ in 0..60 {
        world.act().await;
    }
    let of = |types: &[&str]| FeedQuery {
        types: types.iter().map(|name| (*name).to_owned()).collect(),
        ..query(Start::Beginning, 1000)
    };
    let whole = world.feed(Start::Beginning, 1000).await.events;
    let users = events::list(&world.hub.app, &access(), &of(&["directory.user.*"])).await.unwrap().events;
    let wanted: Vec<_> =
        whole.iter().filter(|event| event.event_type.as_str().starts_with("directory.user.")).cloned().collect();
    assert!(!wanted.is_empty() && wanted.len() < whole.len());
    assert_eq!(users, wanted);
    let unknown = events::list(&world.hub.app, &access(), &of(&["directory.user.renamed"])).await;
    assert!(matches!(unknown, Err(AppError::InvalidInput(_))));
}

#[tokio::test]
async fn what_a_change_was_is_told() {
    let world = World::new(1).await;
    let client = world.client.clone();
    let anna = client.post("/Users", &json!({"userName": "anna", "active": true})).await.id();
    client.patch(&format!("/Users/{anna}"), json!([{"op": "replace", "path": "active", "value": false}])).await;
    let both = json!([{"op": "replace", "value": {"active": true, "title": "Boss"}}]);
    client.patch(&format!("/Users/{anna}"), both).await;
    let team = client.post("/Groups", &json!({"displayName": "team", "members": [{"value": anna}]})).await.id();
    client.delete(&format!("/Users/{anna}")).await;
    client.delete(&format!("/Groups/{team}")).await;
    let page = world.feed(Start::Beginning, 100).await;
    let told: Vec<_> = page
        .events
        .iter()
        .map(|event| (event.event_type.as_str(), event.changed.clone().unwrap_or_default().join(" ")))
        .collect();
    let told: Vec<_> = told.iter().map(|(name, changed)| (*name, changed.as_str())).collect();
    assert_eq!(
        told,
        [
            ("directory.user.created", ""),
            ("directory.user.deactivated", "active"),
            ("directory.user.updated", "active title"),
            ("directory.user.reactivated", "active title"),
            ("directory.group.created", ""),
            ("directory.group.member.added", ""),
            ("directory.user.deleted", ""),
            ("directory.group.member.removed", ""),
            ("directory.group.deleted", ""),
        ]
    );
    // What is gone comes without itself.
    assert!(page.events.iter().all(|event| event.object.is_none()));
}

#[tokio::test]
async fn who_waits_is_woken_and_who_is_beyond_the_end_is_told() {
    let world = World::new(1).await;
    let client = world.client.clone();
    let waiting = FeedQuery { wait: Duration::from_secs(20), ..query(Start::Now, 10) };
    let begun = std::time::Instant::now();
    let operator = access();
    let (page, _) = tokio::join!(events::list(&world.hub.app, &operator, &waiting), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        client.post("/Users", &json!({"userName": "late"})).await
    });
    assert_eq!(page.unwrap().events.len(), 1);
    assert!(begun.elapsed() < Duration::from_secs(15));

    let short = FeedQuery { wait: Duration::from_millis(200), ..query(Start::Now, 10) };
    let page = events::list(&world.hub.app, &access(), &short).await.unwrap();
    assert!(page.events.is_empty() && !page.has_more);
    // As after a restore from a backup.
    let beyond = events::list(&world.hub.app, &access(), &query(Start::After(Sequence(1_000)), 10)).await;
    assert!(matches!(beyond, Err(AppError::InvalidInput(_))), "{beyond:?}");
}
