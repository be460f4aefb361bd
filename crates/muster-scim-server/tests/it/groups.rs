//! Groups and their members.

use http::StatusCode;
use muster_model::Provider;
use muster_testkit::{TestClient, TestHub};
use serde_json::{Value, json};

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

async fn person(client: &TestClient, name: &str) -> String {
    let created = client.post("/Users", &json!({ "userName": name, "displayName": name })).await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    created.id()
}

async fn group(client: &TestClient, name: &str, members: &[&str]) -> String {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    let created = client.post("/Groups", &json!({ "schemas": [GROUP], "displayName": name, "members": members })).await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    created.id()
}

async fn members(client: &TestClient, group: &str) -> Vec<String> {
    let body = client.get(&format!("/Groups/{group}")).await.body;
    let list = body.get("members").and_then(Value::as_array).cloned().unwrap_or_default();
    list.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

/// Rows: 7643-4.2-03, 7643-4.2-05, 7643-4.1.2-11, 7643-7-15
/// Ambiguities: A-28
#[tokio::test]
async fn members_are_shown_with_type_name_and_address() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let ann = person(&client, "ann").await;
    let inner = group(&client, "inner", &[]).await;
    let outer = group(&client, "outer", &[&ann, &inner]).await;

    let shown = client.get(&format!("/Groups/{outer}")).await.body;
    let base = format!("https://muster.test/directory/resources/scim/v2.0/{}", client.connection);
    assert_eq!(
        shown["members"],
        json!([
            { "value": ann, "type": "User", "$ref": format!("{base}/Users/{ann}") },
            { "value": inner, "type": "Group", "$ref": format!("{base}/Groups/{inner}") },
        ])
    );
    let named = client.get(&format!("/Groups/{outer}?attributes=members.display")).await.body;
    assert_eq!(
        named["members"],
        json!([{ "display": "ann" }, { "display": "inner" }]),
        "display is returned on request"
    );
    let of_ann = client.get(&format!("/Users/{ann}")).await.body;
    assert_eq!(
        of_ann["groups"],
        json!([{ "value": outer, "display": "outer", "type": "direct", "$ref": format!("{base}/Groups/{outer}") }])
    );
    assert!(client.get(&format!("/Groups/{outer}?excludedAttributes=members")).await.body.get("members").is_none());
}

/// Rows: 7644-3.5.2.1-04, 7644-3.5.2.1-02, 7644-3.5.2.2-03, 7644-3.5.2.2-04, 7644-3.5.2.3-03, 7644-3.5.2-16, 7644-3.5.2-17, 7644-3.5.2-18,
/// 7644-3.5.2-12
#[tokio::test]
async fn every_way_to_add_and_remove_a_member_works() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Entra).await;
    let (ann, bob, cem) = (person(&client, "ann").await, person(&client, "bob").await, person(&client, "cem").await);
    let team = group(&client, "team", &[&ann]).await;
    let path = format!("/Groups/{team}");

    let added = client
        .patch(&path, json!([{ "op": "Add", "path": "members", "value": [{ "$ref": null, "value": bob }] }]))
        .await;
    assert_eq!((added.status, added.body.is_null()), (StatusCode::NO_CONTENT, true));
    assert!(!added.etag().is_empty() && !added.location().is_empty());
    assert_eq!(members(&client, &team).await, [ann.clone(), bob.clone()]);

    // Entra's classic removal carries a value list: only those listed leave.
    client
        .patch(&path, json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": ann }] }]))
        .await;
    assert_eq!(members(&client, &team).await, std::slice::from_ref(&bob));

    client.patch(&path, json!([{ "op": "add", "value": { "members": [{ "value": cem }, { "value": ann }] } }])).await;
    assert_eq!(members(&client, &team).await.len(), 3);
    client.patch(&path, json!([{ "op": "remove", "path": format!("members[value eq \"{cem}\"]") }])).await;
    client.patch(&path, json!([{ "op": "remove", "path": "members[display eq \"ANN\"]" }])).await;
    assert_eq!(members(&client, &team).await, std::slice::from_ref(&bob));

    client
        .patch(&path, json!([{ "op": "replace", "path": "members", "value": [{ "value": ann }, { "value": cem }] }]))
        .await;
    assert_eq!(members(&client, &team).await.len(), 2);
    assert!(!members(&client, &team).await.contains(&bob));
    client.patch(&path, json!([{ "op": "replace", "path": "members", "value": [] }])).await;
    assert!(members(&client, &team).await.is_empty());

    let mut both = json!([{ "op": "add", "path": "members", "value": [{ "value": bob }] }]);
    both.as_array_mut().unwrap().push(json!({ "op": "replace", "value": { "id": team, "displayName": "crew" } }));
    let shown = client
        .send(
            http::Method::PATCH,
            &format!("{path}?attributes=displayName,members.value"),
            Some(&json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": both,
            })),
        )
        .await;
    assert_eq!(shown.status, StatusCode::OK, "{:?}", shown.body);
    assert_eq!(shown.body["displayName"], "crew");
    assert_eq!(shown.body["members"], json!([{ "value": bob }]));
}

/// A part of `members` says nothing of who is a member.
#[tokio::test]
async fn a_put_that_names_a_part_of_members_keeps_them() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let ann = person(&client, "ann").await;
    let team = group(&client, "team", &[&ann]).await;
    for part in [json!({ "members.display": "x" }), json!({ "members.value": null })] {
        let mut body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "team" });
        body.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        client.put(&format!("/Groups/{team}"), &body).await;
        assert_eq!(members(&client, &team).await, std::slice::from_ref(&ann), "{part}");
    }
}

/// A filter sees those whom the same PATCH made members before.
#[tokio::test]
async fn a_filter_on_members_knows_who_was_just_added() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let (ann, bob) = (person(&client, "ann").await, person(&client, "bob").await);
    let team = group(&client, "team", &[&ann]).await;
    let path = format!("/Groups/{team}");
    let add = json!({ "op": "add", "path": "members", "value": [{ "value": bob }] });
    client.patch(&path, json!([add, { "op": "remove", "path": "members[type ne \"User\"]" }])).await;
    assert_eq!(members(&client, &team).await.len(), 2);
    client.patch(&path, json!([add, { "op": "remove", "path": "members[type eq \"User\"]" }])).await;
    assert!(members(&client, &team).await.is_empty());
}

#[tokio::test]
async fn a_rename_by_put_does_not_empty_the_group() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Okta).await;
    let ann = person(&client, "ann").await;
    let team = group(&client, "team", &[&ann]).await;
    let path = format!("/Groups/{team}");
    client.put(&path, &json!({ "schemas": [GROUP], "displayName": "crew" })).await;
    assert_eq!(members(&client, &team).await, std::slice::from_ref(&ann));
    client.put(&path, &json!({ "schemas": [GROUP], "displayName": "crew", "members": [] })).await;
    assert!(members(&client, &team).await.is_empty());
}

/// Rows: 7643-2.3.7-05
/// Ambiguities: A-54
#[tokio::test]
async fn unknown_members_are_held_or_refused_and_never_shown() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Okta).await;
    let ann = person(&client, "ann").await;
    let team = group(&client, "team", &[&ann]).await;
    let operations = json!([{ "op": "add", "path": "members", "value": [{ "value": "nobody" }] }]);
    assert_eq!(client.patch(&format!("/Groups/{team}"), operations.clone()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(members(&client, &team).await, std::slice::from_ref(&ann));

    let strict = hub.connect_with("strict", Provider::Strict, &["sees_whole_tenant=true"]).await;
    let refused = strict.patch(&format!("/Groups/{team}"), operations).await;
    assert_eq!((refused.status, refused.text("scimType")), (StatusCode::BAD_REQUEST, "invalidValue".to_owned()));
    assert_eq!(members(&client, &team).await, [ann]);
}

/// Rows: 7644-3.6-07, 7644-3.5.2.2-08
#[tokio::test]
async fn a_deleted_person_leaves_the_groups() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Entra).await;
    let (ann, bob) = (person(&client, "ann").await, person(&client, "bob").await);
    let team = group(&client, "team", &[&ann, &bob]).await;
    let before = client.get(&format!("/Groups/{team}")).await.etag();
    client.delete(&format!("/Users/{ann}")).await;
    assert_eq!(members(&client, &team).await, [bob]);
    assert_ne!(client.get(&format!("/Groups/{team}")).await.etag(), before);
    // Entra removes the dead id afterwards.
    let late = client
        .patch(&format!("/Groups/{team}"), json!([{ "op": "Remove", "path": "members", "value": [{ "value": ann }] }]))
        .await;
    assert_eq!(late.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn many_writers_on_one_group_lose_nothing() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let team = group(&client, "team", &[]).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..16 {
        let (client, team) = (client.clone(), team.clone());
        tasks.spawn(async move {
            let id = person(&client, &format!("person{number}")).await;
            let operations = json!([
                { "op": "add", "path": "members", "value": [{ "value": id }] },
                { "op": "replace", "path": "externalId", "value": format!("{number}") },
            ]);
            client.patch(&format!("/Groups/{team}"), operations).await.status
        });
    }
    while let Some(status) = tasks.join_next().await {
        assert_eq!(status.unwrap(), StatusCode::NO_CONTENT);
    }
    assert_eq!(members(&client, &team).await.len(), 16);
}

#[tokio::test]
async fn an_element_that_names_nobody_does_not_empty_the_group() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let ann = person(&client, "ann").await;
    let team = group(&client, "team", &[&ann]).await;
    let path = format!("/Groups/{team}");
    for list in [json!([{ "display": "Bob" }]), json!([{}]), json!([{ "value": "" }]), json!(""), json!({})] {
        let put = client.put(&path, &json!({ "schemas": [GROUP], "displayName": "team", "members": list })).await;
        assert_eq!(put.status, StatusCode::BAD_REQUEST, "PUT {list}");
        let patched = client.patch(&path, json!([{ "op": "replace", "path": "members", "value": list }])).await;
        assert_eq!(patched.status, StatusCode::BAD_REQUEST, "PATCH {list}");
        assert_eq!(members(&client, &team).await, std::slice::from_ref(&ann));
    }
}

#[tokio::test]
async fn members_are_found_and_removed_by_their_address() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let (ann, bob) = (person(&client, "ann").await, person(&client, "bob").await);
    let team = group(&client, "team", &[&ann, &bob]).await;
    let address = client.get(&format!("/Users/{ann}")).await.location();
    for filter in [format!("members.$ref eq \"{address}\""), format!("meta.location eq \"/Groups/{team}\"")] {
        let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("filter", &filter).finish();
        assert_eq!(client.get(&format!("/Groups?{query}")).await.body["totalResults"], 1, "{filter}");
    }
    let operations = json!([{ "op": "remove", "path": format!("members[$ref eq \"{address}\"]") }]);
    assert_eq!(client.patch(&format!("/Groups/{team}"), operations).await.status, StatusCode::NO_CONTENT);
    assert_eq!(members(&client, &team).await, [bob]);
}
