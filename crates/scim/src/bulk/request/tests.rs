use serde_json::json;

use super::*;
use crate::ScimType;

fn parse(body: &Value) -> Result<BulkRequest> {
    BulkRequest::parse(body, BulkLanguage::Scim2, &Leniency::STRICT)
}

fn one(operation: &Value) -> BulkOperation {
    let body = json!({ "schemas": [BULK_REQUEST], "Operations": [operation] });
    parse(&body).unwrap().operations.remove(0)
}

fn refusal(operation: &Value) -> ScimType {
    match one(operation) {
        BulkOperation::Refused { error, .. } => error.scim_type,
        BulkOperation::Understood(request) => panic!("understood: {request:?}"),
    }
}

/// Rows: 7644-3.7-02, 7644-3.7-04
#[test]
fn the_envelope_is_checked() {
    let delete = json!({ "method": "DELETE", "path": "/Users/1" });
    assert!(parse(&json!({ "schemas": [BULK_REQUEST], "Operations": [delete] })).is_ok());
    for body in [
        json!([delete]),
        json!({ "Operations": [delete] }),
        json!({ "schemas": [PATCH_OP], "Operations": [delete] }),
        json!({ "schemas": [BULK_REQUEST] }),
        json!({ "schemas": [BULK_REQUEST], "Operations": [] }),
        json!({ "schemas": [BULK_REQUEST], "Operations": delete }),
        json!({ "schemas": [BULK_REQUEST], "Operations": [delete], "operations": [delete] }),
    ] {
        assert_eq!(parse(&body).unwrap_err().scim_type, ScimType::InvalidSyntax, "{body}");
    }
    let without = json!({ "operations": [delete] });
    assert!(BulkRequest::parse(&without, BulkLanguage::Scim2, &Leniency::TOLERANT).is_ok());
}

/// The ambiguous point A-24: zero and negative numbers are refused.
/// Rows: 7644-3.7-03
/// Ambiguities: A-24
#[test]
fn fail_on_errors_is_a_number_of_at_least_one() {
    let body = |count: Value| {
        let delete = json!({ "method": "DELETE", "path": "/Users/1" });
        json!({ "schemas": [BULK_REQUEST], "Operations": [delete], "failOnErrors": count })
    };
    assert_eq!(parse(&body(json!(3))).unwrap().fail_on_errors, Some(3));
    assert_eq!(parse(&body(Value::Null)).unwrap().fail_on_errors, None);
    for wrong in [json!(0), json!(-1), json!(1.5), json!("1"), json!(true), json!([1])] {
        assert_eq!(parse(&body(wrong.clone())).unwrap_err().scim_type, ScimType::InvalidValue, "{wrong}");
    }
}

/// Rows: 7644-3.7-04, 7644-3.7-05, 7644-3.7-06, 7644-3.7-07
#[test]
fn each_operation_is_checked_alone() {
    let data = json!({ "userName": "a" });
    for (operation, expected) in [
        (json!("POST"), ScimType::InvalidSyntax),
        (json!({ "path": "/Users", "bulkId": "1", "data": data }), ScimType::InvalidSyntax),
        (json!({ "method": "GET", "path": "/Users/1" }), ScimType::InvalidSyntax),
        (json!({ "method": "POST", "path": "/Users", "data": data }), ScimType::InvalidValue),
        (json!({ "method": "POST", "path": "/Users", "bulkId": "", "data": data }), ScimType::InvalidValue),
        (json!({ "method": "POST", "path": "/Users", "bulkId": 1, "data": data }), ScimType::InvalidSyntax),
        (json!({ "method": "POST", "path": "/Users", "bulkId": "1" }), ScimType::InvalidValue),
        (json!({ "method": "POST", "path": "/Users/1", "bulkId": "1", "data": data }), ScimType::InvalidValue),
        (json!({ "method": "POST", "path": "/", "bulkId": "1", "data": data }), ScimType::InvalidValue),
        (json!({ "method": "PUT", "path": "/Users/1" }), ScimType::InvalidValue),
        (json!({ "method": "PUT", "path": "/Users", "data": data }), ScimType::InvalidValue),
        (json!({ "method": "PUT", "data": data }), ScimType::InvalidValue),
        (json!({ "method": "PATCH", "path": "/Users/1", "data": null }), ScimType::InvalidValue),
        (json!({ "method": "DELETE", "path": "/Users/" }), ScimType::InvalidValue),
        (json!({ "method": "DELETE", "path": "/Users/1", "version": 1 }), ScimType::InvalidSyntax),
    ] {
        assert_eq!(refusal(&operation), expected, "{operation}");
    }
    // Whatever could be read of a wrong one is kept for its result.
    let broken = json!({ "method": "put", "path": "/Users/1", "bulkId": "x" });
    let BulkOperation::Refused { method, bulk_id, place, .. } = one(&broken) else { panic!("understood") };
    assert_eq!((method, bulk_id.as_deref()), (Some(Method::Put), Some("x")));
    assert_eq!(place.unwrap().resource, Some(NamedResource::Id("1".to_owned())));
}

/// Rows: 7644-3.7-05
#[test]
fn a_bulk_id_that_two_creations_have_is_refused_for_both() {
    let post = json!({ "method": "POST", "path": "/Users", "bulkId": "same", "data": {} });
    let other = json!({ "method": "POST", "path": "/Users", "bulkId": "Same", "data": {} });
    let patch = json!({ "method": "PATCH", "path": "/Users/1", "bulkId": "same", "data": [] });
    let body = json!({ "schemas": [BULK_REQUEST], "Operations": [post, other, patch, post] });
    let understood: Vec<bool> = parse(&body)
        .unwrap()
        .operations
        .iter()
        .map(|operation| matches!(operation, BulkOperation::Understood(_)))
        .collect();
    assert_eq!(understood, [false, true, true, false]);
}

/// Erratum 5050: the data of a PATCH is a whole body; the list that the RFC's figure shows is read as well.
/// Rows: 7644-3.7-07, 7644-3.7.2-03
#[test]
fn a_patch_carries_a_whole_body_or_a_bare_list() {
    let operations = json!([{ "op": "remove", "path": "title" }]);
    let whole = json!({ "schemas": [PATCH_OP], "Operations": operations });
    for data in [&operations, &whole] {
        let sent = json!({ "method": "Patch", "path": "Users/bulkId:a/b", "version": "W/\"1\"", "data": data });
        let BulkOperation::Understood(request) = one(&sent) else { panic!("refused") };
        assert_eq!((request.method, &request.data), (Method::Patch, &whole));
        assert_eq!(request.place.resource, Some(NamedResource::BulkId("a/b".to_owned())));
        assert_eq!(request.version.as_deref(), Some("W/\"1\""));
    }
}

/// As an empty `If-Match`, it is the version of nothing.
#[test]
fn an_empty_version_is_one() {
    let version = |version: Value| match one(&json!({ "method": "DELETE", "path": "/Users/1", "version": version })) {
        BulkOperation::Understood(request) => request.version,
        BulkOperation::Refused { error, .. } => panic!("refused: {error:?}"),
    };
    assert_eq!(version(json!("")).as_deref(), Some(""));
    assert_eq!(version(json!("W/\"1\"")).as_deref(), Some("W/\"1\""));
    assert_eq!(version(Value::Null), None);
    let wrong = json!({ "method": "DELETE", "path": "/Users/1", "version": 1 });
    assert_eq!(refusal(&wrong), ScimType::InvalidSyntax);
}
