//! Nobody learns of another tenant, not even that something is there.

use muster_model::{Permissions, Provider, Reach};
use serde_json::Value;

use crate::house::{House, text};
use crate::rights::{body_of, operations, with_ids};

/// Made from the document, so that a new route cannot be forgotten: whatever names something of another tenant is answered
/// like what names nothing.
#[tokio::test]
async fn what_is_anothers_is_answered_like_what_is_not_there() {
    let house = House::new().await;
    let (ours, theirs) = (house.tenant("ours").await, house.tenant("theirs").await);
    let owner = house.owner().await;
    let connection = house.hub.connect_in("theirs", "idp", Provider::Generic).await.connection.to_string();
    let listed = owner.get(&format!("/api/v1/connections/{connection}/credentials")).await.done(200);
    let credential = text(&listed["data"][0], "id").to_owned();
    let foreign_token = house.client(Reach::Tenant(theirs.id), Permissions::all()).await;
    let token = text(&foreign_token.get("/api/v1/me").await.done(200), "id").to_owned();
    let before = state(&house, &connection).await;

    let client = house.client(Reach::Tenant(ours.id), Permissions::all()).await;
    let mut asked = 0;
    for operation in operations().into_iter().filter(|operation| operation.template.contains('{')) {
        let foreign = operation
            .template
            .replace("{tenant_id}", &theirs.id.to_string())
            .replace("{connection_id}", &connection)
            .replace("{credential_id}", &credential)
            .replace("{token_id}", &token);
        let body = body_of(&operation.id);
        let refused = client.call(&operation.method, &foreign, Some(&body)).await;
        let nobody = client.call(&operation.method, &with_ids(&operation.template, &"7".repeat(32)), Some(&body)).await;
        assert_eq!(refused.status, 404, "{}: {}", operation.id, refused.body);
        assert_eq!(refused.body, nobody.body, "{}", operation.id);
        asked += 1;
    }
    assert!(asked >= 14, "{asked}");
    assert_eq!(state(&house, &connection).await, before, "nothing of theirs was changed");
    assert!(foreign_token.get("/api/v1/me").await.status.is_success());
    // Lists hold nothing of theirs either, also when they are asked for it.
    for path in ["/api/v1/tenants", "/api/v1/connections", "/api/v1/api-tokens"] {
        let listed = client.get(path).await.done(200).to_string();
        assert!(!listed.contains(&connection) && !listed.contains(&token), "{listed}");
        assert!(!listed.contains(&theirs.id.to_string()), "{listed}");
    }
    let listed = client.get(&format!("/api/v1/connections?tenant_id={}", theirs.id)).await.done(200);
    assert_eq!(listed["data"], Value::Array(Vec::new()));
}

async fn state(house: &House, connection: &str) -> [Value; 3] {
    let owner = house.owner().await;
    let tenants = owner.get("/api/v1/tenants").await.done(200);
    let shown = owner.get(&format!("/api/v1/connections/{connection}")).await.done(200);
    let credentials = owner.get(&format!("/api/v1/connections/{connection}/credentials")).await.done(200);
    [tenants, shown, credentials]
}
