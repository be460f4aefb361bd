//! A group of so many members that its answer is written while the client takes it (docs/adr/0024), seen from outside: an
//! answer like any other.

use http::Method;
use http::header::{CONTENT_LENGTH, IF_NONE_MATCH};
use muster_model::Provider;
use muster_testkit::{TestClient, TestHub};
use serde_json::{Value, json};

use crate::export::{MANY, fill_with_large_group};

async fn large_group() -> (TestHub, TestClient, String) {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    fill_with_large_group(&hub, &client).await;
    let found = client.get("/Groups?filter=externalId%20eq%20%22g%22&excludedAttributes=members").await.body;
    let path = format!("/Groups/{}", found["Resources"][0]["id"].as_str().unwrap());
    (hub, client, path)
}

fn count(body: &Value) -> usize {
    body["members"].as_array().unwrap().len()
}

#[tokio::test]
async fn status_headers_and_text_are_those_of_any_answer() {
    let (_hub, client, path) = large_group().await;
    let shown = client.get(&path).await;
    assert_eq!((shown.status.as_u16(), count(&shown.body)), (200, MANY));
    assert_eq!((&shown.body["members"][7]["type"], &shown.body["displayName"]), (&json!("User"), &json!("All")));
    assert_eq!(shown.body["meta"]["version"], shown.etag().as_str());
    let length = shown.header(&CONTENT_LENGTH);
    assert_eq!(length, shown.body.to_string().len().to_string());
    // In a list it is written the other way.
    let listed = client.get("/Groups?filter=externalId%20eq%20%22g%22").await.body;
    assert_eq!(listed["Resources"][0], shown.body);

    let head = client.send(Method::HEAD, &path, None).await;
    assert_eq!((head.status, head.etag(), head.header(&CONTENT_LENGTH)), (shown.status, shown.etag(), length));
    assert_eq!(head.body, Value::Null);
    let known = client.clone().with_header(IF_NONE_MATCH, &shown.etag()).get(&path).await;
    assert_eq!((known.status.as_u16(), known.etag(), known.body), (304, shown.etag(), Value::Null));
    // And so it is in 1.1.
    let old = client.clone().at_1_1_address().get(&path).await.body;
    assert_eq!(count(&old), MANY);
}

#[tokio::test]
async fn what_the_query_names_and_what_is_left_out_counts_as_everywhere() {
    let (_hub, client, path) = large_group().await;
    let only = client.get(&format!("{path}?attributes=members.value")).await.body;
    assert_eq!(only["members"][MANY - 1].as_object().unwrap().len(), 1);
    assert!(only.get("displayName").is_none() && only.get("id").is_some());
    let without = client.get(&format!("{path}?excludedAttributes=members.type")).await.body;
    assert!(without["members"][0].get("type").is_none() && without["members"][0].get("value").is_some());
    let without = client.get(&format!("{path}?excludedAttributes=members")).await.body;
    assert!(without.get("members").is_none());
}

#[tokio::test]
async fn changes_that_show_the_group_show_it_whole() {
    let (_hub, client, path) = large_group().await;
    let first = client.get(&path).await.body["members"][0]["value"].clone();
    let remove = json!([{ "op": "remove", "path": format!("members[value eq {first}]") }]);
    let patched = client.patch(&format!("{path}?attributes=members"), remove).await;
    assert_eq!((patched.status.as_u16(), count(&patched.body)), (200, MANY - 1));
    let renamed = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Renamed", "externalId": "g",
    });
    let replaced = client.put(&path, &renamed).await;
    assert_eq!((replaced.status.as_u16(), count(&replaced.body)), (200, MANY - 1));
    assert_eq!(replaced.body["displayName"], "Renamed");
}
