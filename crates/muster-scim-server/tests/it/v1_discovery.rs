//! Discovery in SCIM 1.1 (protocol 1.1, section 3; core schema 1.1, sections 9 and 10).

use http::{Method, StatusCode};
use muster_model::Provider;
use muster_testkit::TestHub;
use serde_json::json;

const CORE: &str = "urn:scim:schemas:core:1.0";

/// Rows: 1.1-api-3-01, 1.1-api-3-02, 1.1-core-10-01
/// Ambiguities: A-63
#[tokio::test]
async fn every_endpoint_of_1_1_is_there_and_none_of_2_0() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Strict).await.at_1_1_address();
    let schemas = client.get("/Schemas").await;
    assert_eq!(schemas.status, StatusCode::OK);
    for schema in schemas.body["Resources"].as_array().unwrap() {
        let endpoint = schema["endpoint"].as_str().unwrap();
        assert_eq!(client.get(endpoint).await.status, StatusCode::OK, "{endpoint}");
        for name in [schema["id"].as_str().unwrap(), schema["name"].as_str().unwrap(), endpoint.trim_matches('/')] {
            let one = client.get(&format!("/Schemas/{name}")).await;
            assert_eq!((one.status, &one.body), (StatusCode::OK, schema), "{name}");
        }
        assert_eq!(
            schema["meta"]["location"],
            format!("https://muster.test/scim/v1/{}/Schemas/{}", client.connection, schema["id"].as_str().unwrap())
        );
    }
    assert_eq!(client.get("/ServiceProviderConfigs").await.status, StatusCode::OK);
    for path in [
        "",
        "/",
        "/ServiceProviderConfig",
        "/ResourceTypes",
        "/ResourceTypes/User",
        "/Me",
        "/.search",
        "/Users/.search",
        "/Schemas/urn:nothing",
        "/Nothing",
    ] {
        let missing = client.get(path).await;
        assert_eq!(
            (missing.status, &missing.body["Errors"][0]["code"]),
            (StatusCode::NOT_FOUND, &json!("404")),
            "{path}"
        );
    }
    for path in ["/.search", "/Users/.search", "/Me"] {
        assert_eq!(client.post(path, &json!({})).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

/// The two versions cannot contradict each other about what is supported.
///
/// Rows: 1.1-core-9-01
#[tokio::test]
async fn the_configuration_says_what_2_0_says() {
    let hub = TestHub::start().await;
    let connected = hub.connect("idp", Provider::Generic).await;
    let config = connected.clone().at_1_1_address().get("/ServiceProviderConfigs").await.body;
    let in_2_0 = connected.get("/ServiceProviderConfig").await.body;
    assert_eq!(config["schemas"], json!([CORE]));
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        assert!(config[feature]["supported"].is_boolean(), "{feature}");
        assert_eq!(config[feature], in_2_0[feature], "{feature}");
    }
    assert_eq!(config["xmlDataFormat"], json!({ "supported": false }));
    let scheme = &config["authenticationSchemes"][0];
    assert_eq!((&scheme["type"], scheme["specUrl"].is_string()), (&json!("oauthbearertoken"), true));
    assert!(scheme["name"].is_string() && scheme["description"].is_string());
}

#[tokio::test]
async fn discovery_is_read_only() {
    let hub = TestHub::start().await;
    let client = hub.connect("okta", Provider::Okta).await.at_1_1_address();
    for path in ["/ServiceProviderConfigs", "/ResourceTypes", "/Schemas", "/Schemas/User"] {
        assert_eq!(client.get(path).await.status, StatusCode::OK, "{path}");
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let refused = client.send(method.clone(), path, None).await;
            assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert_eq!(refused.body["Errors"][0]["code"], "405");
        }
    }
    let types = client.get("/ResourceTypes").await.body;
    assert_eq!((&types["totalResults"], &types["Resources"][0]["endpoint"]), (&json!(2), &json!("/Users")));
}
