//! Documents that are cut as text are cut as values are.

use scim::document_text::NotADocument;
use scim::projection::{Complete, Cut, Projection, TextCut};
use scim::schema::{ENTERPRISE_USER, user_resource_schema};
use scim::{Attribute, Document};
use serde_json::{Value, json};

const BESIDE: [&str; 2] = ["id", "groups"];

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn document() -> Document {
    let document = json!({
        "userName": "bj\"ens\u{e9}n\n", "password": "canary", "unknown": { "a": [1, 2] }, "active": false,
        "name": { "givenName": "Barbara", "unknown": 1, "familyName": "Jensen" },
        "emails": [{ "value": "a@x", "type": "work" }, {}, { "unknown": 1 }, "b@x", [1.5, null], { "VALUE": "c@x" }],
        "addresses": [{ "unknown": 1 }], "photos": [], "roles": null, "phoneNumbers": -7,
        ENTERPRISE_USER: { "department": "Tours", "unknown": 1, "manager": { "value": "26", "displayName": "Boss" } },
    });
    document.as_object().unwrap().clone()
}

fn cut(projection: &Projection, text: &str, complete: Option<&Complete<'_>>) -> String {
    let schema = user_resource_schema();
    let mut out = Vec::new();
    let cut = TextCut { schema: &schema, projection, beside: &BESIDE, complete };
    assert_eq!(cut.write(text, &mut out), Ok(Cut::Written { extensions: vec![ENTERPRISE_USER] }));
    format!("{{{}}}", String::from_utf8(out).unwrap())
}

#[test]
fn text_and_values_are_cut_alike() {
    let schema = user_resource_schema();
    let text = serde_json::to_string(&document()).unwrap();
    let manager = format!("{ENTERPRISE_USER}:manager.value");
    for named in
        [vec![], vec!["emails.value"], vec!["name", "password"], vec![ENTERPRISE_USER], vec![&manager, "ROLES"]]
    {
        for projection in [
            Projection::compile(&schema, &names(&named), &[]).unwrap(),
            Projection::compile(&schema, &[], &names(&named)).unwrap(),
        ] {
            let values = Value::Object(projection.apply(&schema, document())).to_string();
            assert_eq!(cut(&projection, &text, None), values, "{named:?}");
        }
    }
}

#[test]
fn references_are_completed_before_they_are_cut() {
    let schema = user_resource_schema();
    let complete = |attribute: &Attribute, value: &mut Value| {
        assert_eq!(attribute.name, "manager");
        value["$ref"] = json!("there");
        value["type"] = json!("not a sub-attribute");
    };
    let projection = Projection::compile(&schema, &names(&[ENTERPRISE_USER]), &[]).unwrap();
    let text = serde_json::to_string(&document()).unwrap();
    let shown: Value = serde_json::from_str(&cut(&projection, &text, Some(&complete))).unwrap();
    assert_eq!(shown[ENTERPRISE_USER]["manager"]["$ref"], "there");
    assert!(shown[ENTERPRISE_USER]["manager"].get("type").is_none());
}

#[test]
fn what_cannot_be_cut_as_text_is_told() {
    let (schema, projection) = (user_resource_schema(), Projection::default());
    let cut = TextCut { schema: &schema, projection: &projection, beside: &BESIDE, complete: None };
    assert_eq!(cut.write(r#"{"userName":"a","groups":[]}"#, &mut Vec::new()), Ok(Cut::HoldsReserved));
    assert_eq!(cut.write("{}", &mut Vec::new()), Ok(Cut::Written { extensions: Vec::new() }));
    let text = serde_json::to_string(&document()).unwrap();
    for damaged in ["", "[]", "null", "{} {}", &text[..text.len() - 1], r#"{"unknown":[}"#, r#"{"groups":1,"a"}"#] {
        assert_eq!(cut.write(damaged, &mut Vec::new()), Err(NotADocument), "{damaged}");
    }
}
