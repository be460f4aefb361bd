//! Queries: filters, paging, `.search` (RFC 7644 sections 3.4.2 and 3.4.3).

use http::StatusCode;
use muster_model::Provider;
use muster_testkit::{TestClient, TestHub, TestResponse};
use serde_json::{Value, json};

async fn seeded() -> (TestHub, TestClient) {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    for number in 0..25 {
        hub.clock.advance(std::time::Duration::from_millis(1));
        let body = json!({
            "userName": format!("User{number:02}@example.com"),
            "externalId": format!("Ext{number}"),
            "active": number % 2 == 0,
            "emails": [
                { "value": format!("User{number:02}@Work.example"), "type": "work" },
                { "value": format!("user{number:02}@home.example"), "type": "home" },
            ],
        });
        assert_eq!(client.post("/Users", &body).await.status, StatusCode::CREATED);
    }
    (hub, client)
}

async fn found(client: &TestClient, filter: &str) -> Vec<String> {
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("filter", filter).finish();
    let answer = client.get(&format!("/Users?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{filter}: {:?}", answer.body);
    names(&answer)
}

fn names(answer: &TestResponse) -> Vec<String> {
    let resources = answer.body["Resources"].as_array().unwrap();
    resources.iter().map(|user| user["userName"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Rows: 7643-7-07, 7643-3.1-12, 7644-3.4.2.2-02, 7644-3.4.2.2-03, 7644-3.4.2.2-05, 7644-3.4.2.2-10, 7644-3.4.2.2-12, 7644-3.4.2.2-18,
/// 7644-3.4.2.2-19, 7644-3.4.2.2-23, 7644-3.4.2.2-26, 7644-3.4.2-08, 7644-1.2-01, 7643-4.1.1-13
#[tokio::test]
async fn the_lookups_of_identity_providers_find_exactly_one() {
    let (_hub, client) = seeded().await;
    let expected = ["User07@example.com"];
    for filter in [
        "userName eq \"USER07@EXAMPLE.COM\"",
        "urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"user07@example.com\"",
        "externalId eq \"Ext7\"",
        "externalId eq Ext7",
        "emails.value eq \"user07@work.example\"",
        "emails eq \"user07@work.example\"",
        "emails[type eq \"work\" and value eq \"USER07@work.example\"]",
        "emails[type eq \"work\"].value eq \"user07@work.example\"",
        "userName sw \"user07\"",
        "userName co \"07@\" and active eq \"False\"",
    ] {
        assert_eq!(found(&client, filter).await, expected, "{filter}");
    }
    for filter in ["externalId eq \"ext7\"", "emails[type eq \"home\" and value co \"work\"]", "userName eq \"nobody\""]
    {
        assert!(found(&client, filter).await.is_empty(), "{filter}");
    }
    assert_eq!(found(&client, "active eq true and not (userName sw \"user0\")").await.len(), 8);
}

#[tokio::test]
async fn membership_is_found_from_both_sides() {
    let (_hub, client) = seeded().await;
    let user = client.get("/Users?filter=externalId+eq+%22Ext3%22").await.body["Resources"][0]["id"].clone();
    let group = client.post("/Groups", &json!({ "displayName": "team", "members": [{ "value": user }] })).await.id();
    let user = user.as_str().unwrap();
    for (filter, hits) in [
        (format!("members eq \"{user}\""), 1),
        (format!("id eq \"{group}\" and members eq \"{user}\""), 1),
        (format!("members.value eq \"{group}\""), 0),
        (format!("members[value eq \"{user}\"]"), 1),
        ("displayName eq \"TEAM\"".to_owned(), 1),
        ("members pr".to_owned(), 1),
        ("not (members pr)".to_owned(), 0),
    ] {
        let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("filter", &filter).finish();
        let answer = client.get(&format!("/Groups?{query}&excludedAttributes=members")).await;
        assert_eq!(answer.body["totalResults"], hits, "{filter}: {:?}", answer.body);
        for resource in answer.body["Resources"].as_array().unwrap() {
            assert!(resource.get("members").is_none());
        }
    }
    assert_eq!(found(&client, &format!("groups.value eq \"{group}\"")).await, ["User03@example.com"]);
}

/// Rows: 7644-3.4.2-04, 7644-3.4.2-05, 7644-3.4.2-06, 7644-3.4.2-07, 7644-3.4.2.4-01, 7644-3.4.2.4-02, 7644-3.4.2.4-03,
/// 7644-3.4.2.4-05, 7644-3.4.2.4-06
#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let (_hub, client) = seeded().await;
    let mut seen = Vec::new();
    let mut start = 1;
    loop {
        let page = client.get(&format!("/Users?startIndex={start}&count=7")).await;
        assert_eq!(page.body["totalResults"], 25);
        assert_eq!(page.body["startIndex"], start);
        let names = names(&page);
        assert_eq!(page.body["itemsPerPage"], names.len());
        if names.is_empty() {
            break;
        }
        start += names.len();
        seen.extend(names);
    }
    let expected: Vec<String> = (0..25).map(|number| format!("User{number:02}@example.com")).collect();
    assert_eq!(seen, expected, "in order of creation");

    let none = client.get("/Users?count=0").await;
    assert_eq!((none.body["totalResults"].clone(), names(&none).len()), (json!(25), 0));
    assert_eq!(names(&client.get("/Users?startIndex=-5&count=1").await), ["User00@example.com"]);
    assert_eq!(names(&client.get("/Users?count=-1").await).len(), 0);
    let filtered = client.get("/Users?filter=active+eq+true&startIndex=13&count=5").await;
    assert_eq!((filtered.body["totalResults"].clone(), names(&filtered).len()), (json!(13), 1));
}

/// Rows: 7644-3.4.3-01, 7644-3.4.3-03, 7644-3.4.3-06, 7644-3.4.2-03, 7644-3.4.2-01, 7644-3.4.2.1-02, 7644-3.4.2.1-03, 7644-3.4.2.1-05
#[tokio::test]
async fn search_by_post_is_the_same_query() {
    let (_hub, client) = seeded().await;
    client.post("/Groups", &json!({ "displayName": "team" })).await;
    let request = |filter: &str| {
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": filter, "attributes": ["userName"], "count": 10, "startIndex": 1,
        })
    };
    let one = client.post("/Users/.search", &request("externalId eq \"Ext3\"")).await;
    assert_eq!((one.status, names(&one)), (StatusCode::OK, vec!["User03@example.com".to_owned()]));
    assert!(one.body["Resources"][0].get("emails").is_none());

    let all = client.post("/.search", &request("meta.resourceType eq \"Group\"")).await;
    assert_eq!(all.body["totalResults"], 1, "{:?}", all.body);
    let all = client.post("/.search", &request("displayName pr or userName sw \"user0\"")).await;
    assert_eq!(all.body["totalResults"], 11);
    for unheard in ["unheard eq 1 or userName pr", "emails[unheard eq 1]"] {
        let refused = client.post("/.search", &request(unheard)).await;
        assert_eq!((refused.status, refused.text("scimType")), (StatusCode::BAD_REQUEST, "invalidFilter".to_owned()));
    }
    let everything = client.get("/").await;
    assert_eq!(everything.body["totalResults"], 26);
    let across = client.get("/?startIndex=25&count=5").await;
    let kinds: Vec<&Value> =
        across.body["Resources"].as_array().unwrap().iter().map(|resource| &resource["meta"]["resourceType"]).collect();
    assert_eq!(kinds, ["User", "Group"]);
}

/// Rows: 7644-3.4.2.2-04, 7644-3.4.2.2-09, 7644-3.4.2.2-22, 7644-3.4.2-02
/// Ambiguities: A-38
#[tokio::test]
async fn a_bad_query_says_what_is_wrong_with_it() {
    let (_hub, client) = seeded().await;
    for (query, scim_type) in [
        ("filter=", "invalidFilter"),
        ("filter=userName+eq", "invalidFilter"),
        ("filter=userName+eq+%22x", "invalidFilter"),
        ("filter=userName+regex+%22x%22", "invalidFilter"),
        ("filter=unheard+eq+%22x%22", "invalidFilter"),
        ("filter=active+gt+true", "invalidFilter"),
        ("filter=name+eq+%22x%22", "invalidFilter"),
        ("startIndex=one", "invalidValue"),
        ("count=many", "invalidValue"),
    ] {
        let refused = client.get(&format!("/Users?{query}")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(refused.text("scimType"), scim_type, "{query}");
        assert!(!refused.text("detail").is_empty(), "{query}");
    }
    assert_eq!(client.get("/Users?foo=1").await.status, StatusCode::OK);
}
