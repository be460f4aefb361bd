//! `/ServiceProviderConfig` and the endpoints keep to each other (RFC 7643 section 5, RFC 7644 section 4).

use http::header::{AUTHORIZATION, ETAG};
use http::{Method, StatusCode};
use muster_model::Provider;
use serde_json::json;

use crate::by_the_book::{connected, created};

/// Rows: 7643-5-01, 7643-5-02, 7643-5-03, 7643-5-04, 7643-5-05, 7643-5-06, 7643-5-07, 7643-5-08, 7643-5-11, 7644-4-06
/// Ambiguities
#[tokio::test]
async fn what_is_announced_is_so() {
    for provider in [Provider::Generic, Provider::Strict, Provider::Entra] {
        let (_hub, client) = connected(provider).await;
        let config = client.get("/ServiceProviderConfig?count=1&attributes=x").await.body;
        let feature = |name: &str| config[name]["supported"].as_bool().unwrap();
        let user = created(&client, "b", &json!({})).await;
        let path = format!("/Users/{}", user.id());
        created(&client, "a", &json!({})).await;

        let patched = client.patch(&path, json!([{ "op": "add", "path": "title", "value": "x" }])).await;
        assert_eq!(feature("patch"), patched.status.is_success());
        let sorted = client.get("/Users?sortBy=userName").await.body;
        assert_eq!(feature("sort"), sorted["Resources"][0]["userName"] == "a");
        assert_eq!(feature("etag"), patched.headers.contains_key(ETAG));
        assert_eq!(feature("filter"), client.get("/Users?filter=userName+eq+%22a%22").await.body["totalResults"] == 1);
        let most = config["filter"]["maxResults"].as_u64().unwrap();
        assert!(client.get(&format!("/Users?count={}", most + 1)).await.body["itemsPerPage"].as_u64().unwrap() <= most);
        let password = client.get("/Schemas").await.body.to_string().contains("\"password\"");
        assert_eq!(feature("changePassword"), password, "true only where passwords are taken");

        assert!(feature("bulk"));
        let operations = |count: u64| {
            let one = json!({ "method": "DELETE", "path": "/Users/0" });
            let all: Vec<_> = std::iter::repeat_n(one, usize::try_from(count).unwrap()).collect();
            json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": all })
        };
        let most = config["bulk"]["maxOperations"].as_u64().unwrap();
        assert!(config["bulk"]["maxPayloadSize"].is_u64());
        assert_eq!(client.post("/Bulk", &operations(1)).await.status, StatusCode::OK);
        assert_eq!(client.post("/Bulk", &operations(most + 1)).await.status, StatusCode::PAYLOAD_TOO_LARGE);

        let schemes = config["authenticationSchemes"].as_array().unwrap();
        assert!(!schemes.is_empty());
        for scheme in schemes {
            let kind = scheme["type"].as_str().unwrap();
            assert!(["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"].contains(&kind), "{kind}");
            assert!(scheme["name"].is_string() && scheme["description"].is_string());
            for address in ["specUri", "documentationUri"] {
                assert!(scheme[address].as_str().is_none_or(|uri| uri.starts_with("https://")), "{address}");
            }
        }
        assert!(config["documentationUri"].as_str().is_none_or(|uri| uri.starts_with("https://")));
        for resource_type in client.get("/ResourceTypes").await.body["Resources"].as_array().unwrap() {
            let endpoint = resource_type["endpoint"].as_str().unwrap();
            assert_eq!(client.get(endpoint).await.status, StatusCode::OK, "{endpoint}");
        }
        for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
            assert_eq!(client.get(&format!("{path}?filter=id+pr")).await.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
}

/// Rows: 7644-2-04, 7644-2.1-02, 7644-7.3-01, 7644-7.6-01
/// Ambiguities
#[tokio::test]
async fn only_the_bearer_token_of_the_connection_is_a_credential() {
    let (hub, client) = connected(Provider::Generic).await;
    let schemes = client.get("/ServiceProviderConfig").await.body["authenticationSchemes"].clone();
    assert_eq!(schemes.as_array().unwrap().len(), 1);
    assert_eq!(schemes[0]["type"], "oauthbearertoken");
    let token = client.token.clone();
    let mut forged = token.clone();
    let last = forged.pop().unwrap();
    forged.push(if last == 'x' { 'y' } else { 'x' });
    let assertion = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1In0.";
    let without = client.clone().with_token("");
    for credential in [
        format!("Basic {token}"),
        format!("Token {token}"),
        token.clone(),
        format!("Bearer {forged}"),
        format!("Bearer {assertion}"),
        format!("Bearer {token}, Bearer {token}"),
        "Bearer ".to_owned(),
    ] {
        let caller = without.clone().with_header(AUTHORIZATION, &credential);
        for path in ["/Users", "/ServiceProviderConfig", "/Schemas", "/Me"] {
            assert_eq!(caller.get(path).await.status, StatusCode::UNAUTHORIZED, "{path}");
        }
    }
    assert_eq!(without.get(&format!("/Users?access_token={token}")).await.status, StatusCode::UNAUTHORIZED);
    // Nobody without a credential makes the server read a body, however large.
    let large = vec![b'x'; 4 << 20];
    assert_eq!(without.send_raw(Method::POST, "/Users", large).await.status, StatusCode::UNAUTHORIZED);
    // Whoever takes the database finds no token in it.
    for entry in std::fs::read_dir(hub.folder()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()));
    }
    assert_eq!(client.get("/Me").await.status, StatusCode::NOT_IMPLEMENTED, "the token stands for no person");
}
