use serde_json::{Value, json};

use super::super::{AttributeType, Mutability, ResourceType, Returned, SCHEMA, Schema, Uniqueness};

fn schema_with(attributes: &Value) -> Value {
    json!({ "id": "urn:example:scim:Badge", "attributes": attributes })
}

fn refusal(attributes: &Value) -> String {
    Schema::parse(&schema_with(attributes)).unwrap_err().to_string()
}

/// Rows: 7643-2.2-01
#[test]
fn an_attribute_with_only_a_name_gets_the_defaults_of_section_2_2() {
    let schema = Schema::parse(&schema_with(&json!([{ "name": "colour" }]))).unwrap();
    let attribute = schema.attribute("COLOUR").unwrap();
    assert_eq!(attribute.attribute_type, AttributeType::String);
    assert!(!attribute.multi_valued && !attribute.required && !attribute.case_exact);
    assert_eq!(attribute.mutability, Mutability::ReadWrite);
    assert_eq!(attribute.returned, Returned::Default);
    assert_eq!(attribute.uniqueness, Uniqueness::None);
    assert!(attribute.canonical_values.is_empty());
    assert_eq!(schema.name, "urn:example:scim:Badge", "an unnamed schema is called by its URN");
}

/// Rows: 7643-2.1-03, 7643-2.3-01, 7643-2.3.8-02
#[test]
fn a_refusal_names_the_place_and_the_remedy() {
    for (attributes, place, remedy) in [
        (json!([{ "name": "1x" }]), "attributes[0].name", "begin with a letter"),
        (json!([{ "name": "$value" }]), "attributes[0].name", "$ref"),
        (json!([{ "name": "a b" }]), "attributes[0].name", "begin with a letter"),
        (json!([{ "type": "string" }]), "attributes[0].name", "is missing"),
        (json!([{ "name": "a", "type": "uuid" }]), "a (type)", "string, boolean, decimal"),
        (json!([{ "name": "a", "multiValued": "true" }]), "a (multiValued)", "true or false"),
        (json!([{ "name": "a", "returned": "sometimes" }]), "a (returned)", "always, never"),
        (json!([{ "name": "a", "canonicalValues": [1] }]), "a (canonicalValues)", "strings"),
        (json!([{ "name": "a" }, { "name": "A" }]), "A:", "defined twice"),
        (
            json!([{ "name": "a", "type": "complex", "subAttributes": [{ "name": "v" }, { "name": "V" }] }]),
            "a.V:",
            "defined twice",
        ),
        (
            json!([{ "name": "a", "type": "complex", "subAttributes": [{ "name": "b", "type": "complex" }] }]),
            "a.b (type)",
            "cannot be complex",
        ),
        (json!([{ "name": "a", "subAttributes": [{ "name": "b" }] }]), "a (subAttributes)", "set its type to complex"),
        (json!({ "name": "a" }), "attributes:", "array"),
        (json!(["a"]), "attributes[0]:", "object"),
    ] {
        let message = refusal(&attributes);
        assert!(message.starts_with(place), "{message:?} should begin with {place:?}");
        assert!(message.contains(remedy), "{message:?} should say {remedy:?}");
    }
}

#[test]
fn a_schema_needs_a_uri_and_attributes() {
    for (document, place) in [
        (json!([]), "schema"),
        (json!({ "attributes": [] }), "id"),
        (json!({ "id": "Badge", "attributes": [] }), "id"),
        (json!({ "id": "urn:a b:c", "attributes": [] }), "id"),
        (json!({ "id": "urn:example:scim:Badge" }), "attributes"),
    ] {
        assert_eq!(Schema::parse(&document).unwrap_err().place, place);
    }
}

/// Rows: 7643-2.3.8-03
#[test]
fn the_type_decides_case_and_uniqueness_and_write_only_is_never_returned() {
    let schema = Schema::parse(&schema_with(&json!([
        { "name": "link", "type": "reference", "caseExact": false },
        { "name": "key", "type": "binary" },
        { "name": "flag", "type": "boolean", "caseExact": true, "uniqueness": "server" },
        { "name": "part", "type": "complex", "uniqueness": "server", "subAttributes": [{ "name": "$ref" }] },
        { "name": "secret", "mutability": "writeOnly", "returned": "default" },
    ])))
    .unwrap();
    let attribute = |name: &str| schema.attribute(name).unwrap();
    assert!(attribute("link").case_exact && attribute("key").case_exact && !attribute("flag").case_exact);
    assert_eq!(attribute("flag").uniqueness, Uniqueness::None);
    assert_eq!(attribute("part").uniqueness, Uniqueness::None);
    assert!(attribute("part").sub_attribute("$REF").is_some());
    assert_eq!(attribute("secret").returned, Returned::Never);
}

#[test]
fn only_the_schema_of_schemas_has_parts_of_parts() {
    let nested = json!([{ "name": "a", "type": "complex", "subAttributes": [
        { "name": "b", "type": "complex", "subAttributes": [{ "name": "c" }] },
    ] }]);
    assert!(Schema::parse(&json!({ "id": SCHEMA, "attributes": nested })).is_ok());
    assert!(Schema::parse(&schema_with(&nested)).is_err());
    let deeper = json!([{ "name": "a", "type": "complex", "subAttributes": [
        { "name": "b", "type": "complex", "subAttributes": [{ "name": "c", "type": "complex" }] },
    ] }]);
    assert!(Schema::parse(&json!({ "id": SCHEMA, "attributes": deeper })).is_err());
}

#[test]
fn what_was_written_as_json_is_read_again_as_the_same_schema() {
    for schema in super::super::builtin_schemas() {
        let document = serde_json::to_value(&**schema).unwrap();
        assert_eq!(&Schema::parse(&document).unwrap(), &**schema);
    }
}

#[test]
fn a_resource_type_is_read_with_its_extensions() {
    let read = ResourceType::parse(&json!({
        "name": "Badge",
        "endpoint": "Badges",
        "schema": "urn:example:scim:Badge",
        "schemaExtensions": [{ "schema": "urn:example:scim:Chip", "required": true }],
    }))
    .unwrap();
    assert_eq!((read.id.as_str(), read.endpoint.as_str()), ("Badge", "/Badges"));
    assert!(read.schema_extensions.iter().all(|extension| extension.required));
}

#[test]
fn a_resource_type_is_refused_where_it_could_not_be_served() {
    let base = json!({ "name": "Badge", "endpoint": "/Badges", "schema": "urn:example:scim:Badge" });
    for (key, value, place) in [
        ("name", json!(""), "name"),
        ("schema", Value::Null, "schema"),
        ("endpoint", json!("/Badges/all"), "endpoint"),
        ("endpoint", json!("/.."), "endpoint"),
        ("endpoint", json!("https://example.com/Badges"), "endpoint"),
        ("schemaExtensions", json!([{ "required": true }]), "schemaExtensions[0].schema"),
        ("schemaExtensions", json!([{ "schema": "urn:example:scim:badge" }]), "schemaExtensions[0].schema"),
        ("schemaExtensions", json!([{ "schema": "urn:e:c" }, { "schema": "urn:e:C" }]), "schemaExtensions[1].schema"),
    ] {
        let mut document = base.clone();
        document[key] = value;
        assert_eq!(ResourceType::parse(&document).unwrap_err().place, place);
    }
}
