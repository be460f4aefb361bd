use super::*;
use crate::schema::{ENTERPRISE_USER, GROUP, USER, group_resource_schema, user_resource_schema};
use crate::v1;

fn read(body: &Value) -> BulkRequest {
    read_bulk(body, &[user_resource_schema(), group_resource_schema()], &Leniency::STRICT).unwrap()
}

fn data(request: &BulkRequest, position: usize) -> &Value {
    match &request.operations[position] {
        BulkOperation::Understood(understood) => &understood.data,
        BulkOperation::Refused { error, .. } => panic!("{error}"),
    }
}

/// Rows: 1.1-api-3.5-01, 1.1-core-7-01
#[test]
fn data_gets_the_names_of_2_0() {
    let request = read(&json!({
        "Operations": [
            { "method": "POST", "path": "/Users", "bulkId": "q", "data": {
                "schemas": [CORE, v1::ENTERPRISE_USER], "userName": "b", "emails": ["b@example.com"],
                v1::ENTERPRISE_USER: { "manager": { "managerId": "bulkId:r" } },
            } },
            { "method": "PATCH", "path": "/Groups/1", "data": {
                "meta": { "attributes": ["members"] }, "members": [{ "value": "bulkId:q", "operation": "delete" }],
            } },
            { "method": "DELETE", "path": "/Users/1", "version": "W/\"1\"" },
        ],
    }));
    assert_eq!(request.language, BulkLanguage::Scim1);
    assert_eq!(
        *data(&request, 0),
        json!({
            "userName": "b", "emails": [{ "value": "b@example.com" }],
            ENTERPRISE_USER: { "manager": { "value": "bulkId:r" } },
            "schemas": [USER, ENTERPRISE_USER],
        })
    );
    assert_eq!(
        *data(&request, 1),
        json!({
            "meta": { "attributes": ["members"] }, "members": [{ "value": "bulkId:q", "operation": "delete" }],
            "schemas": [GROUP],
        })
    );
}

#[test]
fn what_cannot_be_translated_fails_alone() {
    let request = read(&json!({
        "schemas": [CORE],
        "Operations": [
            { "method": "PUT", "path": "/Groups/1", "data": { "members": [{ "value": "1", "operation": "delete" }] } },
            { "method": "POST", "path": "/Users", "bulkId": "q", "data": { "userName": "b" } },
        ],
    }));
    let BulkOperation::Refused { method, place, error, .. } = &request.operations[0] else { panic!("it was read") };
    assert_eq!((*method, error.scim_type), (Some(Method::Put), ScimType::InvalidValue));
    assert!(place.is_some());
    assert!(matches!(request.operations[1], BulkOperation::Understood(_)));
    let foreign = json!({ "schemas": ["urn:x"], "Operations": [{ "method": "DELETE", "path": "/Users/1" }] });
    let schemas = [user_resource_schema()];
    assert!(read_bulk(&foreign, &schemas, &Leniency::STRICT).is_err());
    assert!(read_bulk(&json!([]), &schemas, &Leniency::TOLERANT).is_err());
}

/// Rows: 1.1-api-3.5-02
#[test]
fn versions_can_be_demanded() {
    let mut request = read(&json!({ "Operations": [
        { "method": "DELETE", "path": "/Users/1" },
        { "method": "DELETE", "path": "/Users/2", "version": "W/\"1\"" },
        { "method": "POST", "path": "/Users", "bulkId": "q", "data": {} },
    ] }));
    demand_versions(&mut request);
    let BulkOperation::Refused { error, .. } = &request.operations[0] else { panic!("a version was not demanded") };
    assert_eq!(error.scim_type, ScimType::InvalidVers);
    assert!(request.operations[1..].iter().all(|one| matches!(one, BulkOperation::Understood(_))));
    let without_bulk_id = read(&json!({ "Operations": [{ "method": "POST", "path": "/Users", "data": {} }] }));
    assert!(matches!(without_bulk_id.operations[0], BulkOperation::Refused { .. }), "bulkId is REQUIRED");
}

/// Rows: 1.1-api-3.5-01
#[test]
fn results_have_a_status_with_code_and_description() {
    let detail = format!("\"{ENTERPRISE_USER}:manager.value\" must be a string");
    let shown = show_bulk(json!({
        "schemas": [crate::message::BULK_RESPONSE],
        "Operations": [
            { "location": "l", "method": "POST", "bulkId": "q", "version": "W/\"1\"", "status": "201" },
            { "method": "PATCH", "location": "m", "version": "W/\"2\"", "status": "204" },
            { "method": "PUT", "location": "n", "status": "400", "response": { "status": "400", "detail": detail } },
        ],
    }));
    assert_eq!(
        shown,
        json!({
            "schemas": [CORE],
            "Operations": [
                { "location": "l", "method": "POST", "bulkId": "q", "version": "W/\"1\"", "status": { "code": "201" } },
                { "method": "PATCH", "location": "m", "version": "W/\"2\"", "status": { "code": "204" } },
                { "method": "PUT", "location": "n", "status": {
                    "code": "400",
                    "description": format!("\"{}:manager.managerId\" must be a string", v1::ENTERPRISE_USER),
                } },
            ],
        })
    );
}
