use serde_json::json;

use super::*;
use crate::schema::{group_resource_schema, user_resource_schema};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn replaced(schema: &ResourceSchema, method: Method, data: Value, leniency: &Leniency) -> Value {
    let mut data = data;
    let id_of = |bulk_id: &str| (bulk_id == "x").then_some("ID");
    replace_references(schema, (method, BulkLanguage::Scim2), &mut data, leniency, id_of);
    data
}

fn check(schema: &ResourceSchema, method: Method, data: Value, expected: &Value) {
    assert_eq!(replaced(schema, method, data, &Leniency::TOLERANT), *expected);
}

/// Rows: 7644-3.7.2-01, 7644-3.7.2-02
#[test]
fn references_are_replaced_in_the_base_schema_and_in_extensions() {
    check(
        &group_resource_schema(),
        Method::Post,
        json!({
            "displayName": "bulkId:x",
            "MEMBERS": [{ "VALUE": "bulkId:x", "$ref": "../Users/bulkId:x", "type": "User" }, "bulkId:x", { "value": "bulkId:y" }],
        }),
        &json!({
            "displayName": "bulkId:x",
            "MEMBERS": [{ "VALUE": "ID", "$ref": "../Users/ID", "type": "User" }, "ID", { "value": "bulkId:y" }],
        }),
    );
    check(
        &user_resource_schema(),
        Method::Put,
        json!({
            "userName": "bulkId:x",
            "groups": [{ "value": "bulkId:x" }],
            "emails": [{ "value": "bulkId:x" }],
            ENTERPRISE: { "manager": { "value": "bulkId:x", "displayName": "bulkId:x" }, "department": "bulkId:x" },
            format!("{ENTERPRISE}:manager.value"): "bulkId:x",
        }),
        &json!({
            "userName": "bulkId:x",
            "groups": [{ "value": "bulkId:x" }],
            "emails": [{ "value": "bulkId:x" }],
            ENTERPRISE: { "manager": { "value": "ID", "displayName": "bulkId:x" }, "department": "bulkId:x" },
            format!("{ENTERPRISE}:manager.value"): "ID",
        }),
    );
}

/// Rows: 7644-3.7.2-01
#[test]
fn references_are_replaced_in_patch_operations_and_their_paths() {
    let patch = |operation: Value| json!({ "schemas": [], "Operations": [operation] });
    for (operation, expected) in [
        (
            json!({ "op": "add", "path": "members", "value": [{ "value": "bulkId:x" }] }),
            json!({ "op": "add", "path": "members", "value": [{ "value": "ID" }] }),
        ),
        (
            json!({ "op": "add", "value": { "members": { "value": "bulkId:x" } } }),
            json!({ "op": "add", "value": { "members": { "value": "ID" } } }),
        ),
        (
            json!({ "op": "remove", "path": "members[value eq \"bulkId:x\" or value eq \"1\"]" }),
            json!({ "op": "remove", "path": "members[value eq \"ID\" or value eq \"1\"]" }),
        ),
        (
            json!({ "op": "replace", "path": "displayName", "value": "bulkId:x" }),
            json!({ "op": "replace", "path": "displayName", "value": "bulkId:x" }),
        ),
        (json!({ "op": "remove", "path": "members[" }), json!({ "op": "remove", "path": "members[" })),
    ] {
        check(&group_resource_schema(), Method::Patch, patch(operation), &patch(expected));
    }
    for path in
        [format!("{ENTERPRISE}:manager"), format!("{ENTERPRISE}:manager.value"), format!("{ENTERPRISE}.manager")]
    {
        let operation = |value: &str| patch(json!({ "op": "replace", "path": path, "value": value }));
        let strict = replaced(&user_resource_schema(), Method::Patch, operation("bulkId:x"), &Leniency::STRICT);
        assert_eq!(strict, operation("ID"), "{path}");
    }
    check(
        &user_resource_schema(),
        Method::Patch,
        patch(json!({ "op": "add", "path": ENTERPRISE, "value": { "manager": { "$ref": "bulkId:x" } } })),
        &patch(json!({ "op": "add", "path": ENTERPRISE, "value": { "manager": { "$ref": "ID" } } })),
    );
}

/// What the reader of an operation understands, a reference in it is found in, too.
///
/// Rows: 7644-3.7.2-01
#[test]
fn references_are_replaced_in_every_form_that_is_read() {
    let bare = Leniency { bare_patch_operation: true, ..Leniency::TOLERANT };
    let patch = |operation: Value| json!({ "Operations": [operation] });
    let members = |value: &str| json!({ "members": [{ "value": value }] });
    let by_urn = |value: &str| patch(json!({ "op": "add", "path": GROUP, "value": members(value) }));
    let unwrapped = |value: &str| json!({ "OP": "add", "path": "members", "value": [{ "value": value }] });
    let filtered =
        |value: &str| patch(json!({ "op": "add", "value": { "members[type eq \"User\"]": { "value": value } } }));
    let forms: [&dyn Fn(&str) -> Value; 3] = [&by_urn, &unwrapped, &filtered];
    for data in forms {
        assert_eq!(replaced(&group_resource_schema(), Method::Patch, data("bulkId:x"), &bare), data("ID"));
    }
    let not_read = unwrapped("bulkId:x");
    assert_eq!(
        replaced(&group_resource_schema(), Method::Patch, not_read.clone(), &Leniency::TOLERANT),
        not_read,
        "a bare operation is refused there"
    );
    let user = user_resource_schema();
    let manager = |name: &str, value: &str| json!({ ENTERPRISE: { "manager": { name: value } } });
    check(&user, Method::Post, manager("managerID", "bulkId:x"), &manager("managerID", "ID"));
    let both = json!({ ENTERPRISE: { "manager": { "managerId": "bulkId:x", "value": "1" } } });
    check(&user, Method::Post, both.clone(), &both);
    let strict = replaced(&user, Method::Post, manager("managerId", "bulkId:x"), &Leniency::STRICT);
    assert_eq!(strict, manager("managerId", "bulkId:x"));
}
