//! Discovery (RFC 7644 section 4).

use http::{Method, StatusCode};
use muster_model::Provider;
use muster_testkit::TestHub;
use serde_json::Value;

/// Rows: 7643-6-01, 7643-6-02, 7643-6-03, 7643-6-04, 7643-6-05, 7643-6-06, 7643-7-01, 7643-7-03, 7643-5-01, 7643-5-03, 7644-3.1-02, 7644-3.1-04,
/// 7644-4-01, 7644-4-02, 7644-4-03, 7644-3.2-01, 7644-3.5-02
#[tokio::test]
async fn every_advertised_type_and_schema_is_there() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let types = client.get("/ResourceTypes").await.body;
    assert_eq!(types["totalResults"], 2);
    for resource_type in types["Resources"].as_array().unwrap() {
        let name = resource_type["name"].as_str().unwrap();
        assert_eq!(client.get(&format!("/ResourceTypes/{name}")).await.body, *resource_type);
        assert_eq!(client.get(resource_type["endpoint"].as_str().unwrap()).await.status, StatusCode::OK);
        let mut urns = vec![resource_type["schema"].as_str().unwrap()];
        let extensions = resource_type.get("schemaExtensions").and_then(Value::as_array);
        urns.extend(extensions.into_iter().flatten().map(|extension| extension["schema"].as_str().unwrap()));
        for urn in urns {
            let schema = client.get(&format!("/Schemas/{urn}")).await;
            assert_eq!((schema.status, schema.text("id")), (StatusCode::OK, urn.to_owned()));
        }
    }
    let schemas = client.get("/Schemas").await.body;
    for schema in schemas["Resources"].as_array().unwrap() {
        assert!(!schema["id"].as_str().unwrap().contains(":api:"), "messages are no schemas");
    }
    assert_eq!(client.get("/Schemas/urn:nothing").await.status, StatusCode::NOT_FOUND);
    assert_eq!(client.get("/ResourceTypes/Nothing").await.status, StatusCode::NOT_FOUND);
    let config = client.get("/ServiceProviderConfig").await.body;
    assert_eq!(config["patch"]["supported"], true);
    assert_eq!(config["filter"]["maxResults"], 1000);
}

/// Rows: 7643-5-10, 7643-6-09, 7643-7-02, 7644-3.2-04, 7644-4-04, 7644-4-05
#[tokio::test]
async fn discovery_is_read_only() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/Schemas/urn:x"] {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let refused = client.send(method.clone(), path, None).await;
            assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert_eq!(refused.text("status"), "405");
            assert_eq!(refused.header(&http::header::ALLOW), "GET, HEAD");
        }
        assert_eq!(client.get(&format!("{path}?count=1")).await.status == StatusCode::OK, path != "/Schemas/urn:x");
    }
    assert_eq!(client.get("/Schemas?filter=id+pr").await.status, StatusCode::FORBIDDEN);
}
