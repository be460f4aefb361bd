//! What one request may cost.

use scim::patch::PatchRequest;
use scim::schema::user_resource_schema;
use scim::{Document, Leniency, Repairs, Result, ScimType};
use serde_json::{Value, json};

fn patch(operations: &[Value]) -> Result<Option<Document>> {
    patch_of(&json!({ "userName": "u" }), operations)
}

fn patch_of(user: &Value, operations: &[Value]) -> Result<Option<Document>> {
    let schema = user_resource_schema();
    let leniency = Leniency::TOLERANT;
    let mut repairs = Repairs::new();
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

#[test]
fn terms_of_filters_and_long_texts_count() {
    let many: Vec<Value> = (0..100).map(|number| json!({ "value": format!("{number}@x"), "type": "work" })).collect();
    let many = json!({ "userName": "u", "emails": many });
    let terms: Vec<String> = (0..500).map(|number| format!("value co \"q{number}\"")).collect();
    let asks = |filter: &str| json!({ "op": "remove", "path": format!("emails[{filter}]") });
    let long_filters = vec![asks(&terms.join(" or ")); 60];
    assert_eq!(patch_of(&many, &long_filters).unwrap_err().scim_type, ScimType::TooMany);
    assert_eq!(patch_of(&many, &long_filters[..40]), Ok(None));
    assert_eq!(patch_of(&many, &vec![asks(&terms[0]); 60]), Ok(None));

    // Such a text is folded for each comparison.
    let long_text = json!({ "userName": "u", "emails": [{ "value": "\u{e4}".repeat(25_000) }] });
    let changes = vec![json!({ "op": "replace", "path": "emails[value pr].display", "value": "d" }); 1000];
    assert_eq!(patch_of(&long_text, &changes).unwrap_err().scim_type, ScimType::TooMany);
    assert!(patch_of(&long_text, &changes[..10]).is_ok());
}
