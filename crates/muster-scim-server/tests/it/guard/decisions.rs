//! An operator releases or drops what is held.

use http::StatusCode;
use muster_app::connections;
use muster_app::held::{self, Selection};
use serde_json::json;

use super::{NOTHING, Scene, access, everything, members};

#[tokio::test]
async fn a_release_does_what_was_asked_for() {
    let scene = Scene::new(5, &NOTHING).await;
    let client = &scene.client;
    client.delete(&scene.user(0)).await;
    client.patch(&scene.user(1), json!([{ "op": "replace", "path": "active", "value": false }])).await;
    client.put(&scene.group(), &json!({ "displayName": "all", "members": members(&scene.people[3..]) })).await;
    let details = connections::show(&scene.hub.app, &access(), client.connection).await.unwrap();
    assert_eq!((details.held, details.guard_use.len()), (5, 0), "what is held takes nothing away");

    let released = held::release(&scene.hub.app, &access(), &everything()).await.unwrap();
    assert_eq!((released.done.len(), released.nothing_to_do.len(), released.failed.len()), (3, 0, 0));
    assert_eq!(client.get(&scene.user(0)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(scene.is_active(1).await, Some(false));
    assert_eq!(scene.member_count().await, 2);
    assert_eq!(scene.told().await, []);
    let details = connections::show(&scene.hub.app, &access(), client.connection).await.unwrap();
    assert_eq!((details.held, details.guard_use.len()), (0, 0), "a release is not charged");
    client.delete(&scene.user(2)).await;
    assert_eq!(scene.told().await, [("delete", 1)], "and it opens no door for what comes after");
}

#[tokio::test]
async fn one_can_be_released_and_another_dropped() {
    let scene = Scene::new(3, &NOTHING).await;
    for number in 0..3 {
        scene.client.delete(&scene.user(number)).await;
        scene.hub.clock.advance(std::time::Duration::from_secs(1));
    }
    let ids: Vec<_> = scene.held().await.iter().map(|one| one.operation.id).collect();
    let app = &scene.hub.app;
    let released = held::release(app, &access(), &Selection::Ids(vec![ids[1]])).await.unwrap();
    assert_eq!(released.done[0].operation.label.as_deref(), Some("p1"));
    assert_eq!(held::drop(app, &access(), &Selection::Ids(vec![ids[2]])).await.unwrap(), 1);
    for (number, status) in [(0, StatusCode::OK), (1, StatusCode::NOT_FOUND), (2, StatusCode::OK)] {
        assert_eq!(scene.client.get(&scene.user(number)).await.status, status, "{number}");
    }
    let left: Vec<_> = scene.held().await.iter().map(|one| one.operation.id).collect();
    assert_eq!(left, ids[..1]);
    assert!(held::release(app, &access(), &Selection::Ids(vec![ids[1]])).await.is_err(), "it is not held any more");
}

#[tokio::test]
async fn what_was_done_meanwhile_is_nothing_to_do() {
    let scene = Scene::new(4, &NOTHING).await;
    let client = &scene.client;
    let deactivate = json!([{ "op": "replace", "path": "active", "value": false }]);
    client.patch(&scene.user(0), deactivate.clone()).await;
    client.patch(&scene.user(1), deactivate).await;
    client.put(&scene.group(), &json!({ "displayName": "all", "members": [] })).await;
    let before = scene.held().await;
    let other = scene.hub.connect_with("other", muster_model::Provider::Generic, &["sees_whole_tenant=true"]).await;
    other.delete(&scene.user(0)).await;
    assert_eq!(
        scene.told().await,
        [("deactivate", 1), ("remove_members", 3)],
        "with the person goes what was held of him"
    );
    assert_eq!(before.len(), 3);
    other.delete(&scene.group()).await;
    assert_eq!(scene.told().await, [("deactivate", 1)]);
    let all = Selection::All { tenant: Some("default".to_owned().into()), connection: Some(client.connection) };
    assert_eq!(held::release(&scene.hub.app, &access(), &all).await.unwrap().done.len(), 1);
    let nobody = Selection::All { tenant: None, connection: Some(other.connection) };
    assert_eq!(held::drop(&scene.hub.app, &access(), &nobody).await.unwrap(), 0);
}

#[tokio::test]
async fn a_deleted_manager_is_released_with_his_reports() {
    let scene = Scene::new(2, &NOTHING).await;
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let body = json!({ "userName": "p1", "active": true, urn: { "manager": { "value": scene.people[0] } } });
    scene.client.put(&scene.user(1), &body).await;
    scene.client.delete(&scene.user(0)).await;
    let manager = async || scene.client.get(&scene.user(1)).await.body[urn]["manager"]["value"].clone();
    assert_eq!(manager().await, scene.people[0], "he is still the manager");
    held::release(&scene.hub.app, &access(), &everything()).await.unwrap();
    assert!(manager().await.is_null());
}

#[tokio::test]
async fn a_connection_that_is_deleted_asks_for_nothing() {
    let scene = Scene::new(1, &NOTHING).await;
    scene.client.delete(&scene.user(0)).await;
    connections::delete(&scene.hub.app, &access(), scene.client.connection).await.unwrap();
    assert_eq!(scene.told().await, []);
    assert_eq!(scene.hub.app.store().inspect().await.unwrap(), [] as [&str; 0]);
}
