//! The attributes of people, one by one (RFC 7643 section 4.1).

use http::StatusCode;
use muster_model::Provider;
use serde_json::json;

use crate::by_the_book::{USER, connected, created, found, person, refusal, refused};

/// What the text leaves to the provider is kept as it was sent, and found whatever its letter case.
///
/// Rows: 7643-4.1.1-04, 7643-4.1.1-05, 7643-4.1.1-09, 7643-4.1.1-10, 7643-4.1.1-11, 7643-4.1.1-12, 7643-4.1.2-02,
/// 7643-4.1.2-03, 7643-4.1.2-04, 7643-4.1.2-05, 7643-4.1.2-08, 7643-4.1.2-13, 7643-7-06
/// Ambiguities
#[tokio::test]
async fn attributes_come_back_as_they_were_sent() {
    for provider in [Provider::Generic, Provider::Strict] {
        let (_hub, client) = connected(provider).await;
        let cases = [
            ("name", json!({ "formatted": "Ms. Barbara J Jensen, III" }), "name.formatted co \"JENSEN\""),
            ("name", json!({ "givenName": "B", "familyName": "J" }), "name.familyName eq \"j\""),
            ("name", json!({ "formatted": "Somebody Else", "givenName": "B" }), "name.givenName eq \"b\""),
            ("preferredLanguage", json!("da, en-gb;q=0.8"), "preferredLanguage sw \"DA\""),
            ("locale", json!("en-US"), "locale eq \"EN-us\""),
            ("locale", json!("en_US"), "locale eq \"en_us\""),
            ("timezone", json!("America/Los_Angeles"), "timezone eq \"america/los_angeles\""),
            ("timezone", json!("Mars/Olympus"), "timezone sw \"mars\""),
            (
                "emails",
                json!([{ "value": "a@b.example", "display": "A <a@b.example>", "type": "alias" }]),
                "emails.type eq \"ALIAS\"",
            ),
            ("phoneNumbers", json!([{ "value": "555-555", "type": "sat" }]), "phoneNumbers.value eq \"555-555\""),
            ("phoneNumbers", json!([{ "value": "tel:+1-201-555-0123", "type": "work" }]), "phoneNumbers co \"0123\""),
            ("ims", json!([{ "value": " SomeOne ", "type": "XMPP" }]), "ims.value eq \" someone \""),
            (
                "addresses",
                json!([{ "streetAddress": "100 Universal\nSuite 5", "formatted": "a\r\nb", "country": "US" }]),
                "addresses.streetAddress co \"\\nsuite\"",
            ),
            ("roles", json!([{ "value": "anything at all", "type": "of any kind" }]), "roles.value sw \"Anything\""),
            ("entitlements", json!([{ "value": "{\"id\":1}", "display": "One" }]), "entitlements.display eq \"one\""),
            ("photos", json!([{ "value": "https://photos.example/p.jpg", "type": "thumbnail" }]), "photos.value pr"),
        ];
        for (number, (name, value, filter)) in cases.iter().enumerate() {
            let user = format!("{provider}{number}");
            let shown = created(&client, &user, &json!({ *name: value })).await;
            assert_eq!(&shown.body[*name], value, "{user}");
            assert_eq!(client.get(&format!("/Users/{}", shown.id())).await.body[*name], *value, "{user}");
            assert!(found(&client, filter).await.contains(&user), "{filter}");
        }
    }
}

/// Rows: 7643-4.1.1-06, 7643-4.1.1-07
#[tokio::test]
async fn people_are_called_by_their_display_name_and_told_apart_by_their_user_name() {
    let (_hub, client) = connected(Provider::Generic).await;
    let ann = created(&client, "ann@example.com", &json!({ "displayName": "Ann Example", "nickName": "annie" })).await;
    let bob = created(&client, "annie", &json!({ "nickName": "ann@example.com" })).await;
    assert_eq!(bob.body["nickName"], "ann@example.com", "a nickname names nobody");
    assert_eq!(found(&client, "userName eq \"annie\"").await, ["annie"]);
    let body = json!({ "displayName": "g", "members": [{ "value": ann.id() }] });
    let group = client.post("/Groups?attributes=members.display", &body).await;
    assert_eq!(group.body["members"][0]["display"], "Ann Example");
}

/// Muster has no attribute with a default value: what nobody sets stays unassigned, for every client.
///
/// Rows: 7644-3.3-02, 7644-3.3-03, 7644-3.3-04, 7644-3.4.2.2-20, 7643-6-08
#[tokio::test]
async fn what_is_not_sent_is_not_made_up() {
    for provider in [Provider::Generic, Provider::Strict, Provider::Okta] {
        let (_hub, client) = connected(provider).await;
        let bare = created(&client, "bare", &json!({})).await;
        let nulls = created(&client, "nulls", &json!({ "active": null, "emails": [], "title": null })).await;
        for shown in [&bare, &nulls] {
            let mut names: Vec<&str> = shown.body.as_object().unwrap().keys().map(String::as_str).collect();
            names.sort_unstable();
            assert_eq!(names, ["id", "meta", "schemas", "userName"], "{provider}");
            assert_eq!(shown.body["schemas"], json!([USER]), "an extension may be left out");
        }
        assert!(found(&client, "active pr").await.is_empty(), "{provider}: as the answer showed");
        assert!(found(&client, "active eq true").await.is_empty(), "{provider}");
        assert_eq!(found(&client, "active eq null").await.len(), 2, "{provider}");
    }
}

/// Rows: 7643-4.2-01, 7643-4.2-04
#[tokio::test]
async fn a_group_needs_a_name_and_its_members_name_somebody() {
    for provider in [Provider::Generic, Provider::Strict] {
        let (_hub, client) = connected(provider).await;
        let group = "urn:ietf:params:scim:schemas:core:2.0:Group";
        for body in [
            json!({ "schemas": [group] }),
            json!({ "schemas": [group], "displayName": null }),
            json!({ "schemas": [group], "displayName": "" }),
            json!({ "schemas": [group], "displayName": "g", "members": [{ "type": "User" }] }),
            json!({ "schemas": [group], "displayName": "g", "members": [{ "value": "" }] }),
        ] {
            assert_eq!(refusal(&client.post("/Groups", &body).await), refused(400, "invalidValue"), "{body}");
        }
    }
}

/// Rows: 7643-3.3-01, 7643-3-03
/// Ambiguities
#[tokio::test]
async fn schemas_name_the_base_schema_once_and_each_extension_in_use() {
    let enterprise = crate::by_the_book::ENTERPRISE;
    let (_hub, strict) = connected(Provider::Strict).await;
    let (_other_hub, generic) = connected(Provider::Generic).await;
    let with = |schemas: serde_json::Value, members: serde_json::Value| {
        let mut body = person("u", &members);
        body["schemas"] = schemas;
        body
    };
    for schemas in [json!([enterprise]), json!([]), json!(null), json!([USER, "urn:example:other"])] {
        let body = with(schemas.clone(), json!({}));
        assert_eq!(refusal(&strict.post("/Users", &body).await), refused(400, "invalidSyntax"), "{schemas}");
        let taken = generic.post("/Users", &body).await;
        assert_eq!((taken.status, &taken.body["schemas"]), (StatusCode::CREATED, &json!([USER])), "{schemas}");
        generic.delete(&format!("/Users/{}", taken.id())).await;
    }
    for client in [&strict, &generic] {
        let twice = client.post("/Users", &with(json!([USER, USER]), json!({}))).await;
        assert_eq!((twice.status, &twice.body["schemas"]), (StatusCode::CREATED, &json!([USER])));
        client.delete(&format!("/Users/{}", twice.id())).await;
        // The extension is used and not listed; it is listed when it is used, and no longer when it is empty.
        let used = client.post("/Users", &with(json!([USER]), json!({ enterprise: { "department": "d" } }))).await;
        assert_eq!((used.status, &used.body["schemas"]), (StatusCode::CREATED, &json!([USER, enterprise])));
        let path = format!("/Users/{}", used.id());
        let emptied =
            client.patch(&path, json!([{ "op": "remove", "path": format!("{enterprise}:department") }])).await;
        assert_eq!(emptied.body["schemas"], json!([USER]));
    }
    let object = json!({ "schemas": [USER, "urn:example:other"], "userName": "v", "urn:example:other": { "a": 1 } });
    assert_eq!(refusal(&strict.post("/Users", &object).await), refused(400, "invalidSyntax"));
    assert_eq!(generic.post("/Users", &object).await.status, StatusCode::CREATED, "left out and counted as a repair");
}
