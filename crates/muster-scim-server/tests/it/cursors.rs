//! Cursor paging (RFC 9865).

mod binding;
mod walks;

use std::time::Duration;

use http::StatusCode;
use muster_model::Provider;
use muster_testkit::{TestClient, TestHub, TestResponse};
use serde_json::{Value, json};

async fn seeded(people: usize) -> (TestHub, TestClient) {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    for number in 0..people {
        add(&hub, &client, number).await;
    }
    (hub, client)
}

async fn add(hub: &TestHub, client: &TestClient, number: usize) {
    hub.clock.advance(Duration::from_millis(1));
    let person = json!({
        "userName": format!("user{number:03}"), "active": true, "title": format!("t{}", number % 3),
        "name": {"familyName": format!("Family {}", number * 7 % 10)},
    });
    assert_eq!(client.post("/Users", &person).await.status, StatusCode::CREATED);
}

fn ids(answer: &TestResponse) -> Vec<String> {
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    answer.body["Resources"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// From the first page to the last.
async fn walk(client: &TestClient, path: &str) -> Vec<TestResponse> {
    let mut pages = vec![client.get(&format!("{path}&cursor=")).await];
    loop {
        let last = pages.last().unwrap();
        assert_eq!(last.status, StatusCode::OK, "{:?}", last.body);
        let cursor = last.text("nextCursor");
        if cursor.is_empty() {
            assert!(last.body.get("nextCursor").is_none(), "left out, not empty");
            return pages;
        }
        pages.push(client.get(&format!("{path}&cursor={cursor}")).await);
    }
}

fn refused(answer: &TestResponse, scim_type: &str) -> String {
    assert_eq!((answer.status, answer.text("scimType").as_str()), (StatusCode::BAD_REQUEST, scim_type));
    assert_eq!(answer.text("status"), "400");
    answer.text("detail")
}

/// Rows: 9865-2-03, 9865-2-04, 9865-2-05, 9865-4-04
/// Ambiguities: A-47
#[tokio::test]
async fn a_count_is_the_most_that_a_page_has() {
    let (_hub, client) = seeded(105).await;
    for count in ["0", "-1"] {
        let counted = client.get(&format!("/Users?cursor&count={count}")).await;
        assert_eq!((ids(&counted).len(), counted.body["totalResults"].clone()), (0, json!(105)));
        assert!(counted.body.get("nextCursor").is_none() && counted.body.get("previousCursor").is_none());
    }
    assert_eq!(ids(&client.get("/Users?cursor&count=2").await).len(), 2);
    let default = client.get("/Users?cursor").await;
    let announced = client.get("/ServiceProviderConfig").await.body["pagination"].clone();
    assert_eq!(ids(&default).len() as u64, announced["defaultPageSize"].as_u64().unwrap());
    // A larger count than the largest is capped, not refused; the next page may repeat it.
    let capped = walk(&client, "/Users?count=100000").await;
    assert_eq!(capped.iter().map(|page| ids(page).len()).collect::<Vec<_>>(), [105]);
}

/// Rows: 9865-4-04, 9865-5.3-03
#[tokio::test]
async fn the_largest_page_is_set_by_the_operator_and_announced() {
    let hub = TestHub::start().await;
    let client = hub.connect_with("idp", Provider::Generic, &["max_page_size=3"]).await;
    for number in 0..8 {
        add(&hub, &client, number).await;
    }
    assert_eq!(client.get("/ServiceProviderConfig").await.body["pagination"]["maxPageSize"], 3);
    let sizes: Vec<usize> = walk(&client, "/Users?count=500").await.iter().map(|page| ids(page).len()).collect();
    assert_eq!(sizes, [3, 3, 2]);
}

/// Rows: 9865-2.1-01, 9865-2.1-02, 9865-2.1-04, 9865-2.1-05
/// Ambiguities: A-47
#[tokio::test]
async fn bad_parameters_are_refused_by_name() {
    let (_hub, client) = seeded(5).await;
    let next = client.get("/Users?cursor&count=2").await.text("nextCursor");
    for (query, scim_type) in [
        ("cursor=zzz".to_owned(), "invalidCursor"),
        ("cursor=%00".to_owned(), "invalidCursor"),
        (format!("cursor={}", "A".repeat(9000)), "invalidCursor"),
        (format!("cursor={next}&cursor={next}&count=2"), "invalidCursor"),
        ("cursor&count=ten".to_owned(), "invalidCount"),
        (format!("cursor={next}&count=3"), "invalidCount"),
        (format!("cursor={next}&count=0"), "invalidCount"),
        (format!("cursor={next}"), "invalidCount"),
        ("cursor&startIndex=1".to_owned(), "invalidValue"),
    ] {
        for endpoint in ["/Users", "/"] {
            // A cursor of one endpoint is none of another.
            let expected = if endpoint == "/" && scim_type == "invalidCount" && query.contains(&next) {
                "invalidCursor"
            } else {
                scim_type
            };
            let detail = refused(&client.get(&format!("{endpoint}?{query}")).await, expected);
            assert!(!detail.is_empty() && !detail.contains(&next), "{query}");
        }
    }
}

/// Rows: 9865-2.1-03, 9865-4-03
#[tokio::test]
async fn a_cursor_lives_as_long_as_announced() {
    let (hub, client) = seeded(5).await;
    let announced = client.get("/ServiceProviderConfig").await.body["pagination"]["cursorTimeout"].as_u64().unwrap();
    let next = client.get("/Users?cursor&count=2").await.text("nextCursor");
    let path = format!("/Users?count=2&cursor={next}");
    hub.clock.advance(Duration::from_secs(announced));
    assert_eq!(ids(&client.get(&path).await).len(), 2);
    hub.clock.advance(Duration::from_secs(1));
    refused(&client.get(&path).await, "expiredCursor");
}

/// Rows: 9865-2.3-01, 9865-2.4-01, 9865-2.4-02
#[tokio::test]
async fn who_asks_for_neither_pages_by_index() {
    let (_hub, client) = seeded(5).await;
    for path in ["/Users?count=2", "/Users?startIndex=1&count=2", "/?count=2"] {
        let page = client.get(path).await;
        assert_eq!(page.body["startIndex"], 1, "{path}");
        assert!(page.body.get("nextCursor").is_none() && page.body.get("previousCursor").is_none(), "{path}");
    }
    assert!(client.get("/Users?cursor&count=2").await.body.get("startIndex").is_none());
}

/// Rows: 9865-4-01, 9865-4-02, 9865-4-03
#[tokio::test]
async fn the_configuration_says_what_is_so() {
    let (_hub, client) = seeded(0).await;
    let pagination = client.get("/ServiceProviderConfig").await.body["pagination"].clone();
    assert_eq!(
        pagination,
        json!({
            "cursor": true, "index": true, "defaultPaginationMethod": "index", "defaultPageSize": 100,
            "maxPageSize": 1000, "cursorTimeout": 3600,
        })
    );
    let schema = client.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig").await.body;
    let described = schema["attributes"].as_array().unwrap().iter().find(|one| one["name"] == "pagination").unwrap();
    let named: Vec<&Value> = described["subAttributes"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    for name in pagination.as_object().unwrap().keys() {
        assert!(named.contains(&&json!(name)), "{name} is described");
    }
}
