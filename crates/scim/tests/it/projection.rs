//! Which attributes an answer carries (RFC 7644 section 3.9).

use std::sync::Arc;

use scim::projection::Projection;
use scim::schema::{Returned, user_resource_schema};
use scim::{Document, Leniency, ResourceSchema, Schema, ScimType};
use serde_json::{Value, json};

fn user() -> Document {
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "id": "2819c223",
        "externalId": "e",
        "userName": "bjensen",
        "name": { "givenName": "Barbara", "familyName": "Jensen" },
        "emails": [{ "value": "a@x", "type": "work" }, { "type": "home" }],
        "password": "secret",
        "groups": [{ "value": "g" }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "department": "Tours", "manager": { "value": "26", "displayName": "Boss" }
        },
        "meta": { "resourceType": "User", "created": "2026-01-01T00:00:00Z" }
    });
    user.as_object().unwrap().clone()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn only(attributes: &[&str]) -> Value {
    let schema = user_resource_schema();
    let projection = Projection::compile(&schema, &names(attributes), &[]).unwrap();
    Value::Object(projection.apply(&schema, user()))
}

fn without(attributes: &[&str]) -> Value {
    let schema = user_resource_schema();
    let projection = Projection::compile(&schema, &[], &names(attributes)).unwrap();
    Value::Object(projection.apply(&schema, user()))
}

/// The names of a shown resource apart from `schemas` and `id`, which are always there.
fn shown(resource: &Value) -> Vec<&str> {
    let names: Vec<&str> = resource.as_object().unwrap().keys().map(String::as_str).collect();
    assert!(names.contains(&"schemas") && names.contains(&"id"), "{names:?}");
    names.into_iter().filter(|name| !matches!(*name, "schemas" | "id")).collect()
}

#[test]
fn by_default_all_is_shown_but_what_is_never_returned_or_on_request() {
    let mut expected = user();
    expected.shift_remove("password");
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    expected[urn]["manager"] = json!({ "value": "26" });
    assert_eq!(Projection::default().apply(&user_resource_schema(), user()), expected);
}

#[test]
fn attributes_show_what_they_name_and_nothing_else() {
    assert_eq!(shown(&only(&["USERNAME"])), ["userName"]);
    assert_eq!(shown(&only(&["urn:ietf:params:scim:schemas:core:2.0:User:userName", "meta"])), ["userName", "meta"]);
    assert_eq!(shown(&only(&["password"])), [""; 0], "never returned, also when asked for");
    assert_eq!(shown(&only(&["shoeSize", "a b", ""])), [""; 0], "unknown names are ignored, and all others left out");
}

#[test]
fn attributes_may_name_sub_attributes() {
    let shown = only(&["name.givenName", "emails.value"]);
    assert_eq!(shown["name"], json!({ "givenName": "Barbara" }));
    assert_eq!(shown["emails"], json!([{ "value": "a@x" }]), "an element without the sub-attribute is not shown empty");
    assert_eq!(only(&["name", "name.givenName"])["name"], user()["name"], "the whole attribute includes its part");
}

#[test]
fn attributes_may_name_extensions_and_parts_of_them() {
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let whole = only(&[urn]);
    assert_eq!(shown(&whole), [urn]);
    assert_eq!(whole[urn], json!({ "department": "Tours", "manager": { "value": "26" } }));
    let named = only(&["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName"]);
    assert_eq!(named[urn], json!({ "manager": { "displayName": "Boss" } }), "returned on request");
    let part = only(&["urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:manager.value"]);
    assert_eq!(part[urn], json!({ "manager": { "value": "26" } }));
}

#[test]
fn excluded_attributes_leave_out_what_they_name() {
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let rest = without(&["emails", "name.givenName", "id", "schemas", urn, "shoeSize"]);
    assert_eq!(shown(&rest), ["externalId", "userName", "name", "groups", "meta"]);
    assert_eq!(rest["name"], json!({ "familyName": "Jensen" }));
    assert_eq!(rest["id"], "2819c223");
}

#[test]
fn both_parameters_contradict_each_other() {
    let refused = Projection::compile(&user_resource_schema(), &names(&["userName"]), &names(&["name"])).unwrap_err();
    assert_eq!(refused.scim_type, ScimType::InvalidValue);
}

#[test]
fn what_is_costly_is_wanted_only_when_shown() {
    let schema = user_resource_schema();
    let only = |attributes: &[&str]| Projection::compile(&schema, &names(attributes), &[]).unwrap();
    let without = |attributes: &[&str]| Projection::compile(&schema, &[], &names(attributes)).unwrap();
    assert!(Projection::default().wants("groups"));
    assert!(only(&["groups.value"]).wants("groups"));
    assert!(!only(&["userName"]).wants("groups"));
    assert!(!without(&["Groups"]).wants("groups"));
    assert!(without(&["groups.display"]).wants("groups"));
}

/// A bare name of an extension's attribute is found where the peer is allowed that.
#[test]
fn attributes_of_an_extension_may_be_named_alone() {
    let schema = user_resource_schema();
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let only = |leniency: &Leniency| {
        let projection = Projection::compile_leniently(&schema, &names(&["Manager.value"]), &[], leniency).unwrap();
        Value::Object(projection.apply(&schema, user()))
    };
    assert_eq!(only(&Leniency::TOLERANT)[urn], json!({ "manager": { "value": "26" } }));
    assert_eq!(shown(&only(&Leniency::STRICT)), [""; 0]);
}

/// A client that repeats a name pays once for it, when it is looked up.
#[test]
fn a_repeated_name_is_one_name() {
    let schema = user_resource_schema();
    let once = Projection::compile(&schema, &names(&["emails.value", "userName"]), &[]).unwrap();
    let repeated = ["emails.VALUE", "username", "urn:ietf:params:scim:schemas:core:2.0:User:emails.value"];
    let repeated: Vec<String> = repeated.iter().cycle().take(3000).map(|name| (*name).to_owned()).collect();
    assert_eq!(Projection::compile(&schema, &repeated, &[]).unwrap(), once);
}

/// The user schema with other `returned` characteristics.
fn schema_with(changes: &[(&str, Returned)]) -> ResourceSchema {
    let original = user_resource_schema();
    let mut base = Schema::clone(original.base());
    for (name, returned) in changes {
        let (name, sub) = name.split_once('.').map_or((*name, None), |(name, sub)| (name, Some(sub)));
        let attribute = base.attributes.iter_mut().find(|attribute| attribute.name == name).unwrap();
        let attribute = Arc::make_mut(attribute);
        match sub {
            None => attribute.returned = *returned,
            Some(sub) => {
                let sub = attribute.sub_attributes.iter_mut().find(|attribute| attribute.name == sub).unwrap();
                Arc::make_mut(sub).returned = *returned;
            }
        }
    }
    ResourceSchema::new(original.resource_type().clone(), Arc::new(base), original.extensions().to_vec())
}

#[test]
fn request_is_shown_only_on_request() {
    let schema = schema_with(&[("groups", Returned::Request), ("name.givenName", Returned::Request)]);
    let apply = |projection: Projection| Value::Object(projection.apply(&schema, user()));
    let default = apply(Projection::default());
    assert_eq!((&default["groups"], &default["name"]), (&Value::Null, &json!({ "familyName": "Jensen" })));
    let excluded = apply(Projection::compile(&schema, &[], &names(&["emails"])).unwrap());
    assert_eq!(excluded["groups"], Value::Null);
    let asked = apply(Projection::compile(&schema, &names(&["groups", "name.givenName"]), &[]).unwrap());
    assert_eq!(asked["groups"], json!([{ "value": "g" }]));
    assert_eq!(asked["name"], json!({ "givenName": "Barbara" }));
}

#[test]
fn always_is_shown_whatever_is_asked() {
    let schema = schema_with(&[("userName", Returned::Always), ("emails.value", Returned::Always)]);
    let apply = |projection: Projection| Value::Object(projection.apply(&schema, user()));
    let asked = apply(Projection::compile(&schema, &names(&["emails.type"]), &[]).unwrap());
    assert_eq!(shown(&asked), ["userName", "emails"]);
    assert_eq!(asked["emails"], json!([{ "value": "a@x", "type": "work" }, { "type": "home" }]));
    let excluded = apply(Projection::compile(&schema, &[], &names(&["userName", "emails.value"])).unwrap());
    assert_eq!(excluded["userName"], "bjensen");
    assert_eq!(excluded["emails"][0]["value"], "a@x");
}
