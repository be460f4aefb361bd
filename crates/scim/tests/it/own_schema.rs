//! A resource type of a customer's own, with what the schemas of the RFC do not use: required lists, sub-attributes and
//! extensions, numbers, dates, lists of simple values, lists inside complex values.

use std::sync::Arc;

use scim::normalize::{normalize_new, normalize_replacement};
use scim::patch::PatchRequest;
use scim::{Document, Leniency, Repairs, ResourceSchema, ResourceType, Result, Schema, ScimType};
use serde_json::{Value, json};

const DEVICE: &str = "urn:example:2.0:Device";
const WARRANTY: &str = "urn:example:2.0:Warranty";

fn schema() -> ResourceSchema {
    let device = json!({
        "id": DEVICE, "name": "Device", "description": "A device",
        "attributes": [
            { "name": "tags", "type": "string", "multiValued": true, "required": true },
            { "name": "ports", "type": "integer", "multiValued": true },
            { "name": "weight", "type": "decimal" },
            { "name": "bought", "type": "dateTime" },
            { "name": "secret", "type": "string", "required": true, "mutability": "writeOnly", "returned": "never" },
            { "name": "stamp", "type": "string", "mutability": "readOnly" },
            { "name": "parts", "type": "complex", "multiValued": true, "subAttributes": [
                { "name": "serial", "type": "string", "required": true, "mutability": "immutable", "caseExact": true },
                { "name": "label", "type": "string" }
            ] },
            { "name": "slots", "type": "complex", "multiValued": true, "subAttributes": [
                { "name": "number", "type": "integer", "required": true },
                { "name": "note", "type": "string" }
            ] },
            { "name": "shelves", "type": "complex", "multiValued": true, "subAttributes": [
                { "name": "label", "type": "string" },
                { "name": "keys", "type": "string", "multiValued": true }
            ] },
            { "name": "place", "type": "complex", "subAttributes": [
                { "name": "room", "type": "string" },
                { "name": "keys", "type": "string", "multiValued": true },
                { "name": "value", "type": "string" }
            ] }
        ]
    });
    let warranty = json!({
        "id": WARRANTY, "name": "Warranty", "description": "Its warranty",
        "attributes": [{ "name": "until", "type": "dateTime", "required": true }]
    });
    let resource_type = json!({
        "id": "Device", "name": "Device", "endpoint": "/Devices", "description": "Devices", "schema": DEVICE,
        "schemaExtensions": [{ "schema": WARRANTY, "required": true }]
    });
    ResourceSchema::new(
        ResourceType::parse(&resource_type).unwrap(),
        Arc::new(Schema::parse(&device).unwrap()),
        vec![Arc::new(Schema::parse(&warranty).unwrap())],
    )
}

/// A whole device, with these members instead of its own; null leaves one out.
fn device(changes: &Value) -> Value {
    let mut body = json!({
        "schemas": [DEVICE, WARRANTY], "tags": ["a", "b"], "secret": "s",
        "parts": [{ "serial": "1" }, { "serial": "2", "label": "two" }],
        "slots": [{ "number": 1, "note": "n" }],
        "place": { "room": "r", "keys": ["k"] },
        WARRANTY: { "until": "2030-01-01T00:00:00Z" }
    });
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    body
}

fn new(changes: &Value) -> Result<Document, ScimType> {
    normalize_new(&schema(), &device(changes), &Leniency::STRICT, &mut Repairs::new()).map_err(|error| error.scim_type)
}

fn stored() -> Document {
    let mut stored = new(&json!({})).unwrap();
    stored.shift_remove("secret");
    stored.insert("stamp".to_owned(), json!("from the server"));
    stored
}

fn patched(operations: &Value, leniency: &Leniency) -> Result<Option<Document>, ScimType> {
    let mut repairs = Repairs::new();
    PatchRequest::parse(&json!({ "schemas": [scim::message::PATCH_OP], "Operations": operations }), leniency)
        .and_then(|request| request.compile(&schema(), leniency, &mut repairs))
        .and_then(|compiled| compiled.apply(&schema(), &stored(), leniency, &mut repairs))
        .map_err(|error| error.scim_type)
}

fn patch(operations: &Value) -> Result<Option<Document>, ScimType> {
    patched(operations, &Leniency::STRICT)
}

/// Rows: 7643-6-07
#[test]
fn all_that_is_required_must_be_there() {
    for changes in [
        json!({ "tags": [] }),
        json!({ "tags": [""] }),
        json!({ "secret": null }),
        json!({ "parts": [{ "serial": "1" }, { "label": "x" }] }),
        json!({ "parts": [{ "serial": "" }] }),
        json!({ WARRANTY: null }),
        json!({ WARRANTY: { "until": null } }),
    ] {
        assert_eq!(new(&changes), Err(ScimType::InvalidValue), "{changes}");
    }
}

/// Rows: 7643-2.3.3-01, 7643-2.3.4-01, 7643-2.3.5-01
#[test]
fn types_are_checked() {
    for changes in [
        json!({ "ports": [1, 1.5] }),
        json!({ "ports": [1e3] }),
        json!({ "ports": ["1"] }),
        json!({ "ports": 1 }),
        json!({ "weight": "1.5" }),
        json!({ "bought": "2020-01-01" }),
        json!({ "bought": 5 }),
        json!({ "tags": ["a", {"b": 1}] }),
        json!({ "place": { "keys": "k" } }),
        json!({ "place": { "keys": [null] } }),
    ] {
        assert_eq!(new(&changes), Err(ScimType::InvalidValue), "{changes}");
    }
    let accepted = new(&json!({
        "ports": [1, 18_446_744_073_709_551_615_u64, 1, -5], "weight": 1.50, "bought": "2020-01-01T00:00:00.123+02:00"
    }))
    .unwrap();
    assert_eq!(accepted["ports"], json!([1, 18_446_744_073_709_551_615_u64, -5]), "each value once");
    assert_eq!(accepted["weight"].as_f64(), Some(1.5));
    assert_eq!(accepted["bought"], "2020-01-01T00:00:00.123+02:00", "as it was sent");
}

#[test]
fn a_replacement_keeps_what_the_client_cannot_send() {
    let mut stored = stored();
    stored.insert("secret".to_owned(), json!("s"));
    let body = device(&json!({ "secret": null, "stamp": "from the client", "place": {} }));
    let mut body_without_secret = body.clone();
    body_without_secret.as_object_mut().unwrap().shift_remove("secret");
    let replaced =
        normalize_replacement(&schema(), &body_without_secret, &stored, &Leniency::STRICT, &mut Repairs::new())
            .unwrap();
    assert_eq!((&replaced["secret"], &replaced["stamp"]), (&json!("s"), &json!("from the server")));
    assert!(!replaced.contains_key("place"));
    let cleared = normalize_replacement(&schema(), &body, &stored, &Leniency::STRICT, &mut Repairs::new()).unwrap();
    assert!(!cleared.contains_key("secret"), "cleared because the body says so");
}

#[test]
fn a_required_list_keeps_an_element() {
    for operations in [
        json!([{ "op": "remove", "path": "tags" }]),
        json!([{ "op": "replace", "path": "tags", "value": [] }]),
        json!([{ "op": "remove", "path": "tags[value eq \"a\" or value eq \"b\"]" }]),
    ] {
        assert_eq!(patch(&operations), Err(ScimType::Mutability), "{operations}");
    }
    let all = json!([{ "op": "remove", "path": "tags", "value": ["a", "B"] }]);
    assert_eq!(patched(&all, &Leniency::TOLERANT), Err(ScimType::Mutability));
    let one = json!([{ "op": "remove", "path": "tags", "value": ["A"] }]);
    assert_eq!(patched(&one, &Leniency::TOLERANT).unwrap().unwrap()["tags"], json!(["b"]));
}

#[test]
fn lists_of_simple_values_are_patched_by_value() {
    let changed = |operations: Value| patch(&operations).unwrap().unwrap()["tags"].clone();
    assert_eq!(changed(json!([{ "op": "add", "path": "tags", "value": ["B", "c"] }])), json!(["a", "b", "c"]));
    assert_eq!(changed(json!([{ "op": "remove", "path": "tags[value eq \"a\"]" }])), json!(["b"]));
    assert_eq!(changed(json!([{ "op": "replace", "path": "tags[value eq \"a\"]", "value": "z" }])), json!(["z", "b"]));
    assert_eq!(changed(json!([{ "op": "replace", "path": "tags[value eq \"a\"]", "value": "b" }])), json!(["b"]));
    let missing = json!([{ "op": "replace", "path": "tags[value eq \"q\"]", "value": "z" }]);
    assert_eq!(patched(&missing, &Leniency::TOLERANT), Err(ScimType::NoTarget));
}

#[test]
fn lists_inside_complex_values_grow_and_shrink() {
    let changed = |operations: Value| patched(&operations, &Leniency::TOLERANT).unwrap().unwrap()["place"].clone();
    assert_eq!(changed(json!([{ "op": "add", "path": "place.keys", "value": ["K", "l"] }]))["keys"], json!(["k", "l"]));
    assert_eq!(
        changed(json!([{ "op": "add", "path": "place", "value": { "keys": ["l"] } }]))["keys"],
        json!(["k", "l"])
    );
    assert_eq!(changed(json!([{ "op": "replace", "path": "place.keys", "value": ["l"] }]))["keys"], json!(["l"]));
    assert_eq!(changed(json!([{ "op": "remove", "path": "place.keys", "value": ["k"] }])), json!({ "room": "r" }));
    assert_eq!(changed(json!([{ "op": "remove", "path": "place.keys" }])), json!({ "room": "r" }));
    assert_eq!(changed(json!([{ "op": "replace", "path": "place.value", "value": "" }]))["value"], "", "no reference");
    let kept = new(&json!({ "place": { "value": "" } })).unwrap();
    assert_eq!(kept["place"], json!({ "value": "" }));
    let body = device(&json!({ "place": { "value": "" } }));
    let kept = normalize_new(&schema(), &body, &Leniency::TOLERANT, &mut Repairs::new()).unwrap();
    assert_eq!(kept["place"], json!({ "value": "" }), "only references are cleared by an empty text");
}

#[test]
fn lists_inside_elements_lose_what_is_listed() {
    let shelves = json!([{ "label": "a", "keys": ["k", "l"] }, { "label": "b", "keys": ["k"] }, { "label": "c" }]);
    let after = |operation: Value| {
        patched(&json!([{ "op": "add", "path": "shelves", "value": shelves }, operation]), &Leniency::TOLERANT)
    };
    let removed = after(json!({ "op": "remove", "path": "shelves.keys", "value": ["K"] })).unwrap().unwrap();
    assert_eq!(removed["shelves"], json!([{ "label": "a", "keys": ["l"] }, { "label": "b" }, { "label": "c" }]));
    let removed = after(json!({ "op": "remove", "path": "shelves.label", "value": "A" })).unwrap().unwrap();
    assert_eq!(removed["shelves"], json!([{ "label": "b", "keys": ["k"] }, { "label": "c" }]));
}

/// Rows: 7643-7-10
#[test]
fn required_and_immutable_sub_attributes_of_elements_stay() {
    for operations in [
        json!([{ "op": "remove", "path": "parts[serial eq \"1\"].serial" }]),
        json!([{ "op": "replace", "path": "parts[serial eq \"1\"].serial", "value": "9" }]),
        json!([{ "op": "replace", "path": "parts[serial eq \"1\"]", "value": { "serial": "9" } }]),
        json!([{ "op": "add", "path": "parts[serial eq \"1\"]", "value": { "serial": null } }]),
        json!([{ "op": "remove", "path": "slots[note eq \"n\"].number" }]),
        json!([{ "op": "replace", "path": "slots[note eq \"n\"].number", "value": null }]),
        json!([{ "op": "remove", "path": format!("{WARRANTY}:until") }]),
        json!([{ "op": "replace", "path": "stamp", "value": "x" }]),
    ] {
        assert_eq!(patch(&operations), Err(ScimType::Mutability), "{operations}");
    }
    for operations in [
        json!([{ "op": "add", "path": "parts", "value": [{ "label": "x" }] }]),
        json!([{ "op": "remove", "path": WARRANTY }]),
    ] {
        assert_eq!(patch(&operations), Err(ScimType::InvalidValue), "{operations}");
    }
    let renamed =
        json!([{ "op": "replace", "path": "parts[serial eq \"1\"]", "value": { "serial": "1", "label": "one" } }]);
    assert_eq!(patch(&renamed).unwrap().unwrap()["parts"][0], json!({ "serial": "1", "label": "one" }));
    let removed = json!([{ "op": "remove", "path": "parts[serial eq \"1\"]" }]);
    assert_eq!(patch(&removed).unwrap().unwrap()["parts"], json!([{ "serial": "2", "label": "two" }]));
}

#[test]
fn what_the_server_set_survives_a_patch() {
    let changed = patch(&json!([{ "op": "replace", "path": "weight", "value": 2 }])).unwrap().unwrap();
    assert_eq!(changed["stamp"], "from the server");
}

/// A bare name is found only where it is clear whose it is.
#[test]
fn a_name_of_two_extensions_needs_its_urn() {
    let extension = |id: &str| {
        let attributes =
            json!([{ "name": "grade", "type": "string" }, { "name": format!("only{id}"), "type": "string" }]);
        let id = format!("urn:example:2.0:{id}");
        Arc::new(
            Schema::parse(&json!({ "id": id, "name": "X", "description": "x", "attributes": attributes })).unwrap(),
        )
    };
    let resource_type = json!({
        "id": "Device", "name": "Device", "endpoint": "/Devices", "description": "Devices", "schema": DEVICE,
        "schemaExtensions": [
            { "schema": "urn:example:2.0:A", "required": false }, { "schema": "urn:example:2.0:B", "required": false }
        ]
    });
    let base = Arc::clone(schema().base());
    let schema =
        ResourceSchema::new(ResourceType::parse(&resource_type).unwrap(), base, vec![extension("A"), extension("B")]);
    let resolve = |name: &str, leniency: &Leniency| {
        schema
            .resolve_attribute_leniently(&scim::path::AttributePath::parse(name).unwrap(), leniency)
            .map(|path| path.notation())
            .map_err(|error| error.scim_type)
    };
    assert_eq!(resolve("onlyB", &Leniency::TOLERANT), Ok("urn:example:2.0:B:onlyB".to_owned()));
    assert_eq!(resolve("onlyB", &Leniency::STRICT), Err(ScimType::InvalidPath));
    assert_eq!(resolve("grade", &Leniency::TOLERANT), Err(ScimType::InvalidPath));
    assert_eq!(resolve("weight", &Leniency::TOLERANT), Ok("weight".to_owned()));
}

/// Rows: 7644-3.4.2.2-08
#[test]
fn order_follows_the_type() {
    let stored = json!({ "weight": 10.5, "ports": [9], "bought": "2020-01-01T00:30:00+02:00", "tags": ["b"] });
    let stored = stored.as_object().unwrap();
    let holds = |text: &str| {
        let filter = scim::filter::Filter::parse(text, &Leniency::STRICT).unwrap();
        filter.compile(&schema(), &Leniency::STRICT).unwrap().matches(stored)
    };
    for text in [
        "weight gt 9",
        "weight ge 10.5",
        "weight lt 11",
        "ports le 9",
        "ports lt 10",
        r#"bought lt "2020-01-01T00:00:00Z""#,
        r#"bought ge "2019-12-31T22:30:00Z""#,
        r#"tags gt "A""#,
    ] {
        assert!(holds(text), "{text}");
    }
    for text in ["weight lt 9", "ports gt 10", r#"bought gt "2020-01-01T00:00:00Z""#, r#"tags gt "b""#] {
        assert!(!holds(text), "{text}");
    }
}

/// A schema that lists common attributes cannot change what they are.
///
/// Rows: 7643-3.1-03
#[test]
fn a_schema_does_not_redefine_the_common_attributes() {
    let redefined = json!({
        "id": DEVICE, "name": "Device", "description": "A device",
        "attributes": [
            { "name": "ID", "type": "integer", "mutability": "readWrite", "returned": "request" },
            { "name": "externalId", "type": "string", "caseExact": false },
            { "name": "meta", "type": "string", "returned": "never" },
            { "name": "weight", "type": "decimal" }
        ]
    });
    let resource_type =
        json!({ "id": "Device", "name": "Device", "endpoint": "/Devices", "description": "D", "schema": DEVICE });
    let schema = ResourceSchema::new(
        ResourceType::parse(&resource_type).unwrap(),
        Arc::new(Schema::parse(&redefined).unwrap()),
        Vec::new(),
    );
    let id = schema.attribute("id").unwrap();
    assert_eq!(id.mutability, scim::schema::Mutability::ReadOnly);
    assert_eq!(id.returned, scim::schema::Returned::Always);
    assert!(id.case_exact && schema.attribute("externalId").unwrap().case_exact);
    assert_eq!(schema.attribute("meta").unwrap().attribute_type, scim::schema::AttributeType::Complex);
    let body = json!({ "schemas": [DEVICE], "id": 7, "weight": 1 });
    let kept = normalize_new(&schema, &body, &Leniency::STRICT, &mut Repairs::new()).unwrap();
    assert_eq!(Value::Object(kept), json!({ "weight": 1 }));
}
