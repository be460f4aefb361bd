//! The life of a person: POST, GET, PUT, PATCH, DELETE, versions (RFC 7644 sections 3.3 to 3.6 and 3.14).

use http::StatusCode;
use http::header::{IF_MATCH, IF_NONE_MATCH};
use muster_model::Provider;
use muster_testkit::TestHub;
use serde_json::json;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Rows: 7643-2.1-01, 7643-2.1-02, 7643-2.5-01, 7643-2.5-03, 7643-3-01, 7643-3-04, 7643-3-05, 7643-3-06, 7643-3.1-02, 7643-3.1-04, 7643-3.1-06,
/// 7643-3.1-07, 7643-3.1-10, 7643-3.1-13, 7643-3.1-15, 7643-3.1-16, 7643-3.1-17, 7643-3.1-18, 7643-3.1-19, 7643-3.1-20, 7643-3.3-02, 7643-3.3-03,
/// 7643-3.3-05, 7643-4.1.2-12, 7644-3.2-02, 7644-3.3-01, 7644-3.3-05, 7644-3.3-06, 7644-3.3-07, 7644-3.3.1-01, 7644-3.4.1-01, 7644-3.4.1-02,
/// 7644-3.5.1-01, 7644-3.5.1-02, 7644-3.5.1-03, 7644-3.5.1-07, 7644-3.5.1-09, 7644-3.6-02, 7644-3.6-04, 7644-3.6-05, 7644-3.6-06, 7644-3.1-03
#[tokio::test]
async fn a_person_is_created_read_replaced_and_deleted() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;

    let created = client
        .post(
            "/Users",
            &json!({
                "schemas": [USER, ENTERPRISE],
                "id": "mine", "meta": { "created": "1999-01-01T00:00:00Z" }, "groups": [],
                "USERNAME": "bjensen", "name": { "givenName": "Barbara" }, "title": null,
                "emails": [{ "value": "b@example.com", "type": "work", "primary": true }],
                ENTERPRISE: { "department": "Tours" },
            }),
        )
        .await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    let id = created.id();
    assert_ne!(id, "mine");
    assert_eq!(created.body["userName"], "bjensen");
    assert_eq!(created.body[ENTERPRISE]["department"], "Tours");
    assert_eq!(created.body["schemas"], json!([USER, ENTERPRISE]));
    assert!(created.body.get("title").is_none() && created.body.get("groups").is_none());
    assert_eq!(created.body["meta"]["resourceType"], "User");
    assert_eq!(created.body["meta"]["created"], created.body["meta"]["lastModified"]);
    assert_eq!(created.body["meta"]["location"], created.location());
    assert_eq!(
        created.location(),
        format!("https://muster.test/directory/resources/scim/v2.0/{}/Users/{id}", client.connection)
    );
    assert_eq!(created.body["meta"]["version"], created.etag());

    let read = client.get(&format!("/Users/{id}")).await;
    assert_eq!((read.status, &read.body), (StatusCode::OK, &created.body));

    hub.clock.advance(std::time::Duration::from_secs(5));
    let replaced = client
        .put(&format!("/Users/{id}"), &json!({ "schemas": [USER], "id": id, "userName": "babs", "nickName": "B" }))
        .await;
    assert_eq!(replaced.status, StatusCode::OK, "{:?}", replaced.body);
    assert_eq!(replaced.body["userName"], "babs");
    assert!(replaced.body.get("name").is_none(), "what a PUT leaves out is cleared");
    assert!(replaced.body["meta"]["lastModified"].as_str() > replaced.body["meta"]["created"].as_str());
    assert_ne!(replaced.etag(), created.etag());

    let deleted = client.delete(&format!("/Users/{id}")).await;
    assert_eq!((deleted.status, deleted.body.is_null()), (StatusCode::NO_CONTENT, true));
    for gone in [
        client.get(&format!("/Users/{id}")).await,
        client.delete(&format!("/Users/{id}")).await,
        client.put(&format!("/Users/{id}"), &json!({ "schemas": [USER], "userName": "x" })).await,
        client.patch(&format!("/Users/{id}"), json!([{ "op": "remove", "path": "title" }])).await,
    ] {
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
    }
    let again = client.post("/Users", &json!({ "schemas": [USER], "userName": "babs" })).await;
    assert_eq!(again.status, StatusCode::CREATED, "the name is free again");
    assert_ne!(again.id(), id);
}

/// Rows: 7643-4.1.1-02, 7643-7-16, 7643-7-18, 7643-7-08, 7644-3.3-08, 7644-3.5.1-10, 7644-5-01, 7644-7.8-01
/// Ambiguities: A-51
#[tokio::test]
async fn user_names_are_unique_without_regard_to_case_and_form() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    client.post("/Users", &json!({ "schemas": [USER], "userName": "bjensen" })).await;
    for same in ["BJENSEN", "bjensen", "\u{ff42}jensen"] {
        let refused = client.post("/Users", &json!({ "schemas": [USER], "userName": same })).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{same}");
        assert_eq!(refused.text("scimType"), "uniqueness");
        assert!(!refused.text("detail").contains(same), "details repeat no values");
    }
    let other = client.post("/Users", &json!({ "schemas": [USER], "userName": "other" })).await;
    let renamed = client
        .patch(&format!("/Users/{}", other.id()), json!([{ "op": "replace", "path": "userName", "value": "BJensen" }]))
        .await;
    assert_eq!(renamed.status, StatusCode::CONFLICT);
    assert_eq!(client.get(&format!("/Users/{}", other.id())).await.body, other.body, "nothing was changed");
}

/// Rows: 7644-3.14-01, 7644-3.14-02, 7644-3.14-03, 7644-3.14-04, 7644-3.14-05
/// Ambiguities: A-49
#[tokio::test]
async fn conditional_requests_protect_what_others_wrote() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let created = client.post("/Users", &json!({ "schemas": [USER], "userName": "bjensen" })).await;
    let path = format!("/Users/{}", created.id());
    let first = created.etag();

    let unchanged = client.clone().with_header(IF_NONE_MATCH, &first).get(&path).await;
    assert_eq!((unchanged.status, unchanged.etag()), (StatusCode::NOT_MODIFIED, first.clone()));

    let operations = json!([{ "op": "add", "path": "title", "value": "Guide" }]);
    let current = client.clone().with_header(IF_MATCH, &first);
    assert_eq!(current.patch(&path, operations.clone()).await.status, StatusCode::OK);
    let stale = current.patch(&path, operations).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(current.put(&path, &json!({ "userName": "x" })).await.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(current.delete(&path).await.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(client.clone().with_header(IF_NONE_MATCH, &first).get(&path).await.status, StatusCode::OK);
    assert_eq!(client.with_header(IF_MATCH, "*").delete(&path).await.status, StatusCode::NO_CONTENT);
}

/// Rows: 7644-3.5.2.1-07, 7644-3.5.2.1-08
/// Ambiguities: A-18
#[tokio::test]
async fn what_changes_nothing_makes_no_new_version() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let created = client.post("/Users", &json!({ "schemas": [USER], "userName": "b", "title": "Guide" })).await;
    let path = format!("/Users/{}", created.id());
    hub.clock.advance(std::time::Duration::from_secs(5));
    let patched = client.patch(&path, json!([{ "op": "add", "path": "title", "value": "Guide" }])).await;
    assert_eq!((patched.status, &patched.body), (StatusCode::OK, &created.body));
    let replaced = client.put(&path, &created.body).await;
    assert_eq!((replaced.status, &replaced.body), (StatusCode::OK, &created.body));
}

/// Rows: 7644-3.5.2-14, 7644-3.5.2-15, 7644-3.5.2.2-07
#[tokio::test]
async fn a_patch_is_all_or_nothing() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let created = client.post("/Users", &json!({ "schemas": [USER], "userName": "b" })).await;
    let path = format!("/Users/{}", created.id());
    let refused = client
        .patch(
            &path,
            json!([{ "op": "add", "path": "title", "value": "Guide" }, { "op": "remove", "path": "userName" }]),
        )
        .await;
    assert_eq!((refused.status, refused.text("scimType")), (StatusCode::BAD_REQUEST, "mutability".to_owned()));
    assert_eq!(client.get(&path).await.body, created.body);
}

/// Rows: 7643-4.1.1-14, 7643-4.1.1-15, 7643-4.1.1-19, 7643-4.1.1-20, 7643-7-11, 7643-7-13, 7643-9.2-01, 7643-9.2-02, 7644-3.5.1-11,
/// 7644-3.9-05, 7644-3.12-08, 7644-7.5.2-01, 7644-7.7-01
/// Ambiguities: A-25
#[tokio::test]
async fn a_password_is_kept_hashed_and_never_shown() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Okta).await;
    let secret = "canary-password-7361";
    let created = client.post("/Users", &json!({ "schemas": [USER], "userName": "b", "password": secret })).await;
    let path = format!("/Users/{}", created.id());
    assert_eq!(created.status, StatusCode::CREATED);
    assert!(created.body.get("password").is_none());
    for query in ["", "?attributes=password", "?attributes=userName,password"] {
        assert!(client.get(&format!("{path}{query}")).await.body.get("password").is_none());
    }
    let filtered = client.get("/Users?filter=password%20eq%20%22x%22").await;
    assert_eq!(filtered.status, StatusCode::FORBIDDEN);
    assert_eq!(client.patch(&path, json!([{ "op": "replace", "value": { "password": secret } }])).await.status, 200);
    // A PUT without the password keeps it; a PUT with the whole representation does not show it either.
    let replaced = client.put(&path, &json!({ "schemas": [USER], "userName": "b", "title": "x" })).await;
    assert!(replaced.body.get("password").is_none());
    // "Push profile with empty values" must neither erase the password nor make an empty one valid.
    for nothing in [json!(""), serde_json::Value::Null] {
        let pushed = json!({ "schemas": [USER], "userName": "b", "title": "x", "password": nothing });
        assert_eq!(client.put(&path, &pushed).await.etag(), replaced.etag());
    }
    let other = client.post("/Users", &json!({ "schemas": [USER], "userName": "c", "password": "" })).await;
    assert_eq!(other.status, StatusCode::CREATED);

    for entry in std::fs::read_dir(hub.folder()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "the clear password is in the database");
    }
    assert!(stored_password(&hub, &created.id()).await.unwrap().starts_with("$argon2id$"));
    assert_eq!(stored_password(&hub, &other.id()).await, None);
}

async fn stored_password(hub: &TestHub, id: &str) -> Option<String> {
    let directory = hub.app.store().directory(hub_tenant(hub).await, muster_store::Scope::Tenant);
    let id = muster_model::ResourceId::parse(id).unwrap();
    let user = muster_model::TypeName::new("User");
    let stored = directory.find_resource(&user, id, muster_store::Include::default()).await.unwrap().unwrap();
    stored.document.read().unwrap().get("password").and_then(serde_json::Value::as_str).map(str::to_owned)
}

async fn hub_tenant(hub: &TestHub) -> muster_model::TenantId {
    hub.app.store().find_tenant_by_name("default").await.unwrap().unwrap().id
}

/// Rows: 7644-1.3-02, 7644-3.13-01
#[tokio::test]
async fn the_short_address_answers_with_its_own_locations() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await.at_short_address();
    let created = client.post("/users/", &json!({ "schemas": [USER], "userName": "b" })).await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert_eq!(created.location(), format!("https://muster.test/scim/v2/{}/Users/{}", client.connection, created.id()));
}

/// Rows: 7643-3.1-14, 7643-7-12, 7643-7-14, 7644-3.4-01, 7644-3.4.2.5-01, 7644-3.4.2.5-02, 7644-3.4.2.5-03, 7644-3.4.2.5-04, 7644-3.9-01,
/// 7644-3.9-02, 7644-3.9-03, 7644-3.9-04
/// Ambiguities
#[tokio::test]
async fn attributes_choose_what_is_shown() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let body =
        json!({ "schemas": [USER], "userName": "b", "title": "x", "name": { "givenName": "B", "familyName": "J" } });
    let created = client.post("/Users?attributes=userName", &body).await;
    assert_eq!(created.body, json!({ "schemas": [USER], "id": created.id(), "userName": "b" }));
    let path = format!("/Users/{}", created.id());
    let some = client.get(&format!("{path}?attributes=NAME.givenName")).await.body;
    assert_eq!(some, json!({ "schemas": [USER], "id": created.id(), "name": { "givenName": "B" } }));
    let rest = client.get(&format!("{path}?excludedAttributes=name,id,meta")).await.body;
    assert_eq!(rest, json!({ "schemas": [USER], "id": created.id(), "userName": "b", "title": "x" }));
    let both = client.get(&format!("{path}?attributes=name&excludedAttributes=title")).await;
    assert_eq!(both.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn more_looked_up_values_than_an_index_should_carry_are_refused() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let emails: Vec<_> = (0..2000).map(|number| json!({ "value": format!("{number}@example.com") })).collect();
    let refused = client.post("/Users", &json!({ "schemas": [USER], "userName": "b", "emails": emails })).await;
    assert_eq!((refused.status, refused.text("scimType")), (StatusCode::BAD_REQUEST, "invalidValue".to_owned()));
}

/// A page holds up to a thousand of them.
#[tokio::test]
async fn a_resource_may_be_large_and_not_huge() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let large = client.post("/Users", &json!({ "userName": "large", "title": "x".repeat(200_000) })).await;
    assert_eq!(large.status, StatusCode::CREATED);
    let huge = client.post("/Users", &json!({ "userName": "huge", "title": "x".repeat(300_000) })).await;
    assert_eq!((huge.status, huge.text("scimType")), (StatusCode::BAD_REQUEST, "invalidValue".to_owned()));
    let grown = json!([{ "op": "add", "path": "nickName", "value": "y".repeat(100_000) }]);
    assert_eq!(client.patch(&format!("/Users/{}", large.id()), grown).await.status, StatusCode::BAD_REQUEST);
}

/// What is looked up by stands in an index, which has no room for longer values.
#[tokio::test]
async fn a_value_too_long_to_be_looked_up_by_is_refused_by_name() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    for (length, status) in [(2_000, StatusCode::CREATED), (2_001, StatusCode::BAD_REQUEST)] {
        let answer = client.post("/Users", &json!({ "schemas": [USER], "userName": "u".repeat(length) })).await;
        assert_eq!(answer.status, status, "{length}");
        if status == StatusCode::BAD_REQUEST {
            let detail = answer.body["detail"].as_str().unwrap();
            assert!(
                detail.contains("userName") && detail.contains("2000 bytes") && !detail.contains("uuu"),
                "{detail}"
            );
        }
    }
    // A character that PostgreSQL cannot hold takes the room of two.
    for (length, status) in [(1_000, StatusCode::CREATED), (1_001, StatusCode::BAD_REQUEST)] {
        let answer = client.post("/Users", &json!({ "schemas": [USER], "userName": "\u{1}".repeat(length) })).await;
        assert_eq!(answer.status, status, "{length}");
    }
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "g", "members": [{ "value": "m".repeat(2_001) }],
    });
    assert_eq!(client.post("/Groups", &group).await.status, StatusCode::BAD_REQUEST);
}
