//! How fast a connection may ask: 429 with `Retry-After`, for this connection alone, and before anything is done.

use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;
use muster_model::Provider;
use muster_testkit::TestHub;
use serde_json::json;

/// Ambiguities: A-71
#[tokio::test]
async fn ten_seconds_worth_at_once_then_the_rate() {
    let hub = TestHub::start().await;
    let client = hub.connect_with("busy", Provider::Generic, &["requests_per_second=2"]).await;
    let other = hub.connect("other", Provider::Generic).await;
    for _ in 0..20 {
        assert_eq!(client.get("/Users").await.status, StatusCode::OK);
    }
    let refused = client.post("/Users", &json!({ "userName": "u" })).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header(&RETRY_AFTER), "1");
    assert_eq!(refused.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(refused.body["status"], "429");
    assert!(refused.text("detail").contains("wait 1 s"), "{:?}", refused.body);
    assert_eq!(
        other.get("/Users").await.body["totalResults"],
        0,
        "another connection is not concerned, and nothing was made"
    );

    hub.clock.advance(Duration::from_secs(1));
    for _ in 0..2 {
        assert_eq!(client.get("/Users").await.status, StatusCode::OK);
    }
    assert_eq!(client.get("/Users").await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn whoever_cannot_prove_who_he_is_takes_nothing_from_the_connection() {
    let hub = TestHub::start().await;
    let client = hub.connect_with("busy", Provider::Generic, &["requests_per_second=1"]).await;
    for _ in 0..30 {
        assert_eq!(client.clone().with_token("msc_wrong").get("/Users").await.status, StatusCode::UNAUTHORIZED);
    }
    for _ in 0..10 {
        assert_eq!(client.get("/Users").await.status, StatusCode::OK);
    }
    assert_eq!(client.get("/Users").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(client.get("/ServiceProviderConfig").await.status, StatusCode::TOO_MANY_REQUESTS);
    let refused = client.clone().at_1_1_address().get("/Users").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "one limit for both versions");
    assert_eq!(refused.body["Errors"][0]["code"], "429", "{:?}", refused.body);
}

#[tokio::test]
async fn zero_is_no_limit() {
    let hub = TestHub::start().await;
    let client = hub.connect_with("busy", Provider::Generic, &["requests_per_second=0"]).await;
    for _ in 0..200 {
        assert_eq!(client.get("/ServiceProviderConfig").await.status, StatusCode::OK);
    }
}

/// Rows: 9865-5.3-02
#[tokio::test]
async fn requests_for_pages_by_cursor_are_limited_like_all_others() {
    let hub = TestHub::start().await;
    let client = hub.connect_with("walker", Provider::Generic, &["requests_per_second=1"]).await;
    for name in ["a", "b"] {
        client.post("/Users", &json!({ "userName": name })).await;
    }
    let first = client.get("/Users?cursor&count=1").await;
    let next = format!("/Users?count=1&cursor={}", first.text("nextCursor"));
    for _ in 0..7 {
        let page = client.get(&next).await.body;
        assert!(page["Resources"][0]["userName"].is_string());
        assert_ne!(page["Resources"][0]["userName"], first.body["Resources"][0]["userName"]);
    }
    let refused = client.get(&next).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header(&RETRY_AFTER), "1");
}
