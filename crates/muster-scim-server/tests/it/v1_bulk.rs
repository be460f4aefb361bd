//! Bulk in SCIM 1.1 (protocol 1.1, section 3.5).

use http::StatusCode;
use muster_model::Provider;
use muster_testkit::{TestClient, TestHub, TestResponse};
use serde_json::{Value, json};

const CORE: &str = "urn:scim:schemas:core:1.0";
const ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";

async fn bulk(client: &TestClient, operations: Value) -> TestResponse {
    let answer = client.post("/Bulk", &json!({ "schemas": [CORE], "Operations": operations })).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    assert_eq!(answer.body["schemas"], json!([CORE]));
    answer
}

fn codes(answer: &TestResponse) -> Vec<String> {
    let operations = answer.body["Operations"].as_array().unwrap();
    operations.iter().map(|one| one["status"]["code"].as_str().unwrap_or_default().to_owned()).collect()
}

fn id_of(answer: &TestResponse, position: usize) -> String {
    let location = answer.body["Operations"][position]["location"].as_str().unwrap();
    location.rsplit('/').next().unwrap().to_owned()
}

/// Rows: 1.1-api-3.5-01, 1.1-api-3.5-02
#[tokio::test]
async fn every_method_is_performed_and_answered_with_a_status_object() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await.at_1_1_address();
    let (one, two, three) = (
        client.post("/Users", &json!({ "userName": "one" })).await,
        client.post("/Users", &json!({ "userName": "two", "nickName": "T" })).await,
        client.post("/Users", &json!({ "userName": "three" })).await,
    );
    let answer = bulk(
        &client,
        json!([
            { "method": "POST", "path": "/Users", "bulkId": "qwerty", "data": { "schemas": [CORE], "userName": "Alice" } },
            { "method": "PUT", "path": format!("/Users/{}", one.id()), "version": one.etag(),
              "data": { "schemas": [CORE], "id": one.id(), "userName": "Bob", "emails": ["bob@example.com"] } },
            { "method": "PATCH", "path": format!("/Users/{}", two.id()), "version": two.etag(),
              "data": { "schemas": [CORE], "userName": "Dave", "meta": { "attributes": ["nickName"] } } },
            { "method": "DELETE", "path": format!("/Users/{}", three.id()), "version": three.etag() },
            { "method": "POST", "path": "/Users", "data": { "userName": "nobody" } },
        ]),
    )
    .await;
    assert_eq!(codes(&answer), ["201", "200", "200", "200", "400"]);
    let operations = answer.body["Operations"].as_array().unwrap();
    assert_eq!((&operations[0]["bulkId"], &operations[0]["method"]), (&json!("qwerty"), &json!("POST")));
    assert_eq!(operations[0]["status"], json!({ "code": "201" }));
    assert!(!operations[4]["status"]["description"].as_str().unwrap().is_empty());
    assert!(operations[4].get("location").is_none(), "a POST that failed has no address");
    for operation in &operations[..4] {
        let location = operation["location"].as_str().unwrap();
        let base = format!("https://muster.test/scim/v1/{}/Users/", client.connection);
        assert!(location.starts_with(&base), "{location}");
        assert!(operation.get("response").is_none());
    }
    let bob = client.get(&format!("/Users/{}", one.id())).await;
    assert_eq!(
        (bob.text("userName"), &bob.body["emails"]),
        ("Bob".to_owned(), &json!([{ "value": "bob@example.com" }]))
    );
    assert_eq!(operations[1]["version"], bob.etag());
    let dave = client.get(&format!("/Users/{}", two.id())).await;
    assert_eq!((dave.text("userName"), dave.body.get("nickName")), ("Dave".to_owned(), None));
    assert_eq!(client.get(&format!("/Users/{}", three.id())).await.status, StatusCode::NOT_FOUND);
    let stale = json!([{ "method": "DELETE", "path": format!("/Users/{}", one.id()), "version": one.etag() }]);
    assert_eq!(codes(&bulk(&client, stale).await), ["412"]);
}

/// New resources are named before they exist, in any order, in members and in `managerId`.
///
/// Rows: 1.1-api-3.5-03, 1.1-core-7-01
#[tokio::test]
async fn references_to_new_resources_are_replaced() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await.at_1_1_address();
    let answer = bulk(
        &client,
        json!([
            { "method": "POST", "path": "/Groups", "bulkId": "ytrewq", "data": {
                "schemas": [CORE], "displayName": "Sales Reps", "members": [{ "type": "user", "value": "bulkId:bob" }],
            } },
            { "method": "POST", "path": "/Users", "bulkId": "bob", "data": {
                "schemas": [CORE, ENTERPRISE], "userName": "Bob",
                ENTERPRISE: { "employeeNumber": "11250", "manager": { "managerId": "bulkId:alice" } },
            } },
            { "method": "POST", "path": "/Users", "bulkId": "alice", "data": { "userName": "Alice" } },
            { "method": "PATCH", "path": "/Groups/bulkId:ytrewq", "data": { "members": ["bulkId:alice"] } },
        ]),
    )
    .await;
    assert_eq!(codes(&answer)[..3], ["201", "201", "201"], "{:?}", answer.body);
    assert!(matches!(codes(&answer)[3].as_str(), "200" | "204"), "{:?}", answer.body);
    let (group, bob, alice) = (id_of(&answer, 0), id_of(&answer, 1), id_of(&answer, 2));
    let manager = &client.get(&format!("/Users/{bob}")).await.body[ENTERPRISE]["manager"];
    assert_eq!(manager["managerId"], alice.as_str());
    let members = client.get(&format!("/Groups/{group}")).await.body["members"].clone();
    let values: Vec<&str> = members.as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap()).collect();
    assert_eq!(values, [bob.as_str(), alice.as_str()]);
}

/// Two people who manage each other are a circle that can be; two groups in each other are none.
///
/// Rows: 1.1-api-3.5-04
#[tokio::test]
async fn circles_are_resolved_where_there_can_be_one() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await.at_1_1_address();
    let person = |name: &str, manager: &str| {
        json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": {
            "userName": name, ENTERPRISE: { "manager": { "managerId": format!("bulkId:{manager}") } },
        } })
    };
    let answer = bulk(&client, json!([person("a", "b"), person("b", "a")])).await;
    assert_eq!(codes(&answer), ["201", "201"], "{:?}", answer.body);
    let manager = &client.get(&format!("/Users/{}", id_of(&answer, 0))).await.body[ENTERPRISE]["manager"];
    assert_eq!(manager["managerId"], id_of(&answer, 1));
    let group = |name: &str, member: &str| {
        json!({ "method": "POST", "path": "/Groups", "bulkId": name, "data": {
            "displayName": name, "members": [{ "type": "group", "value": format!("bulkId:{member}") }],
        } })
    };
    let answer = bulk(&client, json!([group("c", "d"), group("d", "c")])).await;
    for code in codes(&answer) {
        assert!(code == "400" || code == "409", "{:?}", answer.body);
    }
}

/// Rows: 1.1-api-3.5-04, 1.1-api-3.5-01
#[tokio::test]
async fn limits_are_announced_kept_and_named() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await.at_1_1_address();
    let announced = client.get("/ServiceProviderConfigs").await.body["bulk"].clone();
    assert_eq!(announced["supported"], true);
    let most = usize::try_from(announced["maxOperations"].as_u64().unwrap()).unwrap();
    let operation = json!({ "method": "DELETE", "path": "/Users/0" });
    let body = json!({ "Operations": vec![operation; most + 1] });
    let size = usize::try_from(announced["maxPayloadSize"].as_u64().unwrap()).unwrap();
    let large = json!({ "Operations": [], "padding": "x".repeat(size) });
    for (body, limit) in [(body, most), (large, size)] {
        let refused = client.post("/Bulk", &body).await;
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(refused.body["Errors"][0]["code"], "413");
        assert!(refused.text("detail").contains(&limit.to_string()), "{:?}", refused.body);
    }
    let failing = json!({ "method": "DELETE", "path": "/Users/0" });
    let body = json!({ "failOnErrors": 1, "Operations": [failing, failing] });
    let answer = client.post("/Bulk", &body).await;
    assert_eq!((answer.status, codes(&answer)), (StatusCode::OK, vec!["404".to_owned()]));
    let both = json!({ "Operations": [failing, failing] });
    assert_eq!(codes(&client.post("/Bulk", &both).await), ["404", "404"], "it goes on unless told otherwise");
    assert_eq!(client.post("/Bulk", &json!({ "Operations": [] })).await.status, StatusCode::BAD_REQUEST);
}

/// Rows: 1.1-api-3.5-02
#[tokio::test]
async fn a_strict_connection_wants_versions() {
    let hub = TestHub::start().await;
    let client = hub.connect("strict", Provider::Strict).await.at_1_1_address();
    let created = client.post("/Users", &json!({ "userName": "x" })).await;
    let path = format!("/Users/{}", created.id());
    let answer = bulk(
        &client,
        json!([
            { "method": "PATCH", "path": path, "data": { "title": "a" } },
            { "method": "PATCH", "path": path, "version": created.etag(), "data": { "title": "b" } },
        ]),
    )
    .await;
    assert_eq!(codes(&answer), ["400", "200"], "{:?}", answer.body);
    assert!(answer.body["Operations"][0]["status"]["description"].as_str().unwrap().contains("version"));
}
