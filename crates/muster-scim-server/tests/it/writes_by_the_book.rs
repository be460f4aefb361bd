//! PUT, PATCH and DELETE as RFC 7644 sections 3.5 and 3.6 have them, over HTTP. The language of PATCH has its cases in the
//! crate `scim`; here is what only a server can show.

use http::{Method, StatusCode};
use muster_model::Provider;
use serde_json::json;

use crate::by_the_book::{ENTERPRISE, USER, connected, created, found, person, refusal, refused};

/// Rows: 7644-3.5-01, 7644-3.5.1-08
/// Ambiguities
#[tokio::test]
async fn a_put_is_the_whole_resource() {
    for provider in [Provider::Generic, Provider::Strict] {
        let (hub, client) = connected(provider).await;
        let first = created(&client, "u", &json!({ "title": "T", "name": { "givenName": "G" } })).await;
        let path = format!("/Users/{}", first.id());
        hub.clock.advance(std::time::Duration::from_mins(1));
        // What is readOnly is left out of account, whatever it says.
        let mut same = first.body.clone();
        same["meta"]["created"] = json!("1999-01-01T00:00:00Z");
        same["groups"] = json!([{ "value": "nobody" }]);
        same["id"] = json!("another");
        let unchanged = client.put(&path, &same).await;
        assert_eq!((unchanged.status, &unchanged.body), (StatusCode::OK, &first.body), "no new version");
        let replaced = client.put(&path, &person("u", &json!({ "nickName": "N" }))).await;
        assert_eq!((replaced.status, replaced.id()), (StatusCode::OK, first.id()));
        assert!(replaced.body.get("title").is_none() && replaced.body.get("name").is_none());
        assert_ne!(replaced.etag(), first.etag());
        for (body, scim_type) in [
            (json!({ "schemas": [USER], "title": "x" }), "invalidValue"),
            (json!({ "schemas": [USER], "userName": null }), "invalidValue"),
            (json!([]), "invalidSyntax"),
        ] {
            assert_eq!(refusal(&client.put(&path, &body).await), refused(400, scim_type), "{body}");
        }
        assert_eq!(client.get(&path).await.body, replaced.body, "a refused PUT changes nothing");
    }
}

/// Rows: 7644-3.5.2-01, 7644-3.5.2-02, 7644-3.5.2-03, 7644-3.5.2-05, 7644-3.5.2-06, 7644-3.5.2-07, 7644-3.5.2.1-01,
/// 7644-3.5.2.2-01
/// Ambiguities
#[tokio::test]
async fn a_patch_says_what_it_wants() {
    for provider in [Provider::Generic, Provider::Strict] {
        let (_hub, client) = connected(provider).await;
        assert_eq!(client.get("/ServiceProviderConfig").await.body["patch"]["supported"], true);
        let user = created(&client, "u", &json!({ "title": "T" })).await;
        let path = format!("/Users/{}", user.id());
        let patch_op = json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]);
        for body in [
            json!({ "schemas": patch_op, "Operations": [] }),
            json!({ "schemas": patch_op }),
            json!({ "schemas": patch_op, "Operations": { "op": "remove", "path": "title" } }),
            json!({ "schemas": [USER], "Operations": [{ "op": "remove", "path": "title" }] }),
            json!({ "schemas": patch_op, "Operations": [{ "op": "move", "path": "title" }] }),
        ] {
            let answer = client.send(Method::PATCH, &path, Some(&body)).await;
            assert_eq!(refusal(&answer), refused(400, "invalidSyntax"), "{body}");
        }
        let without_schemas = json!({ "Operations": [{ "op": "replace", "path": "title", "value": "T" }] });
        let answer = client.send(Method::PATCH, &path, Some(&without_schemas)).await.status;
        assert_eq!(answer == StatusCode::BAD_REQUEST, provider == Provider::Strict, "{answer}");
        for (operation, scim_type) in [
            (json!({ "op": "add", "path": "title" }), "invalidValue"),
            (json!({ "op": "replace", "path": "title" }), "invalidValue"),
            (json!({ "op": "add", "path": "title", "value": null }), "invalidValue"),
            (json!({ "op": "replace", "path": "title", "value": 5 }), "invalidValue"),
            (json!({ "op": "replace", "path": "emails[", "value": "x" }), "invalidPath"),
            (json!({ "op": "replace", "path": "a b", "value": "x" }), "invalidPath"),
            (json!({ "op": "remove", "path": "emails[type zz \"x\"]" }), "invalidFilter"),
            (json!({ "op": "remove" }), "noTarget"),
            (json!({ "op": "remove", "path": "userName" }), "mutability"),
            (json!({ "op": "replace", "path": "meta.version", "value": "x" }), "mutability"),
        ] {
            assert_eq!(refusal(&client.patch(&path, json!([operation])).await), refused(400, scim_type), "{operation}");
        }
        assert_eq!(client.get(&path).await.etag(), user.etag(), "what is refused changes nothing");
        let any_case = client.patch(&path, json!([{ "op": "REPLACE", "path": "TITLE", "value": "U" }])).await;
        assert_eq!((any_case.status, any_case.text("title")), (StatusCode::OK, "U".to_owned()));
    }
}

/// Rows: 7644-3.5.2.1-05, 7644-3.5.2.2-02, 7644-3.5.2.2-05, 7644-3.5.2.2-06, 7644-3.5.2.3-01, 7644-3.5.2.3-05,
/// 7644-3.5.2.3-06, 7644-3.5.2.3-07, 7644-3.5.2-10, 7644-3.5.2-13
/// Ambiguities
#[tokio::test]
async fn each_operation_does_what_the_text_says() {
    for provider in [Provider::Generic, Provider::Strict] {
        let (_hub, client) = connected(provider).await;
        let mut user = created(&client, "u", &json!({
            "title": "T", "name": { "givenName": "G", "familyName": "F" },
            "emails": [{ "value": "a@x", "type": "work", "primary": true, "display": "A" }, { "value": "b@y", "type": "home" }],
            "addresses": [{ "type": "work", "locality": "Oslo" }, { "type": "work", "locality": "Bergen" }],
        }))
        .await;
        let path = format!("/Users/{}", user.id());
        let extension = format!("{ENTERPRISE}:department");
        for (operations, pointer, expected) in [
            (json!([{ "op": "add", "path": "title", "value": "U" }]), "/title", json!("U")),
            (json!([{ "op": "replace", "value": { "title": "V", "nickName": "N" } }]), "/title", json!("V")),
            (json!([{ "op": "remove", "path": "title" }]), "/title", json!(null)),
            (
                json!([{ "op": "replace", "path": "name", "value": { "givenName": "H" } }]),
                "/name",
                json!({ "givenName": "H", "familyName": "F" }),
            ),
            (
                json!([{ "op": "replace", "path": "addresses[type eq \"work\"].locality", "value": "Bodø" }]),
                "/addresses",
                json!([{ "type": "work", "locality": "Bodø" }]),
            ),
            (
                json!([{ "op": "replace", "path": "emails[type eq \"home\"]", "value": { "value": "c@y", "type": "home" } }]),
                "/emails/1",
                json!({ "value": "c@y", "type": "home" }),
            ),
            (
                json!([{ "op": "add", "path": "emails", "value": [{ "value": "d@z", "primary": true }] }]),
                "/emails/0/primary",
                json!(false),
            ),
            (json!([{ "op": "remove", "path": "emails[type eq \"work\"].display" }]), "/emails/0/display", json!(null)),
            (
                json!([{ "op": "remove", "path": "emails[type eq \"work\" and value ew \"x\"]" }]),
                "/emails/0/value",
                json!("c@y"),
            ),
            (json!([{ "op": "replace", "path": "emails", "value": [] }]), "/emails", json!(null)),
            (
                json!([{ "op": "add", "path": "schemas", "value": [ENTERPRISE] }, { "op": "add", "path": extension, "value": "D" }]),
                "/schemas/1",
                json!(ENTERPRISE),
            ),
        ] {
            let answer = client.patch(&path, operations.clone()).await;
            assert_eq!(answer.status, StatusCode::OK, "{provider} {operations}: {:?}", answer.body);
            let shown = answer.body.pointer(pointer).cloned().unwrap_or_default();
            assert_eq!(shown, expected, "{provider} {operations}: {:?}", answer.body);
            assert_ne!(answer.etag(), user.etag(), "{operations}");
            user = answer;
        }
        for operations in [
            json!([{ "op": "remove", "path": "emails[type eq \"other\"]" }]),
            json!([{ "op": "add", "path": "nickName", "value": "N" }]),
        ] {
            let answer = client.patch(&path, operations.clone()).await;
            assert_eq!((answer.status, answer.etag()), (StatusCode::OK, user.etag()), "{operations} changes nothing");
        }
    }
}

/// Rows: 7644-3.6-01, 7644-3.6-03
/// Ambiguities: A-50
#[tokio::test]
async fn who_is_deleted_is_found_by_nothing_and_who_is_inactive_stays() {
    let (hub, client) = connected(Provider::Generic).await;
    let ann = created(&client, "ann", &json!({ "externalId": "7", "emails": [{ "value": "a@x" }] })).await;
    let bob = created(&client, "bob", &json!({ "active": false })).await;
    assert_eq!(client.delete(&format!("/Users/{}", ann.id())).await.status, StatusCode::NO_CONTENT);
    for filter in [
        "userName eq \"ann\"",
        "externalId eq \"7\"",
        "emails eq \"a@x\"",
        "userName sw \"a\"",
        "meta.created pr and userName co \"nn\"",
    ] {
        assert!(found(&client, filter).await.is_empty(), "{filter}");
    }
    assert!(found(&client, &format!("id eq \"{}\"", ann.id())).await.is_empty());
    assert_eq!(found(&client, "userName pr").await, ["bob"]);
    for query in ["/Users", "/", "/Users?sortBy=userName", "/Users?cursor"] {
        assert_eq!(client.get(query).await.body["totalResults"], 1, "{query}");
    }
    assert_eq!(client.get(&format!("/Users/{}", bob.id())).await.body["active"], false);
    // Nothing of the person is kept.
    let tenant = hub.app.store().find_tenant_by_name("default").await.unwrap().unwrap().id;
    let id = muster_model::ResourceId::parse(&ann.id()).unwrap();
    let directory = hub.app.store().directory(tenant, muster_store::Scope::Tenant);
    let user = muster_model::TypeName::new("User");
    assert!(directory.find_resource(&user, id, muster_store::Include::default()).await.unwrap().is_none());
}
