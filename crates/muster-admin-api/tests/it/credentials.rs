use muster_app::authenticate;
use serde_json::{Value, json};

use crate::house::{House, text};

#[tokio::test]
async fn a_token_is_rotated_without_a_gap() {
    let house = House::new().await;
    let owner = house.owner().await;
    let made = owner.post("/api/v1/connections", &json!({ "name": "idp", "provider": "generic" })).await.done(201);
    let id = text(&made, "id");
    let first = &made["credential"];
    let path = format!("/api/v1/connections/{id}/credentials");
    let is_good = async |issued: &Value| authenticate(&house.hub.app, id, issued["token"].as_str()).await.is_ok();

    let rotation = format!("{path}/{}/rotation", text(first, "id"));
    assert_eq!(owner.post(&format!("{rotation}/complete"), &json!({})).await.problem(), "no_rotation");
    let second = owner.post(&rotation, &json!({ "expires_in_days": 30 })).await.done(201);
    assert_eq!(second["replaces"], first["id"]);
    assert!(is_good(first).await && is_good(&second).await, "both are good");
    assert_eq!(owner.post(&path, &json!({})).await.problem(), "too_many_credentials");
    assert_eq!(owner.call("DELETE", &rotation, None).await.status, 204);
    assert!(is_good(first).await && !is_good(&second).await, "it is taken back");

    let third = owner.post(&rotation, &json!({ "expires_in_days": "never" })).await.done(201);
    assert_eq!(third.get("expires"), None);
    let left = owner.post(&format!("{rotation}/complete"), &json!({})).await.done(200);
    assert_eq!((&left["id"], left.get("replaces")), (&third["id"], None));
    assert!(!is_good(first).await && is_good(&third).await);

    let one = format!("{path}/{}", text(&third, "id"));
    assert_eq!(owner.post(&format!("{one}/suspend"), &json!({})).await.status, 204);
    assert!(!is_good(&third).await);
    let listed = owner.get(&path).await.done(200);
    assert!(listed["data"][0].get("suspended").is_some() && listed["data"][0].get("token").is_none(), "{listed}");
    assert_eq!(owner.post(&format!("{one}/resume"), &json!({})).await.status, 204);
    assert!(is_good(&third).await);
    assert_eq!(owner.call("DELETE", &one, None).await.status, 204);
    assert!(!is_good(&third).await);
    assert_eq!(owner.call("DELETE", &one, None).await.problem(), "not_found");
}

#[tokio::test]
async fn a_life_is_a_number_of_days_or_without_an_end() {
    let house = House::new().await;
    let owner = house.owner().await;
    let made = owner.post("/api/v1/connections", &json!({ "name": "idp", "provider": "generic" })).await.done(201);
    let path = format!("/api/v1/connections/{}/credentials", text(&made, "id"));
    for wrong in [
        json!({ "expires_in_days": 0 }),
        json!({ "expires_in_days": 731 }),
        json!({ "expires_in_days": "soon" }),
        json!({ "expires": 1 }),
    ] {
        let refused = owner.post(&path, &wrong).await;
        assert_eq!((refused.status.as_u16(), refused.problem()), (400, "invalid_request"), "{wrong}");
    }
}
