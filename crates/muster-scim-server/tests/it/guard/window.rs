//! How much is let through: exactly the limit, of what was there before, within a day.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use muster_app::held;
use muster_model::Provider;
use serde_json::json;

use super::{Scene, access};

const TWENTY: [&str; 2] = ["guard_percent=20", "guard_least=2"];

impl Scene {
    /// How many of these are really gone after each was to be deleted.
    async fn deleted(&self, numbers: std::ops::Range<usize>) -> usize {
        let mut deleted = 0;
        for number in numbers {
            assert_eq!(self.client.delete(&self.user(number)).await.status, StatusCode::NO_CONTENT);
            deleted += usize::from(self.client.get(&self.user(number)).await.status == StatusCode::NOT_FOUND);
        }
        deleted
    }
}

#[tokio::test]
async fn a_fifth_of_what_was_there_within_a_day() {
    let scene = Scene::new(30, &TWENTY).await;
    assert_eq!(scene.deleted(0..10).await, 6, "of thirty, not of those who are left");
    assert_eq!(scene.told().await.len(), 4);
    hub_day(&scene, 1);
    assert_eq!(scene.deleted(10..12).await, 0, "the day is not over");
    hub_day(&scene, 24);
    assert_eq!(scene.deleted(6..16).await, 4, "of twenty-four");
    assert_eq!(scene.told().await.len(), 6, "who was held and is deleted now is not held any more");
}

fn hub_day(scene: &Scene, hours: u64) {
    scene.hub.clock.advance(Duration::from_hours(hours) + Duration::from_mins(15));
}

#[tokio::test]
async fn up_to_the_least_number_nothing_is_held() {
    let scene = Scene::new(6, &["guard_percent=1", "guard_least=4"]).await;
    assert_eq!(scene.deleted(0..6).await, 4);
    let scene = Scene::new(6, &["guard_percent=0", "guard_least=0"]).await;
    assert_eq!(scene.deleted(0..6).await, 6, "zero percent is no guard");
    let scene = Scene::new(51, &[]).await;
    assert_eq!(scene.deleted(0..51).await, 50, "what is set when nobody sets anything");
}

#[tokio::test]
async fn people_groups_and_memberships_are_measured_apart() {
    let scene = Scene::new(10, &TWENTY).await;
    assert_eq!(scene.deleted(0..3).await, 2);
    let one = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", scene.people[5]) }]);
    scene.client.patch(&scene.group(), one).await;
    assert_eq!(scene.member_count().await, 7, "that people are deleted leaves memberships their own limit");
    assert_eq!(scene.client.delete(&scene.group()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(scene.member_count().await, 7, "one group would do, but not seven memberships");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_exactly_the_limit_goes_through() {
    let scene = Arc::new(Scene::new(32, &["guard_percent=25", "guard_least=0"]).await);
    let tasks: Vec<_> = (0..32)
        .map(|number| {
            let scene = Arc::clone(&scene);
            tokio::spawn(async move { scene.client.delete(&scene.user(number)).await.status })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), StatusCode::NO_CONTENT);
    }
    assert_eq!(scene.client.get("/Users?count=0").await.body["totalResults"], 24);
    assert_eq!(scene.told().await.len(), 24);
}

#[tokio::test]
async fn each_connection_has_its_own_limit() {
    let scene = Scene::new(4, &["guard_percent=1", "guard_least=1"]).await;
    let other = scene.hub.connect_with("other", Provider::Generic, &["guard_percent=1", "guard_least=1"]).await;
    let mut theirs = Vec::new();
    for name in ["x", "y"] {
        theirs.push(other.post("/Users", &json!({ "userName": name })).await.id());
    }
    assert_eq!(scene.deleted(0..3).await, 1);
    for (id, status) in theirs.iter().zip([StatusCode::NOT_FOUND, StatusCode::OK]) {
        let path = format!("/Users/{id}");
        other.delete(&path).await;
        assert_eq!(other.get(&path).await.status, status);
    }
    // Both nodes of an installation look at the same window.
    let elsewhere = scene.hub.at_another_node(&scene.client);
    elsewhere.delete(&scene.user(3)).await;
    assert_eq!(scene.client.get(&scene.user(3)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_reset_lets_as_much_through_again() {
    let scene = Scene::new(10, &TWENTY).await;
    assert_eq!(scene.deleted(0..5).await, 2);
    held::reset(&scene.hub.app, &access(), scene.client.connection).await.unwrap();
    assert_eq!(scene.told().await.len(), 3, "what is held stays held");
    assert_eq!(scene.deleted(2..10).await, 2);
}
