//! PATCH of SCIM 1.1 against the directory (protocol 1.1, section 3.3.2). The rules themselves are tested in `scim::v1`.

use http::{Method, StatusCode};
use muster_model::Provider;
use muster_testkit::{TestClient, TestHub, TestResponse};
use serde_json::{Value, json};

const CORE: &str = "urn:scim:schemas:core:1.0";

async fn patch(client: &TestClient, path: &str, body: &Value) -> TestResponse {
    client.send(Method::PATCH, path, Some(body)).await
}

async fn group_of(client: &TestClient, count: usize) -> (String, Vec<String>) {
    let mut people = Vec::new();
    for number in 0..count {
        people.push(client.post("/Users", &json!({ "userName": format!("u{number}") })).await.id());
    }
    let group = client.post("/Groups", &json!({ "schemas": [CORE], "displayName": "Tours" })).await;
    (format!("/Groups/{}", group.id()), people)
}

async fn members(client: &TestClient, group: &str) -> Vec<String> {
    let body = client.get(group).await.body;
    let members = body["members"].as_array().cloned().unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

/// Rows: 1.1-api-3.3-01, 1.1-api-3.3.2-01, 1.1-api-3.3.2-02, 1.1-api-3.3.2-05, 1.1-api-3.3.2-03
#[tokio::test]
async fn a_partial_resource_is_merged_into_the_person() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await.at_1_1_address();
    let created = client
        .post(
            "/Users",
            &json!({
                "userName": "b", "nickName": "Babs", "title": "Guide",
                "name": { "givenName": "Barbara", "familyName": "Jensen" },
                "emails": [{ "value": "b@example.com", "type": "work", "primary": true }],
            }),
        )
        .await;
    let path = format!("/Users/{}", created.id());
    let body = json!({
        "schemas": [CORE], "id": created.id(), "meta": { "attributes": ["nickName"] },
        "name": { "familyName": "Smith" }, "emails": [{ "value": "new@example.com", "primary": true }],
    });
    let patched = patch(&client, &path, &body).await;
    assert_eq!(patched.status, StatusCode::OK, "{:?}", patched.body);
    assert_ne!(patched.etag(), created.etag());
    assert!(patched.body.get("nickName").is_none());
    assert_eq!(patched.body["name"], json!({ "givenName": "Barbara", "familyName": "Smith" }));
    assert_eq!(patched.body["title"], "Guide");
    assert_eq!(
        patched.body["emails"],
        json!([
            { "value": "b@example.com", "type": "work", "primary": false },
            { "value": "new@example.com", "primary": true },
        ])
    );
    let again = patch(&client, &path, &json!({ "schemas": [CORE], "name": { "familyName": "Smith" } })).await;
    assert_eq!((again.status, again.etag()), (StatusCode::OK, patched.etag()), "no change, no new version");
    let projected = patch(&client, &format!("{path}?attributes=title"), &json!({ "title": "Chief" })).await;
    assert_eq!((projected.status, projected.text("title")), (StatusCode::OK, "Chief".to_owned()));
    assert!(projected.body.get("name").is_none() && projected.body.get("meta").is_some());
    let refused = patch(&client, &path, &json!({ "title": "x", "meta": { "attributes": ["userName"] } })).await;
    assert_eq!((refused.status, &refused.body["Errors"][0]["code"]), (StatusCode::BAD_REQUEST, &json!("400")));
    assert_eq!(client.get(&path).await.body["title"], "Chief", "all or nothing");
}

/// Rows: 1.1-api-3.3.2-07, 1.1-api-3.3.2-10, 1.1-api-3.3.2-02, 1.1-api-3.3.2-04
#[tokio::test]
async fn members_come_and_go_one_by_one() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Okta).await.at_1_1_address();
    let (group, people) = group_of(&client, 3).await;
    let add = json!({ "schemas": [CORE], "members": [
        { "value": people[0], "display": "u0" }, { "value": people[1], "operation": "add" },
    ] });
    let added = patch(&client, &group, &add).await;
    assert_eq!(added.status, StatusCode::NO_CONTENT, "{:?}", added.body);
    assert!(added.body.is_null() && !added.etag().is_empty() && !added.location().is_empty());
    assert_eq!(members(&client, &group).await, people[..2]);

    let before = client.get(&group).await;
    assert_eq!(patch(&client, &group, &add).await.status, StatusCode::NO_CONTENT);
    assert_eq!(client.get(&group).await.etag(), before.etag(), "they were there already");

    let change = json!({ "schemas": [CORE], "members": [
        { "value": people[0], "display": "u0", "operation": "delete" },
        { "value": people[2], "display": "u2" },
    ] });
    assert_eq!(patch(&client, &group, &change).await.status, StatusCode::NO_CONTENT);
    assert_eq!(members(&client, &group).await, [people[1].clone(), people[2].clone()]);
    let before = client.get(&group).await;
    let absent = json!({ "schemas": [CORE], "members": [{ "value": people[0], "operation": "delete" }] });
    assert_eq!(patch(&client, &group, &absent).await.status, StatusCode::NO_CONTENT);
    assert_eq!(client.get(&group).await.etag(), before.etag(), "who is not there cannot leave");

    let shown = patch(&client, &format!("{group}?attributes=displayName"), &absent).await;
    assert_eq!((shown.status, shown.text("displayName")), (StatusCode::OK, "Tours".to_owned()));
}

/// Rows: 1.1-api-3.3.2-03, 1.1-api-3.3.2-04
#[tokio::test]
async fn members_are_cleared_and_replaced_by_meta_attributes() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await.at_1_1_address();
    let (group, people) = group_of(&client, 3).await;
    let all: Vec<Value> = people.iter().map(|id| json!({ "value": id })).collect();
    patch(&client, &group, &json!({ "members": all })).await;
    assert_eq!(members(&client, &group).await.len(), 3);
    let replace = json!({ "meta": { "attributes": ["members"] }, "members": [
        { "value": people[2] }, { "value": people[0], "operation": "delete" },
    ] });
    assert_eq!(patch(&client, &group, &replace).await.status, StatusCode::NO_CONTENT);
    assert_eq!(members(&client, &group).await, [people[2].clone()]);
    let rename = json!({ "schemas": [CORE], "id": "x", "displayName": "Guides", "members": [] });
    assert_eq!(patch(&client, &group, &rename).await.status, StatusCode::NO_CONTENT);
    assert_eq!(members(&client, &group).await, [people[2].clone()], "an empty list empties nothing");
    assert_eq!(client.get(&group).await.text("displayName"), "Guides");
    let clear = json!({ "schemas": [CORE], "meta": { "attributes": ["members"] } });
    assert_eq!(patch(&client, &group, &clear).await.status, StatusCode::NO_CONTENT);
    assert!(members(&client, &group).await.is_empty());
}

/// What a strict 2.0 connection refuses as noTarget is the rule of 1.1.
///
/// Rows: 1.1-api-3.3.2-06, 1.1-api-3.3.2-08, 1.1-api-3.3.2-09
#[tokio::test]
async fn a_strict_connection_merges_lists_too() {
    let hub = TestHub::start().await;
    let client = hub.connect("strict", Provider::Strict).await.at_1_1_address();
    let client = client.with_header(http::header::IF_MATCH, "*");
    let created = client.post("/Users", &json!({ "schemas": [CORE], "userName": "s" })).await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    let path = format!("/Users/{}", created.id());
    let work = json!({ "type": "work", "locality": "Scranton", "primary": true });
    let body = json!({ "emails": [{ "value": "s@example.com", "primary": true }], "addresses": [work] });
    let patched = patch(&client, &path, &body).await;
    assert_eq!((patched.status, &patched.body["addresses"]), (StatusCode::OK, &json!([work])), "{:?}", patched.body);
    let mut gone = work.clone();
    gone["operation"] = json!("delete");
    let moved = json!({ "type": "work", "locality": "Stamford", "primary": true });
    let body = json!({ "addresses": [gone, moved], "emails": [{ "value": "t@example.com", "primary": true }] });
    let patched = patch(&client, &path, &body).await;
    assert_eq!(patched.body["addresses"], json!([moved]), "{:?}", patched.body);
    assert_eq!(patched.body["emails"][0]["primary"], false);
    let unknown = patch(&client, &path, &json!({ "shoeSize": 42 })).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
}

/// A name that nobody knows does not keep a person active.
#[tokio::test]
async fn a_deactivation_beside_an_unknown_name_to_remove_happens() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await.at_1_1_address();
    let path = format!("/Users/{}", client.post("/Users", &json!({ "userName": "b", "active": true })).await.id());
    let body = json!({ "active": false, "meta": { "attributes": ["shoeSize", "department"] } });
    assert_eq!(patch(&client, &path, &body).await.status, StatusCode::OK);
    assert_eq!(client.get(&path).await.body["active"], false);
}
