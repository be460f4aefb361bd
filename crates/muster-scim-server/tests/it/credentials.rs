//! Who may call: tokens, connections, and what a stranger can learn.

use http::StatusCode;
use http::header::WWW_AUTHENTICATE;
use muster_app::{OperatorAccess, connections};
use muster_model::Provider;
use muster_testkit::{TestHub, TestResponse};

fn without_chance(answer: &TestResponse) -> (StatusCode, String, String) {
    (answer.status, answer.body.to_string(), answer.header(&WWW_AUTHENTICATE))
}

/// Rows: 7644-2-02, 7644-2-05, 7644-2-06, 7644-6.1-01
/// Ambiguities: A-61
#[tokio::test]
async fn every_refusal_looks_the_same() {
    let hub = TestHub::start().await;
    let client = hub.connect("one", Provider::Generic).await;
    let other = hub.connect("two", Provider::Generic).await;
    assert_eq!(client.get("/Users").await.status, StatusCode::OK);

    let mut unknown = client.clone();
    unknown.connection = "con_00000000000000000000000000000000".parse().unwrap();
    let refusals = [
        client.clone().with_token("").get("/Users").await,
        client.clone().with_token("non-token").get("/Users").await,
        client.clone().with_token(&other.token).get("/Users").await,
        unknown.get("/Users").await,
        client.clone().with_token(&other.token).get("/Nothing").await,
        client.clone().with_token("").get("/ServiceProviderConfig").await,
    ];
    let first = without_chance(&refusals[0]);
    assert_eq!(first.0, StatusCode::UNAUTHORIZED);
    assert_eq!(refusals[0].text("status"), "401");
    assert!(first.2.starts_with("Bearer"));
    for refusal in &refusals {
        assert_eq!(without_chance(refusal), first);
    }
}

/// Rows: 7644-2.1-03, 7644-7.4-03
#[tokio::test]
async fn a_rotated_or_deleted_token_is_refused_at_once() {
    let hub = TestHub::start().await;
    let client = hub.connect("one", Provider::Generic).await;
    let access = OperatorAccess::of_local_administrator();
    let rotated = connections::rotate_token(&hub.app, &access, client.connection).await.unwrap();
    assert_eq!(client.get("/Users").await.status, StatusCode::UNAUTHORIZED);
    let renewed = client.with_token(rotated.token.expose());
    assert_eq!(renewed.get("/Users").await.status, StatusCode::OK);

    hub.clock.advance(std::time::Duration::from_hours(731 * 24));
    assert_eq!(renewed.get("/Users").await.status, StatusCode::UNAUTHORIZED, "expired");

    let rotated = connections::rotate_token(&hub.app, &access, renewed.connection).await.unwrap();
    let renewed = renewed.with_token(rotated.token.expose());
    assert_eq!(renewed.get("/Users").await.status, StatusCode::OK);
    connections::delete(&hub.app, &access, renewed.connection).await.unwrap();
    assert_eq!(renewed.get("/Users").await.status, StatusCode::UNAUTHORIZED);
}
