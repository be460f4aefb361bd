//! What Okta sends to a SCIM 1.1 service, request for request, and what its acceptance test looks at.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, USER_AGENT};
use http::{Method, Request, StatusCode};
use muster_model::Provider;
use muster_testkit::{TestClient, TestHub, TestResponse};
use serde_json::{Value, json};

const CORE: &str = "urn:scim:schemas:core:1.0";

async fn okta(hub: &TestHub) -> TestClient {
    hub.connect("okta", Provider::Okta)
        .await
        .at_1_1_address()
        .with_header(USER_AGENT, "OKTA SCIM Integration")
        .with_header(ACCEPT, "application/json")
        .with_header(HeaderName::from_static("accept-charset"), "utf-8")
        .with_header(CONTENT_TYPE, "application/json; charset=utf-8")
}

fn person(name: &str) -> Value {
    json!({
        "schemas": [CORE], "userName": name, "name": { "givenName": "Test", "familyName": "User" },
        "emails": [{ "primary": true, "value": name, "type": "work" }], "displayName": "Test User",
        "locale": "en_US", "externalId": "00u1", "groups": [], "password": "canary-1mz050nq", "active": true,
    })
}

fn assert_not_found(answer: &TestResponse) {
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(!answer.text("detail").is_empty());
    assert_eq!(answer.body["Errors"][0]["code"], "404");
    assert!(!answer.body["Errors"][0]["description"].as_str().unwrap().is_empty());
}

/// The acceptance test for SCIM 1.1, in its order.
#[tokio::test]
async fn the_acceptance_test_is_passed() {
    let hub = TestHub::start().await;
    let client = okta(&hub).await;
    client.post("/Users", &person("first@example.com")).await;

    let first = client.get("/Users?count=1&startIndex=1").await;
    assert_eq!((first.status, &first.body["schemas"]), (StatusCode::OK, &json!([CORE])));
    for number in ["itemsPerPage", "startIndex", "totalResults"] {
        assert!(first.body[number].is_u64(), "{number}");
    }
    let user = &first.body["Resources"][0];
    for place in ["/id", "/name/givenName", "/name/familyName", "/userName", "/emails/0/value"] {
        assert!(!user.pointer(place).unwrap().as_str().unwrap().is_empty(), "{place}");
    }
    assert!(user["active"].is_boolean());
    let read = client.get(&format!("/Users/{}", user["id"].as_str().unwrap())).await;
    assert_eq!((read.status, &read.body), (StatusCode::OK, user));

    let invalid = client.get("/Users?filter=userName%20eq%20%22abcdefgh%40abcdefgh.com%22").await;
    assert_eq!((invalid.status, &invalid.body["totalResults"]), (StatusCode::OK, &json!(0)));
    assert_eq!(invalid.body["Resources"], json!([]));
    assert_not_found(&client.get("/Users/010101001010101011001010101011").await);

    let random = "Runscope300_1@example.com";
    let by_name = format!("/Users?filter=userName%20eq%20%22{}%22", random.replace('@', "%40"));
    assert_eq!(client.get(&by_name).await.body["totalResults"], 0);
    let created = client.post("/Users", &person(random)).await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert!(!created.id().is_empty() && created.body["active"] == true);
    assert_eq!(created.body["name"], json!({ "givenName": "Test", "familyName": "User" }));
    assert_eq!((created.body["schemas"].clone(), created.text("userName")), (json!([CORE]), random.to_owned()));
    assert!(!created.body.to_string().contains("canary"));
    assert_eq!(client.get(&format!("/Users/{}", created.id())).await.text("userName"), random);
    let twice = client.post("/Users", &person(random)).await;
    assert_eq!((twice.status, &twice.body["Errors"][0]["code"]), (StatusCode::CONFLICT, &json!("409")));
    let capitals = format!("/Users?filter=userName%20eq%20%22{}%22", random.to_uppercase().replace('@', "%40"));
    assert_eq!(client.get(&capitals).await.body["Resources"][0]["id"], created.id().as_str());

    assert_eq!(client.get("/Groups?count=100&startIndex=1").await.status, StatusCode::OK);
    let request = Request::get(format!("/scim/v1/{}/Users?count=1", client.connection));
    let request = request.header(AUTHORIZATION, "non-token").body(axum::body::Body::empty()).unwrap();
    let refused = client.call(request).await;
    assert_eq!((refused.status, refused.text("detail").is_empty()), (StatusCode::UNAUTHORIZED, false));
    assert_eq!(refused.body["Errors"][0]["code"], "401");

    assert_eq!(client.get("/Users?filter=RAW@VALUE").await.status, StatusCode::BAD_REQUEST);
    let schemas = client.get("/Schemas").await;
    assert_eq!(schemas.body["schemas"], json!([CORE, "urn:scim:schemas:core:1.0:ListResponse"]));
    for path in ["/ServiceProviderConfigs", "/ResourceTypes", "/Schemas"] {
        assert_eq!(client.get(path).await.status, StatusCode::OK, "{path}");
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let refused = client.send(method, path, Some(&json!({}))).await;
            assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        }
    }
}

#[tokio::test]
async fn a_person_is_matched_pushed_deactivated_and_brought_back() {
    let hub = TestHub::start().await;
    let client = okta(&hub).await;
    assert_eq!(client.get("/Users?startIndex=1&count=2").await.status, StatusCode::OK);
    assert_eq!(client.get("/Groups?startIndex=1&count=100").await.status, StatusCode::OK);
    let find = "/Users?filter=userName%20eq%20%22o%40example.com%22&startIndex=1&count=100";
    assert_eq!(client.get(find).await.body["totalResults"], 0);
    let mut body = person("o@example.com");
    body["schemas"] = json!([CORE, "urn:scim:schemas:extension:enterprise:1.0", "urn:okta:app:1.0:user:custom"]);
    body["urn:okta:app:1.0:user:custom"] = json!({ "departmentName": "x" });
    body["urn:scim:schemas:extension:enterprise:1.0"] = json!({ "employeeNumber": "7", "department": "" });
    let created = client.post("/Users", &body).await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    let path = format!("/Users/{}", created.id());

    let mut whole = client.get(&path).await.body;
    whole["name"]["givenName"] = json!("Renamed");
    whole["groups"] = json!([]);
    let put = client.put(&path, &whole).await;
    assert_eq!((put.status, &put.body["name"]["givenName"]), (StatusCode::OK, &json!("Renamed")));
    assert_eq!(put.body["urn:scim:schemas:extension:enterprise:1.0"]["employeeNumber"], "7");

    for active in [false, true] {
        let body = json!({ "schemas": [CORE], "id": created.id(), "active": active });
        let patched = client.send(Method::PATCH, &path, Some(&body)).await;
        assert_eq!((patched.status, &patched.body["active"]), (StatusCode::OK, &json!(active)));
        assert_eq!(patched.text("userName"), "o@example.com", "a partial resource replaces nothing else");
        assert_eq!(client.get(find).await.body["totalResults"], 1, "who is inactive is still found");
    }
    let secret = json!({ "schemas": [CORE], "password": "canary-new" });
    let changed = client.send(Method::PATCH, &path, Some(&secret)).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert!(!changed.body.to_string().contains("canary"));
}

#[tokio::test]
async fn a_group_is_pushed_renamed_filled_and_deleted() {
    let hub = TestHub::start().await;
    let client = okta(&hub).await;
    let user = client.post("/Users", &person("o@example.com")).await.id();
    let body = json!({
        "schemas": [CORE, "urn:okta:custom:group:1.0"], "displayName": "Tours", "members": [],
        "urn:okta:custom:group:1.0": { "description": "x" },
    });
    let group = client.post("/Groups", &body).await;
    assert_eq!((group.status, group.text("displayName")), (StatusCode::CREATED, "Tours".to_owned()));
    let path = format!("/Groups/{}", group.id());
    for (body, members) in [
        (json!({ "schemas": [CORE], "id": group.id(), "displayName": "Guides" }), 0),
        (json!({ "schemas": [CORE], "members": [{ "value": user, "display": "o@example.com" }] }), 1),
        (json!({ "schemas": [CORE], "members": [{ "value": user, "display": "o", "operation": "delete" }] }), 0),
    ] {
        let patched = client.send(Method::PATCH, &path, Some(&body)).await;
        assert!(matches!(patched.status, StatusCode::OK | StatusCode::NO_CONTENT), "{:?}", patched.body);
        let read = client.get(&path).await;
        assert_eq!(read.text("displayName"), "Guides");
        assert_eq!(read.body["members"].as_array().map_or(0, Vec::len), members, "{body}");
    }
    assert!(matches!(client.delete(&path).await.status, StatusCode::OK | StatusCode::NO_CONTENT));
    assert_not_found(&client.get(&path).await);
}
