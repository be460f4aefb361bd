//! Formats, errors and overridden methods of SCIM 1.1 (protocol 1.1, sections 2, 3.6, 3.9 and 3.12).

use axum::body::Body;
use http::header::{ACCEPT, ALLOW, AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderName, Method, Request, StatusCode};
use muster_model::Provider;
use muster_testkit::{TestHub, TestResponse};
use serde_json::json;

const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

fn assert_error(answer: &TestResponse, status: StatusCode) {
    assert_eq!(answer.status, status, "{:?}", answer.body);
    assert_eq!(answer.header(&CONTENT_TYPE), "application/json; charset=utf-8");
    let description = answer.body["Errors"][0]["description"].as_str().unwrap();
    assert!(!description.is_empty() && !description.contains("urn:ietf"), "{description}");
    assert_eq!(answer.body["Errors"][0]["code"], status.as_u16().to_string());
    assert_eq!(answer.text("detail"), description, "Okta wants it beside the list");
    assert_eq!(answer.body.as_object().unwrap().len(), 2);
    assert_eq!(answer.body["Errors"].as_array().unwrap().len(), 1);
}

/// Rows: 1.1-api-2-01, 1.1-api-2-02
#[tokio::test]
async fn who_calls_is_known_by_the_token() {
    let hub = TestHub::start().await;
    let connected = hub.connect("idp", Provider::Generic).await;
    let client = connected.clone().at_1_1_address();
    let other = hub.connect("other", Provider::Generic).await.at_1_1_address();
    assert_eq!(client.get("/Users").await.status, StatusCode::OK);
    for stranger in [client.clone().with_token(""), client.clone().with_token(&other.token)] {
        for path in ["/Users", "/ServiceProviderConfigs", "/Nothing"] {
            let refused = stranger.get(path).await;
            assert_error(&refused, StatusCode::UNAUTHORIZED);
            assert!(refused.header(&WWW_AUTHENTICATE).starts_with("Bearer"));
        }
    }
    let request = Request::get(format!("/scim/v1/{}/Users", client.connection)).header(AUTHORIZATION, "non-token");
    assert_error(&client.call(request.body(Body::empty()).unwrap()).await, StatusCode::UNAUTHORIZED);
}

/// Rows: 1.1-api-3.9-01, 1.1-api-3.9-02
#[tokio::test]
async fn every_refusal_has_the_shape_of_1_1() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Strict).await.at_1_1_address();
    assert_error(&client.get("/Users/0").await, StatusCode::NOT_FOUND);
    assert_error(&client.get("/Nothing").await, StatusCode::NOT_FOUND);
    assert_error(&client.send_raw(Method::POST, "/Users", b"{".to_vec()).await, StatusCode::BAD_REQUEST);
    assert_error(&client.post("/Users", &json!([])).await, StatusCode::BAD_REQUEST);
    let unknown = json!({ "schemas": ["urn:x"], "userName": "x" });
    assert_error(&client.post("/Users", &unknown).await, StatusCode::BAD_REQUEST);
    let enterprise = "urn:scim:schemas:extension:enterprise:1.0";
    let wrong = client.post("/Users", &json!({ "userName": "x", enterprise: { "manager": { "managerId": 7 } } })).await;
    assert_error(&wrong, StatusCode::BAD_REQUEST);
    assert!(wrong.text("detail").contains(&format!("{enterprise}:manager.managerId")), "{:?}", wrong.body);
    let large = json!({ "userName": "x".repeat(2 << 20) });
    assert_error(&client.post("/Users", &large).await, StatusCode::PAYLOAD_TOO_LARGE);
    let refused = client.send(Method::DELETE, "/Users", None).await;
    assert_error(&refused, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(refused.header(&ALLOW), "GET, HEAD, POST");
    for path in ["/scim/v1", "/scim/v1/", "/scim/v1/nobody/Users"] {
        let lost = client.call(Request::get(path).body(Body::empty()).unwrap()).await;
        assert!(lost.body["Errors"].is_array(), "{path}: {:?}", lost.body);
    }
}

/// Rows: 1.1-api-3-03, 1.1-api-3.6-01
#[tokio::test]
async fn answers_are_json_and_xml_is_refused_with_words() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await.at_1_1_address();
    for accepted in ["application/json", "*/*", "application/xml, application/json;q=0.5", "application/scim+json"] {
        let answer = client.clone().with_header(ACCEPT, accepted).get("/Users").await;
        assert_eq!(answer.status, StatusCode::OK, "{accepted}");
        assert_eq!(answer.header(&CONTENT_TYPE), "application/json; charset=utf-8");
    }
    let refused = client.clone().with_header(ACCEPT, "application/xml").get("/Users").await;
    assert_error(&refused, StatusCode::NOT_ACCEPTABLE);
    assert!(refused.text("detail").contains("xmlDataFormat"));
    for media_type in ["application/xml", "text/xml; charset=utf-8"] {
        let xml = client.clone().with_header(CONTENT_TYPE, media_type);
        let body = b"<User xmlns=\"urn:scim:schemas:core:1.0\"><userName>x</userName></User>".to_vec();
        let refused = xml.send_raw(Method::POST, "/Users", body).await;
        assert_error(&refused, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert!(refused.text("detail").contains("XML"));
    }
    let scim = client.with_header(CONTENT_TYPE, "application/scim+json; charset=utf-8");
    assert_eq!(scim.post("/Users", &json!({ "userName": "x" })).await.status, StatusCode::CREATED);
}

/// Rows: 1.1-api-3.6-02
#[tokio::test]
async fn the_end_of_an_address_can_name_the_format() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await.at_1_1_address();
    let created = client.post("/Users.json", &json!({ "userName": "x" })).await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert!(!created.location().contains(".json"));
    let path = format!("/Users/{}", created.id());
    let prefers_xml = client.clone().with_header(ACCEPT, "application/xml");
    let read = prefers_xml.get(&format!("{path}.json")).await;
    assert_eq!((read.status, &read.body), (StatusCode::OK, &created.body));
    assert_error(&client.get(&format!("{path}.xml")).await, StatusCode::NOT_ACCEPTABLE);
    assert_error(&client.get("/Users.XML").await, StatusCode::NOT_ACCEPTABLE);
    assert_eq!(client.get("/Schemas/urn:scim:schemas:core:1.0:User.json").await.status, StatusCode::OK);
}

/// Rows: 1.1-api-3.12-01
#[tokio::test]
async fn a_post_stands_for_another_method() {
    let hub = TestHub::start().await;
    let connected = hub.connect("ping", Provider::Ping).await;
    let client = connected.clone().at_1_1_address();
    let path = format!("/Users/{}", client.post("/Users", &json!({ "userName": "x", "title": "T" })).await.id());
    let with = |method: &str| client.clone().with_header(METHOD_OVERRIDE, method);
    let put = with("PUT").post(&path, &json!({ "userName": "y" })).await;
    assert_eq!((put.status, put.text("userName")), (StatusCode::OK, "y".to_owned()));
    assert!(put.body.get("title").is_none());
    let patched = with("patch").post(&path, &json!({ "title": "U" })).await;
    assert_eq!((patched.status, patched.text("title")), (StatusCode::OK, "U".to_owned()));
    assert_error(&with("PURGE").post(&path, &json!({})).await, StatusCode::BAD_REQUEST);
    assert_eq!(with("DELETE").get(&path).await.status, StatusCode::OK, "only a POST is overridden");
    let in_2_0 = connected.with_header(METHOD_OVERRIDE, "DELETE");
    assert_eq!(in_2_0.post(&path, &json!({})).await.status, StatusCode::METHOD_NOT_ALLOWED, "2.0 has no such header");
    assert_eq!(with("DELETE").send(Method::POST, &path, None).await.status, StatusCode::OK);
    assert_error(&client.get(&path).await, StatusCode::NOT_FOUND);
}
