//! The life of people and groups in SCIM 1.1 (protocol 1.1, sections 3.1 to 3.4; core schema 1.1, sections 5 to 8).

use http::StatusCode;
use http::header::{CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use muster_model::{Provider, ResourceId, TypeName};
use muster_store::{Include, Scope};
use muster_testkit::TestHub;
use serde_json::json;

const CORE: &str = "urn:scim:schemas:core:1.0";
const ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";

/// Rows: 1.1-api-3.1-01, 1.1-core-5.1-01, 1.1-core-5.1-02, 1.1-core-7-01, 1.1-api-3.10-01, 1.1-core-6.1-01
#[tokio::test]
async fn a_person_is_created_and_shown_in_the_words_of_1_1() {
    let hub = TestHub::start().await;
    let connected = hub.connect("idp", Provider::Generic).await;
    let client = connected.clone().at_1_1_address();
    let created = client
        .post(
            "/Users",
            &json!({
                "schemas": [CORE, ENTERPRISE],
                "userName": "dschrute", "externalId": "701984", "locale": "en_US", "password": "canary-1234",
                "name": { "formatted": "Mr. Dwight Kurt Schrute III", "familyName": "Schrute" },
                ENTERPRISE: { "employeeNumber": "1", "manager": { "managerId": "26118915" } },
            }),
        )
        .await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    assert_eq!(created.header(&CONTENT_TYPE), "application/json; charset=utf-8");
    let id = created.id();
    assert_eq!(created.location(), format!("https://muster.test/scim/v1/{}/Users/{id}", client.connection));
    assert_eq!(created.body["schemas"], json!([CORE, ENTERPRISE]));
    assert_eq!(created.body[ENTERPRISE]["manager"], json!({ "managerId": "26118915" }));
    assert_eq!((&created.body["locale"], &created.body["externalId"]), (&json!("en_US"), &json!("701984")));
    let meta = created.body["meta"].as_object().unwrap();
    let names: Vec<&str> = meta.keys().map(String::as_str).collect();
    assert_eq!(names, ["created", "lastModified", "version", "location"]);
    assert_eq!(meta["location"], created.location());
    assert_eq!(meta["version"], created.etag());
    let text = created.body.to_string();
    assert!(!text.contains("canary") && !text.contains("password") && !text.contains("urn:ietf"), "{text}");

    let read = client.get(&format!("/Users/{id}")).await;
    assert_eq!((read.status, &read.body), (StatusCode::OK, &created.body));
    let in_2_0 = connected.get(&format!("/Users/{id}")).await;
    assert_eq!(in_2_0.body["meta"]["version"], created.etag(), "one directory, two languages");
    let enterprise_2_0 = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    assert_eq!(in_2_0.body[enterprise_2_0]["manager"]["value"], "26118915");

    let bare = client.post("/Users", &json!({ "userName": "without-schemas" })).await;
    assert_eq!((bare.status, &bare.body["schemas"]), (StatusCode::CREATED, &json!([CORE])));
    assert_eq!(client.post("/Users", &json!({ "schemas": [CORE] })).await.status, StatusCode::BAD_REQUEST);
}

/// Rows: 1.1-api-3.1-02, 1.1-api-3.9-02, 1.1-core-6.1-01
#[tokio::test]
async fn a_second_person_of_the_same_name_is_a_conflict() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await.at_1_1_address();
    let body = json!({ "schemas": [CORE], "userName": "dschrute" });
    assert_eq!(client.post("/Users", &body).await.status, StatusCode::CREATED);
    let second = client.post("/Users", &json!({ "schemas": [CORE], "userName": "DSchrute" })).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert_eq!(second.body["Errors"][0]["code"], "409");
    assert!(second.body["Errors"][0]["description"].as_str().unwrap().contains("userName"));
    assert!(second.body.get("scimType").is_none() && second.body.get("status").is_none());
}

/// Rows: 1.1-api-3.3-01, 1.1-api-3.3.1-01, 1.1-api-3.3.1-02, 1.1-api-3.3.1-03
#[tokio::test]
async fn put_replaces_everything_but_the_password() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await.at_1_1_address();
    let created = client
        .post("/Users", &json!({ "userName": "b", "nickName": "Babs", "password": "x", "emails": ["b@example.com"] }))
        .await;
    let path = format!("/Users/{}", created.id());
    let stored_password = stored_password(&hub, &created.id()).await;
    assert!(stored_password.starts_with("$argon2id$"));

    let mut whole = client.get(&path).await.body;
    whole["id"] = json!("another");
    whole["groups"] = json!([{ "value": "x" }]);
    whole["meta"]["created"] = json!("1999-01-01T00:00:00Z");
    whole["meta"]["attributes"] = json!(["userName"]);
    whole.as_object_mut().unwrap().remove("nickName");
    whole["title"] = json!("Guide");
    let put = client.put(&path, &whole).await;
    assert_eq!(put.status, StatusCode::OK, "{:?}", put.body);
    assert_eq!((put.id(), put.text("title"), put.text("userName")), (created.id(), "Guide".into(), "b".into()));
    assert!(put.body.get("nickName").is_none() && put.body.get("groups").is_none());
    assert_eq!(put.body["meta"]["created"], created.body["meta"]["created"]);
    assert_eq!(put.body["emails"], json!([{ "value": "b@example.com" }]));
    assert_eq!(self::stored_password(&hub, &created.id()).await, stored_password);
    let refused = client
        .put(&path, &json!({ "userName": "b", "emails": [{ "value": "b@example.com", "operation": "delete" }] }))
        .await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "only a PATCH deletes elements");
}

/// Reads the document past the server, because no answer shows a password.
async fn stored_password(hub: &TestHub, id: &str) -> String {
    let tenant = hub.app.store().find_tenant_by_name("default").await.unwrap().unwrap();
    let directory = hub.app.store().directory(tenant.id, Scope::Tenant);
    let id = ResourceId::parse(id).unwrap();
    let found = directory.find_resource(&TypeName::new("User"), id, Include::default()).await.unwrap().unwrap();
    let password = found.document.read().unwrap()["password"].as_str().unwrap();
    assert!(password.starts_with("$argon2id$"));
    password.to_owned()
}

/// Rows: 1.1-api-3.4-01, 1.1-api-3.4-02, 1.1-api-3.4-03
#[tokio::test]
async fn what_is_deleted_is_gone_for_every_method_and_its_name_is_free() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await.at_1_1_address();
    let body = json!({ "schemas": [CORE], "userName": "dschrute" });
    let id = client.post("/Users", &body).await.id();
    let path = format!("/Users/{id}");
    let deleted = client.delete(&path).await;
    assert_eq!((deleted.status, deleted.body.is_null()), (StatusCode::OK, true));
    for gone in [
        client.get(&path).await,
        client.put(&path, &body).await,
        client.send(http::Method::PATCH, &path, Some(&json!({ "title": "x" }))).await,
        client.delete(&path).await,
    ] {
        assert_eq!((gone.status, &gone.body["Errors"][0]["code"]), (StatusCode::NOT_FOUND, &json!("404")));
    }
    assert_eq!(client.get("/Users").await.body["totalResults"], 0);
    let again = client.post("/Users", &body).await;
    assert_eq!(again.status, StatusCode::CREATED);
    assert_ne!(again.id(), id);
}

/// Rows: 1.1-core-8-01, 1.1-core-6.2-01, 1.1-core-5.1-03
#[tokio::test]
async fn groups_show_their_members_without_references() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await.at_1_1_address();
    let user = client.post("/Users", &json!({ "userName": "u", "displayName": "U" })).await.id();
    assert_eq!(client.post("/Groups", &json!({ "schemas": [CORE] })).await.status, StatusCode::BAD_REQUEST);
    let body = json!({
        "schemas": [CORE], "displayName": "Tours", "members": [{ "value": user, "type": "user", "display": "other" }],
        "urn:okta:custom:group:1.0": { "description": "x" },
    });
    let group = client.post("/Groups", &body).await;
    assert_eq!(group.status, StatusCode::CREATED, "{:?}", group.body);
    assert_eq!(group.body["members"], json!([{ "value": user, "type": "User" }]));
    let named = client.get(&format!("/Groups/{}?attributes=members.value,members.display", group.id())).await;
    assert_eq!(named.body["members"], json!([{ "value": user, "display": "U" }]), "our name for him, not the client's");
    let read = client.get(&format!("/Users/{user}")).await;
    assert_eq!(read.body["groups"], json!([{ "value": group.id(), "display": "Tours", "type": "direct" }]));
    for id in [user, group.id()] {
        assert!(!id.contains("bulkId:"));
    }
}

/// Rows: 1.1-api-3.11-01
#[tokio::test]
async fn versions_protect_what_others_wrote() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await.at_1_1_address();
    let created = client.post("/Users", &json!({ "userName": "b" })).await;
    let path = format!("/Users/{}", created.id());
    let first = created.etag();
    assert!(first.starts_with("W/\"") && created.body["meta"]["version"] == first.as_str());
    let unchanged = client.clone().with_header(IF_NONE_MATCH, &first).get(&path).await;
    assert_eq!((unchanged.status, unchanged.body.is_null()), (StatusCode::NOT_MODIFIED, true));
    let careful = client.clone().with_header(IF_MATCH, &first);
    let body = json!({ "userName": "b", "title": "x" });
    assert_eq!(careful.put(&path, &body).await.status, StatusCode::OK);
    let stale = careful.put(&path, &json!({ "userName": "c" })).await;
    assert_eq!((stale.status, &stale.body["Errors"][0]["code"]), (StatusCode::PRECONDITION_FAILED, &json!("412")));
    assert_eq!(careful.delete(&path).await.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(client.get(&path).await.body["title"], "x");
}

/// A client MUST name the version; only a strict connection insists.
///
/// Rows: 1.1-api-3.11-02
#[tokio::test]
async fn a_strict_connection_wants_to_know_the_version() {
    let hub = TestHub::start().await;
    for (provider, expected) in
        [(Provider::Okta, StatusCode::OK), (Provider::Strict, StatusCode::PRECONDITION_REQUIRED)]
    {
        let client = hub.connect(provider.as_str(), provider).await.at_1_1_address();
        let created = client.post("/Users", &json!({ "userName": provider.as_str() })).await;
        assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
        let path = format!("/Users/{}", created.id());
        let body = json!({ "schemas": [CORE], "userName": provider.as_str(), "title": "x" });
        assert_eq!(client.put(&path, &body).await.status, expected);
        assert_eq!(client.send(http::Method::PATCH, &path, Some(&json!({ "title": "y" }))).await.status, expected);
        let careful = client.with_header(IF_MATCH, "*");
        assert_eq!(careful.put(&path, &body).await.status, StatusCode::OK);
    }
}
