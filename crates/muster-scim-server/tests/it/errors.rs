//! Every refusal is a SCIM error with nothing else in it (RFC 7644 section 3.12).

use axum::body::Body;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, Request, StatusCode};
use muster_model::Provider;
use muster_testkit::{TestHub, TestResponse};
use serde_json::json;

fn assert_scim_error(answer: &TestResponse, status: StatusCode) {
    assert_eq!(answer.status, status, "{:?}", answer.body);
    assert_eq!(answer.header(&CONTENT_TYPE), "application/scim+json; charset=utf-8");
    assert_eq!(answer.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(answer.text("status"), status.as_u16().to_string());
    assert!(!answer.text("detail").is_empty());
    for name in answer.body.as_object().unwrap().keys() {
        assert!(["schemas", "status", "scimType", "detail"].contains(&name.as_str()), "{name}");
    }
}

/// Rows: 7644-3.11-01, 7644-3.12-01, 7644-3.12-02, 7644-3.2-03, 7644-3.13-02
#[tokio::test]
async fn unknown_addresses_and_methods() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    for path in ["/Nothing", "/Users/0", "/Users/0/x", "/Schemas/x/y", "/Groups/00000000-0000-0000-0000-000000000000"] {
        assert_scim_error(&client.get(path).await, StatusCode::NOT_FOUND);
    }
    for (method, path) in [
        (Method::DELETE, "/Users"),
        (Method::PUT, "/Users"),
        (Method::POST, "/Users/0"),
        (Method::GET, "/Users/.search"),
    ] {
        if method == Method::GET {
            assert_scim_error(&client.get(path).await, StatusCode::METHOD_NOT_ALLOWED);
        } else {
            assert_scim_error(&client.send(method, path, None).await, StatusCode::METHOD_NOT_ALLOWED);
        }
    }
    assert_scim_error(&client.get("/Me").await, StatusCode::NOT_IMPLEMENTED);
    assert_scim_error(&client.get("/Bulk").await, StatusCode::METHOD_NOT_ALLOWED);
    for path in ["/scim", "/scim/v2", "/scim/v2/", "/scim/v9/x/Users", "/directory/x"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        assert_scim_error(&client.call(request).await, StatusCode::NOT_FOUND);
    }
}

/// Rows: 7644-3.3-09, 7644-3.3-10, 7644-3.8-05, 7643-4.1.1-01
/// Ambiguities: A-66
#[tokio::test]
async fn bodies_that_cannot_be_read() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    for body in ["{", "[]", "\"x\"", "nothing", "{\"userName\":}", "\u{0}"] {
        let refused = client.send_raw(Method::POST, "/Users", body.as_bytes().to_vec()).await;
        assert_scim_error(&refused, StatusCode::BAD_REQUEST);
        assert_eq!(refused.text("scimType"), "invalidSyntax", "{body}");
    }
    let deep = format!("{{\"userName\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    assert_scim_error(&client.send_raw(Method::POST, "/Users", deep.into_bytes()).await, StatusCode::BAD_REQUEST);
    let large = json!({ "userName": "x".repeat(2 << 20) });
    assert_scim_error(&client.post("/Users", &large).await, StatusCode::PAYLOAD_TOO_LARGE);
    let xml = client.clone().with_header(CONTENT_TYPE, "text/xml");
    assert_scim_error(&xml.post("/Users", &json!({})).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let only_html = client.clone().with_header(ACCEPT, "text/html");
    assert_scim_error(&only_html.get("/Users").await, StatusCode::NOT_ACCEPTABLE);
    let missing = client.post("/Users", &json!({ "title": "x" })).await;
    assert_scim_error(&missing, StatusCode::BAD_REQUEST);
    assert_eq!(missing.text("scimType"), "invalidValue");
    assert!(missing.text("detail").contains("userName"));
}
