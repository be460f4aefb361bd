//! Bulk (RFC 7644 section 3.7).

mod order;
mod properties;
mod results;

use http::StatusCode;
use muster_model::Provider;
use muster_testkit::{TestClient, TestHub};
use serde_json::{Value, json};

const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn request(operations: &[Value]) -> Value {
    json!({ "schemas": [BULK_REQUEST], "Operations": operations })
}

/// The results of a request that is processed.
async fn send(client: &TestClient, body: &Value) -> Vec<Value> {
    let answer = client.post("/Bulk", body).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    assert_eq!(answer.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
    answer.body["Operations"].as_array().unwrap().clone()
}

async fn bulk(client: &TestClient, operations: &[Value]) -> Vec<Value> {
    send(client, &request(operations)).await
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|result| result["status"].as_str().unwrap()).collect()
}

fn post(bulk_id: &str, endpoint: &str, data: &Value) -> Value {
    json!({ "method": "POST", "path": endpoint, "bulkId": bulk_id, "data": data })
}

fn user(bulk_id: &str) -> Value {
    post(bulk_id, "/Users", &json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": bulk_id }))
}

fn user_under(bulk_id: &str, manager: &str) -> Value {
    let mut operation = user(bulk_id);
    operation["data"]["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]);
    operation["data"][ENTERPRISE] = json!({ "manager": { "value": manager } });
    operation
}

fn group(bulk_id: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|member| json!({ "value": member })).collect();
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
    post(bulk_id, "/Groups", &json!({ "schemas": schemas, "displayName": bulk_id, "members": members }))
}

fn patch(path: &str, operations: &Value) -> Value {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    json!({ "method": "PATCH", "path": path, "data": { "schemas": schemas, "Operations": operations } })
}

fn delete(path: &str) -> Value {
    json!({ "method": "DELETE", "path": path })
}

/// The id at the end of a result's location.
fn id_of(result: &Value) -> String {
    result["location"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

async fn count(client: &TestClient, endpoint: &str) -> u64 {
    client.get(&format!("{endpoint}?count=0")).await.body["totalResults"].as_u64().unwrap()
}

/// Rows: 7644-3.7-01, 7644-3.7.4-01, 7644-3.7.4-02, 7643-5-02
#[tokio::test]
async fn the_announced_limits_are_the_enforced_ones() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Strict).await;
    let announced = client.get("/ServiceProviderConfig").await.body["bulk"].clone();
    assert_eq!(announced, json!({ "supported": true, "maxOperations": 1000, "maxPayloadSize": 1_048_576 }));

    let too_many = vec![delete("/Users/0"); 1001];
    let refused = client.post("/Bulk", &request(&too_many)).await;
    assert_eq!((refused.status, refused.text("status")), (StatusCode::PAYLOAD_TOO_LARGE, "413".to_owned()));
    assert!(refused.text("detail").contains("maxOperations (1000)"), "{:?}", refused.body);
    assert_eq!(bulk(&client, &too_many[..1000]).await.len(), 1000);

    let mut sent = request(&[user("a")]).to_string();
    sent.push_str(&" ".repeat(1_048_577 - sent.len()));
    let refused = client.send_raw(http::Method::POST, "/Bulk", sent.clone().into_bytes()).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(refused.text("detail").contains("maxPayloadSize (1048576 bytes)"), "{:?}", refused.body);
    assert_eq!(count(&client, "/Users").await, 0);
    sent.pop();
    assert_eq!(client.send_raw(http::Method::POST, "/Bulk", sent.into_bytes()).await.status, StatusCode::OK);
    assert_eq!(client.get("/Bulk").await.status, StatusCode::METHOD_NOT_ALLOWED);
}

/// Rows: 7644-3.7-02, 7644-3.7-03, 7644-3.7-04, 7644-3.7-13
#[tokio::test]
async fn a_request_that_is_wrong_as_a_whole_is_refused_and_does_nothing() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Strict).await;
    for (body, scim_type) in [
        (json!({ "schemas": ["urn:other"], "Operations": [user("a")] }), "invalidSyntax"),
        (json!({ "schemas": [BULK_REQUEST] }), "invalidSyntax"),
        (json!({ "schemas": [BULK_REQUEST], "Operations": [user("a")], "failOnErrors": 0 }), "invalidValue"),
        (json!({ "schemas": [BULK_REQUEST], "Operations": [user("a")], "failOnErrors": -1 }), "invalidValue"),
    ] {
        let refused = client.post("/Bulk", &body).await;
        assert_eq!((refused.status, refused.text("scimType").as_str()), (StatusCode::BAD_REQUEST, scim_type));
    }
    assert_eq!(count(&client, "/Users").await, 0);
    assert_eq!(client.with_token("").post("/Bulk", &request(&[user("a")])).await.status, StatusCode::UNAUTHORIZED);
}
