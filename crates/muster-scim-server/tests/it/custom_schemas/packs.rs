//! Packs that come with Muster.

use http::StatusCode;
use muster_app::OperatorAccess;
use muster_app::schemas::{self, PACKS};
use muster_model::Provider;
use muster_testkit::TestHub;
use serde_json::json;

use super::USER;

const PAM: &str = "urn:ietf:params:scim:schemas:pam:1.0:";

async fn enable(hub: &TestHub, pack: &str) {
    schemas::enable(&hub.app, &OperatorAccess::of_local_administrator(), None, pack).await.unwrap();
}

#[tokio::test]
async fn packs_are_off_until_they_are_enabled_and_live_side_by_side() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let paths =
        ["/Containers", "/ContainerPermissions", "/PrivilegedData", "/PrivilegedDataPermissions", "/Roles", "/Devices"];
    for path in paths {
        assert_eq!(client.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for pack in &PACKS {
        enable(&hub, pack.name).await;
        enable(&hub, pack.name).await;
    }
    for path in paths {
        assert_eq!(client.get(path).await.status, StatusCode::OK, "{path}");
    }
    for pack in &PACKS {
        schemas::disable(&hub.app, &OperatorAccess::of_local_administrator(), None, pack.name).await.unwrap();
    }
    assert_eq!(client.get("/ResourceTypes").await.body["totalResults"], 2);
}

#[tokio::test]
async fn privileged_access_is_asked_for_as_clients_do() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    enable(&hub, "pam").await;
    let person = client
        .post(
            "/Users",
            &json!({
                "schemas": [USER, format!("{PAM}LinkedObject")], "userName": "anna", "displayName": "Anna",
                format!("{PAM}LinkedObject"): { "source": "AD", "nativeIdentifier": "CN=anna" },
            }),
        )
        .await;
    assert_eq!(person.body[format!("{PAM}LinkedObject")]["source"], "AD");
    let safe = client.post("/Containers", &json!({ "schemas": [format!("{PAM}Container")], "name": "safe" })).await;
    assert_eq!(safe.status, StatusCode::CREATED, "{:?}", safe.body);
    let permission = client
        .post("/ContainerPermissions", &json!({
            "schemas": [format!("{PAM}ContainerPermission")],
            "user": { "value": person.id() }, "container": { "value": safe.id(), "name": "safe" }, "rights": ["Owner"],
        }))
        .await;
    assert_eq!(permission.status, StatusCode::CREATED, "{:?}", permission.body);
    let filter = format!("user.value eq \"{}\" and container.value eq \"{}\"", person.id(), safe.id());
    let query: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    let found = client.get(&format!("/ContainerPermissions?filter={query}")).await.body;
    assert_eq!(found["totalResults"], 1);
    let shown = &found["Resources"][0];
    assert_eq!((&shown["user"]["$ref"], &shown["rights"]), (&json!(person.location()), &json!(["Owner"])));
    assert_eq!(shown["container"]["$ref"], safe.location());
    let named = client.get(&format!("/ContainerPermissions/{}?attributes=user.display", permission.id())).await.body;
    assert_eq!(named["user"]["display"], "Anna");
    let refused = schemas::disable(&hub.app, &OperatorAccess::of_local_administrator(), None, "pam").await.unwrap_err();
    assert!(refused.to_string().contains("1 resources"), "{refused}");
}

#[tokio::test]
async fn devices_are_in_groups_and_have_their_extensions() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    enable(&hub, "devices").await;
    let mab = "urn:ietf:params:scim:schemas:extension:ethernet-mab:2.0:Device";
    let device = client
        .post("/Devices", &json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Device", mab], "active": true, "displayName": "printer",
            mab: { "deviceMacAddress": "38:88:77:11:22:33" },
        }))
        .await;
    assert_eq!(device.status, StatusCode::CREATED, "{:?}", device.body);
    let group =
        client.post("/Groups", &json!({ "displayName": "printers", "members": [{ "value": device.id() }] })).await;
    let member = &group.body["members"][0];
    assert_eq!((&member["type"], &member["$ref"]), (&json!("Device"), &json!(device.location())));
    let shown = client.get(&format!("/Devices/{}", device.id())).await.body;
    assert_eq!(shown["groups"][0]["value"], group.id());
    let by_group = format!("/Devices?filter=groups.value%20eq%20%22{}%22", group.id());
    assert_eq!(client.get(&by_group).await.body["totalResults"], 1);
}
