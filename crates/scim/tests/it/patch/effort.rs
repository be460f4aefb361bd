//! What one request may cost.

use scim::patch::PatchRequest;
use scim::schema::user_resource_schema;
use scim::{Document, Leniency, Repairs, Result, ScimType};
use serde_json::{Value, json};

fn patch(operations: &[Value]) -> Result<Option<Document>> {
    let schema = user_resource_schema();
    let leniency = Leniency::TOLERANT;
    let mut repairs = Repairs::new();
    let user = json!({ "userName": "u" });
    PatchRequest::parse(&json!({ "Operations": operations }), &leniency)?
        .compile(&schema, &leniency, &mut repairs)?
        .apply(&schema, user.as_object().unwrap(), &leniency, &mut repairs)
}

/// Going through the list at each operation would be refused, as the next test shows.
#[test]
fn additions_in_a_row_cost_what_they_add() {
    let operations: Vec<Value> = (0..10_000)
        .map(|number| json!({ "op": "add", "path": "emails", "value": [{ "value": format!("{number}@x") }] }))
        .collect();
    let changed = patch(&operations).unwrap().unwrap();
    assert_eq!(changed["emails"].as_array().map(Vec::len), Some(10_000));
}

#[test]
fn operations_that_go_through_long_lists_too_often_are_refused() {
    let operations: Vec<Value> = (0..10_000)
        .map(|number| json!({ "op": "add", "path": format!("emails[type eq \"{number}\"].value"), "value": "x" }))
        .collect();
    assert_eq!(patch(&operations).unwrap_err().scim_type, ScimType::TooMany);
    assert!(patch(&operations[..1000]).is_ok());
}
