//! How identity providers really speak: their requests, shape by shape.

use http::{Method, StatusCode};
use muster_model::Provider;
use muster_testkit::TestHub;
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Rows: 7644-3.5.2-04, 7644-3.5.2-11, 7644-3.5.2.1-03, 7644-3.5.2.1-06, 7644-3.5.2.3-02, 7644-3.5.2.3-04
#[tokio::test]
async fn entra_classic_updates() {
    let hub = TestHub::start().await;
    let client = hub.connect("entra", Provider::Entra).await;
    let created = client
        .post(
            "/Users",
            &json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
                "externalId": "u1", "userName": "u1@example.com", "active": true, "addresses": null,
                "meta": { "resourceType": "User" }, "roles": [], "department": null,
            }),
        )
        .await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    let path = format!("/Users/{}", created.id());
    let patched = client
        .patch(
            &path,
            json!([
                { "op": "Replace", "path": "active", "value": "False" },
                { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "u1@work.example" },
                { "op": "Add", "path": "name.familyName", "value": "One" },
                { "op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Tours" },
                { "op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": "271" },
                { "op": "Add", "path": "roles", "value": [{ "primary": "True", "value": "admin" }] },
            ]),
        )
        .await;
    assert_eq!(patched.status, StatusCode::OK, "{:?}", patched.body);
    assert_eq!(patched.body["active"], false);
    assert_eq!(patched.body["emails"], json!([{ "type": "work", "value": "u1@work.example" }]));
    assert_eq!(patched.body[ENTERPRISE]["manager"]["value"], "271");
    assert_eq!(patched.body["roles"][0]["primary"], true);

    let removed = client
        .patch(&path, json!([{ "op": "Replace", "path": format!("{ENTERPRISE}:manager"), "value": { "value": "" } }]))
        .await;
    assert!(removed.body[ENTERPRISE].get("manager").is_none(), "{:?}", removed.body);
    let flagged = client
        .patch(&path, json!([{ "op": "replace", "value": { "name.familyName": "Two", format!("{ENTERPRISE}:employeeNumber"): "7" } }]))
        .await;
    assert_eq!(flagged.body["name"]["familyName"], "Two");
    assert_eq!(flagged.body[ENTERPRISE]["employeeNumber"], "7");
    let found = client.get("/Users?filter=roles%5Bprimary+eq+%22True%22%5D").await;
    assert_eq!(found.body["totalResults"], 1, "{:?}", found.body);
}

/// Ambiguities: A-53
#[tokio::test]
async fn entra_group_with_its_foreign_schema_and_a_second_of_the_same_name() {
    let hub = TestHub::start().await;
    let client = hub.connect("entra", Provider::Entra).await;
    let body = json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:Group",
            "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
        ],
        "externalId": "g1", "displayName": "Team", "meta": { "resourceType": "Group" },
    });
    assert_eq!(client.post("/Groups", &body).await.status, StatusCode::CREATED);
    let mut second = body.clone();
    second["displayName"] = json!("TEAM");
    assert_eq!(client.post("/Groups", &second).await.status, StatusCode::CONFLICT);
    let other = hub.connect("other", Provider::Generic).await;
    assert_eq!(other.post("/Groups", &second).await.status, StatusCode::CREATED, "unique within one connection");
}

/// Rows: 7644-3.5.1-02
#[tokio::test]
async fn okta_profile_push_sends_everything_back() {
    let hub = TestHub::start().await;
    let client = hub.connect("okta", Provider::Okta).await;
    let created = client
        .post(
            "/Users",
            &json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "o@example.com",
                "name": { "givenName": "O", "familyName": "K" }, "displayName": "O K", "locale": "en-US",
                "emails": [{ "primary": true, "value": "o@example.com", "type": "work" }],
                "externalId": "00u1", "groups": [], "password": "random", "active": true,
            }),
        )
        .await;
    assert_eq!(created.status, StatusCode::CREATED);
    let path = format!("/Users/{}", created.id());
    let mut whole = client.get(&path).await.body;
    whole["active"] = json!(false);
    let put = client.put(&path, &whole).await;
    assert_eq!((put.status, put.body["active"].clone()), (StatusCode::OK, json!(false)));
    assert_eq!(client.get("/Users?filter=userName+eq+%22o%40example.com%22").await.body["totalResults"], 1);
    let back = client.patch(&path, json!([{ "op": "replace", "value": { "active": true } }])).await;
    assert_eq!(back.body["active"], true);
}

#[tokio::test]
async fn okta_group_rename_carries_the_id() {
    let hub = TestHub::start().await;
    let client = hub.connect("okta", Provider::Okta).await;
    let group = client.post("/Groups", &json!({ "displayName": "g", "members": [] })).await.id();
    let renamed = client
        .patch(&format!("/Groups/{group}"), json!([{ "op": "replace", "value": { "id": group, "displayName": "h" } }]))
        .await;
    assert_eq!(renamed.status, StatusCode::NO_CONTENT, "{:?}", renamed.body);
    assert_eq!(client.get(&format!("/Groups/{group}")).await.body["displayName"], "h");
    let by_path =
        client.patch(&format!("/Groups/{group}"), json!([{ "op": "replace", "path": "id", "value": "x" }])).await;
    assert_eq!((by_path.status, by_path.text("scimType")), (StatusCode::BAD_REQUEST, "mutability".to_owned()));
    let other = client.post("/Groups", &json!({ "displayName": "other", "members": [] })).await.id();
    let mistaken = client
        .patch(&format!("/Groups/{group}"), json!([{ "op": "replace", "value": { "id": other, "displayName": "i" } }]))
        .await;
    assert_eq!((mistaken.status, mistaken.text("scimType")), (StatusCode::BAD_REQUEST, "mutability".to_owned()));
    assert_eq!(client.get(&format!("/Groups/{group}")).await.body["displayName"], "h");
}

/// An extension's attribute is found without its URN wherever it is named.
#[tokio::test]
async fn bare_extension_names_are_understood_in_every_parameter() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    for (name, department) in [("a", "Sales"), ("b", "Arts")] {
        client.post("/Users", &json!({ "userName": name, (ENTERPRISE): { "department": department } })).await;
    }
    for place in ["/Users", "/"] {
        let filter = "filter=department+sw+%22S%22+or+department+sw+%22A%22";
        let list = client.get(&format!("{place}?{filter}&sortBy=department&attributes=department")).await;
        assert_eq!(list.status, StatusCode::OK, "{place}: {:?}", list.body);
        let shown: Vec<&Value> =
            list.body["Resources"].as_array().unwrap().iter().map(|one| &one[ENTERPRISE]).collect();
        assert_eq!(shown, [&json!({ "department": "Arts" }), &json!({ "department": "Sales" })], "{place}");
        let rest = client.get(&format!("{place}?{filter}&excludedAttributes=department")).await;
        assert!(rest.body["Resources"][0].get(ENTERPRISE).is_none(), "{place}: {:?}", rest.body);
    }
    let strict = hub.connect("strict", Provider::Strict).await;
    let refused = strict.get("/Users?sortBy=department").await;
    assert_eq!((refused.status, refused.text("scimType")), (StatusCode::BAD_REQUEST, "invalidPath".to_owned()));
}

/// Rows: 7643-2.5-02, 7644-3.5.1-04
#[tokio::test]
async fn jumpcloud_clears_with_null_and_onelogin_sends_old_schemas() {
    let hub = TestHub::start().await;
    let client = hub.connect("jumpcloud", Provider::JumpCloud).await;
    let created = client
        .post(
            "/Users",
            &json!({ "userName": "j", "emails": [{ "value": "j@example.com" }], ENTERPRISE: { "division": "" } }),
        )
        .await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    let put = client
        .put(&format!("/Users/{}", created.id()), &json!({ "userName": "j", "active": false, "emails": null }))
        .await;
    assert_eq!(put.status, StatusCode::OK);
    assert!(put.body.get("emails").is_none());

    let old = json!({ "schemas": ["urn:scim:schemas:core:1.0"], "id": null, "userName": "one", "active": "true", "emails": { "value": "x@example.com" } });
    let created = client.post("/Users", &old).await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    assert_eq!(created.body["emails"], json!([{ "value": "x@example.com" }]));
    assert_eq!(created.body["active"], true);
}

/// Rows: 7643-2.3.2-01, 7643-3-02, 7644-3.5.2.3-08
/// Ambiguities: A-02
#[tokio::test]
async fn strict_connections_take_no_liberties() {
    let hub = TestHub::start().await;
    let client = hub.connect("strict", Provider::Strict).await;
    let user = "urn:ietf:params:scim:schemas:core:2.0:User";
    for body in [
        json!({ "userName": "s" }),
        json!({ "schemas": [user], "userName": "s", "active": "true" }),
        json!({ "schemas": [user], "userName": "s", "unheard": 1 }),
        json!({ "schemas": [user, "urn:x"], "userName": "s" }),
    ] {
        assert_eq!(client.post("/Users", &body).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let created = client.post("/Users", &json!({ "schemas": [user], "userName": "s" })).await;
    let missing = client
        .patch(
            &format!("/Users/{}", created.id()),
            json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "x" }]),
        )
        .await;
    assert_eq!((missing.status, missing.text("scimType")), (StatusCode::BAD_REQUEST, "noTarget".to_owned()));
    let bare = client.send(Method::GET, "/Users?filter=userName+eq+s", None).await;
    assert_eq!(bare.status, StatusCode::BAD_REQUEST);
}
