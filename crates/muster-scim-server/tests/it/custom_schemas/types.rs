//! A resource type of a tenant is served like a built-in one.

use http::StatusCode;
use http::header::IF_MATCH;
use muster_model::Provider;
use muster_testkit::{TestClient, TestHub};
use serde_json::{Value, json};

use super::{BADGE, USER, add, badges};

async fn badge(client: &TestClient, number: &str, more: Value) -> Value {
    let mut body = json!({ "schemas": [BADGE], "number": number });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let created = client.post("/Badges", &body).await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    created.body
}

fn numbers(list: &Value) -> Vec<&str> {
    list["Resources"].as_array().into_iter().flatten().filter_map(|one| one["number"].as_str()).collect()
}

/// Rows: 7643-6-01, 7643-6-02, 7643-6-03, 7643-6-05, 7643-6-06, 7643-7-01, 7643-7-03
#[tokio::test]
async fn an_added_type_is_discovered_and_lives_from_post_to_delete() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    assert_eq!(client.get("/Badges").await.status, StatusCode::NOT_FOUND);
    add(&hub, &badges(), None).await;

    let shown = client.get("/ResourceTypes/Badge").await.body;
    assert_eq!(
        (&shown["endpoint"], &shown["schema"], &shown["id"]),
        (&json!("/Badges"), &json!(BADGE), &json!("Badge"))
    );
    assert_eq!(client.get("/ResourceTypes").await.body["totalResults"], 3);
    let schema = client.get(&format!("/Schemas/{BADGE}")).await.body;
    assert_eq!(schema["attributes"][0]["uniqueness"], "server");
    assert_eq!(schema["attributes"][1]["mutability"], "readWrite", "defaults are spelt out");

    let created = badge(&client, "7", json!({ "colour": "red", "floor": 3 })).await;
    let path = format!("/Badges/{}", created["id"].as_str().unwrap());
    assert_eq!((&created["schemas"], &created["meta"]["resourceType"]), (&json!([BADGE]), &json!("Badge")));
    assert!(created["meta"]["location"].as_str().unwrap().ends_with(&path));
    assert_eq!(client.get(&path).await.body, created);
    let id = created["id"].as_str().unwrap();
    assert_eq!(client.get(&format!("/Users/{id}")).await.status, StatusCode::NOT_FOUND, "it is no user");

    let patched = client
        .patch(
            &path,
            json!([
                { "op": "add", "path": "doors", "value": [{ "value": "A", "type": "main" }, { "value": "B" }] },
                { "op": "replace", "path": format!("{BADGE}:colour"), "value": "blue" },
                { "op": "remove", "path": "doors[value eq \"B\"]" },
            ]),
        )
        .await;
    assert_eq!(patched.status, StatusCode::OK, "{:?}", patched.body);
    assert_eq!(
        (&patched.body["colour"], &patched.body["doors"]),
        (&json!("blue"), &json!([{ "value": "A", "type": "main" }]))
    );
    let wrong = client.patch(&path, json!([{ "op": "replace", "path": "floor", "value": "high" }])).await;
    assert_eq!((wrong.status, wrong.text("scimType")), (StatusCode::BAD_REQUEST, "invalidValue".to_owned()));

    let stale = client.clone().with_header(IF_MATCH, "W/\"1\"");
    assert_eq!(stale.delete(&path).await.status, StatusCode::PRECONDITION_FAILED);
    let replaced = client.put(&path, &json!({ "schemas": [BADGE], "number": "7", "floor": 4 })).await.body;
    assert_eq!((&replaced["floor"], replaced.get("colour")), (&json!(4), None));
    let missing = client.put(&path, &json!({ "schemas": [BADGE] })).await;
    assert_eq!(missing.status, StatusCode::BAD_REQUEST, "number is required");
    assert_eq!(client.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(client.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn added_types_are_filtered_sorted_paged_and_projected() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    add(&hub, &badges(), None).await;
    for (number, colour, floor) in [("b", "red", 2), ("a", "Red", 10), ("c", "blue", 1)] {
        let doors = json!([{ "value": format!("door {number}"), "type": "main" }]);
        badge(&client, number, json!({ "colour": colour, "floor": floor, "doors": doors })).await;
    }
    client.post("/Users", &json!({ "schemas": [USER], "userName": "anna" })).await;
    for (query, expected) in [
        ("filter=colour%20eq%20%22RED%22&sortBy=number", vec!["a", "b"]),
        ("filter=number%20eq%20%22C%22", vec!["c"]),
        ("filter=floor%20gt%201&sortBy=floor", vec!["b", "a"]),
        ("filter=doors%5Bvalue%20ew%20%22a%22%20and%20type%20eq%20%22main%22%5D", vec!["a"]),
        ("sortBy=floor&sortOrder=descending", vec!["a", "b", "c"]),
        ("sortBy=number&count=1&startIndex=2", vec!["b"]),
    ] {
        let list = client.get(&format!("/Badges?{query}")).await.body;
        assert_eq!(numbers(&list), expected, "{query}: {list}");
    }
    let first = client.get("/Badges?cursor&count=2&sortBy=number").await.body;
    let cursor = first["nextCursor"].as_str().unwrap();
    let second = client.get(&format!("/Badges?cursor={cursor}&count=2&sortBy=number")).await.body;
    assert_eq!((numbers(&first), numbers(&second)), (vec!["a", "b"], vec!["c"]));

    let narrow = client.get("/Badges?attributes=floor&filter=number%20eq%20%22c%22").await.body;
    let shown: Vec<_> = narrow["Resources"][0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(shown, ["schemas", "id", "floor"]);
    let unknown = client.get("/Badges?filter=size%20pr").await;
    assert_eq!((unknown.status, unknown.text("scimType")), (StatusCode::BAD_REQUEST, "invalidFilter".to_owned()));

    let everything = client.get("/?count=10").await.body;
    assert_eq!(everything["totalResults"], 4);
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "meta.resourceType eq \"Badge\" and floor pr or userName pr", "sortBy": "number",
    });
    assert_eq!(client.post("/.search", &search).await.body["totalResults"], 4);
    let search = json!({ "schemas": search["schemas"], "filter": "colour eq \"blue\"" });
    assert_eq!(numbers(&client.post("/Badges/.search", &search).await.body), ["c"]);
}

#[tokio::test]
async fn references_are_completed_and_bulk_knows_them() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    add(&hub, &badges(), None).await;
    let bulk = client
        .post(
            "/Bulk",
            &json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                "Operations": [
                    { "method": "POST", "path": "/Badges", "bulkId": "b",
                      "data": { "schemas": [BADGE], "number": "1", "holder": { "value": "bulkId:u" } } },
                    { "method": "POST", "path": "/Users", "bulkId": "u",
                      "data": { "schemas": [USER], "userName": "anna", "displayName": "Anna" } },
                    { "method": "POST", "path": "/Badges", "bulkId": "c",
                      "data": { "schemas": [BADGE], "number": "1" } },
                ],
            }),
        )
        .await;
    let status: Vec<_> = bulk.body["Operations"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(status, ["201", "201", "409"], "{:?}", bulk.body);
    let list = client.get("/Badges").await.body;
    let holder = &list["Resources"][0]["holder"];
    let user = client.get("/Users").await.body["Resources"][0].clone();
    assert_eq!((&holder["value"], &holder["$ref"]), (&user["id"], &user["meta"]["location"]));
    assert_eq!(holder["display"], "Anna");
    let found =
        client.get(&format!("/Badges?filter=holder.value%20eq%20%22{}%22", user["id"].as_str().unwrap())).await.body;
    assert_eq!(numbers(&found), ["1"]);
}

/// Rows: 7643-7-16, 7643-7-17, 7643-7-18
#[tokio::test]
async fn unique_values_are_unique_in_the_tenant() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let other = hub.connect("other", Provider::Okta).await;
    add(&hub, &badges(), None).await;
    let first = badge(&client, "AB", json!({ "serial": "x" })).await;
    let second = badge(&client, "CD", json!({ "serial": "X" })).await;
    for (name, value) in [("number", "ab"), ("serial", "x")] {
        let body = json!({ "schemas": [BADGE], "number": "new", name: value });
        let refused = other.post("/Badges", &body).await;
        assert_eq!(
            (refused.status, refused.text("scimType")),
            (StatusCode::CONFLICT, "uniqueness".to_owned()),
            "{name}"
        );
        assert!(refused.text("detail").contains(name) && !refused.text("detail").contains(value));
        let path = format!("/Badges/{}", second["id"].as_str().unwrap());
        let patched = client.patch(&path, json!([{ "op": "replace", "path": name, "value": value }])).await;
        assert_eq!(patched.status, StatusCode::CONFLICT, "{name}");
    }
    client.delete(&format!("/Badges/{}", first["id"].as_str().unwrap())).await;
    badge(&client, "ab", json!({ "serial": "x" })).await;
}

#[tokio::test]
async fn added_types_are_served_in_1_1_too() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await.at_1_1_address();
    add(&hub, &badges(), None).await;
    let schema = client.get("/Schemas/Badges").await.body;
    assert_eq!((&schema["id"], &schema["endpoint"]), (&json!(BADGE), &json!("/Badges")));
    let created = client.post("/Badges", &json!({ "schemas": [BADGE], "number": "7", "colour": "red" })).await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    assert_eq!(created.body["schemas"], json!([BADGE]));
    let path = format!("/Badges/{}", created.id());
    let patched = client.send(http::Method::PATCH, &path, Some(&json!({ "schemas": [BADGE], "colour": "blue" }))).await;
    assert!(patched.status.is_success(), "{:?}", patched.body);
    assert_eq!(client.get("/Badges?filter=colour%20eq%20%22blue%22").await.body["totalResults"], 1);
}
