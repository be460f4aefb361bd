//! What is said of each operation.

use http::Method;

use super::*;

/// Rows: 7644-3.7-02, 7644-3.7-09, 7644-3.7-11, 7644-3.7-12, 7644-3.7-13, 7644-3.7-15, 7644-3.7.3-01, 7643-3.1-08
#[tokio::test]
async fn results_stand_in_the_order_of_the_request_with_address_version_and_bulk_id() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let results = bulk(
        &client,
        &[
            group("team", &["bulkId:ann"]),
            user("ann"),
            patch(
                "/Users/bulkId:ann",
                &json!([
                    { "op": "add", "path": "title", "value": "Guide" }
                ]),
            ),
        ],
    )
    .await;
    let base = format!("https://muster.test/directory/resources/scim/v2.0/{}", client.connection);
    let (team, ann) = (id_of(&results[0]), id_of(&results[1]));
    assert_eq!(
        results,
        [
            json!({
                "location": format!("{base}/Groups/{team}"), "method": "POST", "bulkId": "team",
                "version": "W/\"1\"", "status": "201"
            }),
            json!({
                "location": format!("{base}/Users/{ann}"), "method": "POST", "bulkId": "ann",
                "version": "W/\"1\"", "status": "201"
            }),
            json!({
                "location": format!("{base}/Users/{ann}"), "method": "PATCH", "version": "W/\"2\"", "status": "200"
            }),
        ]
    );
    assert!(!team.contains("bulkId") && !ann.contains("bulkId"));
    assert_eq!(client.get(&format!("/Groups/{team}")).await.body["members"][0]["value"], json!(ann));
    assert_eq!(client.get(&format!("/Users/{ann}")).await.body["title"], "Guide");
}

/// Each failure has the status and the body that a request of its own has, and harms nobody else.
/// Rows: 7644-3.7-04, 7644-3.7-06, 7644-3.7-07, 7644-3.7-09, 7644-3.7-10, 7644-3.7-14, 7644-3.7.3-02, 7644-3.7.3-03
#[tokio::test]
async fn each_operation_is_answered_as_a_request_of_its_own() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Strict).await;
    let results = bulk(&client, &[user("taken"), user("other"), group("team", &[])]).await;
    let (person, team) = (format!("/Users/{}", id_of(&results[1])), format!("/Groups/{}", id_of(&results[2])));
    let nobody = "/Users/00000000-0000-7000-8000-000000000000".to_owned();
    let patched = |operations: Value| patch("", &operations)["data"].clone();
    let user_schema = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    let cases: Vec<(&str, String, Value)> = vec![
        ("POST", "/Users".into(), json!({ "schemas": user_schema, "userName": "TAKEN" })),
        ("POST", "/Users".into(), json!({ "schemas": user_schema })),
        ("POST", "/Users".into(), json!({ "userName": "x" })),
        ("POST", "/Things".into(), json!({})),
        ("PUT", person.clone(), json!({ "schemas": user_schema, "userName": "taken" })),
        ("PUT", nobody.clone(), json!({ "schemas": user_schema, "userName": "y" })),
        ("PUT", person.clone(), json!({ "schemas": user_schema, "userName": "z" })),
        ("PATCH", person.clone(), patched(json!([{ "op": "replace", "path": "nothing", "value": 1 }]))),
        ("PATCH", person.clone(), patched(json!([{ "op": "replace", "path": "id", "value": "1" }]))),
        ("PATCH", person.clone(), patched(json!([{ "op": "replace", "path": "title", "value": "t" }]))),
        ("PATCH", team.clone(), patched(json!([{ "op": "replace", "path": "displayName", "value": "t" }]))),
        ("PATCH", team.clone(), patched(json!([{ "op": "add", "path": "members", "value": [{ "value": "nobody" }] }]))),
        ("PATCH", nobody.clone(), patched(json!([{ "op": "remove", "path": "title" }]))),
        ("DELETE", nobody.clone(), Value::Null),
        ("DELETE", "/Groups/0".into(), Value::Null),
    ];
    let operations: Vec<Value> = cases
        .iter()
        .enumerate()
        .map(|(place, (method, path, data))| {
            let mut operation = json!({ "method": method, "path": path, "bulkId": place.to_string() });
            if !data.is_null() {
                operation["data"] = data.clone();
            }
            operation
        })
        .collect();
    let results = bulk(&client, &operations).await;
    assert_eq!(results.len(), cases.len());
    for (place, ((method, path, data), result)) in cases.iter().zip(&results).enumerate() {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let body = (!data.is_null()).then_some(data);
        let single = client.send(method.clone(), path, body).await;
        assert_eq!(result["status"], single.status.as_str(), "{method} {path}: {result}");
        assert_eq!(result["bulkId"], place.to_string());
        let has_failed = !single.status.is_success();
        let is_failed_creation = has_failed && method == Method::POST;
        assert_eq!(result.get("location").is_none(), is_failed_creation, "{method} {path}: {result}");
        if has_failed && path != "/Things" {
            assert_eq!(result["response"], single.body, "{method} {path}");
        }
        assert_eq!(result.get("response").is_some(), has_failed);
        assert_eq!(result.get("version").is_none(), has_failed || method == Method::DELETE);
    }
    // What is wrong in itself fails alone, too.
    let results = bulk(
        &client,
        &[
            json!({ "method": "POST", "path": "/Users", "data": { "userName": "no bulkId" } }),
            json!({ "method": "GET", "path": person }),
            json!({ "method": "PATCH", "path": person }),
            json!({ "method": "DELETE", "path": "/Users" }),
            json!("POST"),
            user("fine"),
        ],
    )
    .await;
    assert_eq!(statuses(&results), ["400", "400", "400", "400", "400", "201"]);
    for result in &results[..5] {
        assert!(!result["response"]["detail"].as_str().unwrap().is_empty(), "{result}");
    }
    assert!(results[2]["location"].as_str().unwrap().ends_with(&person));
}

/// Rows: 7644-3.7-08
#[tokio::test]
async fn a_version_acts_as_if_match() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let ids: Vec<String> = bulk(&client, &[user("a"), user("b"), user("c")]).await.iter().map(id_of).collect();
    let with = |mut operation: Value, version: &str| {
        operation["version"] = json!(version);
        operation
    };
    let title = |id: &str| patch(&format!("/Users/{id}"), &json!([{ "op": "add", "path": "title", "value": "x" }]));
    let put = |id: &str, name: &str| json!({ "method": "PUT", "path": format!("/Users/{id}"), "data": { "userName": name, "title": "y" } });
    let results = bulk(
        &client,
        &[
            with(title(&ids[0]), "W/\"1\""),
            with(title(&ids[0]), "W/\"1\""),
            with(put(&ids[1], "b"), "W/\"9\""),
            with(put(&ids[1], "b"), "W/\"1\""),
            with(delete(&format!("/Users/{}", ids[2])), "\"7\""),
            with(delete(&format!("/Users/{}", ids[2])), ""),
            with(delete(&format!("/Users/{}", ids[2])), "W/\"1\""),
        ],
    )
    .await;
    assert_eq!(statuses(&results), ["200", "412", "412", "200", "412", "412", "204"]);
}

/// Rows: 7644-3.7-05, 7644-3.7.2-04
#[tokio::test]
async fn a_reference_to_what_is_not_created_fails() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Okta).await;
    let mut wrong = user("wrong");
    wrong["data"]["userName"] = json!("");
    let results = bulk(
        &client,
        &[
            group("of nobody", &["bulkId:nobody"]),
            user_under("of wrong", "bulkId:wrong"),
            group("of of wrong", &["bulkId:of wrong"]),
            wrong,
            delete("/Users/bulkId:nobody"),
            patch("/Users/bulkId:wrong", &json!([{ "op": "remove", "path": "title" }])),
            user("twice"),
            user("twice"),
            group("of twice", &["bulkId:twice"]),
            user("fine"),
        ],
    )
    .await;
    assert_eq!(statuses(&results), ["400", "409", "409", "400", "400", "409", "400", "400", "400", "201"]);
    assert_eq!(results[0]["response"]["scimType"], "invalidValue");
    assert_eq!((count(&client, "/Users").await, count(&client, "/Groups").await), (1, 0));
    // A held member would be named so for ever.
    assert!(!client.get("/Groups").await.body.to_string().contains("bulkId"));
}

/// Rows: 7644-3.7-03, 7644-3.7.3-04
#[tokio::test]
async fn fail_on_errors_stops_where_one_after_another_would_have_stopped() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    bulk(&client, &[user("taken")]).await;
    let names = ["a", "b", "taken", "c", "TAKEN", "d", "e"];
    let operations = |round: usize| -> Vec<Value> {
        names
            .iter()
            .enumerate()
            .map(|(place, name)| {
                let name =
                    if name.eq_ignore_ascii_case("taken") { (*name).to_owned() } else { format!("{name}{round}") };
                post(&place.to_string(), "/Users", &json!({ "userName": name }))
            })
            .collect()
    };
    for (round, limit, expected) in [
        (0, json!(1), vec!["201", "201", "409"]),
        (1, json!(2), vec!["201", "201", "409", "201", "409"]),
        (2, json!(3), vec!["201", "201", "409", "201", "409", "201", "201"]),
        (3, Value::Null, vec!["201", "201", "409", "201", "409", "201", "201"]),
    ] {
        let before = count(&client, "/Users").await;
        let mut body = request(&operations(round));
        body["failOnErrors"] = limit;
        let results = send(&client, &body).await;
        assert_eq!(statuses(&results), expected);
        let created = expected.iter().filter(|status| **status == "201").count() as u64;
        assert_eq!(count(&client, "/Users").await, before + created, "nothing was done that is not told");
    }
    // What never needs to be tried counts as well.
    let mut body = request(&[json!({ "method": "GET" }), user("late")]);
    body["failOnErrors"] = json!(1);
    assert_eq!(statuses(&send(&client, &body).await), ["400"]);
}
