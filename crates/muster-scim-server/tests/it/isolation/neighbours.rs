//! Two connections of one tenant, side by side.

use http::StatusCode;
use muster_model::Provider;
use muster_testkit::TestHub;
use serde_json::json;

use super::world::{owner_of, post};

/// Rows: 7643-3.1-11, 7644-6.2-01
#[tokio::test]
async fn the_same_external_ids_and_group_names_disturb_nobody() {
    let hub = TestHub::start().await;
    let settings = ["duplicate_external_ids=false"];
    let clients = [
        hub.connect_with("one", Provider::Entra, &settings).await,
        hub.connect_with("two", Provider::Okta, &settings).await,
    ];
    let mut ids = Vec::new();
    for (client, name) in clients.iter().zip(["a@one.test", "a@two.test"]) {
        let person = post(&hub, client, "/Users", json!({ "userName": name, "externalId": "7" })).await;
        let members = json!([{ "value": person }]);
        let group = json!({ "displayName": "Sales", "externalId": "7", "members": members });
        ids.push([person, post(&hub, client, "/Groups", group).await]);
    }
    for (client, own) in clients.iter().zip(&ids) {
        for (endpoint, id) in ["Users", "Groups"].into_iter().zip(own) {
            let found = client.get(&format!("/{endpoint}?filter=externalId+eq+%227%22")).await.body;
            assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(id)));
            assert_eq!(client.get(&format!("/{endpoint}?count=0")).await.body["totalResults"], json!(1));
            let again = json!({ "schemas": [format!("urn:ietf:params:scim:schemas:core:2.0:{}", &endpoint[..endpoint.len() - 1])],
                "userName": "other", "displayName": "Other", "externalId": "7" });
            assert_eq!(
                client.post(&format!("/{endpoint}"), &again).await.status,
                StatusCode::CONFLICT,
                "his own he sees"
            );
        }
        assert_eq!(client.get("/?count=0").await.body["totalResults"], json!(2));
    }
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "Sales" }]);
    clients[0].patch(&format!("/Groups/{}", ids[0][1]), rename).await;
    assert_eq!(clients[0].delete(&format!("/Users/{}", ids[0][0])).await.status, StatusCode::NO_CONTENT);
    let team = clients[1].get(&format!("/Groups/{}", ids[1][1])).await;
    assert_eq!((team.etag().as_str(), team.body["members"].as_array().map(Vec::len)), ("W/\"1\"", Some(1)));
}

/// The setting for those who want one directory for all.
#[tokio::test]
async fn who_sees_the_whole_tenant_changes_what_stays_anothers() {
    let hub = TestHub::start().await;
    let neighbour = hub.connect("neighbour", Provider::Generic).await;
    let warden = hub.connect_with("warden", Provider::Generic, &["sees_whole_tenant=true"]).await;
    let anna = post(&hub, &neighbour, "/Users", json!({ "userName": "anna" })).await;
    let own = post(&hub, &warden, "/Users", json!({ "userName": "own" })).await;
    assert_eq!(warden.get("/Users?count=0").await.body["totalResults"], json!(2));
    assert_eq!(neighbour.get("/Users?count=0").await.body["totalResults"], json!(1));
    let path = format!("/Users/{anna}");
    let changed = warden.patch(&path, json!([{ "op": "replace", "path": "title", "value": "Dr" }])).await;
    assert_eq!((changed.status, changed.text("title").as_str()), (StatusCode::OK, "Dr"));
    assert_eq!(owner_of(&hub, &anna).await, Some(neighbour.connection));
    assert_eq!(neighbour.get(&path).await.text("title"), "Dr");
    let members = json!([{ "value": anna }, { "value": own }]);
    let team = post(&hub, &warden, "/Groups", json!({ "displayName": "all", "members": members })).await;
    assert_eq!(warden.get(&format!("/Groups/{team}")).await.body["members"].as_array().unwrap().len(), 2);
    assert!(neighbour.get(&path).await.body.get("groups").is_none(), "the group is not his");
    // What collides with somebody who is seen is no conflict to be decided.
    let double = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "Anna" });
    assert_eq!(warden.post("/Users", &double).await.status, StatusCode::CONFLICT);
    assert_eq!(super::adoption::open_conflicts(&hub).await, 0);
    assert_eq!(warden.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(neighbour.get(&path).await.status, StatusCode::NOT_FOUND);
}
