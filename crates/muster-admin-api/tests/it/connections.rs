use http::Request;
use http::header::{CACHE_CONTROL, ETAG, IF_MATCH};
use muster_app::authenticate;
use serde_json::json;

use crate::house::{House, text};

#[tokio::test]
async fn a_connection_is_made_with_a_token_that_opens_it() {
    let house = House::new().await;
    let owner = house.owner().await;
    let body = json!({ "name": "okta", "provider": "okta", "overrides": { "members_in_lists": false } });
    let answer = owner.post("/api/v1/connections", &body).await;
    assert_eq!(answer.headers[CACHE_CONTROL], "no-store", "it shows a secret");
    let made = answer.done(201);
    let (id, token) = (text(&made, "id"), text(&made["credential"], "token"));
    assert_eq!(text(&made, "scim_base_url"), format!("https://muster.test/directory/resources/scim/v2.0/{id}"));
    assert_eq!((text(&made, "state"), &made["overrides"]), ("waiting", &json!({ "members_in_lists": false })));
    assert!(token.ends_with(text(&made["credential"], "last_four")));
    authenticate(&house.hub.app, id, Some(token)).await.unwrap();

    let path = format!("/api/v1/connections/{id}");
    let details = owner.get(&path).await.done(200);
    assert_eq!((&details["owned"], &details["open_conflicts"]), (&json!([]), &json!(0)));
    assert!(!details.to_string().contains(token), "it is never shown again");
    let listed = owner.get("/api/v1/connections").await.done(200);
    assert_eq!(listed["data"][0]["id"], id);
    let again = owner.post("/api/v1/connections", &body).await;
    assert_eq!(again.problem(), "name_taken");

    assert_eq!(owner.call("DELETE", &path, None).await.status, 204);
    assert_eq!(owner.get(&path).await.problem(), "not_found");
    assert!(authenticate(&house.hub.app, id, Some(token)).await.is_err());
}

#[tokio::test]
async fn a_change_names_what_changes_and_may_name_the_revision() {
    let house = House::new().await;
    let owner = house.owner().await;
    let made = owner.post("/api/v1/connections", &json!({ "name": "idp", "provider": "okta" })).await.done(201);
    let path = format!("/api/v1/connections/{}", text(&made, "id"));
    let etag = owner.get(&path).await.headers[ETAG].to_str().unwrap().to_owned();
    let change = async |tag: &str, body: serde_json::Value| {
        let request = Request::builder().method("PATCH").uri(&path).header(IF_MATCH, tag);
        owner.send(request.header("content-type", "application/merge-patch+json"), body.to_string()).await
    };
    let changed = change(&etag, json!({ "overrides": { "accept_passwords": false } })).await;
    assert_ne!(changed.headers[ETAG], etag.as_str());
    let changed = changed.done(200);
    assert_eq!((text(&changed, "name"), text(&changed, "provider")), ("idp", "okta"), "what is not named stays");
    let stale = change(&etag, json!({ "name": "late" })).await;
    assert_eq!((stale.status.as_u16(), stale.problem()), (412, "settings_changed"));
    for wrong in ["1", "", "\""] {
        assert_eq!(change(wrong, json!({ "name": "late" })).await.problem(), "invalid_request");
    }
    for wrong in ["\"x\"", "\"\"", "W/\"2\""] {
        assert_eq!(change(wrong, json!({ "name": "late" })).await.problem(), "settings_changed");
    }
    let back = change("*", json!({ "name": "new", "overrides": { "accept_passwords": null } })).await.done(200);
    assert_eq!((text(&back, "name"), &back["overrides"]), ("new", &json!({})));
    let unknown = change("*", json!({ "overrides": { "canary": true } })).await;
    assert_eq!((unknown.status.as_u16(), unknown.problem()), (400, "invalid_request"));
}

#[tokio::test]
async fn a_suspended_connection_takes_no_requests_until_it_is_resumed() {
    let house = House::new().await;
    let owner = house.owner().await;
    let made = owner.post("/api/v1/connections", &json!({ "name": "idp", "provider": "generic" })).await.done(201);
    let (id, token) = (text(&made, "id"), text(&made["credential"], "token"));
    let suspended = owner.post(&format!("/api/v1/connections/{id}/suspend"), &json!({})).await.done(200);
    assert_eq!(text(&suspended, "state"), "suspended");
    let refused = authenticate(&house.hub.app, id, Some(token)).await.unwrap_err();
    assert!(matches!(refused, muster_app::AppError::ConnectionSuspended));
    let resumed = owner.post(&format!("/api/v1/connections/{id}/resume"), &json!({})).await.done(200);
    assert_ne!(text(&resumed, "state"), "suspended");
    authenticate(&house.hub.app, id, Some(token)).await.unwrap();
}
