use muster_model::{Permission, Reach};
use serde_json::json;

use crate::house::{Client, House, text};

#[tokio::test]
async fn a_token_gives_no_more_than_it_has_and_ends_when_it_is_revoked() {
    let house = House::new().await;
    let tenant = house.tenant("acme").await;
    let own = [Permission::ChangeTokens, Permission::ReadTokens, Permission::ReadConnections].into_iter().collect();
    let admin = house.client(Reach::Tenant(tenant.id), own).await;
    let asked = json!({ "name": "ci", "permissions": ["connections:read"], "life": { "expires_in_days": 7 } });
    let issued = admin.post("/api/v1/api-tokens", &asked).await.done(201);
    assert_eq!(text(&issued, "tenant_id"), tenant.id.to_string(), "it reaches no further");
    let ci = Client { token: Some(text(&issued, "token").to_owned()), ..admin.clone() };
    let me = ci.get("/api/v1/me").await.done(200);
    assert_eq!((&me["id"], &me["permissions"]), (&issued["id"], &json!(["connections:read"])));
    assert!(me.get("token").is_none());
    assert_eq!(ci.get("/api/v1/connections").await.status, 200);

    let more = json!({ "name": "more", "permissions": ["connections:delete"] });
    assert_eq!(admin.post("/api/v1/api-tokens", &more).await.problem(), "forbidden");
    let nowhere =
        json!({ "name": "x", "permissions": ["connections:read"], "tenant_id": format!("ten_{}", "0".repeat(32)) });
    assert_eq!(admin.post("/api/v1/api-tokens", &nowhere).await.problem(), "not_found");

    let path = format!("/api/v1/api-tokens/{}", text(&issued, "id"));
    assert_eq!(admin.call("DELETE", &path, None).await.status, 204);
    assert_eq!(ci.get("/api/v1/me").await.problem(), "unauthenticated", "from the next call on");
}
