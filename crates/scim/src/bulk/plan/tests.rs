use serde_json::{Value, json};

use super::*;
use crate::bulk::BulkLanguage;
use crate::message::BULK_REQUEST;
use crate::schema::{Uniqueness, group_resource_schema, user_resource_schema};

const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

fn plan(operations: &[Value]) -> Plan {
    let leniency = Leniency::TOLERANT;
    let body = json!({ "schemas": [BULK_REQUEST], "Operations": operations });
    let request = BulkRequest::parse(&body, BulkLanguage::Scim2, &leniency).unwrap();
    let schemas = [user_resource_schema(), group_resource_schema()];
    let is_unique = |_: &ResourceSchema, path: &ResolvedPath| path.definition().uniqueness == Uniqueness::Server;
    Plan::of(&request, &schemas, &leniency, &is_unique)
}

fn works(plan: &Plan) -> Vec<StepWork> {
    plan.steps.iter().map(|step| step.work.clone()).collect()
}

fn ones(places: &[usize]) -> Vec<StepWork> {
    places.iter().map(|place| StepWork::One(*place)).collect()
}

fn user(bulk_id: &str, manager: Option<&str>) -> Value {
    let mut data = json!({ "userName": bulk_id });
    if let Some(manager) = manager {
        data[MANAGER] = json!({ "value": format!("bulkId:{manager}") });
    }
    json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data })
}

fn group(bulk_id: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|member| json!({ "value": member })).collect();
    let data = json!({ "displayName": bulk_id, "members": members });
    json!({ "method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data })
}

fn patch(path: &str, operation: &Value) -> Value {
    json!({ "method": "PATCH", "path": path, "data": { "Operations": [operation] } })
}

/// Rows: 7644-3.7-16, 7644-3.7.2-03
#[test]
fn what_names_a_later_creation_waits_for_it_and_nothing_else_moves() {
    let plan = plan(&[
        group("g", &["bulkId:b"]),
        user("a", None),
        patch("/Users/bulkId:a", &json!({ "op": "add", "path": "title", "value": "x" })),
        user("b", None),
        patch("/groups/bulkId:g", &json!({ "op": "add", "path": "members", "value": [{ "value": "bulkId:a" }] })),
    ]);
    assert_eq!(works(&plan), ones(&[1, 2, 3, 0, 4]));
    let after: Vec<&[usize]> = plan.steps.iter().map(|step| step.after.as_slice()).collect();
    assert_eq!(after, [[].as_slice(), &[0], &[], &[2], &[0, 3]], "creations run side by side");
    assert_eq!(plan.steps[4].needs, [0, 1]);
}

/// Rows: 7644-3.7-16
#[test]
fn operations_on_one_resource_keep_their_order() {
    let title = |value: &str| patch("/Users/1", &json!({ "op": "replace", "path": "title", "value": value }));
    let other = patch("/Users/2", &json!({ "op": "replace", "path": "title", "value": "x" }));
    let found = plan(&[title("a"), other, title("b"), title("c")]);
    let after: Vec<&[usize]> = found.steps.iter().map(|step| step.after.as_slice()).collect();
    assert_eq!(after, [[].as_slice(), &[], &[0], &[2]]);
}

/// 1.1: a unique value that `meta.attributes` sets free is free for what comes later, and not before.
///
/// Rows: 7644-3.7-16
#[test]
fn what_a_partial_resource_clears_is_claimed() {
    let clear =
        |name: &str| json!({ "method": "PATCH", "path": "/Users/1", "data": { "meta": { "attributes": [name] } } });
    let waits = |name: &str| {
        let body = json!({ "schemas": [crate::v1::CORE], "Operations": [clear(name), user("x", None)] });
        let leniency = Leniency::TOLERANT;
        let schemas = [user_resource_schema()];
        let request = crate::v1::read_bulk(&body, &schemas, &leniency).unwrap();
        let is_unique = |_: &ResourceSchema, path: &ResolvedPath| path.definition().name == "nickName";
        let after = Plan::of(&request, &schemas, &leniency, &is_unique).steps[1].after.clone();
        after == [0]
    };
    assert!(waits("nickName"));
    assert!(!waits("title"));
}

/// Rows: 7644-3.7.2-03
#[test]
fn a_reference_is_waited_for_in_whatever_form_it_is_read() {
    let members = json!({ "members[type eq \"User\"]": { "value": "bulkId:u" } });
    for operation in [
        json!({ "op": "add", "path": crate::schema::GROUP, "value": { "members": [{ "value": "bulkId:u" }] } }),
        json!({ "op": "replace", "value": members }),
    ] {
        assert_eq!(works(&plan(&[patch("/Groups/1", &operation), user("u", None)])), ones(&[1, 0]), "{operation}");
    }
    let mut misspelt = user("a", None);
    misspelt["data"][MANAGER] = json!({ "managerId": "bulkId:u" });
    assert_eq!(works(&plan(&[misspelt, user("u", None)])), ones(&[1, 0]));
}

/// Rows: 7644-3.7-16
#[test]
fn what_may_take_something_from_another_keeps_its_order() {
    let rename =
        |id: &str| patch(&format!("/Users/{id}"), &json!({ "op": "replace", "path": "userName", "value": "n" }));
    let delete = |id: &str| json!({ "method": "DELETE", "path": format!("/Users/{id}") });
    let by_name =
        |id: &str| patch(&format!("/Groups/{id}"), &json!({ "op": "remove", "path": "members[display eq \"n\"]" }));
    let nest = |group: &str, member: &str| {
        patch(&format!("/Groups/{group}"), &json!({ "op": "add", "path": "members", "value": [{ "value": member }] }))
    };
    let waits = |operations: &[Value]| plan(operations).steps.last().unwrap().after.clone();
    let same_name = json!({ "method": "POST", "path": "/Users", "bulkId": "other", "data": { "userName": "A" } });
    assert_eq!(waits(&[user("a", None), same_name]), [0], "the first of two gets the name");
    assert_eq!(waits(&[user("a", None), user("b", None)]), [] as [usize; 0]);
    assert_eq!(waits(&[rename("1"), user("a", None)]), [0], "a change may set the name free");
    assert_eq!(waits(&[rename("1"), group("g", &[])]), [] as [usize; 0], "another type has other names");
    assert_eq!(waits(&[delete("1"), user("a", None)]), [0]);
    assert_eq!(waits(&[delete("1"), delete("2")]), [] as [usize; 0]);
    let versioned = json!({ "method": "DELETE", "path": "/Groups/2", "version": "W/\"1\"" });
    assert_eq!(waits(&[delete("1"), versioned]), [0], "a deletion changes groups");
    assert_eq!(waits(&[rename("1"), by_name("2")]), [0]);
    assert_eq!(waits(&[nest("1", "2"), nest("3", "4")]), [0], "either may close a circle");
    assert_eq!(waits(&[group("h", &["bulkId:g"]), nest("3", "4"), group("g", &[])]), [0, 1]);
    assert_eq!(waits(&[user("a", None), group("g", &["bulkId:a"]), group("h", &["bulkId:a"])]), [0]);
}

/// Rows: 7644-3.7.1-01, 7644-3.7.1-02
#[test]
fn creations_in_a_circle_are_one_step_and_groups_in_groups_are_none() {
    let found = plan(&[user("b", Some("a")), user("c", Some("b")), user("a", Some("b")), user("self", Some("self"))]);
    assert_eq!(works(&found), [StepWork::Together(vec![0, 2]), StepWork::One(1), StepWork::Together(vec![3])]);
    assert_eq!(found.steps[1].needs, [0]);

    let circle = |place| StepWork::Refused(place, Refusal::MembershipCircle);
    let found = plan(&[
        group("a", &["bulkId:b"]),
        group("b", &["bulkId:a"]),
        group("c", &["bulkId:a"]),
        group("d", &["bulkId:d"]),
    ]);
    assert_eq!(works(&found), [circle(0), circle(1), StepWork::One(2), circle(3)]);
    assert_eq!(found.steps[2].needs, [0], "what names them fails with them");
}

/// Rows: 7644-3.7.2-04
#[test]
fn an_unknown_bulk_id_or_endpoint_is_a_mistake_of_that_operation_alone() {
    let found = plan(&[
        group("g", &["bulkId:nobody"]),
        json!({ "method": "DELETE", "path": "/Users/bulkId:nobody" }),
        json!({ "method": "DELETE", "path": "/Things/1" }),
        user("a", None),
    ]);
    let is_mistake = |step: &Step| matches!(&step.work, StepWork::Refused(_, Refusal::Mistake(_)));
    assert!(is_mistake(&found.steps[0]) && is_mistake(&found.steps[1]));
    assert_eq!(found.steps[2].work, StepWork::Refused(2, Refusal::UnknownEndpoint));
    assert_eq!(found.steps[3].work, StepWork::One(3));
}

#[test]
fn members_come_before_their_group_even_in_a_circle() {
    let order = super::order::members_first(&[4, 7, 9], &{
        let mut memberships = vec![Vec::new(); 10];
        memberships[4] = vec![9, 2];
        memberships[9] = vec![7];
        memberships
    });
    assert_eq!(order, [7, 9, 4]);
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever refers to whatever: each operation is planned once, and waits only for what is planned before it.
        #[test]
        fn every_operation_is_planned_once(links in prop::collection::vec((0_usize..3, 0_usize..12, 0_usize..12), 1..12)) {
            let operations: Vec<Value> = links.iter().enumerate().map(|(place, (kind, one, other))| match kind {
                0 => user(&place.to_string(), Some(&one.to_string())),
                1 => group(&place.to_string(), &[&format!("bulkId:{one}"), &format!("bulkId:{other}")]),
                _ => patch(&format!("/Users/bulkId:{one}"), &json!({ "op": "remove", "path": "title" })),
            }).collect();
            let plan = plan(&operations);
            let mut planned: Vec<usize> =
                plan.steps.iter().flat_map(|step| step.work.operations().to_vec()).collect();
            planned.sort_unstable();
            prop_assert_eq!(planned, (0..operations.len()).collect::<Vec<_>>());
            for (place, step) in plan.steps.iter().enumerate() {
                prop_assert!(step.after.iter().all(|earlier| *earlier < place));
                for needed in &step.needs {
                    let maker = plan.steps.iter().position(|step| step.work.operations().contains(needed)).unwrap();
                    prop_assert!(step.after.contains(&maker), "{} needs {} and does not wait", place, needed);
                }
            }
        }
    }
}
