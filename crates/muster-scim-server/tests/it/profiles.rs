//! Profiles over HTTP: every knob changes an answer, and a connection's own word counts at once.

mod knobs;

use std::time::Duration;

use http::StatusCode;
use muster_app::profile::check_changes;
use muster_app::{OperatorAccess, connections};
use muster_model::{Provider, RepairCount};
use muster_testkit::{TestClient, TestHub};
use serde_json::{Value, json};

/// Changes knobs of a connection as `muster connection set` does.
async fn set(hub: &TestHub, client: &TestClient, settings: &[&str]) {
    let access = OperatorAccess::of_local_administrator();
    let changes = check_changes(settings.iter().copied()).unwrap();
    connections::change_profile(&hub.app, &access, client.connection, None, &changes).await.unwrap();
}

async fn repairs(hub: &TestHub, client: &TestClient) -> Vec<RepairCount> {
    let access = OperatorAccess::of_local_administrator();
    connections::show(&hub.app, &access, client.connection).await.unwrap().repairs
}

#[tokio::test]
async fn an_override_counts_from_the_next_request_on_and_can_be_taken_back() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let other = hub.connect("other", Provider::Generic).await;
    let body = |name: &str| json!({ "userName": name, "active": "False" });
    assert_eq!(client.post("/Users", &body("a")).await.status, StatusCode::CREATED);
    set(&hub, &client, &["boolean_strings=false", "default_page_size=1"]).await;
    assert_eq!(client.post("/Users", &body("b")).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(other.post("/Users", &body("c")).await.status, StatusCode::CREATED, "only this connection");
    set(&hub, &client, &["boolean_strings=default"]).await;
    assert_eq!(client.post("/Users", &body("d")).await.status, StatusCode::CREATED);
    assert_eq!(client.get("/Users").await.body["itemsPerPage"], 1, "the other override stays");
}

#[tokio::test]
async fn another_provider_brings_another_profile() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Strict).await;
    assert_eq!(client.post("/Users", &json!({ "userName": "a" })).await.status, StatusCode::BAD_REQUEST);
    let access = OperatorAccess::of_local_administrator();
    let nothing = check_changes([]).unwrap();
    connections::change_profile(&hub.app, &access, client.connection, Some(Provider::Okta), &nothing).await.unwrap();
    assert_eq!(client.post("/Users", &json!({ "userName": "a" })).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn without_passwords_nothing_knows_of_them() {
    let hub = TestHub::start().await;
    let with = hub.connect("okta", Provider::Okta).await;
    let without = hub.connect_with("entra", Provider::Entra, &["sees_whole_tenant=true"]).await;
    let has_password = |schemas: Value| schemas.to_string().contains("\"password\"");
    assert!(has_password(with.get("/Schemas").await.body));
    assert!(!has_password(without.get("/Schemas").await.body));

    let id = with.post("/Users", &json!({ "userName": "u", "password": "correct horse" })).await.id();
    let body = json!({ "userName": "v", "password": "battery staple" });
    assert_eq!(without.post("/Users", &body).await.status, StatusCode::CREATED, "an unknown attribute is left out");
    assert_eq!(without.get("/Users?filter=password+pr").await.status, StatusCode::BAD_REQUEST);
    // The other connection's PUT does not take away what it cannot see.
    let directory = hub.app.store().directory(default_tenant(&hub).await, muster_store::Scope::Tenant);
    let stored = async |id: &str| {
        let id = muster_model::ResourceId::parse(id).unwrap();
        let users = muster_model::TypeName::new("User");
        let found = directory.find_resource(&users, id, muster_store::Include::default()).await.unwrap().unwrap();
        found.document.into_document().unwrap()
    };
    let before = stored(&id).await["password"].clone();
    assert!(before.as_str().is_some_and(|hash| hash.starts_with("$argon2id$")));
    assert_eq!(without.put(&format!("/Users/{id}"), &json!({ "userName": "w" })).await.status, StatusCode::OK);
    assert_eq!(stored(&id).await["password"], before);
}

async fn default_tenant(hub: &TestHub) -> muster_model::TenantId {
    hub.app.store().find_tenant_by_name(muster_model::Tenant::DEFAULT_NAME).await.unwrap().unwrap().id
}

/// Ambiguities
#[tokio::test]
async fn members_are_left_out_of_lists_until_they_are_named() {
    let hub = TestHub::start().await;
    let settings = ["members_in_lists=false", "groups_of_users=false"];
    let client = hub.connect_with("idp", Provider::Generic, &settings).await;
    let user = client.post("/Users", &json!({ "userName": "u" })).await.id();
    let group = client.post("/Groups", &json!({ "displayName": "g", "members": [{ "value": user }] })).await;
    assert_eq!(group.body["members"][0]["value"], user.as_str(), "an answer about one group shows them");
    for path in ["/Groups", "/", "/Groups?excludedAttributes=displayName"] {
        let list = client.get(path).await;
        assert!(!list.body.to_string().contains("\"members\""), "{path}: {:?}", list.body);
    }
    for path in ["/Groups?attributes=members", "/Groups?attributes=members.value", "/?attributes=members"] {
        let list = client.get(path).await;
        assert!(list.body.to_string().contains("\"members\""), "{path}: {:?}", list.body);
    }
    let shown = client.get(&format!("/Users/{user}?attributes=groups")).await;
    assert_eq!(shown.body["groups"][0]["display"], "g");
}

/// Ambiguities: A-49
#[tokio::test]
async fn a_required_if_match_is_fulfilled_by_a_version_or_a_star() {
    let hub = TestHub::start().await;
    let client = hub.connect_with("idp", Provider::Generic, &["require_if_match=true"]).await;
    let created = client.post("/Users", &json!({ "userName": "u" })).await;
    let path = format!("/Users/{}", created.id());
    let with = |tag: &str| client.clone().with_header(http::header::IF_MATCH, tag);
    let body = json!({ "userName": "v" });
    assert_eq!(client.put(&path, &body).await.status, StatusCode::PRECONDITION_REQUIRED);
    assert_eq!(client.delete(&path).await.status, StatusCode::PRECONDITION_REQUIRED);
    assert_eq!(client.get(&path).await.body["userName"], "u", "nothing was changed");
    assert_eq!(with(&created.etag()).put(&path, &body).await.status, StatusCode::OK);
    assert_eq!(with(&created.etag()).put(&path, &body).await.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(with("*").delete(&path).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn repairs_are_counted_for_each_connection_and_kind() {
    let hub = TestHub::start().await;
    let client = hub.connect("entra", Provider::Entra).await;
    let other = hub.connect("other", Provider::Generic).await;
    let body = |name: &str| json!({ "userName": name, "active": "False", "shoeSize": 44 });
    for name in ["a", "b", "c"] {
        assert_eq!(client.post("/Users", &body(name)).await.status, StatusCode::CREATED);
    }
    client.get("/Users?filter=externalId+eq+jyoung").await;
    hub.app.settle().await;
    let mut counted = Vec::new();
    // The first repair is written at once beside its request, so it may still be on its way.
    for _ in 0..100 {
        counted = repairs(&hub, &client).await;
        if counted.iter().map(|one| one.count).sum::<u64>() == 10 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let counts: Vec<_> = counted.iter().map(|one| (one.kind.as_str(), one.count)).collect();
    assert_eq!(counts, [("bare_word", 1), ("classic_boolean", 3), ("missing_schemas", 3), ("unknown_attribute", 3)]);
    assert_eq!(repairs(&hub, &other).await, []);
}

#[tokio::test]
async fn providers_that_differ_from_generic_answer_differently() {
    let hub = TestHub::start().await;
    let bare = json!({ "op": "replace", "path": "displayName", "value": "U" });
    for (provider, status) in [
        (Provider::Generic, StatusCode::BAD_REQUEST),
        (Provider::Okta, StatusCode::BAD_REQUEST),
        (Provider::Oracle, StatusCode::OK),
    ] {
        let client = hub.connect(provider.as_str(), provider).await;
        let id = client.post("/Users", &json!({ "userName": provider.as_str() })).await.id();
        let patched = client.send(http::Method::PATCH, &format!("/Users/{id}"), Some(&bare)).await;
        assert_eq!(patched.status, status, "{provider}: {:?}", patched.body);
    }
}
