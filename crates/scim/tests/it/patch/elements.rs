//! What operations on the members of a group mean without reading the members.

use scim::patch::{CompiledOperation, ElementStep, PatchRequest, element_steps};
use scim::schema::group_resource_schema;
use scim::{Leniency, Repairs, Result, ScimType};
use serde_json::{Value, json};

fn detached(operations: &Value, leniency: &Leniency) -> Result<(usize, Vec<CompiledOperation>)> {
    let schema = group_resource_schema();
    let body = json!({ "schemas": [scim::message::PATCH_OP], "Operations": operations });
    let mut compiled = PatchRequest::parse(&body, leniency)?.compile(&schema, leniency, &mut Repairs::new())?;
    let detached = compiled.detach("Members");
    Ok((compiled.operations.len(), detached))
}

fn steps_for(operations: &Value, leniency: &Leniency) -> Result<Vec<ElementStep>> {
    element_steps(&detached(operations, leniency)?.1)
}

fn steps(operations: &Value) -> Result<Vec<ElementStep>> {
    steps_for(operations, &Leniency::TOLERANT)
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn only_operations_on_the_attribute_are_detached() {
    let operations = json!([
        { "op": "replace", "value": { "displayName": "G", "members": [{ "value": "1" }] } },
        { "op": "remove", "path": "members[value eq \"2\"]" },
        { "op": "add", "path": "externalId", "value": "x" }
    ]);
    let (left, detached) = detached(&operations, &Leniency::TOLERANT).unwrap();
    assert_eq!((left, detached.len()), (2, 2));
}

#[test]
fn steps_keep_their_order_and_runs_are_joined() {
    let operations = json!([
        { "op": "remove", "path": "members[value eq \"1\"]" },
        { "op": "remove", "path": "members[value eq \"2\" or value eq \"3\"]" },
        { "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": "4" }] },
        { "op": "add", "path": "members", "value": [{ "value": "5", "display": "u@x" }] },
        { "op": "add", "value": { "members": [{ "value": "6" }] } },
        { "op": "remove", "path": "members" },
        { "op": "replace", "path": "members", "value": [{ "value": "7" }] }
    ]);
    assert_eq!(
        steps(&operations).unwrap(),
        [
            ElementStep::Remove(texts(&["1", "2", "3", "4"])),
            ElementStep::Add(texts(&["5", "6"])),
            ElementStep::ReplaceAll(Vec::new()),
            ElementStep::ReplaceAll(texts(&["7"])),
        ]
    );
}

#[test]
fn a_filter_that_does_more_than_name_members_is_left_to_the_reader_of_rows() {
    for filter in ["type eq \"User\"", "value eq \"1\" and type eq \"User\"", "not (value eq \"1\")", "value ne \"1\""]
    {
        let operations = json!([{ "op": "remove", "path": format!("members[{filter}]") }]);
        assert!(matches!(steps(&operations).unwrap().as_slice(), [ElementStep::RemoveMatching(_)]), "{filter}");
    }
}

#[test]
fn what_is_set_of_a_member_is_refused_or_ignored() {
    for (path, value) in [
        ("members[value eq \"1\"].value", json!("2")),
        ("members[value eq \"1\"].type", json!("Group")),
        ("members.value", json!("2")),
        ("members[value eq \"1\"]", json!({ "value": "2" })),
        ("members[type eq \"User\"]", json!({ "type": "Group" })),
    ] {
        let operations = json!([{ "op": "replace", "path": path, "value": value }]);
        let refused = steps(&operations).unwrap_err();
        assert_eq!(refused.scim_type, ScimType::Mutability, "{path}");
    }
    let operations = json!([{ "op": "replace", "path": "members[value eq \"1\"].display", "value": "x" }]);
    assert_eq!(steps(&operations).unwrap(), []);
}

#[test]
fn adding_through_a_value_path_adds_whom_it_names() {
    for value in
        [json!({ "value": "1" }), json!([{ "value": "1" }]), json!("1"), json!({ "display": "u", "type": "User" })]
    {
        let operations = json!([{ "op": "add", "path": "members[value eq \"1\"]", "value": value }]);
        match steps(&operations) {
            Ok(steps) => assert!(steps.is_empty() || steps == [ElementStep::Add(texts(&["1"]))], "{value}"),
            Err(error) => panic!("{value}: {error}"),
        }
    }
}

#[test]
fn strict_peers_name_members_by_add() {
    let operations = json!([{ "op": "replace", "path": "members[value eq \"1\"]", "value": { "value": "1" } }]);
    assert_eq!(steps_for(&operations, &Leniency::STRICT).unwrap_err().scim_type, ScimType::Mutability);
}

#[test]
fn an_element_without_value_is_refused() {
    for value in [json!([{ "type": "User" }]), json!([{ "value": "" }]), json!([{ "value": "1" }, { "$ref": "x" }])] {
        let operations = json!([{ "op": "add", "path": "members", "value": value }]);
        assert_eq!(steps(&operations).unwrap_err().scim_type, ScimType::InvalidValue, "{value}");
    }
}
