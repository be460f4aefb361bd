//! Groups in groups, and references from one person to another.

use http::StatusCode;
use muster_model::Provider;
use muster_testkit::{TestClient, TestHub};
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

async fn person(client: &TestClient, name: &str, manager: Option<&str>) -> String {
    let mut body = json!({ "userName": name, "displayName": format!("The {name}") });
    if let Some(manager) = manager {
        body[ENTERPRISE] = json!({ "manager": { "value": manager, "displayName": "made up" } });
    }
    let created = client.post("/Users", &body).await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    created.id()
}

fn body(name: &str, members: &Value) -> Value {
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
    json!({ "schemas": schemas, "displayName": name, "members": members })
}

async fn group(client: &TestClient, name: &str, members: &[&str]) -> String {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    let created = client.post("/Groups", &body(name, &members.into())).await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    created.id()
}

/// The ambiguous point A-54.
/// Rows: 7643-4.1.2-10, 7643-4.1.2-11, 7643-4.2-05
#[tokio::test]
async fn a_person_sees_direct_and_indirect_groups() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let ann = person(&client, "ann", None).await;
    let inner = group(&client, "inner", &[&ann]).await;
    let middle = group(&client, "middle", &[&inner]).await;
    let outer = group(&client, "outer", &[&middle]).await;
    let base = format!("https://muster.test/directory/resources/scim/v2.0/{}", client.connection);
    let shown = |id: &str, display: &str, kind: &str| json!({ "value": id, "display": display, "type": kind, "$ref": format!("{base}/Groups/{id}") });
    let mut groups = client.get(&format!("/Users/{ann}")).await.body["groups"].as_array().unwrap().clone();
    groups.sort_by_key(|group| group["display"].to_string());
    assert_eq!(
        groups,
        [shown(&inner, "inner", "direct"), shown(&middle, "middle", "indirect"), shown(&outer, "outer", "indirect")]
    );
    for (filter, expected) in [
        (format!("groups.value eq \"{outer}\""), 1),
        (format!("groups[value eq \"{outer}\" and type eq \"indirect\"]"), 1),
        (format!("groups[value eq \"{outer}\" and type eq \"direct\"]"), 0),
        (format!("not (groups.value eq \"{middle}\")"), 0),
    ] {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("filter", &filter).finish();
        let found = client.get(&format!("/Users?{query}")).await.body;
        assert_eq!(found["totalResults"], json!(expected), "{filter}");
    }
    client.delete(&format!("/Groups/{middle}")).await;
    assert_eq!(client.get(&format!("/Users/{ann}")).await.body["groups"], json!([shown(&inner, "inner", "direct")]));
}

/// Rows: 7643-4.2-05
/// Ambiguities: A-54
#[tokio::test]
async fn a_group_in_itself_is_refused_for_everybody() {
    let hub = TestHub::start().await;
    for provider in [Provider::Strict, Provider::Okta, Provider::Entra] {
        let client = hub.connect(provider.as_str(), provider).await;
        let inner = group(&client, &format!("inner {provider}"), &[]).await;
        let middle = group(&client, &format!("middle {provider}"), &[&inner]).await;
        let outer = group(&client, &format!("outer {provider}"), &[&middle]).await;
        let before = client.get(&format!("/Groups/{inner}")).await.etag();
        for ancestor in [&inner, &middle, &outer] {
            let members = json!([{ "value": ancestor }]);
            let path = format!("/Groups/{inner}");
            let patched = client.patch(&path, json!([{ "op": "add", "path": "members", "value": members }])).await;
            let put = client.put(&path, &body(&format!("inner {provider}"), &members)).await;
            for refused in [patched, put] {
                assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{:?}", refused.body);
                assert_eq!(refused.text("scimType"), "invalidValue");
            }
        }
        assert_eq!(client.get(&format!("/Groups/{inner}")).await.etag(), before, "nothing was changed");
    }
}

/// Rows: 7643-4.3-02
#[tokio::test]
async fn a_manager_is_named_by_the_server() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Okta).await;
    let boss = person(&client, "boss", None).await;
    let ann = person(&client, "ann", Some(&boss)).await;
    let path = format!("/Users/{ann}");
    let address = format!("https://muster.test/directory/resources/scim/v2.0/{}/Users/{boss}", client.connection);
    let manager = |body: &Value| body[ENTERPRISE]["manager"].clone();
    let expected = json!({ "value": boss, "$ref": address });
    assert_eq!(manager(&client.get(&path).await.body), expected);
    assert_eq!(manager(&client.get("/Users?filter=userName+eq+%22ann%22").await.body["Resources"][0]), expected);
    let changed = client.patch(&path, json!([{ "op": "add", "path": "title", "value": "x" }])).await;
    assert_eq!(manager(&changed.body), expected, "the answer to a change points at it, too");
    let named = client.get(&format!("{path}?attributes={ENTERPRISE}:manager.displayName")).await.body;
    assert_eq!(manager(&named), json!({ "displayName": "The boss" }));
    client.patch(&format!("/Users/{boss}"), json!([{ "op": "replace", "path": "displayName", "value": "B" }])).await;
    let named = client.get(&format!("{path}?attributes={ENTERPRISE}:manager.displayName")).await.body;
    assert_eq!(manager(&named), json!({ "displayName": "B" }));

    // What points at nobody we know is kept as it was sent.
    let other = person(&client, "other", Some("somebody elsewhere")).await;
    let shown = manager(&client.get(&format!("/Users/{other}")).await.body);
    assert_eq!(shown, json!({ "value": "somebody elsewhere" }));
    let team = group(&client, "team", &[]).await;
    let odd = person(&client, "odd", Some(&team)).await;
    assert_eq!(manager(&client.get(&format!("/Users/{odd}")).await.body), json!({ "value": team }));
}

/// Rows: 7644-3.6-07
#[tokio::test]
async fn whoever_is_deleted_is_in_no_group_and_nobodys_manager() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Entra).await;
    let boss = person(&client, "boss", None).await;
    let ann = person(&client, "ann", Some(&boss)).await;
    let mut bob = json!({ "userName": "bob", (ENTERPRISE): { "department": "Sales", "manager": { "value": boss } } });
    bob["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]);
    let bob = client.post("/Users", &bob).await.id();
    let team = group(&client, "team", &[&boss, &ann]).await;
    assert_eq!(client.delete(&format!("/Users/{boss}")).await.status, StatusCode::NO_CONTENT);
    let shown = client.get(&format!("/Users/{ann}")).await;
    assert!(shown.body.get(ENTERPRISE).is_none(), "{:?}", shown.body);
    assert_eq!(shown.etag(), "W/\"2\"");
    assert_eq!(client.get(&format!("/Users/{bob}")).await.body[ENTERPRISE], json!({ "department": "Sales" }));
    let members = client.get(&format!("/Groups/{team}")).await.body["members"].clone();
    assert_eq!(members.as_array().unwrap().len(), 1);
    assert_eq!(client.delete(&format!("/Users/{boss}")).await.status, StatusCode::NOT_FOUND);

    // One who is his own manager goes, too; a version that is not the present one keeps everything as it is.
    let own = person(&client, "own", None).await;
    let path = format!("/Users/{own}");
    let manager = format!("{ENTERPRISE}:manager");
    client.patch(&path, json!([{ "op": "add", "path": manager, "value": { "value": own } }])).await;
    client.patch(&format!("/Users/{ann}"), json!([{ "op": "add", "path": manager, "value": { "value": own } }])).await;
    let late = client.clone().with_header(http::header::IF_MATCH, "W/\"1\"");
    assert_eq!(late.delete(&path).await.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(client.get(&format!("/Users/{ann}")).await.body[ENTERPRISE]["manager"]["value"], json!(own));
    assert_eq!(client.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert!(client.get(&format!("/Users/{ann}")).await.body.get(ENTERPRISE).is_none());
}

/// Rows: 7644-3.6-07
#[tokio::test]
async fn more_reports_than_one_batch_takes_lose_their_manager() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let boss = person(&client, "boss", None).await;
    for part in 0..3 {
        let operations: Vec<Value> = (0..700)
            .map(|number| {
                let data =
                    json!({ "userName": format!("r{part}.{number}"), (ENTERPRISE): { "manager": { "value": boss } } });
                json!({ "method": "POST", "path": "/Users", "bulkId": number.to_string(), "data": data })
            })
            .collect();
        let body =
            json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
        let results = client.post("/Bulk", &body).await.body;
        assert!(results["Operations"].as_array().unwrap().iter().all(|result| result["status"] == "201"));
    }
    let filter = format!("/Users?count=0&filter={ENTERPRISE}:manager.value+eq+%22{boss}%22");
    assert_eq!(client.get(&filter).await.body["totalResults"], 2100);
    assert_eq!(client.delete(&format!("/Users/{boss}")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(client.get(&filter).await.body["totalResults"], 0);
    assert_eq!(client.get("/Users?count=0").await.body["totalResults"], 2100);
}

/// A connection is no person, so there is nobody that `/Me` could mean (the ambiguous point A-68).
/// Rows: 7644-3.11-01, 7644-3.11-02, 7644-3.11-03
/// Ambiguities: A-68
#[tokio::test]
async fn me_is_nobody() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    for method in [http::Method::GET, http::Method::POST, http::Method::PUT, http::Method::PATCH, http::Method::DELETE]
    {
        let refused = client.send(method, "/Me", None).await;
        assert_eq!((refused.status, refused.text("status")), (StatusCode::NOT_IMPLEMENTED, "501".to_owned()));
        assert!(refused.location().is_empty());
    }
    assert_eq!(client.with_token("").get("/Me").await.status, StatusCode::UNAUTHORIZED);
}
