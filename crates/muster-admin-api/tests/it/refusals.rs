//! Bad input gets a clear answer.

use http::Request;
use http::header::{ALLOW, CONTENT_TYPE, WWW_AUTHENTICATE};
use serde_json::json;

use crate::house::{Client, House};

#[tokio::test]
async fn what_is_not_understood_is_refused_with_its_place() {
    let house = House::new().await;
    let owner = house.owner().await;
    for (query, place) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "query"),
        ("offset=1", "offset"),
        ("cursor=!", "cursor"),
    ] {
        let refused = owner.get(&format!("/api/v1/tenants?{query}")).await;
        assert_eq!((refused.status.as_u16(), refused.problem()), (400, "invalid_request"), "{query}");
        assert!(refused.body["detail"].as_str().unwrap().contains(place), "{}", refused.body);
    }
    for body in [json!({}), json!({ "name": 1 }), json!({ "name": "" }), json!({ "name": "a", "nick": "b" }), json!([])]
    {
        let refused = owner.post("/api/v1/tenants", &body).await;
        assert_eq!((refused.status.as_u16(), refused.problem()), (400, "invalid_request"), "{body}");
    }
    let large = json!({ "name": "x".repeat(70_000) });
    assert_eq!(owner.post("/api/v1/tenants", &large).await.problem(), "body_too_large");
    let xml = Request::post("/api/v1/tenants").header(CONTENT_TYPE, "application/xml");
    assert_eq!(owner.send(xml, "<name/>".to_owned()).await.problem(), "unsupported_media_type");
    assert_eq!(owner.get("/api/v1/tenants/nonsense").await.problem(), "not_found");
    assert_eq!(owner.get("/api/v1/nonsense").await.problem(), "not_found");
    let other = owner.call("PUT", "/api/v1/tenants", None).await;
    assert_eq!((other.status.as_u16(), other.problem()), (405, "method_not_allowed"));
    assert!(other.headers[ALLOW].to_str().unwrap().contains("POST"));
}

#[tokio::test]
async fn who_is_nobody_learns_nothing() {
    let house = House::new().await;
    let owner = house.owner().await;
    let connection = house.hub.connect("idp", muster_model::Provider::Generic).await;
    // A connection's token is for SCIM only.
    for token in [None, Some("msk_x".to_owned()), Some(connection.token.clone())] {
        let somebody = Client { token, ..owner.clone() };
        let refused = somebody.post("/api/v1/tenants", &json!({ "nonsense": 1 })).await;
        assert_eq!((refused.status.as_u16(), refused.problem()), (401, "unauthenticated"));
        assert!(refused.headers.contains_key(WWW_AUTHENTICATE));
    }
}

#[tokio::test]
async fn an_error_explains_itself() {
    let house = House::new().await;
    let refused = house.stranger().get("/api/v1/tenants").await;
    let explained = house.stranger().get(refused.body["type"].as_str().unwrap()).await;
    assert_eq!(explained.status, 200);
    assert!(explained.headers[CONTENT_TYPE].to_str().unwrap().starts_with("text/markdown"));
}
