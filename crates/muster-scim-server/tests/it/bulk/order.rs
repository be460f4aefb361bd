//! In which order operations take effect, and what is done at once.

use super::*;

async fn manager_of(client: &TestClient, id: &str) -> Value {
    client.get(&format!("/Users/{id}")).await.body[ENTERPRISE]["manager"]["value"].clone()
}

async fn members_of(client: &TestClient, id: &str) -> Vec<Value> {
    let group = client.get(&format!("/Groups/{id}")).await.body;
    let members = group["members"].as_array().cloned().unwrap_or_default();
    members.iter().map(|member| member["value"].clone()).collect()
}

/// Rows: 7644-3.7.2-01, 7644-3.7.2-02, 7644-3.7.2-03, 7643-4.2-05
#[tokio::test]
async fn references_to_new_resources_work_in_any_order() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Strict).await;
    let old = id_of(&bulk(&client, &[group("old", &[])]).await[0]);
    let manager = format!("{ENTERPRISE}:manager");
    let results = bulk(
        &client,
        &[
            patch(
                &format!("/Groups/{old}"),
                &json!([
                    { "op": "add", "path": "members", "value": [{ "value": "bulkId:inner" }, { "value": "bulkId:c" }] },
                    { "op": "remove", "path": "members[value eq \"bulkId:c\"]" },
                ]),
            ),
            patch("/Users/bulkId:c", &json!([{ "op": "add", "path": manager, "value": { "value": "bulkId:b" } }])),
            group("outer", &["bulkId:inner", "bulkId:b"]),
            group("inner", &["bulkId:a"]),
            user_under("b", "bulkId:a"),
            user("a"),
            user("c"),
        ],
    )
    .await;
    assert_eq!(statuses(&results), ["204", "200", "201", "201", "201", "201", "201"]);
    let [outer, inner, b, a, c] = [2, 3, 4, 5, 6].map(|place: usize| id_of(&results[place]));
    assert_eq!(manager_of(&client, &b).await, json!(a));
    assert_eq!(manager_of(&client, &c).await, json!(b));
    assert_eq!(members_of(&client, &outer).await, [json!(inner), json!(b)]);
    assert_eq!(members_of(&client, &inner).await, [json!(a)]);
    assert_eq!(members_of(&client, &old).await, [json!(inner)]);
}

/// Rows: 7644-3.7.1-01
/// Ambiguities: A-23
#[tokio::test]
async fn creations_in_a_circle_are_done_together_or_not_at_all() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Strict).await;
    let circle = [user_under("a", "bulkId:c"), user_under("b", "bulkId:a"), user_under("c", "bulkId:b")];
    let own = user_under("own", "bulkId:own");
    let results = bulk(&client, &[&circle[..], &[own, group("team", &["bulkId:a", "bulkId:own"])]].concat()).await;
    assert_eq!(statuses(&results), ["201"; 5]);
    let ids: Vec<String> = results.iter().map(id_of).collect();
    for (report, manager) in [(0, 2), (1, 0), (2, 1), (3, 3)] {
        assert_eq!(manager_of(&client, &ids[report]).await, json!(ids[manager]));
        assert_eq!(results[report]["version"], "W/\"1\"", "one operation makes one version");
    }

    // The second cannot be, so neither can those that need it.
    let before = count(&client, "/Users").await;
    let mut second = user_under("b2", "bulkId:a2");
    second["data"]["userName"] = json!("B");
    let results = bulk(&client, &[user_under("a2", "bulkId:b2"), second, user("d")]).await;
    assert_eq!(statuses(&results), ["409", "409", "201"]);
    assert!(results[0]["response"].get("scimType").is_none());
    assert_eq!(results[1]["response"]["scimType"], "uniqueness");
    assert_eq!(count(&client, "/Users").await, before + 1);
}

/// The circle of RFC 7644 section 3.7.1 is one that a directory must refuse (the ambiguous points ).
/// Rows: 7644-3.7.1-01, 7644-3.7.1-02
/// Ambiguities: A-23
#[tokio::test]
async fn groups_that_are_members_of_one_another_are_a_conflict() {
    let hub = TestHub::start().await;
    for provider in [Provider::Strict, Provider::Okta] {
        let client = hub.connect(provider.as_str(), provider).await;
        let name = |name: &str| format!("{name} {provider}");
        let (a, b, own) = (name("a"), name("b"), name("own"));
        let to = |bulk_id: &str| format!("bulkId:{bulk_id}");
        let before = count(&client, "/Groups").await;
        let results = bulk(
            &client,
            &[group(&a, &[&to(&b)]), group(&b, &[&to(&a)]), group(&own, &[&to(&own)]), group(&name("fine"), &[])],
        )
        .await;
        assert_eq!(statuses(&results), ["409", "409", "409", "201"]);
        assert_eq!(count(&client, "/Groups").await, before + 1);

        // Through a group that is there already it is found when it is written.
        let old = id_of(&results[3]);
        let new = name("new");
        let results = bulk(
            &client,
            &[
                group(&new, &[&old]),
                patch(
                    &format!("/Groups/{old}"),
                    &json!([
                        { "op": "add", "path": "members", "value": [{ "value": to(&new) }] }
                    ]),
                ),
            ],
        )
        .await;
        assert_eq!(statuses(&results), ["201", "400"]);
        assert_eq!(results[1]["response"]["scimType"], "invalidValue");
    }
}

/// Rows: 7644-3.7-16
#[tokio::test]
async fn what_depends_on_order_keeps_it() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let rename = |id: &str, name: &str| {
        patch(&format!("/Users/{id}"), &json!([{ "op": "replace", "path": "userName", "value": name }]))
    };
    let results = bulk(
        &client,
        &[
            post("1", "/Users", &json!({ "userName": "x" })),
            // The first of two gets the name, however many run at once.
            post("2", "/Users", &json!({ "userName": "X" })),
            rename("bulkId:1", "y"),
            post("3", "/Users", &json!({ "userName": "x" })),
            rename("bulkId:1", "z"),
            post("4", "/Users", &json!({ "userName": "y" })),
            delete("/Users/bulkId:4"),
            post("5", "/Users", &json!({ "userName": "y" })),
            rename("bulkId:1", "x"),
        ],
    )
    .await;
    assert_eq!(statuses(&results), ["201", "409", "200", "201", "200", "201", "204", "201", "409"]);
    let titles = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let one = id_of(&results[0]);
    let many: Vec<Value> = titles
        .iter()
        .flat_map(|title| {
            [
                patch(&format!("/Users/{one}"), &json!([{ "op": "replace", "path": "title", "value": title }])),
                user(&format!("beside {title}")),
            ]
        })
        .collect();
    bulk(&client, &many).await;
    let found = client.get(&format!("/Users/{one}")).await.body;
    assert_eq!((&found["title"], &found["meta"]["version"]), (&json!("h"), &json!("W/\"11\"")));

    // Somebody who is deleted before cannot join after.
    let strict = hub.connect_with("strict", Provider::Strict, &["sees_whole_tenant=true"]).await;
    let team = id_of(&bulk(&strict, &[group("team", &[])]).await[0]);
    let join =
        patch(&format!("/Groups/{team}"), &json!([{ "op": "add", "path": "members", "value": [{ "value": one }] }]));
    let gone = delete(&format!("/Users/{one}"));
    assert_eq!(statuses(&bulk(&strict, &[join.clone(), gone, join]).await), ["204", "204", "400"]);
}

/// Every form in which an operation may be written is looked through for references before it runs.
///
/// Rows: 7644-3.7.2-01, 7644-3.7.2-02
#[tokio::test]
async fn references_are_found_in_every_form_of_an_operation() {
    for provider in [Provider::Generic, Provider::Oracle] {
        let hub = TestHub::start().await;
        let client = hub.connect("idp", provider).await;
        let team = format!("/Groups/{}", id_of(&bulk(&client, &[group("team", &[])]).await[0]));
        let by_urn = json!([{
            "op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:Group",
            "value": { "members": [{ "value": "bulkId:u" }] },
        }]);
        let mut bare = patch(&team, &json!([]));
        bare["data"] = json!({ "op": "add", "path": "members", "value": [{ "value": "bulkId:v" }] });
        let mut misspelt = user("w");
        misspelt["data"][ENTERPRISE] = json!({ "manager": { "managerId": "bulkId:v" } });
        let results = bulk(&client, &[patch(&team, &by_urn), bare, misspelt, user("u"), user("v")]).await;
        let takes_bare = provider == Provider::Oracle;
        let second = if takes_bare { results[0]["status"].as_str().unwrap() } else { "400" };
        assert_eq!(statuses(&results[1..]), [second, "201", "201", "201"], "{results:?}");
        let [w, u, v] = [2, 3, 4].map(|place: usize| id_of(&results[place]));
        let mut members = members_of(&client, team.trim_start_matches("/Groups/")).await;
        members.sort_by_key(|member| *member == json!(v));
        let expected = if takes_bare { vec![json!(u), json!(v)] } else { vec![json!(u)] };
        assert_eq!(members, expected);
        assert_eq!(manager_of(&client, &w).await, json!(v));
    }
}

/// What no bulk request resolves is not stored as an id.
#[tokio::test]
async fn a_single_request_cannot_refer_to_a_bulk_id() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let refused = client.post("/Groups", &json!({ "displayName": "g", "members": [{ "value": "bulkId:u" }] })).await;
    assert_eq!((refused.status, refused.text("scimType")), (StatusCode::BAD_REQUEST, "invalidValue".to_owned()));
    assert!(!refused.text("detail").contains("bulkId:u"));
}
