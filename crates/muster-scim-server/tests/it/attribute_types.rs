//! The types of attributes over HTTP (RFC 7643 sections 2.3 to 2.5).

use http::{Method, StatusCode};
use muster_model::Provider;
use serde_json::{Value, json};

use crate::by_the_book::{ENTERPRISE, GROUP, asked, connected, created, found, person, refusal, refused};

/// One element of DER: a sequence with nothing in it that a certificate would have, which is enough for its form.
const SEQUENCE: &str = "MAIFAA==";

/// Rows: 7643-1.2-01, 7643-2.3.6-01, 7643-2.3.6-02, 7643-2.3.7-01, 7643-4.1.2-14, 7643-4.1.2-15
/// Ambiguities: A-58
#[tokio::test]
async fn a_strict_connection_takes_only_values_in_the_form_of_their_type() {
    let (_hub, client) = connected(Provider::Strict).await;
    let certificate = |value: &str| json!({ "x509Certificates": [{ "value": value }] });
    for (number, members) in [
        certificate(SEQUENCE),
        certificate("MAIFAA"),
        json!({ "profileUrl": "https://example.com/bjensen" }),
        json!({ "profileUrl": "../people/bjensen" }),
    ]
    .iter()
    .enumerate()
    {
        created(&client, &format!("good{number}"), members).await;
    }
    for members in [
        json!({ "title": { "x": 1 } }),
        json!({ "emails": [{ "value": { "x": 1 } }] }),
        certificate("%%%"),
        certificate("-----BEGIN CERTIFICATE-----"),
        // Two certificates in one value, and something that is none.
        certificate("MAIFADACBQA="),
        certificate("YWJj"),
        json!({ "profileUrl": "not a uri " }),
    ] {
        let answer = client.post("/Users", &person("bad", &members)).await;
        assert_eq!(refusal(&answer), refused(400, "invalidValue"), "{members}");
    }
}

/// Rows: 7643-2.3.7-04, 7643-4.1.1-08
#[tokio::test]
async fn references_are_kept_as_sent_and_compared_exactly() {
    let (_hub, client) = connected(Provider::Generic).await;
    let shown = created(&client, "u", &json!({ "profileUrl": "https://Example.com/a/../B" })).await;
    assert_eq!(shown.body["profileUrl"], "https://Example.com/a/../B");
    assert_eq!(found(&client, "profileUrl eq \"https://Example.com/a/../B\"").await, ["u"]);
    assert!(found(&client, "profileUrl eq \"https://example.com/a/../b\"").await.is_empty());
}

/// Rows: 7643-2.3.7-02, 7643-2.3.7-03, 7643-2.4-06
#[tokio::test]
async fn references_to_resources_lead_to_them_in_every_spelling() {
    let (_hub, client) = connected(Provider::Generic).await;
    let ann = created(&client, "ann", &json!({})).await;
    let id = ann.id();
    let address = |version: &str| format!("https://muster.test/scim/{version}{}/Users/{id}", client.connection);
    for (number, reference) in
        [format!("../Users/{id}"), format!("Users/{id}"), address("v2/"), address("v1/"), address(""), ann.location()]
            .iter()
            .enumerate()
    {
        let body =
            json!({ "schemas": [GROUP], "displayName": format!("g{number}"), "members": [{ "$ref": reference }] });
        let group = client.post("/Groups", &body).await;
        assert_eq!(group.status, StatusCode::CREATED, "{reference}: {:?}", group.body);
        let member = &group.body["members"][0];
        assert_eq!((&member["value"], &member["$ref"]), (&json!(id), &json!(ann.location())), "{reference}");
        let path = format!("/Groups/{}", group.id());
        // The same person by another spelling is the same member.
        let again = json!([{ "op": "add", "path": "members", "value": [{ "$ref": address("v2/"), "value": id }] }]);
        assert_eq!(client.patch(&path, again).await.status, StatusCode::NO_CONTENT);
        assert_eq!(client.get(&path).await.etag(), group.etag(), "{reference}");
        let filter = format!("displayName eq \"g{number}\" and members.$ref eq \"{reference}\"");
        assert_eq!(asked(&client, "/Groups", &filter).await.body["totalResults"], 1, "{reference}");
    }
    let manager = json!({ ENTERPRISE: { "manager": { "value": id, "$ref": format!("../Users/{id}") } } });
    let report = created(&client, "bob", &manager).await;
    let shown = report.body[ENTERPRISE]["manager"]["$ref"].as_str().unwrap().to_owned();
    let base = format!("https://muster.test/directory/resources/scim/v2.0/{}", client.connection);
    let followed = client.get(shown.strip_prefix(&base).unwrap()).await;
    assert_eq!((followed.status, followed.id()), (StatusCode::OK, id));
}

/// Rows: 7643-2.3.8-01, 7643-2.4-01
#[tokio::test]
async fn the_order_of_members_means_nothing_and_objects_in_lists_are_complex() {
    let (_hub, client) = connected(Provider::Strict).await;
    let one = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"one",
                  "name":{"givenName":"G","familyName":"F"},"emails":[{"type":"work","value":"a@example.com"}]}"#;
    let other = r#"{"emails":[{"value":"a@example.com","type":"work"}],
                    "name":{"familyName":"F","givenName":"G"},"userName":"two",
                    "schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}"#;
    let mut shown = Vec::new();
    for body in [one, other] {
        let answer = client.send_raw(Method::POST, "/Users", body.as_bytes().to_vec()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        shown.push((answer.body["name"].clone(), answer.body["emails"].clone()));
    }
    assert_eq!(shown[0], shown[1]);
    assert_eq!(found(&client, "emails[type eq \"work\" and value ew \"example.com\"]").await, ["one", "two"]);
    assert_eq!(found(&client, "emails.type eq \"work\" and name.givenName eq \"g\"").await, ["one", "two"]);
}

/// Rows: 7643-2.4-04, 7643-2.4-07, 7643-2.4-08, 7643-2.4-09
/// Ambiguities: A-27, A-32, A-57, A-60
#[tokio::test]
async fn values_of_lists_are_kept_as_sent_once_each() {
    let (_hub, client) = connected(Provider::Generic).await;
    let emails = json!([
        { "value": "BJ@EXAMPLE.COM", "type": "work" },
        { "value": "BJ@EXAMPLE.COM", "type": "home", "primary": true },
        { "value": "other@example.com", "type": "work" },
        { "value": "bj@example.com", "type": "Work" },
    ]);
    let shown = created(&client, "u", &json!({ "emails": emails })).await.body["emails"].clone();
    let pairs: Vec<(&Value, &Value)> =
        shown.as_array().unwrap().iter().map(|email| (&email["value"], &email["type"])).collect();
    let pair = |value: &'static str, kind: &'static str| (json!(value), json!(kind));
    let expected = [pair("BJ@EXAMPLE.COM", "work"), pair("BJ@EXAMPLE.COM", "home"), pair("other@example.com", "work")];
    assert_eq!(pairs, expected.iter().map(|(value, kind)| (value, kind)).collect::<Vec<_>>());
    for filter in [
        "emails.value eq \"bj@example.com\"",
        "emails[primary eq false and type eq \"work\"]",
        "emails[primary eq true and type eq \"home\"]",
    ] {
        assert_eq!(found(&client, filter).await, ["u"], "{filter}");
    }
    assert!(found(&client, "emails[primary eq false and type eq \"home\"]").await.is_empty());
}
