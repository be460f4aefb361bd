//! What is kept of calls, and what never is.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{Method, Request, StatusCode};
use http_body::Frame;
use muster_app::OperatorAccess;
use muster_app::requests::{self, RequestDetails, RequestLogSettings};
use muster_model::{BodyNote, Provider, RequestEntry, ScimVersion};
use muster_store::RequestQuery;
use muster_testkit::{TestClient, TestHub};
use serde_json::json;

const PASSWORD: &str = "canary-Pa55word";

fn access() -> OperatorAccess {
    OperatorAccess::of_local_administrator()
}

/// The entries of a tenant, the oldest first.
async fn entries_of(hub: &TestHub, tenant: Option<&str>) -> Vec<RequestEntry> {
    hub.app.settle().await;
    let page =
        requests::list(&hub.app, &access(), tenant.map(|name| name.to_owned().into()), &RequestQuery::newest(1_000))
            .await
            .unwrap();
    page.entries.into_iter().rev().collect()
}

async fn entries(hub: &TestHub) -> Vec<RequestEntry> {
    entries_of(hub, None).await
}

/// Time passes between calls, so that their entries have an order.
fn pass(hub: &TestHub) {
    hub.clock.advance(Duration::from_millis(5));
}

async fn details(hub: &TestHub, entry: &RequestEntry) -> RequestDetails {
    requests::show(&hub.app, &access(), entry.id).await.unwrap()
}

async fn send_passwords(hub: &TestHub, client: &TestClient) {
    let user = "urn:ietf:params:scim:schemas:core:2.0:User";
    let created = client.post("/Users", &json!({"schemas": [user], "userName": "anna", "password": PASSWORD})).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let path = format!("/Users/{}", created.id());
    for operation in [
        json!({"op": "replace", "path": "password", "value": PASSWORD}),
        json!({"op": "Replace", "path": format!("{user}:password"), "value": PASSWORD}),
        json!({"op": "add", "value": {"password": PASSWORD}}),
        json!({"op": "add", "value": {(format!("{user}:password")): PASSWORD}}),
        json!({"op": "add", "path": "nickName", "value": {"clientSecret": PASSWORD}}),
    ] {
        pass(hub);
        client.patch(&path, json!([operation])).await;
    }
    client.put(&path, &json!({"schemas": [user], "userName": "anna", "PassWord": PASSWORD})).await;
    client.post("/Users/.search", &json!({"filter": format!("password eq \"{PASSWORD}\"")})).await;
    client.get(&format!("/Users?filter=password%20eq%20%22{PASSWORD}%22&token={PASSWORD}")).await;
    client.get(&format!("/Users/{PASSWORD}?x={PASSWORD}")).await;
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "PUT", "path": path, "data": {"userName": "anna", "password": PASSWORD}}],
    });
    client.post("/Bulk", &bulk).await;
    let broken = format!("{{\"userName\": \"x\", \"password\": \"{PASSWORD}\"");
    client.send_raw(Method::POST, "/Users", broken.into_bytes()).await;
    let stranger = client.clone().with_token(&format!("{PASSWORD}-no-token"));
    stranger.post("/Users", &json!({"password": PASSWORD})).await;
    let old = client.clone().at_1_1_address();
    old.post("/Users", &json!({"schemas": ["urn:scim:schemas:core:1.0"], "userName": "bert", "password": PASSWORD}))
        .await;
}

/// Rows: 7643-9.2-01
#[tokio::test]
async fn a_password_leaves_no_trace_in_the_database() {
    let hub = TestHub::start().await;
    let client = hub.connect("okta", Provider::Generic).await;
    send_passwords(&hub, &client).await;
    let entries = entries(&hub).await;
    assert!(entries.len() >= 13, "{}", entries.len());
    assert!(!format!("{entries:?}").contains(PASSWORD), "{entries:#?}");
    let created = entries.iter().find(|entry| entry.status == Some(201)).unwrap();
    assert!(created.request_body.text.as_deref().unwrap().contains("\"password\":\"(secret)\""));
    let token = &client.token;
    hub.app.store().close().await;
    for file in std::fs::read_dir(hub.folder()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in [PASSWORD, token] {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()));
        }
    }
}

#[tokio::test]
async fn an_entry_says_what_was_asked_answered_repaired_and_changed() {
    let hub = TestHub::start().await;
    let client = hub.connect("okta", Provider::Generic).await.with_header(USER_AGENT, "Okta SCIM Client 1.0.0");
    let created = client.post("/Users", &json!({"userName": "anna@example.com", "active": "True"})).await;
    pass(&hub);
    client.get("/Users?filter=userName%20eq%20%22anna%40example.com%22&count=2").await;
    pass(&hub);
    let id = created.id();
    client.patch(&format!("/Users/{id}"), json!([{"op": "Replace", "path": "active", "value": "False"}])).await;
    pass(&hub);
    client.post("/Users", &json!({"userName": "anna@example.com"})).await;
    pass(&hub);
    client.delete(&format!("/Users/{id}")).await;
    pass(&hub);
    client.clone().at_1_1_address().get("/Nothing").await;

    let entries = entries(&hub).await;
    let [create, list, patch, refused, delete, nothing] = entries.as_slice() else { panic!("{entries:#?}") };
    assert_eq!((create.method.as_str(), create.path.as_str(), create.status), ("POST", "/Users", Some(201)));
    assert_eq!(create.resource.unwrap().to_string(), id);
    assert_eq!(create.resource_type.as_ref().unwrap().as_str(), "User");
    assert_eq!(create.agent.as_deref(), Some("Okta SCIM Client 1.0.0"));
    assert!(create.credential.is_some() && create.connection == client.connection);
    assert!(create.repairs.iter().any(|(kind, _)| kind == "classic_boolean"), "{:?}", create.repairs);
    assert!(create.request_body.text.as_deref().unwrap().contains("anna@example.com"));
    assert!(create.response_body.text.as_deref().unwrap().contains(&id));
    assert_eq!(create.changes, 1);

    assert_eq!(list.path, "/Users?filter=userName eq \"*\"&count=2");
    assert_eq!((list.changes, list.status), (0, Some(200)));
    assert_eq!(patch.resource.unwrap().to_string(), id);
    assert_eq!((refused.status, refused.code.as_deref()), (Some(409), Some("uniqueness")));
    assert!(refused.detail.as_deref().unwrap().contains("userName"));
    assert_eq!((delete.status, delete.response_body.bytes), (Some(204), None));
    assert_eq!((nothing.version, nothing.code.as_deref()), (ScimVersion::V1_1, Some("unknownAddress")));
    assert!(nothing.detail.is_some());

    let log =
        muster_app::changes::list(&hub.app, &access(), "default", muster_model::Sequence::START, 100).await.unwrap();
    for (entry, change) in [create, patch, delete].into_iter().zip(&log) {
        assert_eq!(details(&hub, entry).await.changes, std::slice::from_ref(change));
    }
    assert_eq!(details(&hub, list).await.changes, []);
    let told = details(&hub, refused).await;
    assert!(told.advice.unwrap().remedy.contains("muster conflict"));
    assert!(details(&hub, create).await.advice.is_none());
}

#[tokio::test]
async fn a_tenant_sees_its_own_calls_only() {
    let hub = TestHub::start().await;
    let ours = hub.connect("okta", Provider::Generic).await;
    let theirs = hub.connect_in("other", "okta", Provider::Generic).await;
    ours.get("/Users").await;
    theirs.get("/Groups").await;
    let (our, their) = (entries(&hub).await, entries_of(&hub, Some("other")).await);
    assert_eq!(our.iter().map(|entry| entry.path.as_str()).collect::<Vec<_>>(), ["/Users"]);
    assert_eq!(their.iter().map(|entry| entry.path.as_str()).collect::<Vec<_>>(), ["/Groups"]);
    // The log outlives the connection.
    hub.disconnect(&ours).await;
    assert_eq!(entries(&hub).await, our);
    assert!(details(&hub, &our[0]).await.connection.is_none());
}

/// A body that never ends.
struct Endless;

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn a_call_whose_client_went_away_is_kept_too() {
    let hub = TestHub::start().await;
    let client = hub.connect("okta", Provider::Generic).await;
    let request = Request::post(format!("/scim/v2/{}/Users", client.connection))
        .header(AUTHORIZATION, format!("Bearer {}", client.token))
        .header(CONTENT_TYPE, "application/scim+json")
        .body(Body::new(Endless))
        .unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(100), client.call(request)).await.is_err());
    let entries = entries(&hub).await;
    assert_eq!((entries[0].status, entries[0].code.as_deref()), (None, Some("notAnswered")));
    assert!(details(&hub, &entries[0]).await.advice.is_some());
}

#[tokio::test]
async fn an_installation_may_keep_less() {
    let log = RequestLogSettings { keeps_bodies: false, ..RequestLogSettings::default() };
    let hub = TestHub::start_keeping(&log).await;
    let client = hub.connect("okta", Provider::Generic).await;
    client.post("/Users", &json!({"userName": "canary"})).await;
    pass(&hub);
    client.post("/Users", &json!({"userName": "canary"})).await;
    let kept = entries(&hub).await;
    assert!(!format!("{kept:?}").contains("canary"), "{kept:#?}");
    assert_eq!(kept[0].request_body.note, Some(BodyNote::NotWanted));
    assert!(kept[0].request_body.bytes.is_some() && kept[1].detail.is_some());

    let log = RequestLogSettings { masked: vec!["userName".to_owned()], ..RequestLogSettings::default() };
    let hub = TestHub::start_keeping(&log).await;
    let client = hub.connect("okta", Provider::Generic).await;
    client.post("/Users", &json!({"userName": "canary", "nickName": "shown"})).await;
    client.get("/Users?filter=userName%20eq%20%22canary%22").await;
    let kept = format!("{:?}", entries(&hub).await);
    assert!(!kept.contains("canary") && kept.contains("shown"), "{kept}");
}

#[tokio::test]
async fn a_bulk_request_is_one_entry_with_all_its_changes() {
    let hub = TestHub::start().await;
    let client = hub.connect("okta", Provider::Generic).await;
    let operations: Vec<_> = ["anna", "bert", "carl"]
        .map(|name| json!({"method": "POST", "path": "/Users", "bulkId": name, "data": {"userName": name}}))
        .into();
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
    let done = client.post("/Bulk", &json!({"schemas": schemas, "Operations": operations})).await;
    assert_eq!(done.status, StatusCode::OK);
    let entries = entries(&hub).await;
    assert_eq!((entries.len(), entries[0].changes), (1, 3));
    assert_eq!(details(&hub, &entries[0]).await.changes.len(), 3);
}
