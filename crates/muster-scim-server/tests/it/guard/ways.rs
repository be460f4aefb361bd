//! Every way of taking something away is held; what else a request says is done.

use http::{Method, StatusCode};
use muster_model::Provider;
use serde_json::{Value, json};

use super::{NOTHING, Scene, members};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// Bodies by which identity providers deactivate, each with another change where it can carry one.
fn deactivations() -> Vec<(Method, Value)> {
    let operations = |operations: Value| json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
    vec![
        (Method::PUT, json!({ "schemas": [USER], "userName": "p0", "active": false, "title": "New" })),
        (Method::PUT, json!({ "schemas": [USER], "userName": "p0", "active": "False", "title": "New" })),
        (Method::PATCH, operations(json!([{ "op": "replace", "value": { "active": false, "title": "New" } }]))),
        (
            Method::PATCH,
            operations(json!([
                { "op": "Replace", "path": "active", "value": "False" },
                { "op": "Add", "path": "title", "value": "New" },
            ])),
        ),
        (
            Method::PATCH,
            operations(json!([
                { "op": "add", "path": format!("{USER}:active"), "value": false },
                { "op": "replace", "path": "title", "value": "New" },
            ])),
        ),
    ]
}

#[tokio::test]
async fn every_deactivation_is_held_and_the_rest_of_it_is_done() {
    for (method, body) in deactivations() {
        let scene = Scene::new(1, &NOTHING).await;
        let answer = scene.client.send(method.clone(), &scene.user(0), Some(&body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{body}: {:?}", answer.body);
        assert_eq!(
            (&answer.body["active"], &answer.body["title"]),
            (&json!(false), &json!("New")),
            "as it was asked for"
        );
        let read = scene.client.get(&scene.user(0)).await;
        assert_eq!((&read.body["active"], &read.body["title"]), (&json!(true), &json!("New")), "{body}: the truth");
        assert_eq!(read.etag(), answer.etag());
        assert_eq!(scene.told().await, [("deactivate", 1)], "{body}");
        assert_eq!(scene.held().await[0].operation.label.as_deref(), Some("p0"));
    }
}

#[tokio::test]
async fn where_a_refusal_is_wanted_nothing_of_the_request_is_done() {
    let settings = [NOTHING[0], NOTHING[1], "held_answered_as_done=false"];
    for (method, body) in deactivations() {
        let scene = Scene::new(1, &settings).await;
        let answer = scene.client.send(method, &scene.user(0), Some(&body)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{body}");
        assert!(answer.text("detail").contains("muster held list"), "{:?}", answer.body);
        let read = scene.client.get(&scene.user(0)).await;
        assert_eq!((&read.body["active"], &read.body["title"]), (&json!(true), &Value::Null), "{body}");
        assert_eq!(read.body["meta"]["version"], "W/\"1\"");
        assert_eq!(scene.told().await, [("deactivate", 1)], "{body}");
    }
    let scene = Scene::new(3, &settings).await;
    assert_eq!(scene.client.delete(&scene.user(0)).await.status, StatusCode::FORBIDDEN);
    let newcomer = scene.client.post("/Users", &json!({ "userName": "new" })).await.id();
    let operations = json!([
        { "op": "remove", "path": format!("members[value eq \"{}\"]", scene.people[0]) },
        { "op": "add", "path": "members", "value": [{ "value": newcomer }] },
    ]);
    assert_eq!(scene.client.patch(&scene.group(), operations).await.status, StatusCode::FORBIDDEN);
    assert_eq!(scene.member_count().await, 3);
    assert_eq!(scene.told().await, [("delete", 1), ("remove_members", 1)]);
}

#[tokio::test]
async fn every_removal_of_members_is_held_and_the_rest_of_it_is_done() {
    let keep = 1;
    for way in 0..7 {
        let scene = Scene::new(4, &NOTHING).await;
        let newcomer = scene.client.post("/Users", &json!({ "userName": "new" })).await.id();
        let kept = [&scene.people[..keep], std::slice::from_ref(&newcomer)].concat();
        let leaving = &scene.people[keep..];
        let add = json!({ "op": "add", "path": "members", "value": members(std::slice::from_ref(&newcomer)) });
        let by_filter =
            leaving.iter().map(|id| json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") }));
        let group = scene.group();
        let client = &scene.client;
        let answer = match way {
            0 => client.put(&group, &json!({ "displayName": "all", "members": members(&kept) })).await,
            1 => client.patch(&group, by_filter.chain([add]).collect()).await,
            2 => {
                client
                    .patch(&group, json!([{ "op": "Remove", "path": "members", "value": members(leaving) }, add]))
                    .await
            }
            3 => client.patch(&group, json!([{ "op": "replace", "path": "members", "value": members(&kept) }])).await,
            4 => client.patch(&group, json!([{ "op": "replace", "value": { "members": members(&kept) } }])).await,
            5 => client.patch(&group, json!([{ "op": "remove", "path": "members" }, add])).await,
            _ => {
                let gone: Vec<_> = leaving.iter().map(|id| json!({ "value": id, "operation": "delete" })).collect();
                let changes = [gone, members(std::slice::from_ref(&newcomer))].concat();
                let body = json!({ "members": changes });
                client.clone().at_1_1_address().send(Method::PATCH, &group, Some(&body)).await
            }
        };
        assert!(answer.status.is_success(), "{way}: {:?}", answer.body);
        let leavers = if way == 5 { 4 } else { 3 };
        if way == 0 {
            assert_eq!(answer.body["members"].as_array().unwrap().len(), 2, "as it was asked for");
        }
        assert_eq!(scene.member_count().await, 5, "{way}: nobody left and the new one is there");
        assert_eq!(scene.told().await, [("remove_members", leavers)], "{way}");
    }
}

#[tokio::test]
async fn emptying_and_deleting_are_held() {
    for body in [json!({ "displayName": "none", "members": [] }), json!({ "displayName": "none", "members": null })] {
        let scene = Scene::new(3, &NOTHING).await;
        let answer = scene.client.put(&scene.group(), &body).await;
        assert_eq!((answer.status, &answer.body["members"]), (StatusCode::OK, &Value::Null), "{:?}", answer.body);
        assert_eq!(scene.client.get(&scene.group()).await.body["displayName"], "none", "a rename takes nothing away");
        assert_eq!((scene.member_count().await, scene.told().await), (3, vec![("remove_members", 3)]));
    }
    let scene = Scene::new(3, &NOTHING).await;
    for path in [scene.group(), scene.user(1)] {
        for _ in 0..2 {
            assert_eq!(scene.client.delete(&path).await.status, StatusCode::NO_CONTENT);
            assert_eq!(scene.client.get(&path).await.status, StatusCode::OK, "it is there until somebody releases it");
        }
    }
    assert_eq!(scene.client.clone().at_1_1_address().delete(&scene.user(2)).await.status, StatusCode::OK);
    assert_eq!(scene.member_count().await, 3);
    assert_eq!(scene.told().await, [("delete", 1), ("delete", 1), ("delete", 1)], "asking twice holds once");
    assert_eq!(scene.client.delete("/Users/019a2b3c-4d5e-7f60-8182-93a4b5c6d7e8").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn bulk_and_scim_1_1_are_no_way_around() {
    let scene = Scene::new(3, &NOTHING).await;
    let operations = json!([
        { "method": "DELETE", "path": scene.user(0) },
        { "method": "PATCH", "path": scene.user(1), "data": { "Operations": [
            { "op": "replace", "path": "active", "value": false }] } },
        { "method": "PUT", "path": scene.group(), "data": { "displayName": "all", "members": [] } },
        { "method": "POST", "path": "/Users", "bulkId": "n", "data": { "userName": "new" } },
    ]);
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
    let answer = scene.client.post("/Bulk", &body).await;
    let statuses: Vec<_> = answer.body["Operations"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, ["204", "200", "200", "201"], "{:?}", answer.body);
    let old = scene.client.clone().at_1_1_address();
    let body = json!({ "active": false });
    assert_eq!(old.send(Method::PATCH, &scene.user(2), Some(&body)).await.body["active"], false);
    assert_eq!((scene.is_active(1).await, scene.is_active(2).await), (Some(true), Some(true)));
    assert_eq!(scene.member_count().await, 3);
    assert_eq!(scene.told().await, [("deactivate", 1), ("deactivate", 1), ("delete", 1), ("remove_members", 3)]);
}

#[tokio::test]
async fn each_profile_answers_as_its_provider_needs() {
    for (provider, status) in [
        (Provider::Okta, StatusCode::NO_CONTENT),
        (Provider::Entra, StatusCode::NO_CONTENT),
        (Provider::Strict, StatusCode::FORBIDDEN),
        (Provider::SailPoint, StatusCode::FORBIDDEN),
    ] {
        let scene = Scene::of(provider, 1, &NOTHING).await;
        assert_eq!(scene.client.delete(&scene.user(0)).await.status, status, "{provider}");
        assert_eq!(scene.told().await, [("delete", 1)]);
    }
}

#[tokio::test]
async fn what_takes_nothing_away_is_never_held() {
    let scene = Scene::new(2, &NOTHING).await;
    let client = &scene.client;
    assert_eq!(client.post("/Users", &json!({ "userName": "off", "active": false })).await.status, StatusCode::CREATED);
    let body = json!({ "userName": "p0", "active": true, "emails": [] });
    assert_eq!(client.put(&scene.user(0), &body).await.status, StatusCode::OK);
    let operations = json!([{ "op": "remove", "path": "active" }]);
    assert_eq!(client.patch(&scene.user(0), operations).await.status, StatusCode::OK);
    let operations = json!([{ "op": "remove", "path": "members[value eq \"019a2b3c-4d5e-7f60-8182-93a4b5c6d7e8\"]" }]);
    assert!(client.patch(&scene.group(), operations).await.status.is_success());
    assert_eq!(client.put(&scene.group(), &json!({ "displayName": "renamed" })).await.status, StatusCode::OK);
    assert_eq!(scene.told().await, []);
    // Who has no `active` has access, so that taking it away counts.
    let operations = json!([{ "op": "replace", "path": "active", "value": false }]);
    client.patch(&scene.user(0), operations).await;
    assert_eq!(scene.is_active(0).await, None);
    assert_eq!(scene.told().await, [("deactivate", 1)]);
}
