//! Extensions of built-in resource types.

use http::StatusCode;
use muster_model::Provider;
use muster_testkit::TestHub;
use serde_json::json;

use super::{USER, add, try_to_add};

const DESK: &str = "urn:example:scim:2.0:Desk";

fn desk() -> serde_json::Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": DESK, "name": "Desk", "description": "Where somebody sits",
        "attributes": [
            { "name": "place", "required": true },
            { "name": "code", "uniqueness": "server", "caseExact": true },
            { "name": "keys", "multiValued": true },
        ],
    })
}

/// Rows: 7643-6-04, 7643-6-08
#[tokio::test]
async fn people_can_have_what_a_tenant_adds() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let before = client.post("/Users", &json!({ "schemas": [USER], "userName": "early" })).await;
    add(&hub, &desk(), Some("user")).await;
    let extensions = client.get("/ResourceTypes/User").await.body["schemaExtensions"].clone();
    assert_eq!(extensions[1], json!({ "schema": DESK, "required": false }));
    assert_eq!(client.get(&format!("/Schemas/{DESK}")).await.status, StatusCode::OK);

    let body = json!({
        "schemas": [USER, DESK], "userName": "anna", DESK: { "place": "2.17", "code": "x", "keys": ["a", "b"] },
    });
    let created = client.post("/Users", &body).await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    assert_eq!((&created.body[DESK], &created.body["schemas"]), (&body[DESK], &body["schemas"]));
    let without = client.post("/Users", &json!({ "schemas": [USER], "userName": "bob" })).await;
    assert_eq!((without.status, &without.body["schemas"]), (StatusCode::CREATED, &json!([USER])));
    let incomplete =
        client.post("/Users", &json!({ "schemas": [USER, DESK], "userName": "c", DESK: { "code": "y" } })).await;
    assert_eq!(incomplete.status, StatusCode::BAD_REQUEST, "place is required where there is a desk");
    let taken = json!({ "schemas": [USER, DESK], "userName": "d", DESK: { "place": "1", "code": "x" } });
    assert_eq!(client.post("/Users", &taken).await.status, StatusCode::CONFLICT);

    for filter in [
        format!("{DESK}:place eq \"2.17\""),
        format!("{DESK}:code eq \"x\""),
        format!("{DESK}:keys eq \"b\""),
        "place sw \"2\"".to_owned(),
    ] {
        let query: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let list = client.get(&format!("/Users?filter={query}")).await.body;
        assert_eq!((&list["totalResults"], &list["Resources"][0]["userName"]), (&json!(1), &json!("anna")), "{filter}");
    }
    // Who was there before the extension gets it by a PATCH, and loses it by another.
    let path = format!("/Users/{}", before.id());
    let added = client.patch(&path, json!([{ "op": "add", "path": format!("{DESK}:place"), "value": "1.01" }])).await;
    assert_eq!((&added.body[DESK]["place"], &added.body["schemas"]), (&json!("1.01"), &json!([USER, DESK])));
    let removed = client.patch(&path, json!([{ "op": "remove", "path": DESK }])).await;
    assert_eq!((removed.body.get(DESK), &removed.body["schemas"]), (None, &json!([USER])));
}

/// Rows: 7643-6-07
#[tokio::test]
async fn a_required_extension_is_demanded_of_every_resource() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let early = client.post("/Groups", &json!({ "displayName": "early" })).await;
    let refused = try_to_add(&hub, &desk(), Some(("Group", true))).await.unwrap_err();
    assert!(refused.contains("1 resources of type Group"), "those that are there do not have it: {refused}");
    client.delete(&format!("/Groups/{}", early.id())).await;
    try_to_add(&hub, &desk(), Some(("Group", true))).await.unwrap();

    let group = |more: serde_json::Value| json!({ "displayName": "staff", DESK: more });
    assert_eq!(client.post("/Groups", &json!({ "displayName": "staff" })).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(client.post("/Groups", &group(json!({ "code": "1" }))).await.status, StatusCode::BAD_REQUEST);
    let created = client.post("/Groups", &group(json!({ "place": "1" }))).await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    let path = format!("/Groups/{}", created.id());
    assert_eq!(client.put(&path, &json!({ "displayName": "staff" })).await.status, StatusCode::BAD_REQUEST);
    let removed = client.patch(&path, json!([{ "op": "remove", "path": DESK }])).await;
    assert_eq!(removed.status, StatusCode::BAD_REQUEST);
    assert_eq!(client.get(&path).await.body[DESK]["place"], "1");
}
