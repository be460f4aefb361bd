//! Lists of SCIM 1.1: filters, sorting, paging, projection (protocol 1.1, sections 3.2.2, 3.7 and 3.8).

use http::StatusCode;
use muster_model::Provider;
use muster_testkit::{TestClient, TestHub, TestResponse};
use serde_json::{Value, json};

const CORE: &str = "urn:scim:schemas:core:1.0";
const ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";

async fn people(hub: &TestHub) -> TestClient {
    let client = hub.connect("idp", Provider::Generic).await.at_1_1_address();
    for (name, title, mail, manager) in [
        ("anna", "Guide", "anna@example.com", "m1"),
        ("Bert", "Chief", "bert@example.org", "m2"),
        ("carl", "", "carl@example.net", "m1"),
    ] {
        let mut body = json!({
            "schemas": [CORE, ENTERPRISE], "userName": name,
            "name": { "givenName": name }, "emails": [{ "value": "x@other.example" }, { "value": mail }],
            ENTERPRISE: { "manager": { "managerId": manager } },
        });
        if !title.is_empty() {
            body["title"] = json!(title);
        }
        let created = client.post("/Users", &body).await;
        assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
        // Without sortBy the order is that of creation.
        hub.clock.advance(std::time::Duration::from_secs(1));
    }
    client
}

fn query(parameters: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        query.append_pair(name, value);
    }
    format!("/Users?{}", query.finish())
}

async fn filtered(client: &TestClient, filter: &str) -> TestResponse {
    client.get(&query(&[("filter", filter)])).await
}

fn names(answer: &TestResponse) -> Vec<String> {
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    let found = answer.body["Resources"].as_array().unwrap();
    found.iter().map(|user| user["userName"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Rows: 1.1-api-3.2.2-02, 1.1-api-3.2.2.3-01
#[tokio::test]
async fn pages_are_numbered_from_one() {
    let hub = TestHub::start().await;
    let client = people(&hub).await;
    let page = client.get("/Users?startIndex=2&count=1").await;
    assert_eq!(page.body["schemas"], json!([CORE]));
    let numbers = ["totalResults", "itemsPerPage", "startIndex"].map(|name| page.body[name].as_u64().unwrap());
    assert_eq!(numbers, [3, 1, 2]);
    assert_eq!(names(&page), ["Bert"]);
    assert_eq!(page.body.as_object().unwrap().len(), 5);
    let none = client.get("/Users?count=0").await;
    assert_eq!((&none.body["totalResults"], &none.body["Resources"]), (&json!(3), &json!([])));
    assert_eq!(names(&client.get("/Users?startIndex=0&count=-1").await).len(), 0);
    assert_eq!(names(&client.get("/Users?startIndex=-7").await).len(), 3);
    assert_eq!(client.get("/Users?count=many").await.status, StatusCode::BAD_REQUEST);
}

/// Rows: 1.1-api-3.2.2.1-01, 1.1-api-3.2.2.1-04, 1.1-api-3.2.2.1-06, 1.1-api-3.2.2.1-03
#[tokio::test]
async fn filters_find_people() {
    let hub = TestHub::start().await;
    let client = people(&hub).await;
    for (filter, expected) in [
        ("userName eq \"BERT\"", &["Bert"][..]),
        ("USERNAME Eq \"bert\"", &["Bert"]),
        ("userName sw \"C\"", &["carl"]),
        ("name.givenName co \"AR\"", &["carl"]),
        ("title pr", &["anna", "Bert"]),
        ("userName gt \"anna\"", &["Bert", "carl"]),
        ("userName ge \"BERT\" and userName lt \"carl\"", &["Bert"]),
        ("userName le \"anna\"", &["anna"]),
        ("title eq \"chief\" or title eq \"guide\" and userName eq \"nobody\"", &["Bert"]),
        ("(title eq \"chief\" or title eq \"guide\") and userName sw \"a\"", &["anna"]),
        ("emails.value co \"example.org\"", &["Bert"]),
        ("emails co \"example.net\"", &["carl"]),
        ("meta.lastModified gt \"2011-05-13T04:42:34Z\"", &["anna", "Bert", "carl"]),
        ("urn:scim:schemas:core:1.0:userName eq \"anna\"", &["anna"]),
    ] {
        assert_eq!(names(&filtered(&client, filter).await), expected, "{filter}");
    }
}

/// Rows: 1.1-api-3.8-01, 1.1-api-3.8-02
#[tokio::test]
async fn extension_attributes_are_named_with_their_urn() {
    let hub = TestHub::start().await;
    let client = people(&hub).await;
    let found = filtered(&client, &format!("{}:Manager.managerid eq \"m2\"", ENTERPRISE.to_uppercase())).await;
    assert_eq!(names(&found), ["Bert"]);
    assert_eq!(filtered(&client, "manager.managerId eq \"m2\"").await.status, StatusCode::BAD_REQUEST);
    let shown = client.get(&query(&[("attributes", &format!("{ENTERPRISE}:manager.managerId")), ("count", "1")])).await;
    let user = shown.body["Resources"][0].as_object().unwrap();
    assert_eq!(user[ENTERPRISE], json!({ "manager": { "managerId": "m1" } }));
    assert!(!user.contains_key("userName"));
}

/// Rows: 1.1-api-3.2.2.1-05, 1.1-api-3.2.2.1-01, 1.1-api-3.2.2.1-02
#[tokio::test]
async fn what_is_no_filter_of_1_1_is_refused_with_words() {
    let hub = TestHub::start().await;
    let client = people(&hub).await;
    for filter in [
        "RAW@VALUE",
        "userName ne \"x\"",
        "userName regex \"x\"",
        "not (userName eq \"x\")",
        "emails[type eq \"work\"]",
        "userName eq 'x'",
        "password eq \"x\"",
        "unheard eq \"x\"",
    ] {
        let refused = filtered(&client, filter).await;
        assert!(refused.status.is_client_error(), "{filter}");
        assert!(!refused.body["Errors"][0]["description"].as_str().unwrap().is_empty());
        if !filter.starts_with("password") {
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{filter}");
        }
    }
    assert_eq!(client.get("/Users?filter=RAW@VALUE").await.status, StatusCode::BAD_REQUEST);
}

/// Rows: 1.1-api-3.7-01, 1.1-api-3.2-01, 1.1-api-3.2.2-01
#[tokio::test]
async fn an_answer_shows_id_and_meta_and_exactly_what_is_named() {
    let hub = TestHub::start().await;
    let client = people(&hub).await;
    let list = client.get(&query(&[("attributes", "userName,name.givenName"), ("count", "1")])).await;
    let user = list.body["Resources"][0].clone();
    let shown: Vec<&str> = user.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(shown, ["schemas", "id", "userName", "name", "meta"]);
    let path = format!("/Users/{}", user["id"].as_str().unwrap());
    assert_eq!(client.get(&format!("{path}?attributes=userName,name.givenName")).await.body, user);
    let whole = client.get(&path).await.body;
    for ignored in ["excludedAttributes=userName", "nonsense=1", "cursor=x", "api_key=2"] {
        assert_eq!(client.get(&format!("{path}?{ignored}")).await.body, whole, "{ignored}");
    }
    let posted = client.post("/Users?attributes=title", &json!({ "userName": "z", "title": "T" })).await;
    assert_eq!((posted.status, posted.text("title")), (StatusCode::CREATED, "T".to_owned()));
    assert!(posted.body.get("userName").is_none() && !posted.id().is_empty() && posted.body["meta"].is_object());
}

/// Rows: 1.1-api-3.2.2.2-01
#[tokio::test]
async fn lists_are_sorted() {
    let hub = TestHub::start().await;
    let client = people(&hub).await;
    for (by, order, expected) in [
        ("userName", "ascending", ["anna", "Bert", "carl"]),
        ("urn:scim:schemas:core:1.0:name.givenName", "descending", ["carl", "Bert", "anna"]),
        ("title", "", ["Bert", "anna", "carl"]),
        ("title", "descending", ["carl", "anna", "Bert"]),
    ] {
        let sorted = client.get(&query(&[("sortBy", by), ("sortOrder", order)])).await;
        assert_eq!(names(&sorted), expected, "{by} {order}: missing values last, descending first");
    }
    let config: Value = client.get("/ServiceProviderConfigs").await.body;
    assert_eq!(config["sort"]["supported"], true);
}
