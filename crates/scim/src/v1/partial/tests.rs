use serde_json::json;

use super::*;
use crate::patch::{ElementStep, element_steps};
use crate::schema::{group_resource_schema, user_resource_schema};
use crate::v1::{CORE, ENTERPRISE_USER};
use crate::{Document, Repair, Schema, ScimType};

fn document(value: &Value) -> Document {
    value.as_object().unwrap().clone()
}

fn refusal(body: &Value, leniency: Leniency) -> Error {
    compile_patch(&user_resource_schema(), body, &leniency, &mut Repairs::new()).unwrap_err()
}

/// The document afterwards; `None` when nothing changed. Both kinds of connection must agree.
fn patched(stored: &Value, body: &Value) -> Result<Option<Value>> {
    let schema = user_resource_schema();
    let stored = document(stored);
    let mut results = [Leniency::TOLERANT, Leniency::STRICT].map(|leniency| {
        let mut repairs = Repairs::new();
        let compiled = compile_patch(&schema, body, &leniency, &mut repairs)?;
        compiled.apply(&schema, &stored, &leniency, &mut repairs)
    });
    assert_eq!(results[0], results[1], "{body}");
    std::mem::replace(&mut results[0], Ok(None)).map(|changed| changed.map(Value::Object))
}

fn changed(stored: &Value, body: &Value) -> Value {
    patched(stored, body).unwrap().unwrap()
}

/// Rows: 1.1-api-3.3.2-01, 1.1-api-3.3.2-05
#[test]
fn singular_values_are_replaced_and_complex_ones_merged() {
    let stored = json!({
        "userName": "b", "nickName": "Babs", "name": { "givenName": "Barbara", "familyName": "Jensen" },
    });
    let body = json!({
        "schemas": [CORE], "id": "1", "meta": { "created": "2011-08-01T18:29:49Z" }, "groups": [],
        "nickName": "Barbie", "name": { "familyName": "Smith", "formatted": "Barbara Smith" },
    });
    assert_eq!(
        changed(&stored, &body),
        json!({
            "userName": "b", "nickName": "Barbie",
            "name": { "givenName": "Barbara", "familyName": "Smith", "formatted": "Barbara Smith" },
        })
    );
}

/// Rows: 1.1-api-3.3.2-03, 1.1-api-3.3.2-04
#[test]
fn meta_attributes_removes_first() {
    let stored = json!({
        "userName": "b", "nickName": "Babs", "title": "Guide",
        "name": { "givenName": "Barbara", "familyName": "Jensen", "formatted": "B" },
        "emails": [{ "value": "a@example.com" }],
        crate::schema::ENTERPRISE_USER: { "department": "Tours", "manager": { "value": "1", "displayName": "J" } },
    });
    let body = json!({
        "Meta": { "Attributes": [
            "nickName", "name.formatted", "EMAILS", "userName", "urn:scim:schemas:core:1.0:title",
            format!("{ENTERPRISE_USER}:department"), format!("{ENTERPRISE_USER}:manager"),
        ] },
        "userName": "babs", "emails": [{ "value": "b@example.com" }, { "value": "a@example.com", "operation": "delete" }],
        ENTERPRISE_USER: { "manager": { "managerId": "2" } },
    });
    assert_eq!(
        changed(&stored, &body),
        json!({
            "userName": "babs",
            "name": { "givenName": "Barbara", "familyName": "Jensen" },
            "emails": [{ "value": "b@example.com" }],
            crate::schema::ENTERPRISE_USER: { "manager": { "value": "2" } },
        })
    );
    let stored = json!({ "userName": "b", "name": { "givenName": "B", "familyName": "J" } });
    let body = json!({ "meta": { "attributes": ["name"] }, "name": { "givenName": "C" } });
    assert_eq!(changed(&stored, &body), json!({ "userName": "b", "name": { "givenName": "C" } }));
    let body = json!({ "meta": { "attributes": ["name.givenName"] }, "name": { "givenName": "C" } });
    assert_eq!(changed(&stored, &body)["name"], json!({ "givenName": "C", "familyName": "J" }));
    let stored = json!({ "userName": "b", crate::schema::ENTERPRISE_USER: { "department": "Tours" } });
    let body = json!({ "meta": { "attributes": [ENTERPRISE_USER] } });
    assert_eq!(changed(&stored, &body), json!({ "userName": "b" }));
}

#[test]
fn what_is_required_or_unknown_or_read_only_cannot_be_removed() {
    for (name, expected) in [
        ("userName", ScimType::Mutability),
        ("id", ScimType::Mutability),
        ("groups", ScimType::Mutability),
        ("emails[type eq \"work\"]", ScimType::InvalidPath),
    ] {
        let body = json!({ "meta": { "attributes": [name] } });
        assert_eq!(refusal(&body, Leniency::TOLERANT).scim_type, expected, "{name}");
        assert_eq!(refusal(&body, Leniency::STRICT).scim_type, expected, "{name}");
    }
    for unknown in ["unheard", "department", "name.middle", "urn:hr:schemas:user:age"] {
        let body = json!({ "meta": { "attributes": [unknown] } });
        assert_eq!(refusal(&body, Leniency::STRICT).scim_type, ScimType::InvalidPath, "{unknown}");
    }
}

/// Rows: 1.1-api-3.3.2-06
#[test]
fn a_list_takes_new_values_and_merges_known_ones() {
    let stored = json!({ "userName": "b", "emails": [{ "value": "a@example.com", "type": "work" }] });
    let body = json!({ "emails": [{ "value": "A@Example.com", "type": "home" }, "c@example.com"] });
    let after = changed(&stored, &body);
    assert_eq!(after["emails"], json!([{ "value": "A@Example.com", "type": "home" }, { "value": "c@example.com" }]));
    assert_eq!(patched(&stored, &json!({ "emails": ["a@example.com"] })).unwrap(), None);
    for nothing in [json!([]), json!(null)] {
        assert_eq!(patched(&stored, &json!({ "emails": nothing })).unwrap(), None, "a list is never emptied so");
    }
}

/// The same value for two purposes is two values, whether both are new or one is.
///
/// Rows: 1.1-api-3.3.2-06
#[test]
fn the_same_value_with_two_types_is_two_elements() {
    let both = json!({ "emails": [
        { "value": "a@example.com", "type": "home" }, { "value": "a@example.com", "type": "work" },
    ] });
    assert_eq!(changed(&json!({ "userName": "b" }), &both)["emails"], both["emails"]);
    let work = json!({ "userName": "b", "emails": [{ "value": "a@example.com", "type": "work" }] });
    assert_eq!(
        changed(&work, &both)["emails"],
        json!([{ "value": "a@example.com", "type": "work" }, { "value": "a@example.com", "type": "home" }])
    );
    let stored = json!({ "userName": "b", "emails": both["emails"] });
    let body = json!({ "emails": [{ "value": "a@example.com", "type": "work", "primary": true }] });
    assert_eq!(changed(&stored, &body)["emails"][1]["primary"], true);
}

/// Rows: 1.1-api-3.3.2-09
#[test]
fn a_new_primary_takes_the_mark() {
    let stored = json!({ "userName": "b", "emails": [
        { "value": "a@example.com", "primary": true }, { "value": "b@example.com", "type": "home" },
    ] });
    let body = json!({ "emails": [{ "value": "b@example.com", "primary": true }] });
    assert_eq!(
        changed(&stored, &body)["emails"],
        json!([
            { "value": "a@example.com", "primary": false },
            { "value": "b@example.com", "type": "home", "primary": true },
        ])
    );
    let body = json!({ "emails": [{ "value": "c@example.com", "primary": true }] });
    let after = changed(&stored, &body);
    assert_eq!((&after["emails"][0]["primary"], &after["emails"][2]["primary"]), (&json!(false), &json!(true)));
    let body = json!({ "emails": [{ "value": "c", "primary": true }, { "value": "d", "primary": true }] });
    assert_eq!(refusal(&body, Leniency::TOLERANT).scim_type, ScimType::InvalidValue);
}

/// Rows: 1.1-api-3.3.2-07, 1.1-core-3.2-02
#[test]
fn an_element_is_deleted_by_its_value() {
    let stored = json!({ "userName": "b", "emails": [{ "value": "a@example.com", "type": "work" }, { "value": "b" }] });
    for element in [
        json!({ "value": "a@example.com", "operation": "delete" }),
        json!({ "value": "A@EXAMPLE.com", "type": "home", "display": "other", "Operation": "DELETE" }),
    ] {
        assert_eq!(changed(&stored, &json!({ "emails": [element] }))["emails"], json!([{ "value": "b" }]));
    }
    let missing = json!({ "emails": [{ "value": "c", "operation": "delete" }] });
    assert_eq!(patched(&stored, &missing).unwrap(), None, "1.1-api-3.3.2-10");
    let both = json!({ "emails": [{ "value": "b", "operation": "delete" }, { "value": "b", "type": "home" }] });
    assert_eq!(changed(&stored, &both)["emails"][1], json!({ "value": "b", "type": "home" }));
}

/// Where the value says too little, all that was sent decides.
///
/// Rows: 1.1-api-3.3.2-07
#[test]
fn of_two_elements_with_one_value_the_described_one_is_deleted() {
    let stored = json!({ "userName": "b", "emails": [
        { "value": "a@example.com", "type": "work" }, { "value": "a@example.com", "type": "home" },
    ] });
    let delete = |element: Value| patched(&stored, &json!({ "emails": [element] }));
    let home = delete(json!({ "value": "a@example.com", "type": "home", "operation": "delete" }));
    assert_eq!(home.unwrap().unwrap()["emails"], json!([{ "value": "a@example.com", "type": "work" }]));
    let all = delete(json!({ "value": "a@example.com", "primary": false, "operation": "delete" }));
    assert_eq!(all.unwrap().unwrap(), json!({ "userName": "b" }));
    let neither = delete(json!({ "value": "a@example.com", "type": "other", "operation": "delete" }));
    assert_eq!(neither.unwrap_err().scim_type, ScimType::NoTarget);
}

/// Rows: 1.1-api-3.3.2-08
#[test]
fn an_address_is_deleted_by_everything_it_says_and_added_as_a_whole() {
    let work = json!({ "type": "work", "streetAddress": "100 Plaza", "region": "CA", "primary": true });
    let stored = json!({ "userName": "b", "addresses": [work, { "type": "home", "region": "CA" }] });
    let mut old = work.clone();
    old["operation"] = json!("delete");
    let new = json!({ "type": "work", "streetAddress": "911 Plaza", "region": "CA", "primary": true });
    let after = changed(&stored, &json!({ "addresses": [old, new] }));
    assert_eq!(after["addresses"], json!([{ "type": "home", "region": "CA" }, new]));
    let mut other = work;
    other["streetAddress"] = json!("elsewhere");
    other["operation"] = json!("delete");
    assert_eq!(patched(&stored, &json!({ "addresses": [other] })).unwrap(), None);
}

/// Rows: 1.1-api-3.3.2-04, 1.1-api-3.3.2-07, 1.1-api-3.3.2-10
#[test]
fn members_become_steps_over_the_named_ones() {
    let schema = group_resource_schema();
    let steps = |body: &Value| {
        let leniency = Leniency::STRICT;
        let mut compiled = compile_patch(&schema, body, &leniency, &mut Repairs::new()).unwrap();
        let steps = element_steps(&compiled.detach("members")).unwrap();
        assert!(compiled.operations.is_empty());
        steps
    };
    let named = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        steps(&json!({ "members": [
            { "value": "1", "display": "a", "operation": "delete" },
            { "value": "2", "type": "user" },
            { "value": "3", "operation": "add" },
        ] })),
        [ElementStep::Remove(named(&["1"])), ElementStep::Add(named(&["2", "3"]))]
    );
    let cleared = json!({ "meta": { "attributes": ["members"] } });
    assert_eq!(steps(&cleared), [ElementStep::ReplaceAll(Vec::new())]);
    let mut replaced = cleared;
    replaced["members"] = json!([{ "value": "1" }, { "value": "2", "operation": "delete" }]);
    assert_eq!(steps(&replaced), [ElementStep::ReplaceAll(named(&["1"]))]);
    assert_eq!(steps(&json!({ "members": [] })), []);
}

#[test]
fn what_is_not_understood_is_refused() {
    for body in [
        json!([]),
        json!({ "Operations": [{ "op": "add", "path": "title", "value": "x" }] }),
        json!({ "meta": { "attributes": 7 } }),
        json!({ "title": "a", "TITLE": "b" }),
    ] {
        assert_eq!(refusal(&body, Leniency::TOLERANT).scim_type, ScimType::InvalidSyntax, "{body}");
    }
    for body in [
        json!({ "emails": [{ "value": "x", "operation": "replace" }] }),
        json!({ "emails": [{ "value": "x", "operation": true }] }),
        json!({ "active": "maybe" }),
    ] {
        assert_eq!(refusal(&body, Leniency::TOLERANT).scim_type, ScimType::InvalidValue, "{body}");
    }
    let unknown = json!({ "shoeSize": 42 });
    assert_eq!(refusal(&unknown, Leniency::STRICT).scim_type, ScimType::InvalidSyntax);
    let mut repairs = Repairs::new();
    let compiled = compile_patch(&user_resource_schema(), &unknown, &Leniency::TOLERANT, &mut repairs).unwrap();
    assert!(compiled.operations.is_empty() && repairs.len() == 1);
    assert_eq!(refusal(&json!({ "emails": { "value": "x" } }), Leniency::STRICT).scim_type, ScimType::InvalidValue);
}

#[test]
fn null_unassigns_a_single_value() {
    let stored = json!({ "userName": "b", "title": "Guide", "name": { "givenName": "B", "familyName": "J" } });
    let body = json!({ "title": null, "name": { "givenName": null } });
    assert_eq!(changed(&stored, &body), json!({ "userName": "b", "name": { "familyName": "J" } }));
}

fn tolerantly(stored: &Value, body: &Value, leniency: Leniency) -> (Value, Repairs) {
    let (schema, mut repairs) = (user_resource_schema(), Repairs::new());
    let compiled = compile_patch(&schema, body, &leniency, &mut repairs).unwrap();
    let changed = compiled.apply(&schema, &document(stored), &leniency, &mut repairs).unwrap();
    (changed.map_or_else(|| stored.clone(), Value::Object), repairs)
}

/// A name that is not understood may not keep a person active.
#[test]
fn an_unknown_name_to_remove_is_passed_over_and_noted_where_that_is_allowed() {
    let stored = json!({ "userName": "b", "active": true, crate::schema::ENTERPRISE_USER: { "department": "Tours" } });
    let body = json!({ "active": false, "meta": { "attributes": ["department", "shoeSize", "name.shoeSize"] } });
    let (after, repairs) = tolerantly(&stored, &body, Leniency::TOLERANT);
    assert_eq!(after, json!({ "userName": "b", "active": false }));
    let attribute = format!("{}:department", crate::schema::ENTERPRISE_USER);
    assert_eq!(repairs[0], Repair::BareExtensionName { attribute });
    assert_eq!(repairs[1], Repair::UnknownAttributeDropped { attribute: "shoeSize".to_owned() });
    assert_eq!(repairs.len(), 3);
}

/// The names of members are understood as those of 2.0 bodies, and each liberty is noted.
#[test]
fn names_are_read_as_in_2_0() {
    let enterprise = crate::schema::ENTERPRISE_USER;
    let body = json!({ "prefferedLanguage": "en", "name.givenName": "B", "department": "Tours", "shoeSize": 1 });
    let (after, repairs) = tolerantly(&json!({ "userName": "b" }), &body, Leniency::TOLERANT);
    assert_eq!(
        after,
        json!({
            "userName": "b", "preferredLanguage": "en", "name": { "givenName": "B" }, enterprise: { "department": "Tours" },
        })
    );
    let mut codes: Vec<&str> = repairs.iter().map(Repair::code).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["bare_extension_name", "misspelt_name", "notation_key", "unknown_attribute"]);
    let body = json!({ "department": "Tours", ENTERPRISE_USER: { "department": "Guides" } });
    let (after, _) = tolerantly(&json!({ "userName": "b" }), &body, Leniency::TOLERANT);
    assert_eq!(after[enterprise]["department"], "Guides", "the full name wins");
}

/// Rows: 1.1-api-3.3.2-04
#[test]
fn what_is_cleared_and_given_in_another_shape_loses_what_it_was() {
    let stored = json!({
        "userName": "b", "name": { "givenName": "B", "familyName": "J" },
        crate::schema::ENTERPRISE_USER: { "manager": { "value": "1", "displayName": "J" } },
    });
    let body = json!({ "meta": { "attributes": ["name"] }, "name": [{ "givenName": "C" }] });
    assert_eq!(tolerantly(&stored, &body, Leniency::TOLERANT).0["name"], json!({ "givenName": "C" }));
    let body = json!({ "meta": { "attributes": ["name.givenName"] }, "name": [{ "GivenName": "C" }] });
    assert_eq!(
        tolerantly(&stored, &body, Leniency::TOLERANT).0["name"],
        json!({ "givenName": "C", "familyName": "J" })
    );
    let manager = format!("{ENTERPRISE_USER}:manager");
    let body = json!({ "meta": { "attributes": [manager] }, ENTERPRISE_USER: { "manager": "2" } });
    assert_eq!(
        tolerantly(&stored, &body, Leniency::TOLERANT).0[crate::schema::ENTERPRISE_USER],
        json!({ "manager": { "value": "2" } })
    );
}

#[test]
fn names_to_remove_are_few_and_count_once() {
    let body = |names: Value| json!({ "meta": { "attributes": names } });
    let many = |name: &str, count: usize| Value::Array(vec![json!(name); count]);
    let too_many = body(many("title", 10_001));
    assert_eq!(refusal(&too_many, Leniency::TOLERANT).scim_type, ScimType::InvalidSyntax);
    for name in ["title", "Title", "name.givenName", ENTERPRISE_USER] {
        let schema = user_resource_schema();
        let operations = |count: usize| {
            let names = many(name, count);
            let compiled = compile_patch(&schema, &body(names), &Leniency::TOLERANT, &mut Repairs::new());
            compiled.unwrap().operations.len()
        };
        assert_eq!(operations(10_000), operations(1), "{name}");
    }
}

/// A tenant's own list may have a sub-attribute that is called as the command is.
#[test]
fn an_operation_that_the_schema_defines_is_a_value() {
    let rights = json!({
        "id": "urn:example:Right", "name": "Right", "description": "A right",
        "attributes": [{ "name": "rights", "type": "complex", "multiValued": true, "subAttributes": [
            { "name": "value", "type": "string" }, { "name": "operation", "type": "string" },
        ] }],
    });
    let resource_type = json!({
        "id": "Right", "name": "Right", "endpoint": "/Rights", "description": "Rights", "schema": "urn:example:Right",
    });
    let schema = ResourceSchema::new(
        crate::ResourceType::parse(&resource_type).unwrap(),
        Arc::new(Schema::parse(&rights).unwrap()),
        Vec::new(),
    );
    let body = json!({ "rights": [{ "value": "1", "operation": "delete" }, { "value": "2", "operation": "read" }] });
    let (leniency, mut repairs) = (Leniency::STRICT, Repairs::new());
    let compiled = compile_patch(&schema, &body, &leniency, &mut repairs).unwrap();
    let changed = compiled.apply(&schema, &Document::new(), &leniency, &mut repairs).unwrap();
    assert_eq!(changed.map(Value::Object), Some(body));
}
