//! Nobody learns of another tenant, not even that something is there.

use muster_model::{Permissions, Provider, Reach};
use serde_json::{Value, json};

use crate::house::{Client, House, text};
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
    let made = foreign_token.post("/api/v1/webhooks", &json!({ "url": "https://theirs.example/hook" })).await.done(201);
    let webhook = text(&made, "id").to_owned();
    let sent = foreign_token.post(&format!("/api/v1/webhooks/{webhook}/test"), &json!({})).await.done(201);
    let delivery = text(&sent, "delivery_id").to_owned();
    let (conflict, held) = waiting(&house, &foreign_token).await;
    let request = first_id(&foreign_token, "/api/v1/requests").await;
    let before = state(&house, &connection).await;

    let client = house.client(Reach::Tenant(ours.id), Permissions::all()).await;
    let mut asked = 0;
    for operation in operations().into_iter().filter(|operation| operation.template.contains('{')) {
        let foreign = operation
            .template
            .replace("{tenant_id}", &theirs.id.to_string())
            .replace("{connection_id}", &connection)
            .replace("{credential_id}", &credential)
            .replace("{token_id}", &token)
            .replace("{webhook_id}", &webhook)
            .replace("{delivery_id}", &delivery)
            .replace("{conflict_id}", &conflict)
            .replace("{held_id}", &held)
            .replace("{request_id}", &request);
        assert!(!foreign.contains('{'), "somebody else's {foreign} is missing here");
        let body = body_of(&operation.id);
        let nobodys = with_ids(&operation.template, &"7".repeat(32));
        let of_nobody = format!("?tenant_id=ten_{}", "7".repeat(32));
        let of_others = format!("?tenant_id={}", theirs.id);
        for (others, nobodys_tenant) in [("", ""), (of_others.as_str(), of_nobody.as_str())] {
            if !others.is_empty() && !operation.takes_tenant {
                continue;
            }
            let refused = client.call(&operation.method, &format!("{foreign}{others}"), Some(&body)).await;
            let nobody = client.call(&operation.method, &format!("{nobodys}{nobodys_tenant}"), Some(&body)).await;
            assert_eq!(refused.status, 404, "{}: {}", operation.id, refused.body);
            assert_eq!(refused.body, nobody.body, "{}", operation.id);
            asked += 1;
        }
    }
    assert!(asked >= 14, "{asked}");
    assert_eq!(state(&house, &connection).await, before, "nothing of theirs was changed");
    assert!(foreign_token.get("/api/v1/me").await.status.is_success());
    // Lists hold nothing of theirs either, also when they are asked for it.
    for operation in operations().into_iter().filter(|one| one.method == "GET" && !one.template.contains('{')) {
        let listed = client.get(&operation.template).await.done(200).to_string();
        for id in [&connection, &token, &webhook, &conflict, &held, &request] {
            assert!(!listed.contains(id), "{}: {listed}", operation.id);
        }
        assert!(!listed.contains(&theirs.id.to_string()), "{listed}");
    }
    let listed = client.get(&format!("/api/v1/connections?tenant_id={}", theirs.id)).await.done(200);
    assert_eq!(listed["data"], Value::Array(Vec::new()));
}

/// A conflict and a held change of that tenant, and so requests in its log.
async fn waiting(house: &House, client: &Client) -> (String, String) {
    let first =
        house.hub.connect_in_with("theirs", "first", Provider::Generic, &["guard_percent=1", "guard_least=0"]).await;
    let second = house.hub.connect_in_with("theirs", "second", Provider::Generic, &["adoption=ask"]).await;
    let mut people = Vec::new();
    for number in 0..3 {
        let made = first.post("/Users", &json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": format!("person{number}") })).await;
        people.push(made.body["id"].as_str().unwrap().to_owned());
    }
    second
        .post("/Users", &json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "person0" }))
        .await;
    for person in &people {
        first.delete(&format!("/Users/{person}")).await;
    }
    house.hub.app.settle().await;
    (first_id(client, "/api/v1/conflicts").await, first_id(client, "/api/v1/held-changes").await)
}

async fn first_id(client: &Client, path: &str) -> String {
    let listed = client.get(path).await.done(200);
    text(&listed["data"][0], "id").to_owned()
}

async fn state(house: &House, connection: &str) -> [Value; 3] {
    let owner = house.owner().await;
    let tenants = owner.get("/api/v1/tenants").await.done(200);
    let shown = owner.get(&format!("/api/v1/connections/{connection}")).await.done(200);
    let credentials = owner.get(&format!("/api/v1/connections/{connection}/credentials")).await.done(200);
    [tenants, shown, credentials]
}
