//! What every resource has, and who sees it (RFC 7643 section 3.1, RFC 7644 sections 2 and 6).

use std::collections::HashSet;

use http::StatusCode;
use muster_app::connections::{self, NewConnection};
use muster_app::{OperatorAccess, profile};
use muster_model::{Provider, Tenant, TenantId};
use muster_testkit::{TestClient, TestHub};
use serde_json::json;

use crate::by_the_book::{GROUP, asked, connected, created, found, person, refusal, refused};

/// Rows: 7643-3.1-01, 7643-3.1-05, 7643-3.1-08, 7643-3.1-09, 7643-7-09
/// Ambiguities
#[tokio::test]
async fn ids_are_given_once_by_the_server() {
    let (_hub, client) = connected(Provider::Generic).await;
    let mut ids = HashSet::new();
    for number in 0..20 {
        let user = created(&client, &format!("u{number}"), &json!({ "externalId": "e" })).await;
        let group = json!({ "schemas": [GROUP], "displayName": format!("g{number}"), "externalId": "e" });
        let group = client.post("/Groups", &group).await;
        for resource in [user, group] {
            assert!(resource.body["meta"].is_object() && resource.body["externalId"] == "e");
            assert!(!resource.id().contains("bulkId"));
            assert!(ids.insert(resource.id()), "an id was given twice");
        }
    }
    let id = created(&client, "last", &json!({})).await.id();
    let path = format!("/Users/{id}");
    assert!(id.chars().any(char::is_alphabetic));
    assert_eq!(found(&client, &format!("id eq \"{id}\"")).await, ["last"]);
    assert!(found(&client, &format!("id eq \"{}\"", id.to_uppercase())).await.is_empty());
    assert_eq!(client.get(&format!("/Users/{}", id.to_uppercase())).await.status, StatusCode::NOT_FOUND);
    assert_eq!(client.get(&format!("/USERS/{id}")).await.body["meta"]["location"], client.get(&path).await.location());
    for path_in_patch in ["id", "meta.created", "meta", "groups"] {
        let operations = json!([{ "op": "replace", "path": path_in_patch, "value": "x" }]);
        assert_eq!(refusal(&client.patch(&path, operations).await), refused(400, "mutability"), "{path_in_patch}");
    }
    let without = client.get(&format!("{path}?excludedAttributes=id,userName")).await;
    assert_eq!(without.id(), id);
}

/// Rows: 7643-3.1-11
/// Ambiguities: A-52
#[tokio::test]
async fn two_clients_may_use_the_same_external_id() {
    let hub = TestHub::start().await;
    let (one, other) = (hub.connect("one", Provider::Strict).await, hub.connect("other", Provider::Strict).await);
    let first = created(&one, "a", &json!({ "externalId": "E7" })).await;
    let second = created(&other, "b", &json!({ "externalId": "E7" })).await;
    assert_ne!(first.id(), second.id());
    assert_eq!(first.body["externalId"], second.body["externalId"]);
    assert!(asked(&one, "/Users", "externalId eq \"e7\"").await.body["totalResults"] == 0, "case exact");
    assert!(found(&one, "externalId eq \"E7\"").await.contains(&"a".to_owned()));
    assert!(found(&other, "externalId eq \"E7\"").await.contains(&"b".to_owned()));
}

async fn in_another_tenant(hub: &TestHub) -> TestClient {
    let tenant = Tenant {
        id: TenantId::new(hub.clock.as_ref(), &muster_model::fake::SeededRng::new(9)),
        name: "another".to_owned(),
        created: muster_model::Clock::now(hub.clock.as_ref()),
    };
    hub.app.store().create_tenant(&tenant).await.unwrap();
    let access = OperatorAccess::of_local_administrator();
    let overrides = profile::check_changes([]).unwrap();
    let new = NewConnection {
        tenant: Some(tenant.name.into()),
        name: "idp".to_owned(),
        provider: Provider::Generic,
        overrides,
    };
    let made = connections::create(&hub.app, &access, new).await.unwrap();
    let mut client = hub.connect("stranger", Provider::Generic).await.with_token(made.token.expose());
    client.connection = made.connection.id;
    client
}

/// Rows: 7644-6-01, 7644-6.2-01, 7644-2-07, 7644-2.1-01, 7644-7.7-02
/// Ambiguities
#[tokio::test]
async fn tenants_do_not_see_each_other() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let stranger = in_another_tenant(&hub).await;
    let ann = created(&client, "ann", &json!({ "externalId": "7" })).await;
    let path = format!("/Users/{}", ann.id());
    assert_eq!(stranger.get("/Users").await.body["totalResults"], 0, "only what this caller may see is counted");
    assert!(found(&stranger, &format!("id eq \"{}\"", ann.id())).await.is_empty());
    for answer in [
        stranger.get(&path).await,
        stranger.put(&path, &person("ann", &json!({}))).await,
        stranger.patch(&path, json!([{ "op": "replace", "path": "active", "value": false }])).await,
        stranger.delete(&path).await,
        stranger.get("/Users/00000000-0000-0000-0000-000000000000").await,
    ] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.text("detail").replace(&ann.id(), ""), answer.text("detail"), "no id is repeated");
    }
    // The same names and external ids are free there, and a member from elsewhere is nobody.
    created(&stranger, "ann", &json!({ "externalId": "7" })).await;
    let group = json!({ "schemas": [GROUP], "displayName": "g", "members": [{ "value": ann.id() }] });
    assert!(stranger.post("/Groups", &group).await.body.get("members").is_none());
    assert_eq!(client.get(&path).await.body, ann.body, "nothing was changed");
    // A token stands for one client application at its own address; nobody serves himself with it.
    let mut elsewhere = stranger.clone();
    elsewhere.connection = client.connection;
    assert_eq!(elsewhere.get(&path).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(client.get("/Me").await.status, StatusCode::NOT_IMPLEMENTED);
}
