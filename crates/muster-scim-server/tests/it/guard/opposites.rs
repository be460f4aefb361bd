//! Whoever asks for the opposite of what is held has changed his mind.

use http::Method;
use muster_model::Provider;
use serde_json::json;

use super::{NOTHING, Scene, members};

#[tokio::test]
async fn an_activation_forgets_a_held_deactivation_and_deletion() {
    let operations = |operations: serde_json::Value| {
        (
            Method::PATCH,
            json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations }),
        )
    };
    for (method, body) in [
        (Method::PUT, json!({ "userName": "p0", "active": true })),
        (Method::PUT, json!({ "userName": "p0", "active": true, "title": "New" })),
        operations(json!([{ "op": "replace", "path": "active", "value": true }])),
        operations(json!([{ "op": "Replace", "value": { "active": "True", "title": "New" } }])),
    ] {
        let scene = Scene::new(1, &NOTHING).await;
        scene.client.patch(&scene.user(0), json!([{ "op": "replace", "path": "active", "value": false }])).await;
        scene.client.delete(&scene.user(0)).await;
        assert_eq!(scene.told().await, [("deactivate", 1), ("delete", 1)]);
        // What speaks of something else changes no mind.
        scene.client.patch(&scene.user(0), json!([{ "op": "add", "path": "nickName", "value": "P" }])).await;
        assert_eq!(scene.told().await.len(), 2);
        let answer = scene.client.send(method, &scene.user(0), Some(&body)).await;
        assert!(answer.status.is_success(), "{:?}", answer.body);
        assert_eq!(scene.told().await, [], "{body}");
    }
}

#[tokio::test]
async fn a_member_who_is_added_again_is_not_to_leave() {
    let scene = Scene::new(4, &NOTHING).await;
    let (client, group) = (&scene.client, scene.group());
    client.put(&group, &json!({ "displayName": "all", "members": members(&scene.people[..1]) })).await;
    assert_eq!(scene.told().await, [("remove_members", 3)]);
    client.patch(&group, json!([{ "op": "add", "path": "members", "value": members(&scene.people[1..2]) }])).await;
    assert_eq!(scene.told().await, [("remove_members", 2)]);
    client.put(&group, &json!({ "displayName": "all", "members": members(&scene.people[..3]) })).await;
    assert_eq!(scene.told().await, [("remove_members", 1)], "he is left out again");
    client.put(&group, &json!({ "displayName": "all", "members": members(&scene.people) })).await;
    assert_eq!(scene.told().await, []);
    client.delete(&group).await;
    client.put(&group, &json!({ "displayName": "all" })).await;
    assert_eq!(scene.told().await, [], "a group that is written is wanted");
}

#[tokio::test]
async fn only_the_same_connection_can_change_its_mind() {
    let scene = Scene::new(2, &NOTHING).await;
    let other = scene.hub.connect("other", Provider::Generic).await;
    scene.client.delete(&scene.user(0)).await;
    other.patch(&scene.user(0), json!([{ "op": "replace", "path": "active", "value": true }])).await;
    assert_eq!(scene.told().await, [("delete", 1)]);
}
