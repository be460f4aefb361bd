//! Two want the same userName: what is answered, what is recorded, and what a person decides.

use http::StatusCode;
use muster_app::OperatorAccess;
use muster_app::ownership::{self, ConflictDetails, ConflictFilter};
use muster_model::{ConflictState, Provider};
use muster_testkit::{TestClient, TestHub, TestResponse};
use serde_json::{Value, json};

use super::world::{owner_of, post};

fn access() -> OperatorAccess {
    OperatorAccess::of_local_administrator()
}

async fn conflicts(hub: &TestHub, state: Option<ConflictState>) -> Vec<ConflictDetails> {
    let filter = ConflictFilter { state, limit: 100, ..ConflictFilter::default() };
    ownership::list(&hub.app, &access(), &filter).await.unwrap()
}

pub(super) async fn open_conflicts(hub: &TestHub) -> usize {
    conflicts(hub, Some(ConflictState::Open)).await.len()
}

fn user(name: &str) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "title": "new" })
}

fn assert_refused(answer: &TestResponse) {
    assert_eq!(answer.status, StatusCode::CONFLICT, "{:?}", answer.body);
    assert_eq!(answer.text("scimType"), "uniqueness");
}

async fn found_by_name(client: &TestClient, name: &str) -> Option<String> {
    let found = client.get(&format!("/Users?filter=userName+eq+%22{name}%22")).await.body;
    found["Resources"][0]["id"].as_str().map(str::to_owned)
}

/// Every way to want what somebody has, answered in the words in which one's own is refused.
/// Rows: 7643-4.1.1-02, 7643-7-16
#[tokio::test]
async fn a_hidden_collision_is_refused_like_any_other_and_recorded_once() {
    let hub = TestHub::start().await;
    let neighbour = hub.connect("neighbour", Provider::Generic).await;
    let asker = hub.connect("asker", Provider::Generic).await;
    let anna = post(&hub, &neighbour, "/Users", json!({ "userName": "anna" })).await;
    let me = post(&hub, &asker, "/Users", json!({ "userName": "me" })).await;
    post(&hub, &asker, "/Users", json!({ "userName": "bob" })).await;
    let path = format!("/Users/{me}");
    let rename = |name: &str| json!([{ "op": "replace", "path": "userName", "value": name }]);
    let bulk = |name: &str| {
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        { "method": "POST", "path": "/Users", "bulkId": "1", "data": user(name) },
    ] })
    };
    let mut seen = 0;
    for (own, hidden) in [
        (asker.post("/Users", &user("BOB")).await, asker.post("/Users", &user("ANNA")).await),
        (asker.put(&path, &user("bob")).await, asker.put(&path, &user("anna")).await),
        (asker.patch(&path, rename("bob")).await, asker.patch(&path, rename("anna")).await),
    ] {
        assert_refused(&own);
        assert_eq!((own.body, own.status), (hidden.body, hidden.status));
        seen += 1;
    }
    let (own, hidden) = (asker.post("/Bulk", &bulk("bob")).await, asker.post("/Bulk", &bulk("anna")).await);
    assert_eq!(own.body["Operations"][0]["status"], json!("409"));
    assert_eq!(own.body, hidden.body);
    seen += 1;

    let found = conflicts(&hub, None).await;
    let [only] = found.as_slice() else { panic!("one conflict, not {}", found.len()) };
    assert_eq!((only.conflict.count, only.conflict.state), (seen, ConflictState::Open));
    assert_eq!((only.conflict.resource.to_string(), only.conflict.attribute.as_str()), (anna.clone(), "userName"));
    assert_eq!(only.conflict.connection, asker.connection);
    assert_eq!(only.owner.as_ref().map(|owner| owner.id), Some(neighbour.connection));
    assert_eq!(neighbour.get(&format!("/Users/{anna}")).await.etag(), "W/\"1\"", "nothing happened to her");
    assert_eq!(neighbour.delete(&format!("/Users/{anna}")).await.status, StatusCode::NO_CONTENT);
    assert!(conflicts(&hub, None).await.is_empty());
    assert_eq!(asker.post("/Users", &user("anna")).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn what_nobody_owns_is_taken_over_with_its_id() {
    let hub = TestHub::start().await;
    let former = hub.connect("former", Provider::Okta).await;
    let heir = hub.connect_with("heir", Provider::Entra, &["adoption=adopt"]).await;
    let old = json!({ "userName": "anna", "nickName": "old", "externalId": "okta-1" });
    let anna = post(&hub, &former, "/Users", old).await;
    assert_refused(&heir.post("/Users", &user("anna")).await);
    assert_eq!(open_conflicts(&hub).await, 1, "as long as somebody owns her, a person is asked");

    hub.disconnect(&former).await;
    assert_eq!(found_by_name(&heir, "anna").await, None, "she is not there before she is wanted");
    let mut new = user("Anna");
    new["externalId"] = json!("entra-1");
    let taken = heir.post("/Users", &new).await;
    assert_eq!((taken.status, taken.id()), (StatusCode::CREATED, anna.clone()), "{:?}", taken.body);
    assert_eq!(
        (taken.text("userName"), taken.text("title"), taken.text("externalId")),
        ("Anna".into(), "new".into(), "entra-1".into())
    );
    assert!(taken.body.get("nickName").is_none(), "the content is as by PUT");
    assert!(taken.location().ends_with(&anna));
    assert_eq!(owner_of(&hub, &anna).await, Some(heir.connection));
    assert_eq!(found_by_name(&heir, "anna").await, Some(anna.clone()));
    assert_eq!(heir.get("/Users?count=0").await.body["totalResults"], json!(1));
    let read = heir.get(&format!("/Users/{anna}")).await;
    assert_eq!((read.etag(), read.body), (taken.etag(), taken.body));
    assert_eq!(open_conflicts(&hub).await, 0);
    assert_refused(&heir.post("/Users", &user("anna")).await);
    assert!(hub.app.store().inspect().await.unwrap().is_empty());
}

/// In bulk, too, and what refers to the new resource refers to the one that was taken over.
#[tokio::test]
async fn bulk_takes_over_like_single_requests() {
    let hub = TestHub::start().await;
    let former = hub.connect("former", Provider::Okta).await;
    let heir = hub.connect_with("heir", Provider::Generic, &["adoption=adopt"]).await;
    let anna = post(&hub, &former, "/Users", json!({ "userName": "anna" })).await;
    hub.disconnect(&former).await;
    let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "team", "members": [{ "value": "bulkId:a" }] });
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        { "method": "POST", "path": "/Groups", "bulkId": "g", "data": group },
        { "method": "POST", "path": "/Users", "bulkId": "a", "data": user("anna") },
    ] });
    let answer = heir.post("/Bulk", &body).await.body;
    assert_eq!(
        (&answer["Operations"][0]["status"], &answer["Operations"][1]["status"]),
        (&json!("201"), &json!("201"))
    );
    assert!(answer["Operations"][1]["location"].as_str().unwrap().ends_with(&anna));
    let groups = heir.get(&format!("/Users/{anna}")).await.body["groups"].clone();
    assert_eq!(groups[0]["display"], json!("team"));
}

#[tokio::test]
async fn many_who_want_the_same_share_one_owner() {
    let hub = TestHub::start().await;
    let former = hub.connect("former", Provider::Okta).await;
    let one = hub.connect_with("one", Provider::Generic, &["adoption=adopt"]).await;
    let two = hub.connect_with("two", Provider::Generic, &["adoption=adopt"]).await;
    let anna = post(&hub, &former, "/Users", json!({ "userName": "anna" })).await;
    hub.disconnect(&former).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..8 {
        let client = [&one, &two][number % 2].clone();
        tasks.spawn(async move { client.post("/Users", &user("anna")).await });
    }
    let mut taken = 0;
    while let Some(answer) = tasks.join_next().await {
        let answer = answer.unwrap();
        if answer.status == StatusCode::CREATED {
            assert_eq!(answer.id(), anna);
            taken += 1;
        } else {
            assert_refused(&answer);
        }
    }
    assert_eq!(taken, 1);
    assert!(hub.app.store().inspect().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_person_decides() {
    let hub = TestHub::start().await;
    let neighbour = hub.connect("neighbour", Provider::Generic).await;
    let asker = hub.connect("asker", Provider::Generic).await;
    let anna = post(&hub, &neighbour, "/Users", json!({ "userName": "anna" })).await;
    let bob = post(&hub, &neighbour, "/Users", json!({ "userName": "bob" })).await;
    for name in ["anna", "bob"] {
        assert_refused(&asker.post("/Users", &user(name)).await);
    }
    let of = async |id: &str| {
        let all = conflicts(&hub, None).await;
        all.into_iter().find(|details| details.conflict.resource.to_string() == id).unwrap().conflict
    };
    let adopted = ownership::adopt(&hub.app, &access(), of(&anna).await.id).await.unwrap();
    assert_eq!(adopted.conflict.state, ConflictState::Adopted);
    assert_eq!(adopted.owner.map(|owner| owner.id), Some(asker.connection));
    // The provider's next attempt finds her, and goes on.
    assert_eq!(found_by_name(&asker, "anna").await, Some(anna.clone()));
    let path = format!("/Users/{anna}");
    let late = asker.clone().with_header(http::header::IF_MATCH, "W/\"1\"");
    assert_eq!(late.put(&path, &user("anna")).await.status, StatusCode::PRECONDITION_FAILED, "it made a version");
    assert_eq!(asker.put(&path, &user("anna")).await.status, StatusCode::OK);
    assert_eq!(neighbour.get(&path).await.status, StatusCode::NOT_FOUND);

    let ignored = ownership::ignore(&hub.app, &access(), of(&bob).await.id).await.unwrap();
    assert_eq!(ignored.conflict.state, ConflictState::Ignored);
    assert_refused(&asker.post("/Users", &user("bob")).await);
    assert_eq!((open_conflicts(&hub).await, of(&bob).await.count), (0, 2));
    assert_eq!(neighbour.get(&format!("/Users/{bob}")).await.etag(), "W/\"1\"");
}

#[tokio::test]
async fn a_policy_that_refuses_asks_nobody() {
    let hub = TestHub::start().await;
    let neighbour = hub.connect("neighbour", Provider::Generic).await;
    let asker = hub.connect_with("asker", Provider::Generic, &["adoption=refuse"]).await;
    post(&hub, &neighbour, "/Users", json!({ "userName": "anna" })).await;
    assert_refused(&asker.post("/Users", &user("anna")).await);
    assert_eq!(conflicts(&hub, Some(ConflictState::Refused)).await.len(), 1);
    assert_eq!(open_conflicts(&hub).await, 0);
}

#[tokio::test]
async fn what_is_released_can_be_taken_over() {
    let hub = TestHub::start().await;
    let former = hub.connect("former", Provider::Okta).await;
    let heir = hub.connect_with("heir", Provider::Generic, &["adoption=adopt"]).await;
    let anna = post(&hub, &former, "/Users", json!({ "userName": "anna" })).await;
    let bob = post(&hub, &former, "/Users", json!({ "userName": "bob" })).await;
    post(&hub, &former, "/Groups", json!({ "displayName": "team", "members": [{ "value": anna }] })).await;
    let id = |text: &str| muster_model::ResourceId::parse(text).unwrap();
    ownership::release(&hub.app, &access(), former.connection, id(&anna)).await.unwrap();
    let again = ownership::release(&hub.app, &access(), former.connection, id(&anna)).await;
    assert!(matches!(again, Err(muster_app::AppError::NotOwned)));
    assert_eq!(former.get(&format!("/Users/{anna}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(heir.post("/Users", &user("anna")).await.id(), anna);
    assert_eq!(ownership::release_all(&hub.app, &access(), former.connection).await.unwrap(), 2);
    assert_eq!(former.get("/?count=0").await.body["totalResults"], json!(0));
    assert_eq!(owner_of(&hub, &bob).await, None);
    assert_eq!(heir.post("/Users", &user("bob")).await.id(), bob);
    assert!(hub.app.store().inspect().await.unwrap().is_empty());
}
