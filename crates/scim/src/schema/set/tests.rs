use serde_json::{Value, json};

use super::*;

fn read(documents: &Value) -> Result<SchemaSet, AdditionError> {
    SchemaSet::with(&Addition::read(documents)?)
}

fn schema(urn: &str, attributes: &Value) -> Value {
    json!({ "id": urn, "attributes": attributes })
}

fn badge(attributes: &Value) -> Value {
    json!([
        schema("urn:example:Badge", attributes),
        { "name": "Badge", "endpoint": "/Badges", "schema": "urn:example:badge" },
    ])
}

/// Rows: 7643-6-03, 7643-6-05
#[test]
fn added_types_stand_beside_the_built_in_ones_with_their_schemas() {
    let set = read(&json!([
        schema("urn:example:Badge", &json!([{ "name": "colour" }])),
        schema("urn:example:Chip", &json!([{ "name": "maker" }])),
        {
            "name": "Badge", "endpoint": "/Badges", "schema": "urn:example:BADGE",
            "schemaExtensions": [{ "schema": "urn:example:chip", "required": true }],
        },
        {
            "name": "User", "endpoint": "/Users", "schema": crate::schema::USER,
            "schemaExtensions": [{ "schema": "urn:example:Chip" }],
        },
    ]))
    .unwrap();
    let names: Vec<_> = set.resource_schemas().iter().map(|one| one.resource_type().name.as_str()).collect();
    assert_eq!(names, ["User", "Group", "Badge"]);
    let badge = set.resource_schema("badge").unwrap();
    assert_eq!(badge.resource_type().schema, "urn:example:Badge", "as its schema spells it");
    assert!(badge.resource_type().schema_extensions[0].required);
    let user = set.resource_schema("User").unwrap();
    assert_eq!(user.extensions().len(), 2, "the enterprise extension stays");
    assert!(!user.resource_type().schema_extensions[1].required);
    assert_eq!(set.added_schemas().len(), 2);
}

#[test]
fn what_cannot_be_served_is_refused_with_document_place_and_remedy() {
    let deep = json!([{ "name": "a", "type": "complex", "subAttributes": [{ "name": "$ref", "type": "reference" }] }]);
    for (documents, said, remedy) in [
        (schema("urn:ietf:params:scim:schemas:core:2.0:user", &json!([])), "id:", "URN of another"),
        (json!([schema("urn:e:a", &json!([])), schema("urn:E:A", &json!([]))]), "schema urn:E:A: id", "choose another"),
        (schema("urn:ietf:params:scim:api:messages:2.0:X", &json!([])), "id:", "URN of your own"),
        (
            json!([schema("urn:e:a", &json!([{ "name": "B" }])), schema("urn:e:a:b", &json!([]))]),
            "schema urn:e:a:b: id",
            "attribute b of urn:e:a",
        ),
        (schema("urn:e:a", &json!([{ "name": "a", "type": "complex" }])), "a (subAttributes)", "at least one"),
        (
            schema("urn:e:a", &json!([{ "name": "a", "referenceTypes": ["User"] }])),
            "a (referenceTypes)",
            "to reference",
        ),
        (
            schema("urn:e:a", &json!([{ "name": "a", "type": "reference", "referenceTypes": ["Usr"] }])),
            "a (referenceTypes)",
            "one of User, Group, external, uri",
        ),
        (schema("urn:e:a", &deep), "a.$ref (referenceTypes)", "such as User"),
        (schema("urn:e:a", &json!([{ "name": "$ref", "type": "reference" }])), "$ref:", "sub-attribute"),
        (schema("urn:e:a", &json!([{ "name": "Schemas" }])), "Schemas:", "choose another name"),
        (
            schema("urn:e:a", &json!([{ "name": "a", "type": "integer", "uniqueness": "global" }])),
            "a (uniqueness)",
            "none",
        ),
        (
            schema("urn:e:a", &json!([{ "name": "a", "type": "complex", "subAttributes": [{ "name": "primary" }] }])),
            "a.primary",
            "single boolean",
        ),
        (json!({ "name": "X", "endpoint": "/X", "schema": "urn:e:a" }), "resource type X: schema", "add its document"),
        (
            json!({ "name": "X", "endpoint": "/X", "schema": crate::schema::USER }),
            "resource type X: schema",
            "schema of your own",
        ),
        (
            json!({
                "name": "User", "endpoint": "/Users", "schema": crate::schema::USER,
                "schemaExtensions": [{ "schema": crate::schema::GROUP }],
            }),
            "resource type User: schemaExtensions",
            "can extend nothing",
        ),
        (
            json!([schema("urn:e:a", &json!([])), {
                "name": "Group", "endpoint": "/Groups", "schema": crate::schema::GROUP,
                "schemaExtensions": [{ "schema": "urn:e:a" }],
            }]),
            "resource type Group: schemaExtensions",
            "list some",
        ),
    ] {
        let refused = read(&documents).unwrap_err().to_string();
        assert!(refused.contains(said) && refused.contains(remedy), "{refused:?}: {said:?} {remedy:?}");
    }
}

#[test]
fn names_and_endpoints_of_types_are_free_and_lawful() {
    for (name, endpoint, said) in [
        ("Badge2", "/users", "endpoint of User"),
        ("Badge2", "/Bulk", "meaning of its own"),
        ("Badge2", "/me", "meaning of its own"),
        ("Badge2", "/ServiceProviderConfigs", "meaning of its own"),
        ("Badge2", "/.search", "meaning of its own"),
        ("Badge2", "/BADGES", "endpoint of Badge"),
        ("Badge2", "/x.json", ".json"),
        ("BADGE", "/Others", "name of another"),
        ("schema", "/Others", "name of another"),
        ("Bad ge", "/Others", "begin with a letter"),
    ] {
        let mut documents = badge(&json!([{ "name": "colour" }]));
        let other = json!({ "name": name, "endpoint": endpoint, "schema": "urn:example:Badge" });
        documents.as_array_mut().unwrap().push(other);
        let refused = read(&documents).unwrap_err().to_string();
        assert!(refused.contains(said), "{refused:?} should say {said:?}");
    }
    let mut documents = badge(&json!([]));
    documents[1]["id"] = json!("other");
    assert!(read(&documents).unwrap_err().to_string().contains("id: must be the name, Badge"));
}

#[test]
fn attributes_with_a_meaning_have_the_type_that_it_needs() {
    for (attribute, said) in [
        (json!({ "name": "Id" }), "leave it out"),
        (json!({ "name": "externalId" }), "leave it out"),
        (json!({ "name": "members" }), "only Group has members"),
        (json!({ "name": "userName", "type": "integer" }), "single string"),
        (json!({ "name": "displayName", "multiValued": true }), "single string"),
        (json!({ "name": "active" }), "single boolean"),
        (json!({ "name": "password" }), "writeOnly"),
        (json!({ "name": "emails" }), "emails.value"),
        (json!({ "name": "groups" }), "copy it from the User schema"),
    ] {
        let refused = read(&badge(&json!([attribute]))).unwrap_err().to_string();
        assert!(refused.contains(said), "{refused:?} should say {said:?}");
        let as_extension = schema("urn:example:Badge", &json!([attribute]));
        assert!(read(&as_extension).is_ok(), "in an extension the name means nothing: {attribute}");
    }
    let user = user_resource_schema();
    let copied: Vec<Value> = ["userName", "displayName", "active", "password", "emails", "groups"]
        .iter()
        .map(|name| serde_json::to_value(user.attribute(name).unwrap()).unwrap())
        .collect();
    let set = read(&badge(&json!(copied))).unwrap();
    assert!(set.without_base_attribute("password").resource_schema("Badge").unwrap().attribute("password").is_none());
    assert!(set.without_base_attribute("password").resource_schema("User").unwrap().attribute("password").is_none());
}

#[test]
fn there_are_bounds() {
    let many = |number: usize| {
        (0..number).map(|number| schema(&format!("urn:e:a{number}"), &json!([]))).collect::<Vec<Value>>()
    };
    assert!(read(&json!(many(MOST_ADDED))).is_ok());
    assert!(read(&json!(many(MOST_ADDED + 1))).unwrap_err().to_string().contains("101 schemas"));
    let wide = |number: usize| {
        let attributes: Vec<Value> = (0..number).map(|number| json!({ "name": format!("a{number}") })).collect();
        schema("urn:e:a", &json!(attributes))
    };
    assert!(read(&wide(MOST_ADDED_ATTRIBUTES)).is_ok());
    assert!(read(&wide(MOST_ADDED_ATTRIBUTES + 1)).unwrap_err().to_string().contains("1001 attributes"));
}

#[test]
fn an_extension_is_named_once_for_a_type_that_is_there() {
    let chip = Addition::read(&schema("urn:e:chip", &json!([{ "name": "maker" }]))).unwrap();
    let extension = |of: &str| Addition::Extension {
        resource_type: of.to_owned(),
        extension: SchemaExtension { schema: "urn:e:chip".to_owned(), required: false },
    };
    let with =
        |more: &[Addition]| SchemaSet::with(&[&chip, more].concat()).map(drop).map_err(|error| error.to_string());
    assert_eq!(with(&[extension("group")]), Ok(()));
    assert!(with(&[extension("Group"), extension("Group")]).unwrap_err().contains("extends the resource type already"));
    assert!(with(&[extension("Badge")]).unwrap_err().contains("there are User, Group"));
}
