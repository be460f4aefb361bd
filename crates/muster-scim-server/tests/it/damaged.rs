//! A document that is damaged in the database is told, never shown in part, and never taken for an empty one.

use http::StatusCode;
use muster_model::Provider;
use muster_store_sqlite::SqliteOptions;
use muster_testkit::{TestClient, TestHub, TestResponse};
use serde_json::json;

async fn two_people(hub: &TestHub, client: &TestClient) -> (String, String) {
    let sound = client.post("/Users", &json!({ "userName": "sound", "title": "x" })).await.id();
    let manager = json!({ "value": sound });
    let enterprise = json!({ "manager": manager, "department": "canary" });
    let person = json!({
        "userName": "damaged", "title": "canary",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": enterprise
    });
    let damaged = client.post("/Users", &person).await.id();
    // From outside, as a failing disk would do it.
    let database = rusqlite::Connection::open(hub.folder().join("muster.db")).unwrap();
    let cut = "UPDATE resource_document SET document = substr(document, 1, length(document) - 1)
               WHERE document LIKE '%canary%'";
    assert_eq!(database.execute(cut, []).unwrap(), 1);
    (sound, damaged)
}

fn assert_told(answer: &TestResponse, what: &str) {
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{what}: {:?}", answer.body);
    let body = answer.body.to_string();
    assert!(!body.contains("canary") && !body.contains("Resources"), "{what}: {body}");
    assert!(answer.body["detail"].as_str().unwrap().contains("something went wrong on the server"), "{what}: {body}");
}

#[tokio::test]
async fn a_damaged_document_is_answered_500_and_nothing_of_it_is_shown() {
    let hub = TestHub::start_on(&SqliteOptions::default()).await;
    let client = hub.connect("idp", Provider::Generic).await;
    let (sound, damaged) = two_people(&hub, &client).await;
    let path = format!("/Users/{damaged}");
    let reads = [
        path.as_str(),
        &format!("{path}?attributes=userName"),
        "/Users",
        "/Users?attributes=userName",
        "/Users?cursor",
        "/Users?sortBy=title",
        "/Users?filter=userName+eq+%22damaged%22",
        "/Users?filter=title+co+%22a%22",
        "/",
    ];
    for read in reads {
        assert_told(&client.get(read).await, read);
    }
    let change = json!([{ "op": "replace", "path": "title", "value": "y" }]);
    assert_told(&client.patch(&path, change).await, "PATCH");
    assert_told(&client.put(&path, &json!({ "userName": "new" })).await, "PUT");
    // Who is sound is there, and so is what does not read the document.
    assert_eq!(client.get(&format!("/Users/{sound}")).await.body["title"], "x");
    assert_eq!(client.get("/Users?count=0").await.body["totalResults"], 2);
    assert_told(&client.at_1_1_address().get(&path).await, "1.1");
}
