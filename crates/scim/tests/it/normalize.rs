//! Bodies of POST and PUT as identity providers send them (RFC 7644 sections 3.3 and 3.5.1).

use std::sync::Arc;

use scim::normalize::{normalize_new, normalize_replacement};
use scim::schema::{Mutability, group_resource_schema, user_resource_schema};
use scim::{Document, Leniency, Repair, Repairs, ResourceSchema, Result, Schema, ScimType};
use serde_json::{Value, json};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn new_user(body: &Value, leniency: &Leniency) -> Result<(Value, Repairs)> {
    let mut repairs = Repairs::new();
    let document = normalize_new(&user_resource_schema(), body, leniency, &mut repairs)?;
    Ok((Value::Object(document), repairs))
}

fn tolerant(body: &Value) -> (Value, Repairs) {
    new_user(body, &Leniency::TOLERANT).unwrap()
}

fn refusal(body: &Value, leniency: &Leniency) -> ScimType {
    match new_user(body, leniency) {
        Err(error) => error.scim_type,
        Ok(accepted) => panic!("accepted {body} as {accepted:?}"),
    }
}

/// A strict body: the least that is accepted, and these members.
fn strict_body(members: &Value) -> Value {
    let mut body = json!({ "schemas": [CORE], "userName": "u" });
    let all = body.as_object_mut().unwrap();
    all.extend(members.as_object().unwrap().clone());
    body
}

#[test]
fn a_body_becomes_a_document_in_normal_form() {
    let body = json!({
        "schemas": [CORE, ENTERPRISE], "id": null, "meta": { "resourceType": "User" }, "groups": [],
        "USERNAME": "bjensen", "externalId": "00u", "title": null, "addresses": [], "name": { "givenName": "B", "familyName": null },
        "emails": [{ "Value": "a@x", "type": "work", "primary": true }], "password": "p",
        ENTERPRISE.to_uppercase(): { "employeeNumber": "7", "manager": { "value": "26", "displayName": "Boss" } }
    });
    for leniency in [Leniency::TOLERANT, Leniency::STRICT] {
        let (document, repairs) = new_user(&body, &leniency).unwrap();
        assert_eq!(
            document,
            json!({
                "userName": "bjensen", "externalId": "00u", "name": { "givenName": "B" },
                "emails": [{ "value": "a@x", "type": "work", "primary": true }], "password": "p",
                ENTERPRISE: { "employeeNumber": "7", "manager": { "value": "26" } }
            })
        );
        assert_eq!(repairs, []);
    }
}

#[test]
fn the_body_must_be_an_object_and_name_its_schema() {
    let strict = Leniency::STRICT;
    assert_eq!(refusal(&json!([]), &Leniency::TOLERANT), ScimType::InvalidSyntax);
    for schemas in
        [json!(null), json!([]), json!([ENTERPRISE]), json!(["urn:x"]), json!([CORE, "urn:x"]), json!([1]), json!("x")]
    {
        assert_eq!(
            refusal(&json!({ "schemas": schemas, "userName": "u" }), &strict),
            ScimType::InvalidSyntax,
            "{schemas}"
        );
    }
    assert_eq!(refusal(&json!({ "schemas": [1], "userName": "u" }), &Leniency::TOLERANT), ScimType::InvalidSyntax);
    let twice = json!({ "schemas": [CORE], "Schemas": [CORE], "userName": "u" });
    assert_eq!(refusal(&twice, &Leniency::TOLERANT), ScimType::InvalidSyntax);
}

#[test]
fn tolerance_in_schemas_is_reported() {
    for body in [
        json!({ "userName": "u" }),
        json!({ "schemas": null, "userName": "u" }),
        json!({ "schemas": [], "userName": "u" }),
        json!({ "schemas": [ENTERPRISE], "userName": "u" }),
    ] {
        assert_eq!(tolerant(&body).1, [Repair::SchemasAssumed], "{body}");
    }
    let dropped = |urn: &str| Repair::UnknownSchemaDropped { urn: urn.to_owned() };
    for other in ["urn:x", "urn:ietf:params:scim:schemas:core:2.0:Group"] {
        let body = json!({ "schemas": [other], "userName": "u" });
        assert_eq!(tolerant(&body).1, [dropped(other), Repair::SchemasAssumed], "{other}");
    }
    let old = json!({ "schemas": ["urn:scim:schemas:core:1.0"], "userName": "u" });
    assert_eq!(tolerant(&old).1, [dropped("urn:scim:schemas:core:1.0")]);
    let foreign = json!({ "schemas": [CORE.to_lowercase(), CORE, "urn:okta:x"], "userName": "u" });
    assert_eq!(tolerant(&foreign).1, [dropped("urn:okta:x")]);
}

#[test]
fn unknown_attributes_are_dropped_with_a_repair_or_refused() {
    let body = strict_body(
        &json!({ "shoeSize": "44", "name": { "nick": "x" }, ENTERPRISE: { "y": 1 }, "shoes": { "size": 7 } }),
    );
    assert_eq!(refusal(&body, &Leniency::STRICT), ScimType::InvalidSyntax);
    let (document, repairs) = tolerant(&body);
    assert_eq!(document, json!({ "userName": "u" }));
    let dropped = |attribute: String| Repair::UnknownAttributeDropped { attribute };
    assert_eq!(
        repairs,
        [
            dropped("shoeSize".to_owned()),
            dropped("name.nick".to_owned()),
            dropped(format!("{ENTERPRISE}.y")),
            dropped("shoes".to_owned()),
        ]
    );
}

#[test]
fn known_misspellings_are_read_as_what_they_mean_unless_that_is_there_too() {
    let body = strict_body(&json!({
        "prefferedLanguage": "en", "addresses": [{ "city": "Bern", "country": "CH" }, { "city": "x", "locality": "Basel" }],
        ENTERPRISE: { "manager": { "managerId": "26" } }
    }));
    assert_eq!(refusal(&body, &Leniency::STRICT), ScimType::InvalidSyntax);
    let (document, repairs) = tolerant(&body);
    assert_eq!(
        document,
        json!({
            "userName": "u", "preferredLanguage": "en",
            "addresses": [{ "locality": "Bern", "country": "CH" }, { "locality": "Basel" }],
            ENTERPRISE: { "manager": { "value": "26" } }
        })
    );
    let read = |sent: &str, attribute: &str| Repair::NameCorrected { sent: sent.into(), attribute: attribute.into() };
    assert_eq!(
        repairs,
        [
            read("prefferedLanguage", "preferredLanguage"),
            read("city", "addresses.locality"),
            Repair::UnknownAttributeDropped { attribute: "addresses.city".to_owned() },
            read("managerId", "manager.value"),
        ]
    );
    let left_alone = Leniency { known_misspellings: false, ..Leniency::TOLERANT };
    let mut repairs = Repairs::new();
    let document = normalize_new(&user_resource_schema(), &body, &left_alone, &mut repairs).unwrap();
    assert_eq!(document.get("preferredLanguage"), None);
}

/// Looking through all names for each of them would take many minutes.
#[test]
fn a_misspelling_in_every_letter_case_is_read_in_one_go() {
    let in_case = |name: &str, bits: usize| -> String {
        let letters = name.chars().enumerate();
        letters
            .map(|(place, letter)| if bits >> place & 1 == 1 { letter.to_ascii_uppercase() } else { letter })
            .collect()
    };
    let mut body = strict_body(&json!({}));
    let members = body.as_object_mut().unwrap();
    for name in ["prefferedlanguage", "preferedlanguage"] {
        members.extend((0..1 << name.len()).map(|bits| (in_case(name, bits), json!("en"))));
    }
    assert_eq!(refusal(&body, &Leniency::TOLERANT), ScimType::InvalidSyntax);
    body["preferredLanguage"] = json!("de");
    assert_eq!(tolerant(&body).0, json!({ "userName": "u", "preferredLanguage": "de" }));
}

#[test]
fn two_spellings_of_one_attribute_are_refused() {
    for members in [
        json!({ "USERNAME": "v" }),
        json!({ "USERNAME": null }),
        json!({ "name": { "givenName": "a", "GivenName": "b" } }),
        json!({ "emails": [{ "value": "a", "VALUE": null }] }),
        json!({ ENTERPRISE: { "department": "a", "Department": "b" } }),
    ] {
        for leniency in [Leniency::TOLERANT, Leniency::STRICT] {
            assert_eq!(refusal(&strict_body(&members), &leniency), ScimType::InvalidSyntax, "{members}");
        }
    }
    for members in [
        json!({ "urn:ietf:params:scim:schemas:core:2.0:User:userName": "v" }),
        json!({ "name.givenName": "a", "name": { "givenName": "b" } }),
        json!({ "name": { "givenName": "b" }, "name.givenName": "a" }),
        json!({ format!("{ENTERPRISE}:department"): "a", ENTERPRISE: { "department": "b" } }),
        json!({ "emails.value": "a" }),
    ] {
        assert_eq!(refusal(&strict_body(&members), &Leniency::TOLERANT), ScimType::InvalidSyntax, "{members}");
    }
}

#[test]
fn keys_in_attribute_notation_find_their_place() {
    let body = json!({
        "schemas": [CORE], format!("{CORE}:userName"): "u", "name.givenName": "B", "name": { "familyName": "J" },
        "name.middleName": null, format!("{ENTERPRISE}:department"): "Tours", ENTERPRISE: { "manager.value": "26", "division": "D" }
    });
    assert_eq!(
        tolerant(&body).0,
        json!({
            "userName": "u", "name": { "givenName": "B", "familyName": "J" },
            ENTERPRISE: { "department": "Tours", "manager": { "value": "26" }, "division": "D" }
        })
    );
    assert_eq!(refusal(&strict_body(&json!({ "name.givenName": "B" })), &Leniency::STRICT), ScimType::InvalidSyntax);
}

/// Rows: 7643-1.2-01, 7643-2.3.6-01, 7643-2.3.7-01
#[test]
fn types_are_checked() {
    for members in [
        json!({ "title": 1 }),
        json!({ "title": true }),
        json!({ "title": ["x"] }),
        json!({ "title": { "x": 1 } }),
        json!({ "active": "yes" }),
        json!({ "active": 1 }),
        json!({ "name": [{}, {}] }),
        json!({ "emails": [null] }),
        json!({ "emails": [["a"]] }),
        json!({ "emails": [{ "value": { "a": 1 } }] }),
        json!({ ENTERPRISE: "x" }),
    ] {
        for leniency in [Leniency::TOLERANT, Leniency::STRICT] {
            assert_eq!(refusal(&strict_body(&members), &leniency), ScimType::InvalidValue, "{members}");
        }
    }
    for members in [
        json!({ "active": "True" }),
        json!({ "name": "x" }),
        json!({ "emails": { "value": "a" } }),
        json!({ "emails": ["a"] }),
        json!({ "profileUrl": "not a uri " }),
        json!({ "x509Certificates": [{ "value": "%%%" }] }),
        json!({ ENTERPRISE: { "manager": "26" } }),
    ] {
        assert_eq!(refusal(&strict_body(&members), &Leniency::STRICT), ScimType::InvalidValue, "{members}");
    }
}

#[test]
fn an_error_names_the_place_and_not_the_value() {
    let body = strict_body(&json!({ "emails": [{ "value": "a" }, { "value": "b", "primary": "confidential" }] }));
    let error = new_user(&body, &Leniency::TOLERANT).unwrap_err();
    assert_eq!(error.detail, "\"emails.primary\" (element 2) must be a boolean (true or false)");
}

#[test]
fn values_of_the_wrong_shape_are_wrapped_where_that_is_allowed() {
    let body = strict_body(&json!({
        "active": "False", "emails": { "value": "a@x", "primary": "TRUE" }, "roles": ["r"],
        ENTERPRISE: { "manager": "26" }
    }));
    let (document, repairs) = tolerant(&body);
    assert_eq!(
        document,
        json!({
            "userName": "u", "active": false, "emails": [{ "value": "a@x", "primary": true }], "roles": [{ "value": "r" }],
            ENTERPRISE: { "manager": { "value": "26" } }
        })
    );
    let wrapped = |attribute: &str| Repair::ValueWrapped { attribute: attribute.to_owned() };
    let text = |attribute: &str, sent: &str| Repair::BooleanFromText {
        attribute: attribute.to_owned(),
        text: sent.to_owned(),
    };
    assert_eq!(
        repairs,
        [
            text("active", "False"),
            wrapped("emails"),
            text("emails.primary", "TRUE"),
            wrapped("roles"),
            wrapped(&format!("{ENTERPRISE}:manager")),
        ]
    );
    for empty in [json!(""), json!({ "value": "" }), json!({ "value": null }), json!([]), json!({})] {
        let body = strict_body(&json!({ ENTERPRISE: { "manager": empty } }));
        assert_eq!(tolerant(&body).0, json!({ "userName": "u" }), "{empty}");
    }
}

#[test]
fn required_attributes_are_there_and_not_empty() {
    for body in [
        json!({ "schemas": [CORE] }),
        json!({ "schemas": [CORE], "userName": "" }),
        json!({ "schemas": [CORE], "userName": null }),
    ] {
        assert_eq!(refusal(&body, &Leniency::TOLERANT), ScimType::InvalidValue, "{body}");
    }
    let mut repairs = Repairs::new();
    let group = normalize_new(
        &group_resource_schema(),
        &json!({ "members": [{ "value": "1" }] }),
        &Leniency::TOLERANT,
        &mut repairs,
    );
    assert_eq!(group.unwrap_err().scim_type, ScimType::InvalidValue);
}

#[test]
fn a_group_keeps_its_members_once_each() {
    let body = json!({ "displayName": "G", "members": [
        { "value": "1", "display": "u", "$ref": null }, { "value": "2" }, { "value": "1", "type": "User" }
    ] });
    let group = normalize_new(&group_resource_schema(), &body, &Leniency::TOLERANT, &mut Repairs::new()).unwrap();
    assert_eq!(
        Value::Object(group),
        json!({ "displayName": "G", "members": [{ "value": "1", "type": "User" }, { "value": "2" }] })
    );
}

#[test]
fn one_element_is_primary() {
    let body = strict_body(&json!({ "emails": [
        { "value": "a" }, { "value": "b", "primary": true }, { "value": "c", "primary": true }
    ] }));
    assert_eq!(refusal(&body, &Leniency::STRICT), ScimType::InvalidValue);
    let (document, repairs) = tolerant(&body);
    assert_eq!(
        document["emails"],
        json!([{ "value": "a" }, { "value": "b", "primary": true }, { "value": "c", "primary": false }])
    );
    assert_eq!(repairs, [Repair::PrimaryCleared { attribute: "emails".to_owned() }]);
}

#[test]
fn a_message_full_of_mistakes_is_described_by_some_of_them() {
    let members: serde_json::Map<String, Value> = (0..5000).map(|number| (format!("x{number}"), json!(1))).collect();
    let (_, repairs) = tolerant(&strict_body(&Value::Object(members)));
    assert!(repairs.len() > 10 && repairs.len() < 1000, "{}", repairs.len());
}

fn stored() -> Document {
    let stored =
        json!({ "userName": "u", "title": "T", "password": "p", "active": true, "emails": [{ "value": "a" }] });
    stored.as_object().unwrap().clone()
}

/// Rows: 7644-3.5.1-08
#[test]
fn a_replacement_clears_what_it_leaves_out_but_the_password() {
    let body = json!({ "schemas": [CORE], "id": "other", "userName": "v", "emails": null, "active": false, "groups": [{ "value": "x" }] });
    for leniency in [Leniency::TOLERANT, Leniency::STRICT] {
        let replaced =
            normalize_replacement(&user_resource_schema(), &body, &stored(), &leniency, &mut Repairs::new()).unwrap();
        assert_eq!(Value::Object(replaced), json!({ "userName": "v", "active": false, "password": "p" }));
    }
    let cleared = json!({ "schemas": [CORE], "userName": "v", "password": null });
    let replaced =
        normalize_replacement(&user_resource_schema(), &cleared, &stored(), &Leniency::STRICT, &mut Repairs::new());
    assert_eq!(replaced.map(Value::Object), Ok(json!({ "userName": "v" })));
    let unnamed = json!({ "schemas": [CORE], "title": "x" });
    let refused =
        normalize_replacement(&user_resource_schema(), &unnamed, &stored(), &Leniency::TOLERANT, &mut Repairs::new());
    assert_eq!(refused.unwrap_err().scim_type, ScimType::InvalidValue);
}

/// The user schema with an immutable title and an immutable family name.
fn schema_with_immutables() -> ResourceSchema {
    let original = user_resource_schema();
    let mut base = Schema::clone(original.base());
    for attribute in &mut base.attributes {
        match attribute.name.as_str() {
            "title" => Arc::make_mut(attribute).mutability = Mutability::Immutable,
            "name" => {
                for sub in &mut Arc::make_mut(attribute).sub_attributes {
                    if sub.name == "familyName" {
                        Arc::make_mut(sub).mutability = Mutability::Immutable;
                    }
                }
            }
            _ => {}
        }
    }
    ResourceSchema::new(original.resource_type().clone(), Arc::new(base), original.extensions().to_vec())
}

/// Rows: 7643-7-10, 7644-3.5.1-05, 7644-3.5.1-06
#[test]
fn a_replacement_keeps_what_is_immutable() {
    let schema = schema_with_immutables();
    let stored = json!({ "userName": "u", "title": "T", "name": { "givenName": "g", "familyName": "f" } });
    let stored = stored.as_object().unwrap();
    let replace = |members: Value, stored: &Document| {
        normalize_replacement(&schema, &strict_body(&members), stored, &Leniency::STRICT, &mut Repairs::new())
            .map(Value::Object)
            .map_err(|error| error.scim_type)
    };
    let kept = json!({ "userName": "u", "title": "T", "name": { "familyName": "f" } });
    assert_eq!(replace(json!({}), stored), Ok(kept));
    assert_eq!(
        replace(json!({ "title": "T", "name": { "familyName": "f", "givenName": "h" } }), stored).unwrap()["name"]["givenName"],
        "h"
    );
    assert_eq!(replace(json!({ "title": "U" }), stored), Err(ScimType::Mutability));
    assert_eq!(replace(json!({ "name": { "familyName": "x" } }), stored), Err(ScimType::Mutability));
    let unset = json!({ "userName": "u" });
    assert_eq!(
        replace(json!({ "title": "U" }), unset.as_object().unwrap()),
        Ok(json!({ "userName": "u", "title": "U" }))
    );
}

/// Rows: 7643-7-10, 7644-3.5.2-07, 7644-3.5.2-08
#[test]
fn a_patch_keeps_what_is_immutable() {
    let schema = schema_with_immutables();
    let patch = |document: &Value, operations: Value| {
        let leniency = Leniency::STRICT;
        let body = json!({ "schemas": [scim::message::PATCH_OP], "Operations": operations });
        let mut repairs = Repairs::new();
        scim::patch::PatchRequest::parse(&body, &leniency)
            .and_then(|request| request.compile(&schema, &leniency, &mut repairs))
            .and_then(|compiled| compiled.apply(&schema, document.as_object().unwrap(), &leniency, &mut repairs))
            .map_err(|error| error.scim_type)
    };
    let set = json!({ "userName": "u", "title": "T", "name": { "familyName": "f" } });
    for operations in [
        json!([{ "op": "replace", "path": "title", "value": "U" }]),
        json!([{ "op": "remove", "path": "title" }]),
        json!([{ "op": "remove", "path": "name" }]),
        json!([{ "op": "add", "path": "name.familyName", "value": "x" }]),
    ] {
        assert_eq!(patch(&set, operations.clone()), Err(ScimType::Mutability), "{operations}");
    }
    assert_eq!(patch(&set, json!([{ "op": "add", "path": "title", "value": "T" }])), Ok(None));
    let unset = json!({ "userName": "u" });
    let changed = patch(&unset, json!([{ "op": "add", "path": "title", "value": "T" }])).unwrap().unwrap();
    assert_eq!(changed["title"], "T");
}

/// Entra sends attributes of the extension without its URN, mostly as null.
///
/// Rows: 7643-3-06
#[test]
fn a_bare_name_finds_the_one_extension_that_has_it() {
    let bare = |attribute: &str| Repair::BareExtensionName { attribute: format!("{ENTERPRISE}:{attribute}") };
    let dropped = |attribute: &str| Repair::UnknownAttributeDropped { attribute: attribute.to_owned() };
    let body = strict_body(&json!({ "Department": "Tours", "manager.value": "26", "costCenter": null }));
    assert_eq!(refusal(&body, &Leniency::STRICT), ScimType::InvalidSyntax);
    let (document, repairs) = tolerant(&body);
    assert_eq!(
        document,
        json!({ "userName": "u", ENTERPRISE: { "department": "Tours", "manager": { "value": "26" } } })
    );
    assert_eq!(repairs, [bare("department"), bare("manager.value"), bare("costCenter")]);

    let both = strict_body(&json!({
        "department": null, "manager": { "value": "1" }, "division": "D",
        ENTERPRISE: { "department": "Tours", "manager.value": "26" }
    }));
    let (document, repairs) = tolerant(&both);
    assert_eq!(
        document,
        json!({ "userName": "u", ENTERPRISE: { "department": "Tours", "manager": { "value": "26" }, "division": "D" } })
    );
    assert!(repairs.contains(&dropped("department")) && repairs.contains(&dropped("manager")), "{repairs:?}");
    assert!(repairs.contains(&bare("division")) && !repairs.contains(&bare("manager")), "{repairs:?}");

    let twice = strict_body(&json!({ "department": "a", "DEPARTMENT": "b" }));
    assert_eq!(refusal(&twice, &Leniency::TOLERANT), ScimType::InvalidSyntax);
}

/// Rows: 7643-2.4-08
#[test]
fn repeated_elements_become_one_that_loses_nothing() {
    let body = strict_body(&json!({ "emails": [
        { "value": "a@x", "type": "work", "primary": true, "display": "A" },
        { "value": "A@x", "type": "Work", "primary": false, "display": "" }
    ] }));
    let (document, repairs) = tolerant(&body);
    assert_eq!(document["emails"], json!([{ "value": "a@x", "type": "work", "primary": true, "display": "A" }]));
    assert_eq!(repairs, [Repair::ElementsMerged { attribute: "emails".to_owned() }]);
    let same =
        strict_body(&json!({ "emails": [{ "value": "a@x", "type": "work" }, { "value": "a@x", "type": "work" }] }));
    assert_eq!(tolerant(&same).1, []);
}

/// A list that a mistake empties is access that somebody loses, or keeps.
///
/// Rows: 7643-2.5-01, 7643-2.5-02
#[test]
fn what_says_nothing_does_not_empty_a_list() {
    for emails in
        [json!([{}]), json!([{ "type": null }]), json!([""]), json!([{ "value": "a" }, {}]), json!({}), json!("")]
    {
        let body = strict_body(&json!({ "emails": emails }));
        for leniency in [Leniency::TOLERANT, Leniency::STRICT] {
            assert_eq!(refusal(&body, &leniency), ScimType::InvalidValue, "{emails}");
            let replaced =
                normalize_replacement(&user_resource_schema(), &body, &stored(), &leniency, &mut Repairs::new());
            assert_eq!(replaced.unwrap_err().scim_type, ScimType::InvalidValue, "{emails}");
        }
    }
    let unknown = strict_body(&json!({ "emails": [{ "value": "a" }, { "foo": 1 }] }));
    let error = new_user(&unknown, &Leniency::TOLERANT).unwrap_err();
    assert_eq!(error.detail, "\"emails\" (element 2) says nothing that can be stored");
    for empty in [json!([]), json!(null)] {
        assert_eq!(tolerant(&strict_body(&json!({ "emails": empty }))).0, json!({ "userName": "u" }), "{empty}");
    }
}

#[test]
fn a_member_is_named_by_its_value_or_by_its_reference() {
    let group = |members: Value, leniency: &Leniency| {
        let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "G", "members": members });
        let mut repairs = Repairs::new();
        normalize_new(&group_resource_schema(), &body, leniency, &mut repairs)
            .map(|group| (group["members"].clone(), repairs))
            .map_err(|error| error.scim_type)
    };
    let derived = vec![Repair::ValueFromReference { attribute: "members".to_owned() }];
    for reference in ["../Users/26", "https://example.com/scim/v2/Users/26?x=1#y", "/Users/26/", "Users/26"] {
        let members = json!([{ "$ref": reference, "value": null }]);
        assert_eq!(
            group(members.clone(), &Leniency::TOLERANT),
            Ok((json!([{ "$ref": reference, "value": "26" }]), derived.clone())),
            "{reference}"
        );
        assert_eq!(group(members, &Leniency::STRICT), Err(ScimType::InvalidValue), "{reference}");
    }
    for members in [
        json!([{ "$ref": "https://example.com" }]),
        json!([{ "$ref": "https://example.com/" }]),
        json!([{ "$ref": "26" }]),
        json!([{ "$ref": "/26" }]),
        json!([{ "$ref": "/Users/.." }]),
        json!([{ "$ref": "/Users/a%20b" }]),
        json!([{ "$ref": "" }]),
        json!([{ "value": "" }]),
        json!([{ "value": "", "$ref": "../Users/26" }]),
    ] {
        assert_eq!(group(members.clone(), &Leniency::TOLERANT), Err(ScimType::InvalidValue), "{members}");
    }
    assert_eq!(
        group(json!([{ "$ref": null, "value": "26" }]), &Leniency::STRICT),
        Ok((json!([{ "value": "26" }]), Vec::new()))
    );
}

/// What stands in brackets or quotes is data.
#[test]
fn no_refusal_and_no_repair_repeats_a_value_from_a_name() {
    let key = "emails[type eq \"work\" and vlaue eq \"bj@example.com\"].display";
    let long = format!("urn:x:{}", "y".repeat(500));
    for (name, shown) in [(key, "emails…"), ("bj@example.com", "bj…"), (&long, &*format!("{}…", &long[..80]))] {
        let body = strict_body(&json!({ name: "x" }));
        let error = new_user(&body, &Leniency::STRICT).unwrap_err();
        assert_eq!(error.detail, format!("\"{shown}\" is not defined by the schemas of this resource"));
        assert_eq!(tolerant(&body).1, [Repair::UnknownAttributeDropped { attribute: shown.to_owned() }]);
    }
}

/// Only a bulk request knows what a `bulkId` stands for, and no resource has such an id (RFC 7643 section 3.1).
#[test]
fn a_bulk_id_is_no_reference_that_can_be_stored() {
    for leniency in [Leniency::TOLERANT, Leniency::STRICT] {
        for manager in [json!({ "value": "bulkId:x" }), json!({ "value": "1", "$ref": "../Users/bulkId:x" })] {
            let body = strict_body(&json!({ ENTERPRISE: { "manager": manager } }));
            assert_eq!(refusal(&body, &leniency), ScimType::InvalidValue, "{body}");
        }
        let body = strict_body(&json!({ "title": "bulkId:x", "emails": [{ "value": "bulkId:x" }] }));
        assert!(new_user(&body, &leniency).is_ok(), "text is text where nothing is referred to");
    }
    for members in [json!([{ "value": "bulkId:x" }]), json!(["bulkId:x"]), json!([{ "$ref": "../Users/bulkId:x" }])] {
        let body = json!({ "displayName": "g", "members": members });
        let refused = normalize_new(&group_resource_schema(), &body, &Leniency::TOLERANT, &mut Repairs::new());
        assert_eq!(refused.unwrap_err().scim_type, ScimType::InvalidValue, "{body}");
    }
}
