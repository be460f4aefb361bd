//! Filters as RFC 7644 section 3.4.2.2 has them, over HTTP.

use http::StatusCode;
use muster_model::Provider;
use muster_testkit::{TestClient, TestHub};
use serde_json::json;

use crate::by_the_book::{ENTERPRISE, asked, connected, created, found, refusal, refused};

async fn people() -> (TestHub, TestClient) {
    let (hub, client) = connected(Provider::Strict).await;
    let people = [
        (
            "ann",
            json!({
                "displayName": "Ann \"A\\B\" \u{c9}t\u{e9}", "title": "Guide", "active": true,
                "name": { "familyName": "Alpha" },
                "emails": [{ "value": "ann@work.example", "type": "work", "primary": true }, { "value": "ann@home.example", "type": "home" }],
                ENTERPRISE: { "employeeNumber": "1" },
            }),
        ),
        (
            "bob",
            json!({
                "title": "", "active": false, "name": { "familyName": "Beta" },
                "emails": [{ "value": "bob@home.example", "type": "home" }],
            }),
        ),
        ("cem", json!({ "title": "Chief" })),
    ];
    for (name, members) in people {
        hub.clock.advance(std::time::Duration::from_mins(1));
        created(&client, name, &members).await;
    }
    (hub, client)
}

/// Rows: 7644-3.4.2.2-06, 7644-3.4.2.2-07, 7644-3.4.2.2-08, 7644-3.4.2.2-11, 7644-3.4.2.2-13, 7644-3.4.2.2-15,
/// 7644-3.4.2.2-16, 7644-3.4.2.2-17, 7644-3.4.2.2-24, 7644-3.4.2.2-25, 7644-3.10-01
/// Ambiguities
#[tokio::test]
async fn each_filter_finds_whom_the_text_says() {
    let (_hub, client) = people().await;
    for (filter, names) in [
        ("userName co \"N\"", &["ann"][..]),
        ("userName sw \"B\"", &["bob"]),
        ("userName ew \"M\"", &["cem"]),
        ("title pr", &["ann", "cem"]),
        ("name pr", &["ann", "bob"]),
        ("active pr", &["ann", "bob"]),
        ("not (title pr)", &["bob"]),
        ("not(title pr)", &["bob"]),
        ("userName gt \"ANN\"", &["bob", "cem"]),
        ("userName le \"bob\"", &["ann", "bob"]),
        ("(userName eq \"ann\" or userName eq \"bob\") and active eq false", &["bob"]),
        ("userName eq \"ann\" or userName eq \"bob\" and active eq true", &["ann"]),
        ("userName eq \"cem\" or not (active eq true) and name pr", &["bob", "cem"]),
        ("emails[type eq \"work\" or (type eq \"home\" and value sw \"bob\")]", &["ann", "bob"]),
        ("emails[not (type eq \"home\")]", &["ann"]),
        ("displayName eq \"ann \\\"a\\\\b\\\" \\u00C9t\\u00e9\"", &["ann"]),
        ("title ne \"guide\"", &["bob", "cem"]),
        ("active ne true", &["bob", "cem"]),
        ("active eq null", &["cem"]),
        ("active ne null", &["ann", "bob"]),
        ("emails ne \"ann@home.example\"", &["bob", "cem"]),
        ("emails co \"@home\"", &["ann", "bob"]),
        ("emails[type eq \"work\"].value eq \"ANN@work.example\"", &["ann"]),
        ("userName eq\"ann\"", &["ann"]),
        ("  USERNAME   EQ   \"ann\"  ", &["ann"]),
        ("schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"", &["ann"]),
        ("URN:IETF:params:scim:schemas:extension:ENTERPRISE:2.0:user:EMPLOYEEnumber eq \"1\"", &["ann"]),
        ("urn:ietf:params:scim:schemas:core:2.0:user:NAME.FamilyName eq \"beta\"", &["bob"]),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr", &["ann"]),
    ] {
        assert_eq!(found(&client, filter).await, names, "{filter}");
    }
}

/// Rows: 7643-2.3.5-02, 7644-3.4.2.2-08
/// Ambiguities: A-44
#[tokio::test]
async fn times_are_instants_in_every_spelling() {
    let (_hub, client) = people().await;
    let bob = asked(&client, "/Users", "userName eq \"bob\"").await.body["Resources"][0].clone();
    let made: jiff::Timestamp = bob["meta"]["created"].as_str().unwrap().parse().unwrap();
    let in_zone =
        |minutes: i32| made.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::Offset::from_seconds(minutes * 60).unwrap()));
    let without_zone = made.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    for spelling in [
        in_zone(120).strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string(),
        in_zone(-330).strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string(),
        format!("{without_zone}"),
        format!("{made}"),
    ] {
        assert_eq!(found(&client, &format!("meta.created eq \"{spelling}\"")).await, ["bob"], "{spelling}");
        assert_eq!(found(&client, &format!("meta.created gt \"{spelling}\"")).await, ["cem"], "{spelling}");
        assert_eq!(found(&client, &format!("meta.created le \"{spelling}\"")).await, ["ann", "bob"], "{spelling}");
    }
    for wrong in ["yesterday", "2026-01-31", "12:00:00Z"] {
        let answer = asked(&client, "/Users", &format!("meta.created gt \"{wrong}\"")).await;
        assert_eq!(refusal(&answer), refused(400, "invalidFilter"), "{wrong}");
    }
}

/// Rows: 7644-3.4.2.2-13, 7644-3.4.2.2-14, 7644-3.4.2.2-15, 7644-3.4.2.2-21, 7644-3.12-03
/// Ambiguities
#[tokio::test]
async fn what_is_no_filter_is_refused_with_the_reason() {
    let (_hub, client) = people().await;
    for filter in [
        "emails[foo eq \"x\"]",
        "emails[type[value pr]]",
        "userName[value pr]",
        "name eq \"x\"",
        "userName eq 'ann'",
        "not userName pr",
        "userName eq \"ann\" and",
        "(userName pr",
        "userName pr)",
        "userName eq \"\\x\"",
        "userName eq tRue",
        "userName eq 1.",
        "userName is \"ann\"",
        "userName regex \"a\"",
        "userName in \"a\"",
        "userName nc \"a\"",
        "RAW@VALUE",
        "urn:example:User:userName pr",
    ] {
        let answer = asked(&client, "/Users", filter).await;
        assert_eq!(refusal(&answer), refused(400, "invalidFilter"), "{filter}");
        assert!(!answer.text("detail").is_empty(), "{filter}");
    }
    for query in ["startIndex=1.5", "count=ten", "count=99999999999999999999999"] {
        let answer = client.get(&format!("/Users?{query}")).await;
        let expected = if query.starts_with("count=9") { answer.status } else { StatusCode::BAD_REQUEST };
        assert_eq!(answer.status, expected, "{query}");
    }
}

/// Rows: 7644-3.4-02, 7644-3.4.2.2-01
#[tokio::test]
async fn a_resource_is_the_same_by_address_and_by_query() {
    let (_hub, client) = people().await;
    assert_eq!(client.get("/ServiceProviderConfig").await.body["filter"]["supported"], true);
    let by_query = asked(&client, "/Users", "userName eq \"bob\"").await.body["Resources"][0].clone();
    let by_address = client.get(&format!("/Users/{}", by_query["id"].as_str().unwrap())).await;
    assert_eq!(by_address.body, by_query);
}

/// Rows: 7644-3.4.3-02, 7644-3.4.3-05
#[tokio::test]
async fn a_search_by_post_names_its_schema_and_always_shows_the_id() {
    let (_hub, client) = people().await;
    let search = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
    let body = json!({ "schemas": [search], "filter": "userName eq \"ann\"", "excludedAttributes": ["id", "schemas", "name"] });
    let answer = client.post("/Users/.search", &body).await;
    let shown = &answer.body["Resources"][0];
    assert!(shown["id"].is_string() && shown["schemas"].is_array() && shown.get("name").is_none(), "{shown:?}");
    for schemas in [json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]), json!([]), json!(null)] {
        let answer = client.post("/Users/.search", &json!({ "schemas": schemas, "filter": "userName pr" })).await;
        assert_eq!(refusal(&answer), refused(400, "invalidSyntax"), "{schemas}");
    }
}
