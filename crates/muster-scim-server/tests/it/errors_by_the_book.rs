//! Media types, status codes and `scimType` (RFC 7644 sections 3.8, 3.11 and 3.12).

use http::header::{ACCEPT, CONTENT_TYPE, IF_MATCH, LOCATION, SET_COOKIE};
use http::{Method, StatusCode};
use muster_model::Provider;
use serde_json::{Value, json};

use crate::by_the_book::{USER, connected, created, person, refusal, refused};

/// Rows: 7644-3.8-01, 7644-3.8-02, 7644-3.8-03, 7644-3.8-04, 7644-3.8-06, 7644-8.1-01
/// Ambiguities: A-66
#[tokio::test]
async fn json_is_read_and_written_under_its_names() {
    let (_hub, client) = connected(Provider::Strict).await;
    let name = "J\u{fc}rgen \u{738b}\u{1f600}";
    let path = format!("/Users/{}", created(&client, "u", &json!({ "displayName": name })).await.id());
    for accept in [
        None,
        Some("application/scim+json"),
        Some("application/json"),
        Some("*/*"),
        Some("text/html, application/*;q=0.1"),
    ] {
        let client = accept.map_or_else(|| client.clone(), |accept| client.clone().with_header(ACCEPT, accept));
        let answer = client.get(&path).await;
        assert_eq!((answer.status, answer.text("displayName")), (StatusCode::OK, name.to_owned()));
        assert_eq!(answer.header(&CONTENT_TYPE), "application/scim+json; charset=utf-8", "{accept:?}");
    }
    for (number, sent) in
        ["application/scim+json", "application/json", "application/json; charset=utf-8", "application/vnd.x+json"]
            .iter()
            .enumerate()
    {
        let body = person(&format!("u{number}"), &json!({ "displayName": name }));
        let answer = client.clone().with_header(CONTENT_TYPE, sent).post("/Users", &body).await;
        assert_eq!((answer.status, answer.text("displayName")), (StatusCode::CREATED, name.to_owned()), "{sent}");
    }
    let latin = b"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"J\xfcrgen\"}".to_vec();
    assert_eq!(refusal(&client.send_raw(Method::POST, "/Users", latin).await), refused(400, "invalidSyntax"));
}

/// Rows: 7644-3.1-01, 7644-3.12-03, 7644-3.12-05, 7644-3.12-06, 7644-7.4-04
/// Ambiguities
#[tokio::test]
async fn each_status_and_kind_of_mistake_has_its_case() {
    let (_hub, client) = connected(Provider::Strict).await;
    let path = format!("/Users/{}", created(&client, "u", &json!({})).await.id());
    let change = async |operation: Value| client.patch(&path, json!([operation])).await;
    let stale = client.clone().with_header(IF_MATCH, "W/\"99\"");
    let many = json!({ "schemas": [USER], "userName": "x".repeat(2 << 20) });
    let cases = [
        (client.send_raw(Method::POST, "/Users", b"{".to_vec()).await, 400, "invalidSyntax"),
        (client.get("/Users?filter=userName").await, 400, "invalidFilter"),
        (client.post("/Users", &person("u", &json!({}))).await, 409, "uniqueness"),
        (change(json!({ "op": "replace", "path": "id", "value": "x" })).await, 400, "mutability"),
        (change(json!({ "op": "replace", "path": "shoeSize", "value": "x" })).await, 400, "invalidPath"),
        (change(json!({ "op": "remove" })).await, 400, "noTarget"),
        (client.post("/Users", &person("v", &json!({ "active": "x" }))).await, 400, "invalidValue"),
        (client.get("/Users?filter=password+pr").await, 403, "sensitive"),
        (client.clone().with_token("").get("/Users").await, 401, ""),
        (client.get("/Schemas?filter=id+pr").await, 403, ""),
        (client.get("/Users/unknown").await, 404, ""),
        (client.delete("/Users").await, 405, ""),
        (stale.delete(&path).await, 412, ""),
        (stale.put(&path, &person("u", &json!({}))).await, 412, ""),
        (client.post("/Users", &many).await, 413, ""),
        (client.get("/Me").await, 501, ""),
    ];
    for (answer, status, scim_type) in &cases {
        assert_eq!(refusal(answer), refused(*status, scim_type), "{:?}", answer.body);
        assert_eq!(answer.body["status"], status.to_string(), "a text, not a number");
        let schema = answer.body["schemas"][0].as_str().unwrap();
        assert!(schema.starts_with("urn:ietf:params:scim:api:"), "{schema}");
        assert!(!answer.text("detail").is_empty());
        assert!(answer.headers.get(SET_COOKIE).is_none(), "no cookies, so none that outlive a session");
    }
    for list in [client.get("/Users").await, client.get("/Schemas").await] {
        assert!(list.body["schemas"][0].as_str().unwrap().starts_with("urn:ietf:params:scim:api:"));
        assert!(list.headers.get(SET_COOKIE).is_none());
    }
}

/// Muster answers at every spelling of an address itself: a client never has to repeat a request elsewhere.
///
/// Rows: 7644-3.12-04, 7644-3.13-03
/// Ambiguities
#[tokio::test]
async fn no_answer_sends_the_client_elsewhere() {
    let (_hub, client) = connected(Provider::Generic).await;
    let user = created(&client, "u", &json!({})).await;
    for path in [
        "/Users/",
        "/users",
        "//Users",
        "/Users//",
        "/",
        "",
        "/ServiceProviderConfig/",
        "/serviceproviderconfig",
        "/schemas",
        "/Schemas/urn%3Aietf%3Aparams%3Ascim%3Aschemas%3Acore%3A2.0%3AUser",
        "/ResourceTypes/User/",
        "/%55sers",
    ] {
        for client in [client.clone(), client.clone().at_short_address()] {
            let answer = client.get(path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {:?}", answer.body);
            assert!(answer.headers.get(LOCATION).is_none_or(|_| path.is_empty()), "{path}");
        }
    }
    for path in [format!("/users/{}", user.id()), format!("/Users/{}/", user.id())] {
        assert_eq!(client.get(&path).await.body, user.body, "{path}");
    }
    // A version that is not spoken is no redirect either; the newest is what both addresses speak.
    let shown = client.get("/Users").await;
    assert_eq!(shown.body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:ListResponse");
    assert_eq!(client.get("/ServiceProviderConfigs").await.status, StatusCode::NOT_FOUND, "the spelling of 1.1");
}
