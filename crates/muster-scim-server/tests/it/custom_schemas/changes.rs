//! When and how a change of a tenant's schemas counts.

use http::StatusCode;
use muster_app::OperatorAccess;
use muster_app::connections::{self, NewConnection};
use muster_model::{Clock, Provider, SchemaEntry, SchemaEntryKey, SchemaEntryKind, Tenant, TenantId};
use muster_store::SchemaChange;
use muster_testkit::TestHub;
use serde_json::json;

use super::{BADGE, USER, add, badges, remove, try_to_add};

#[tokio::test]
async fn a_change_counts_from_the_next_request_on_at_every_node() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let elsewhere = hub.at_another_node(&client);
    for client in [&client, &elsewhere] {
        assert_eq!(client.get("/Badges").await.status, StatusCode::NOT_FOUND);
    }
    add(&hub, &badges(), None).await;
    for client in [&client, &elsewhere] {
        assert_eq!(client.get("/Badges").await.status, StatusCode::OK);
    }
    let mut more = badges();
    more[0]["attributes"].as_array_mut().unwrap().push(json!({ "name": "note" }));
    add(&hub, &more, None).await;
    let created = elsewhere.post("/Badges", &json!({ "schemas": [BADGE], "number": "1", "note": "n" })).await;
    assert_eq!(created.body["note"], "n");
    elsewhere.delete(&format!("/Badges/{}", created.id())).await;
    remove(&hub, "badge").await.unwrap();
    for client in [&client, &elsewhere] {
        assert_eq!(client.get("/Badges").await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn what_resources_use_is_neither_removed_nor_changed() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    add(&hub, &badges(), None).await;
    add(&hub, &badges()[0], Some("User")).await;
    let created = client.post("/Badges", &json!({ "schemas": [BADGE], "number": "1" })).await;
    let person =
        client.post("/Users", &json!({ "schemas": [USER, BADGE], "userName": "anna", BADGE: { "number": "2" } })).await;
    let refused = remove(&hub, "Badge").await.unwrap_err();
    assert!(refused.contains("there are 1 resources of type Badge"), "{refused}");
    let mut other = badges();
    other[0]["attributes"][2]["type"] = json!("string");
    let refused = try_to_add(&hub, &other, None).await.unwrap_err();
    assert!(refused.contains("resources of type"), "{refused}");

    client.delete(&format!("/Badges/{}", created.id())).await;
    remove(&hub, "Badge").await.unwrap();
    let refused = remove(&hub, BADGE).await.unwrap_err();
    assert!(refused.contains(&format!("1 resources of type User have something in {BADGE}")), "{refused}");
    let path = format!("/Users/{}", person.id());
    assert_eq!(client.get(&path).await.body[BADGE]["number"], "2", "nothing was lost");
    client.patch(&path, json!([{ "op": "remove", "path": BADGE }])).await;
    assert_eq!(remove(&hub, BADGE).await.unwrap().len(), 2, "the schema, and that it extends User");
    assert_eq!(client.get("/Schemas").await.body["totalResults"], 6);
    assert!(remove(&hub, BADGE).await.unwrap_err().contains("muster schema list"));
    assert!(remove(&hub, USER).await.unwrap_err().contains("built in"));
}

#[tokio::test]
async fn a_type_that_is_needed_stays_and_a_bad_document_adds_nothing() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    add(&hub, &badges(), None).await;
    let refused = remove(&hub, BADGE).await.unwrap_err();
    assert!(refused.starts_with("it is still needed: resource type Badge: schema"), "{refused}");
    let mut more = badges();
    more[1]["endpoint"] = json!("/Users");
    assert!(try_to_add(&hub, &more, None).await.unwrap_err().contains("endpoint of User"));
    assert_eq!(client.get("/ResourceTypes/Badge").await.body["endpoint"], "/Badges");
}

#[tokio::test]
async fn a_tenant_has_only_its_own_additions() {
    let hub = TestHub::start().await;
    add(&hub, &badges(), None).await;
    let tenant = Tenant {
        id: TenantId::new(hub.clock.as_ref(), &muster_model::fake::SeededRng::new(9)),
        name: "acme".to_owned(),
        created: hub.clock.now(),
    };
    hub.app.store().create_tenant(&tenant).await.unwrap();
    let new = NewConnection {
        tenant: Some("acme".to_owned().into()),
        name: "idp".to_owned(),
        provider: Provider::Generic,
        overrides: muster_model::OverrideChanges::default(),
    };
    let created = connections::create(&hub.app, &OperatorAccess::of_local_administrator(), new).await.unwrap();
    let ours = hub.connect("ours", Provider::Generic).await;
    let mut theirs = ours.clone().with_token(created.token.expose());
    theirs.connection = created.connection.id;
    assert_eq!(theirs.get("/Users").await.status, StatusCode::OK);
    assert_eq!(theirs.get("/Badges").await.status, StatusCode::NOT_FOUND);
    assert_eq!(theirs.get(&format!("/Schemas/{BADGE}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ours.get("/Badges").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_tenant_whose_schemas_are_not_understood_is_not_served() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let tenant = hub.app.store().find_tenant_by_name(Tenant::DEFAULT_NAME).await.unwrap().unwrap();
    let directory = hub.app.store().directory(tenant.id, muster_store::Scope::Tenant);
    // As a newer release would leave it.
    let key = SchemaEntryKey { kind: SchemaEntryKind::Pack, name: "of tomorrow".to_owned() };
    let entry = SchemaEntry { key: key.clone(), document: json!({}), added: hub.clock.now() };
    let change = SchemaChange { put: vec![entry], ..SchemaChange::default() };
    let revision = directory.change_schemas(change).await.unwrap();
    let body = json!({ "schemas": [USER], "userName": "anna" });
    assert_eq!(client.post("/Users", &body).await.status, StatusCode::INTERNAL_SERVER_ERROR);
    let listed = muster_app::schemas::list(&hub.app, &OperatorAccess::of_local_administrator(), None).await;
    assert!(listed.err().unwrap().to_string().contains("no pack named of tomorrow"));
    let change = SchemaChange { expected: revision, remove: vec![key], ..SchemaChange::default() };
    directory.change_schemas(change).await.unwrap();
    assert_eq!(client.post("/Users", &body).await.status, StatusCode::CREATED);
}
