//! Points that the texts leave open, where no other test shows what Muster chose (docs/requirements/ambiguities.md).

use http::header::{CONTENT_LOCATION, HOST, HeaderName, IF_MATCH, IF_NONE_MATCH};
use http::{Method, StatusCode};
use muster_model::Provider;
use serde_json::json;

use crate::by_the_book::{ENTERPRISE, GROUP, connected, created, refusal, refused};

/// Ambiguities: A-17
#[tokio::test]
async fn a_patch_shows_the_person_and_not_the_group() {
    for provider in [Provider::Generic, Provider::Strict] {
        let (_hub, client) = connected(provider).await;
        let user = created(&client, "u", &json!({})).await.id();
        let group = client.post("/Groups", &json!({ "schemas": [GROUP], "displayName": "g" })).await.id();
        let rename = |name: &str| json!([{ "op": "replace", "path": "displayName", "value": name }]);
        let patched = client.patch(&format!("/Users/{user}"), rename("a")).await;
        assert_eq!((patched.status, patched.text("displayName")), (StatusCode::OK, "a".to_owned()));
        let patched = client.patch(&format!("/Groups/{group}"), rename("b")).await;
        assert_eq!((patched.status, patched.body.is_null()), (StatusCode::NO_CONTENT, true));
        let patched = client.patch(&format!("/Groups/{group}?attributes=displayName"), rename("c")).await;
        assert_eq!((patched.status, patched.text("displayName")), (StatusCode::OK, "c".to_owned()));
    }
}

/// Ambiguities: A-45
#[tokio::test]
async fn nothing_is_learnt_of_a_password_by_asking() {
    for provider in [Provider::Generic, Provider::Strict] {
        let (_hub, client) = connected(provider).await;
        created(&client, "u", &json!({ "password": "correct horse" })).await;
        for filter in ["password eq \"correct horse\"", "password eq \"x\"", "password pr", "not (password pr)"] {
            let search = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
            let answer = client.post("/Users/.search", &json!({ "schemas": [search], "filter": filter })).await;
            assert_eq!(refusal(&answer), refused(403, "sensitive"), "{filter}");
            let answer = crate::by_the_book::asked(&client, "/Users", filter).await;
            assert_eq!(refusal(&answer), refused(403, "sensitive"), "{filter}");
        }
    }
}

/// Ambiguities: A-54
#[tokio::test]
async fn what_a_member_is_is_known_by_its_id() {
    for provider in [Provider::Generic, Provider::Strict] {
        let (_hub, client) = connected(provider).await;
        let ann = created(&client, "ann", &json!({ "displayName": "Ann" })).await;
        let with = |member: serde_json::Value| json!({ "schemas": [GROUP], "displayName": format!("g{}", member["type"]), "members": [member] });
        for member in [
            json!({ "value": ann.id(), "display": "Somebody Else", "$ref": "https://elsewhere.example/Users/9" }),
            json!({ "value": ann.id(), "type": "Group" }),
        ] {
            let group = client.post("/Groups?attributes=members.display,members", &with(member.clone())).await;
            assert_eq!(group.status, StatusCode::CREATED, "{provider} {member}: {:?}", group.body);
            let shown = &group.body["members"][0];
            assert_eq!((&shown["type"], &shown["$ref"]), (&json!("User"), &json!(ann.location())), "{member}");
            assert_ne!(shown["display"], "Somebody Else");
        }
    }
}

/// Ambiguities
#[tokio::test]
async fn addresses_come_from_the_configuration_and_versions_are_weak() {
    let (_hub, client) = connected(Provider::Generic).await;
    let user = created(&client, "u", &json!({})).await;
    let path = format!("/Users/{}", user.id());
    let forwarded = HeaderName::from_static("x-forwarded-host");
    for client in [
        client.clone().with_header(HOST, "evil.example"),
        client.clone().with_header(forwarded, "evil.example"),
        client.clone(),
    ] {
        let answer = client.get(&path).await;
        assert!(answer.location().starts_with("https://muster.test/"), "{}", answer.location());
        assert_eq!(answer.body["meta"]["location"], answer.location());
        assert_eq!(answer.header(&CONTENT_LOCATION), answer.location(), "both headers");
    }
    let tag = user.etag();
    let opaque = tag.strip_prefix("W/").unwrap();
    for same in [tag.as_str(), opaque, opaque.trim_matches('"'), &format!("\"zzz\", {tag}")] {
        let read = client.clone().with_header(IF_NONE_MATCH, same).get(&path).await;
        assert_eq!(read.status, StatusCode::NOT_MODIFIED, "{same}");
        let operations = json!([{ "op": "add", "path": "active", "value": true }]);
        let back = json!([{ "op": "remove", "path": "active" }]);
        let written = client.clone().with_header(IF_MATCH, same).patch(&path, json!([])).await;
        assert_eq!(written.status, StatusCode::BAD_REQUEST, "an empty list of operations is refused first");
        let written = client
            .clone()
            .with_header(IF_MATCH, same)
            .patch(&path, json!([operations[0].clone(), back[0].clone()]))
            .await;
        assert_eq!((written.status, written.etag()), (StatusCode::OK, tag.clone()), "{same}: back to where it was");
    }
}

/// Ambiguities: A-72
#[tokio::test]
async fn bulk_is_answered_at_once_whatever_is_preferred() {
    let (_hub, client) = connected(Provider::Generic).await;
    let prefer = HeaderName::from_static("prefer");
    let request = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{ "method": "POST", "path": "/Users", "bulkId": "1", "data": { "schemas": [crate::by_the_book::USER], "userName": "u" } }],
    });
    let answer = client.with_header(prefer, "respond-async").send(Method::POST, "/Bulk", Some(&request)).await;
    assert_eq!((answer.status, &answer.body["Operations"][0]["status"]), (StatusCode::OK, &json!("201")));
}

/// Ambiguities
#[tokio::test]
async fn a_value_without_path_is_read_as_far_as_the_profile_goes() {
    let pathless =
        json!([{ "op": "replace", "value": { "name.givenName": "G", format!("{ENTERPRISE}:department"): "D" } }]);
    let nested =
        json!([{ "op": "replace", "value": { "name": { "familyName": "F" }, ENTERPRISE: { "division": "V" } } }]);
    let wrapped = json!([{ "op": "add", "path": format!("{ENTERPRISE}:manager"), "value": "271" }]);
    for provider in [Provider::Generic, Provider::Strict] {
        let (_hub, client) = connected(provider).await;
        let path =
            format!("/Users/{}", created(&client, "u", &json!({ ENTERPRISE: { "costCenter": "C" } })).await.id());
        let merged = client.patch(&path, nested.clone()).await;
        assert_eq!(merged.body[ENTERPRISE], json!({ "costCenter": "C", "division": "V" }), "{provider}");
        let (notation, simple) =
            (client.patch(&path, pathless.clone()).await, client.patch(&path, wrapped.clone()).await);
        if provider == Provider::Strict {
            assert_eq!(refusal(&notation), refused(400, "invalidSyntax"));
            assert_eq!(refusal(&simple), refused(400, "invalidValue"));
        } else {
            assert_eq!(
                (&notation.body["name"]["givenName"], &notation.body[ENTERPRISE]["department"]),
                (&json!("G"), &json!("D"))
            );
            assert_eq!(simple.body[ENTERPRISE]["manager"]["value"], "271");
        }
        let by_urn = json!([{ "op": "remove", "path": ENTERPRISE }]);
        assert!(client.patch(&path, by_urn).await.body.get(ENTERPRISE).is_none(), "a bare URN is the whole extension");
    }
}
