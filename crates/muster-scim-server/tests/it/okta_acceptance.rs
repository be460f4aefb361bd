//! Okta's acceptance test for SCIM 2.0 in its order, and the review cases that follow it: what is pushed afterwards.
//! The test for SCIM 1.1 is in `v1_okta`.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, USER_AGENT};
use http::{Request, StatusCode};
use muster_model::Provider;
use muster_testkit::{TestClient, TestHub, TestResponse};
use serde_json::{Value, json};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

async fn okta(hub: &TestHub) -> TestClient {
    hub.connect("okta", Provider::Okta)
        .await
        .with_header(USER_AGENT, "OKTA SCIM Integration")
        .with_header(ACCEPT, "application/scim+json")
        .with_header(HeaderName::from_static("accept-charset"), "utf-8")
        .with_header(CONTENT_TYPE, "application/scim+json; charset=utf-8")
}

fn person(name: &str) -> Value {
    json!({
        "schemas": [CORE], "userName": name, "name": { "givenName": "Test", "familyName": "User" },
        "emails": [{ "primary": true, "value": name, "type": "work" }], "displayName": "Test User", "locale": "en-US",
        "externalId": "00u1", "groups": [], "password": "canary-1mz050nq", "active": true,
    })
}

fn by_name(name: &str) -> String {
    format!("/Users?filter=userName%20eq%20%22{}%22", name.replace('@', "%40"))
}

fn assert_error(answer: &TestResponse, status: StatusCode) {
    assert_eq!(answer.status, status, "{:?}", answer.body);
    assert_eq!(answer.body["schemas"], json!([ERROR]));
    assert_eq!(answer.text("status"), status.as_str());
    assert!(!answer.text("detail").is_empty());
}

fn assert_list(answer: &TestResponse) {
    assert_eq!((answer.status, &answer.body["schemas"]), (StatusCode::OK, &json!([LIST])));
    for number in ["itemsPerPage", "startIndex", "totalResults"] {
        assert!(answer.body[number].is_u64(), "{number}: {:?}", answer.body);
    }
    assert!(answer.body["Resources"].is_array());
}

#[tokio::test]
async fn the_acceptance_test_is_passed() {
    let hub = TestHub::start().await;
    let client = okta(&hub).await;
    client.post("/Users", &person("first@example.com")).await;

    let first = client.get("/Users?count=1&startIndex=1").await;
    assert_list(&first);
    let user = &first.body["Resources"][0];
    for place in ["/id", "/name/givenName", "/name/familyName", "/userName", "/emails/0/value"] {
        assert!(!user.pointer(place).unwrap().as_str().unwrap().is_empty(), "{place}");
    }
    assert!(user["active"].is_boolean());
    let read = client.get(&format!("/Users/{}", user["id"].as_str().unwrap())).await;
    assert_eq!((read.status, &read.body), (StatusCode::OK, user));

    let nobody = client.get(&by_name("abcdefgh@abcdefgh.com")).await;
    assert_list(&nobody);
    assert_eq!(nobody.body["totalResults"], 0);
    assert_error(&client.get("/Users/010101001010101011001010101011").await, StatusCode::NOT_FOUND);

    let random = "Runscope300_1@example.com";
    assert_eq!(client.get(&by_name(random)).await.body["totalResults"], 0);
    let created = client.clone().with_header(CONTENT_TYPE, "application/json").post("/Users", &person(random)).await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert!(!created.id().is_empty() && created.body["active"] == true);
    assert_eq!(created.body["name"], json!({ "givenName": "Test", "familyName": "User" }));
    assert_eq!((created.body["schemas"].clone(), created.text("userName")), (json!([CORE]), random.to_owned()));
    assert!(!created.body.to_string().contains("canary"), "the password is not shown");
    let read = client.get(&format!("/Users/{}", created.id())).await;
    assert_eq!((read.status, &read.body), (StatusCode::OK, &created.body));
    assert_error(&client.post("/Users", &person(random)).await, StatusCode::CONFLICT);
    let capitals = client.get(&by_name(&random.to_uppercase())).await;
    assert_list(&capitals);
    assert_eq!(capitals.body["Resources"][0]["id"], created.id().as_str());

    assert_list(&client.get("/Groups").await);
    let request = Request::get(format!("/scim/v2/{}/Users?count=1", client.connection));
    let request = request.header(AUTHORIZATION, "non-token").body(axum::body::Body::empty()).unwrap();
    assert_error(&client.call(request).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_person_is_matched_pushed_deactivated_and_brought_back() {
    let hub = TestHub::start().await;
    let client = okta(&hub).await;
    assert_list(&client.get("/Users?startIndex=1&count=2").await);
    assert_list(&client.get("/Groups?startIndex=1&count=100").await);
    let find = format!("{}&startIndex=1&count=100", by_name("o@example.com"));
    assert_eq!(client.get(&find).await.body["totalResults"], 0);
    let created = client.post("/Users", &person("o@example.com")).await;
    let path = format!("/Users/{}", created.id());

    // A profile push reads the person and sends everything back, with an attribute changed and one emptied.
    let mut whole = client.get(&path).await.body;
    whole["name"]["givenName"] = json!("Renamed");
    whole["locale"] = json!("");
    whole["groups"] = json!([]);
    let put = client.put(&path, &whole).await;
    assert_eq!((put.status, &put.body["name"]["givenName"]), (StatusCode::OK, &json!("Renamed")));
    assert!(put.body.get("locale").is_none_or(|locale| locale == ""), "{:?}", put.body);

    // A custom app switches people by PUT, a catalog app by PATCH.
    for active in [false, true] {
        let mut whole = client.get(&path).await.body;
        whole["active"] = json!(active);
        let put = client.put(&path, &whole).await;
        assert_eq!((put.status, &put.body["active"]), (StatusCode::OK, &json!(active)));
        assert_eq!(client.get(&find).await.body["totalResults"], 1, "who is inactive is still found");
    }
    for active in [false, true] {
        let patched = client.patch(&path, json!([{ "op": "replace", "value": { "active": active } }])).await;
        assert_eq!((patched.status, &patched.body["active"]), (StatusCode::OK, &json!(active)));
        assert_eq!(patched.text("userName"), "o@example.com");
    }
    let secret = client.patch(&path, json!([{ "op": "replace", "value": { "password": "canary-new" } }])).await;
    assert_eq!(secret.status, StatusCode::OK);
    assert!(!secret.body.to_string().contains("canary"));

    // An import reads everybody in pages, in an order that stays.
    for number in 0..5 {
        client.post("/Users", &person(&format!("p{number}@example.com"))).await;
    }
    let mut imported = Vec::new();
    for start in [1, 3, 5] {
        let page = client.get(&format!("/Users?startIndex={start}&count=2")).await;
        assert_eq!((&page.body["totalResults"], &page.body["startIndex"]), (&json!(6), &json!(start)));
        imported.extend(page.body["Resources"].as_array().unwrap().iter().map(|one| one["id"].to_string()));
    }
    let everybody: std::collections::BTreeSet<&String> = imported.iter().collect();
    assert_eq!((imported.len(), everybody.len()), (6, 6));
}

#[tokio::test]
async fn a_group_is_pushed_renamed_filled_and_unlinked() {
    let hub = TestHub::start().await;
    let client = okta(&hub).await;
    let (ann, bob) =
        (client.post("/Users", &person("a@x")).await.id(), client.post("/Users", &person("b@x")).await.id());
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Tours", "members": [],
    });
    let group = client.post("/Groups", &body).await;
    assert_eq!((group.status, group.id().is_empty()), (StatusCode::CREATED, false));
    let path = format!("/Groups/{}", group.id());
    let members = async || {
        let shown = client.get(&path).await.body;
        let values = shown.get("members").and_then(Value::as_array).cloned().unwrap_or_default();
        values.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let accepted = async |operations: Value| {
        let answer = client.patch(&path, operations).await;
        assert!([StatusCode::OK, StatusCode::NO_CONTENT].contains(&answer.status), "{:?}", answer.body);
    };
    accepted(json!([{ "op": "replace", "value": { "id": group.id(), "displayName": "Guides" } }])).await;
    accepted(json!([{ "op": "add", "path": "members", "value": [{ "value": ann, "display": "a@x" }] }])).await;
    accepted(json!([
        { "op": "remove", "path": format!("members[value eq \"{ann}\"]") },
        { "op": "add", "path": "members", "value": [{ "value": bob, "display": "b@x" }] },
    ]))
    .await;
    assert_eq!(members().await, std::slice::from_ref(&bob));
    // One member that nobody knows must not lose the push: Okta does not try again.
    accepted(
        json!([{ "op": "add", "path": "members", "value": [{ "value": ann }, { "value": "gone", "display": "?" }] }]),
    )
    .await;
    assert_eq!(members().await.len(), 2);
    accepted(json!([{ "op": "replace", "path": "members", "value": [{ "value": bob }] }])).await;
    assert_eq!(members().await, std::slice::from_ref(&bob));
    accepted(json!([{ "op": "replace", "value": { "members": [{ "value": ann }] } }])).await;
    assert_eq!(members().await, std::slice::from_ref(&ann));
    accepted(json!([{ "op": "replace", "path": "members", "value": [] }])).await;
    assert!(members().await.is_empty());
    let put = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": group.id(), "displayName": "Custom",
        "members": [{ "value": bob, "display": "b@x" }],
    });
    assert_eq!(client.put(&path, &put).await.status, StatusCode::OK);
    assert_eq!(members().await, [bob]);
    assert_eq!(client.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_error(&client.get(&path).await, StatusCode::NOT_FOUND);
}
