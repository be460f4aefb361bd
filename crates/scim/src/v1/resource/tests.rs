use super::*;
use crate::schema::{group_resource_schema, user_resource_schema};
use crate::v1::{CORE, ENTERPRISE_USER};
use crate::{Repairs, ScimType, schema};

fn user(body: &Value) -> Value {
    read_resource(&user_resource_schema(), body).unwrap()
}

/// Rows: 1.1-core-5.1-01, 1.1-core-7-01
#[test]
fn a_body_gets_the_names_of_2_0() {
    let body = json!({
        "SCHEMAS": [CORE, "URN:SCIM:schemas:extension:enterprise:1.0", CORE],
        "userName": "bjensen",
        "urn:scim:schemas:core:1.0:title": "Guide",
        "urn:scim:schemas:extension:ENTERPRISE:1.0": {
            "department": "Tours", "manager": { "managerId": "26118915", "displayName": "John" },
        },
    });
    assert_eq!(
        user(&body),
        json!({
            "userName": "bjensen",
            "title": "Guide",
            schema::ENTERPRISE_USER: {
                "department": "Tours", "manager": { "value": "26118915", "displayName": "John" },
            },
            "schemas": [schema::USER, schema::ENTERPRISE_USER],
        })
    );
    assert_eq!(user(&json!({ "userName": "b" }))["schemas"], json!([schema::USER]), "the core schema is implied");
    assert_eq!(user(&json!({ "schemas": null }))["schemas"], json!([schema::USER]));
    let group = read_resource(&group_resource_schema(), &json!({ "schemas": [CORE] })).unwrap();
    assert_eq!(group["schemas"], json!([schema::GROUP]));
}

/// Even a strict connection takes a body without `schemas`, and one with plain values in a list.
///
/// Rows: 1.1-core-5.1-01, 1.1-core-3.2-01
#[test]
fn what_1_1_allows_needs_no_leniency() {
    let schema = user_resource_schema();
    let body = user(&json!({ "userName": "b", "emails": ["a@example.com", { "value": "b@example.com" }] }));
    let mut repairs = Repairs::new();
    let document = crate::normalize::normalize_new(&schema, &body, &Leniency::STRICT, &mut repairs).unwrap();
    assert_eq!(document["emails"], json!([{ "value": "a@example.com" }, { "value": "b@example.com" }]));
    assert!(repairs.is_empty());
}

#[test]
fn the_same_name_in_both_languages_is_given_twice() {
    for body in [
        json!({ "title": "a", "urn:scim:schemas:core:1.0:title": "b" }),
        json!({ ENTERPRISE_USER: {}, schema::ENTERPRISE_USER: {} }),
        json!({ ENTERPRISE_USER: { "manager": { "managerId": "a", "value": "b" } } }),
        json!({ "schemas": [CORE], "Schemas": [CORE] }),
    ] {
        let error = read_resource(&user_resource_schema(), &body).unwrap_err();
        assert_eq!(error.scim_type, ScimType::InvalidSyntax, "{body}");
    }
}

#[test]
fn members_get_their_type_in_the_right_letters_and_no_operation() {
    let schema = group_resource_schema();
    let body = json!({ "members": [{ "value": "1", "type": "user" }, { "value": "2", "operation": "add" }] });
    let read = read_resource(&schema, &body).unwrap();
    assert_eq!(read["members"], json!([{ "value": "1", "type": "User" }, { "value": "2" }]));
    let body = json!({ "members": [{ "value": "1", "operation": "Delete" }] });
    assert_eq!(read_resource(&schema, &body).unwrap_err().scim_type, ScimType::InvalidValue);
}

#[test]
fn what_is_no_resource_is_left_for_others_to_refuse() {
    for body in [json!([]), json!("x"), json!(null)] {
        assert_eq!(user(&body), body);
    }
    assert_eq!(user(&json!({ "schemas": 7 }))["schemas"], 7);
    assert_eq!(user(&json!({ "emails": 7, "name": [], "unheard": { "a": 1 } }))["unheard"], json!({ "a": 1 }));
}

/// Rows: 1.1-core-5.1-02, 1.1-core-7-01, 1.1-core-8-01, 1.1-core-6.2-01
#[test]
fn an_answer_gets_the_names_of_1_1() {
    let shown = show_resource(
        &user_resource_schema(),
        json!({
            "schemas": [schema::USER, schema::ENTERPRISE_USER],
            "id": "1",
            "groups": [{ "value": "2", "display": "Tours", "type": "direct", "$ref": "https://x/Groups/2" }],
            schema::ENTERPRISE_USER: {
                "department": "Tours", "manager": { "value": "3", "$ref": "https://x/Users/3", "displayName": "J" },
            },
            "meta": { "resourceType": "User", "location": "https://x/Users/1", "version": "W/\"1\"" },
        }),
    );
    assert_eq!(
        shown,
        json!({
            "schemas": [CORE, ENTERPRISE_USER],
            "id": "1",
            "groups": [{ "value": "2", "display": "Tours", "type": "direct" }],
            ENTERPRISE_USER: { "department": "Tours", "manager": { "managerId": "3", "displayName": "J" } },
            "meta": { "location": "https://x/Users/1", "version": "W/\"1\"" },
        })
    );
    let shown = show_resource(
        &group_resource_schema(),
        json!({ "schemas": [schema::GROUP], "members": [{ "value": "1", "type": "User", "$ref": "x" }] }),
    );
    assert_eq!(shown, json!({ "schemas": [CORE], "members": [{ "value": "1", "type": "User" }] }));
}

/// What 1.1 shows can be sent back to 1.1 and means the same.
#[test]
fn an_answer_read_again_is_what_it_was() {
    let schema = user_resource_schema();
    let resource = json!({
        "schemas": [schema::USER, schema::ENTERPRISE_USER],
        "userName": "b",
        "emails": [{ "value": "a@example.com", "primary": true }],
        schema::ENTERPRISE_USER: { "manager": { "value": "3" } },
    });
    assert_eq!(read_resource(&schema, &show_resource(&schema, resource.clone())).unwrap(), resource);
}

/// As many URNs as a body of the largest size can hold are gone through once. Looked for in one another they would take
/// many minutes.
#[test]
fn a_long_list_of_schemas_is_gone_through_once() {
    let urns: Vec<Value> = (0..400_000).map(|number| json!(format!("u{number}"))).collect();
    let body = json!({ "schemas": Value::Array([urns.clone(), urns].concat()), "userName": "b" });
    let read = read_resource(&user_resource_schema(), &body).unwrap();
    assert_eq!(read["schemas"].as_array().map(Vec::len), Some(400_001), "each once, and the core schema");
}
