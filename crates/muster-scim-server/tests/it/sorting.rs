//! Sorting and the details of queries (RFC 7644 sections 3.4.2.1 and 3.4.2.3).

use std::time::Duration;

use http::StatusCode;
use muster_model::Provider;
use muster_store_sqlite::SqliteOptions;
use muster_testkit::{TestClient, TestHub, TestResponse};
use serde_json::{Value, json};

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

async fn people(hub: &TestHub, client: &TestClient, people: &[Value]) -> Vec<String> {
    let mut ids = Vec::new();
    for person in people {
        hub.clock.advance(Duration::from_millis(1));
        let created = client.post("/Users", person).await;
        assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
        ids.push(created.id());
    }
    ids
}

fn user_names(answer: &TestResponse) -> Vec<&str> {
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    answer.body["Resources"].as_array().unwrap().iter().map(|user| user["userName"].as_str().unwrap()).collect()
}

async fn some(hub: &TestHub, client: &TestClient) {
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    people(
        hub,
        client,
        &[
            json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", enterprise],
                "userName": "dora", "displayName": "b", "title": "Boss", "name": {"familyName": "Zorn"},
                "emails": [{"value": "z@x.test"}, {"value": "a@x.test", "primary": true}], enterprise: {"department": "it"}}),
            json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": "Anna", "title": "clerk", "name": {"familyName": "abel"}, "emails": [{"value": "c@x.test"}]}),
            json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": "bert", "displayName": "A", "name": {"familyName": "Mann"}, "emails": [{"value": "b@x.test"}]}),
            json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", enterprise],
                "userName": "CARL", "displayName": "c", enterprise: {"department": "HR"}}),
        ],
    )
    .await;
}

/// Rows: 7644-3.4.2.3-01, 7644-3.4.2.3-02, 7644-3.4.2.3-03, 7644-3.4.2.3-04, 7644-3.4.2.3-06
/// Ambiguities: A-36
#[tokio::test]
async fn lists_are_sorted_by_any_attribute() {
    let hub = TestHub::start().await;
    for provider in [Provider::Generic, Provider::Strict] {
        let client = hub.connect_with(provider.as_str(), provider, &["sees_whole_tenant=true"]).await;
        if provider == Provider::Generic {
            some(&hub, &client).await;
        }
        assert_eq!(client.get("/ServiceProviderConfig").await.body["sort"]["supported"], true);
        for (sort_by, ascending) in [
            ("userName", ["Anna", "bert", "CARL", "dora"]),
            ("USERNAME", ["Anna", "bert", "CARL", "dora"]),
            ("displayName", ["bert", "dora", "CARL", "Anna"]),
            ("title", ["dora", "Anna", "bert", "CARL"]),
            ("name.familyName", ["Anna", "bert", "dora", "CARL"]),
            ("emails.value", ["dora", "bert", "Anna", "CARL"]),
            ("emails", ["dora", "bert", "Anna", "CARL"]),
            ("id", ["dora", "Anna", "bert", "CARL"]),
            ("meta.created", ["dora", "Anna", "bert", "CARL"]),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", ["CARL", "dora", "Anna", "bert"]),
        ] {
            let path = format!("/Users?sortBy={sort_by}");
            assert_eq!(user_names(&client.get(&path).await), ascending, "{sort_by}");
            assert_eq!(user_names(&client.get(&format!("{path}&sortOrder=ascending")).await), ascending, "{sort_by}");
            let mut descending = ascending.to_vec();
            descending.reverse();
            let answer = client.get(&format!("{path}&sortOrder=descending")).await;
            assert_eq!(user_names(&answer), descending, "{sort_by}");
            // Page by page it is the same order, and what is sorted by need not be shown.
            let mut paged = Vec::new();
            for start in 1..=5 {
                let page = client.get(&format!("{path}&startIndex={start}&count=1&attributes=userName")).await;
                assert_eq!(
                    (page.body["totalResults"].clone(), page.body["startIndex"].clone()),
                    (json!(4), json!(start))
                );
                paged.extend(user_names(&page).into_iter().map(str::to_owned));
            }
            assert_eq!(paged, ascending, "{sort_by}");
        }
        let filtered = client.get("/Users?filter=userName+ne+%22bert%22&sortBy=name.familyName").await;
        assert_eq!(user_names(&filtered), ["Anna", "dora", "CARL"]);
    }
}

/// Rows: 7644-3.4.2.3-02, 7644-3.4.2.3-06
#[tokio::test]
async fn a_change_moves_a_resource_in_the_order() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let ids =
        people(&hub, &client, &[json!({"userName": "a"}), json!({"userName": "b"}), json!({"userName": "c"})]).await;
    hub.clock.advance(Duration::from_secs(1));
    let changed =
        client.patch(&format!("/Users/{}", ids[0]), json!([{"op": "add", "path": "title", "value": "x"}])).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_eq!(user_names(&client.get("/Users?sortBy=meta.lastModified").await), ["b", "c", "a"]);
    assert_eq!(user_names(&client.get("/Users?sortBy=meta.lastModified&sortOrder=descending").await), ["a", "c", "b"]);
}

/// Rows: 7644-3.4.2.3-05
/// Ambiguities: A-37
#[tokio::test]
async fn what_is_no_order_is_refused_with_its_reason() {
    let hub = TestHub::start().await;
    for provider in [Provider::Generic, Provider::Strict] {
        let client = hub.connect(provider.as_str(), provider).await;
        for (query, status, scim_type) in [
            ("sortBy=userName&sortOrder=foo", StatusCode::BAD_REQUEST, "invalidValue"),
            ("sortOrder=foo", StatusCode::BAD_REQUEST, "invalidValue"),
            ("sortBy=unheard", StatusCode::BAD_REQUEST, "invalidPath"),
            ("sortBy=name", StatusCode::BAD_REQUEST, "invalidPath"),
            ("sortBy=name.unheard", StatusCode::BAD_REQUEST, "invalidPath"),
            ("sortBy=urn:x:y", StatusCode::BAD_REQUEST, "invalidPath"),
            ("sortBy=password", StatusCode::FORBIDDEN, "sensitive"),
        ] {
            for endpoint in ["/Users", "/"] {
                let refused = client.get(&format!("{endpoint}?{query}")).await;
                assert_eq!(
                    (refused.status, refused.text("scimType").as_str()),
                    (status, scim_type),
                    "{endpoint}?{query}"
                );
            }
        }
        assert_eq!(client.get("/Users?sortBy=&sortOrder=descending").await.status, StatusCode::OK);
    }
}

/// Rows: 7644-3.4.2.1-02, 7644-3.4.2.1-03, 7644-3.4.2.1-05, 7644-3.4.2.3-04, 7644-3.4.3-04
#[tokio::test]
async fn a_query_over_all_types_is_sorted_as_one_list() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    some(&hub, &client).await;
    for name in ["aa", "Bb"] {
        hub.clock.advance(Duration::from_millis(1));
        client.post("/Groups", &json!({"displayName": name})).await;
    }
    let shown = |answer: &TestResponse| -> Vec<String> {
        let resources = answer.body["Resources"].as_array().unwrap();
        let name =
            |resource: &Value| resource["userName"].as_str().or(resource["displayName"].as_str()).map(str::to_owned);
        resources.iter().map(|resource| name(resource).unwrap()).collect()
    };
    let search = |more: Value| {
        let mut body = json!({"schemas": [SEARCH], "sortBy": "displayName"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let whole = client.post("/.search", &search(json!({}))).await;
    assert_eq!(shown(&whole), ["bert", "aa", "dora", "Bb", "CARL", "Anna"], "{:?}", whole.body);
    let page = client.post("/.search", &search(json!({"startIndex": 2, "count": 3, "sortOrder": "descending"}))).await;
    assert_eq!(shown(&page), ["CARL", "Bb", "dora"]);
    assert_eq!((page.body["totalResults"].clone(), page.body["startIndex"].clone()), (json!(6), json!(2)));
    // Groups have no userName, so they come last.
    let by_name = client.get("/?sortBy=userName").await;
    assert_eq!(shown(&by_name), ["Anna", "bert", "CARL", "dora", "aa", "Bb"]);
    let people = client.get("/?sortBy=displayName&filter=meta.resourceType+eq+%22User%22").await;
    assert_eq!(shown(&people), ["bert", "dora", "CARL", "Anna"]);
    let nobody = client.get("/?filter=meta.resourceType+eq+%22Robot%22").await;
    assert_eq!((nobody.status, nobody.body["totalResults"].clone()), (StatusCode::OK, json!(0)));
    let deep = client.get("/?sortBy=displayName&startIndex=10000").await;
    assert_eq!((deep.status, deep.text("scimType")), (StatusCode::BAD_REQUEST, "tooMany".to_owned()));
    assert_eq!(client.get("/?sortBy=displayName&startIndex=10000&count=0").await.body["totalResults"], 6);
}

/// Rows: 7644-3.4.2.1-01, 7644-3.4.2-01
#[tokio::test]
async fn a_filter_on_a_resource_says_whether_it_fulfils_it() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let ids = people(&hub, &client, &[json!({"userName": "anna", "title": "x"}), json!({"userName": "bert"})]).await;
    let ask = async |id: &str, filter: &str| {
        let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("filter", filter).finish();
        client.get(&format!("/Users/{id}?{query}&attributes=userName")).await
    };
    for filter in
        ["userName eq \"ANNA\"", "title pr", "title eq \"x\" or userName eq \"bert\"", "not (active eq false)"]
    {
        let found = ask(&ids[0], filter).await;
        assert_eq!(user_names(&found), ["anna"], "{filter}");
        assert_eq!((found.body["totalResults"].clone(), found.body["itemsPerPage"].clone()), (json!(1), json!(1)));
        assert!(found.body["Resources"][0].get("title").is_none(), "the projection holds here too");
    }
    for filter in ["userName eq \"bert\"", "title eq \"y\"", "active eq false"] {
        let found = ask(&ids[0], filter).await;
        assert_eq!((found.status, found.body["totalResults"].clone()), (StatusCode::OK, json!(0)), "{filter}");
        assert_eq!(found.body["Resources"], json!([]));
    }
    assert_eq!(ask("00000000-0000-7000-8000-000000000000", "title pr").await.status, StatusCode::NOT_FOUND);
    assert_eq!(ask("x", "title pr").await.status, StatusCode::NOT_FOUND);
    let refused = ask(&ids[0], "unheard pr").await;
    assert_eq!((refused.status, refused.text("scimType")), (StatusCode::BAD_REQUEST, "invalidFilter".to_owned()));
    // Without a filter it is the resource itself.
    assert_eq!(client.get(&format!("/Users/{}", ids[0])).await.text("userName"), "anna");
}

/// Rows: 7644-3.4.2.1-04
#[tokio::test]
async fn a_query_that_would_cost_too_much_is_refused_as_too_many() {
    let hub = TestHub::start_on(&SqliteOptions { scan_limit: Duration::ZERO, ..SqliteOptions::default() }).await;
    let client = hub.connect("idp", Provider::Generic).await;
    some(&hub, &client).await;
    for query in ["filter=title+pr", "sortBy=title", "sortBy=name.familyName&cursor", "filter=active+eq+true&cursor="] {
        let refused = client.get(&format!("/Users?{query}")).await;
        assert_eq!(
            (refused.status, refused.text("scimType").as_str()),
            (StatusCode::BAD_REQUEST, "tooMany"),
            "{query}"
        );
        assert!(refused.text("detail").contains("userName"), "says what to do: {}", refused.text("detail"));
    }
    assert_eq!(user_names(&client.get("/Users?filter=userName+eq+%22anna%22").await), ["Anna"]);
    assert_eq!(client.get("/Users?count=2").await.body["totalResults"], 4);
}
