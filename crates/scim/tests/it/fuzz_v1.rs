//! Whatever bytes arrive in SCIM 1.1: no panic, what a PATCH makes of a document is in normal form, a PATCH that was
//! applied changes nothing when it comes again (unless it deletes), and what is shown can be read back.

use scim::patch::{PatchBody, element_steps};
use scim::schema::user_resource_schema;
use scim::{Document, Leniency, Repairs, v1};
use serde_json::{Map, Value, json};

use crate::normal_form::assert_normal;

/// What a body can say, in pieces that fit, so that most bodies are accepted.
const PIECES: &[(&str, &str)] = &[
    ("userName", "\"a\""),
    ("title", "null"),
    ("urn:scim:schemas:core:1.0:title", "\"t\""),
    ("name", "{ \"givenName\": \"g\", \"familyName\": null }"),
    ("active", "true"),
    ("schemas", "[\"urn:scim:schemas:core:1.0\", \"urn:scim:schemas:extension:enterprise:1.0\"]"),
    ("urn:scim:schemas:extension:enterprise:1.0", "{ \"department\": \"d\", \"manager\": { \"managerId\": \"1\" } }"),
    ("urn:scim:schemas:extension:enterprise:1.0:manager.managerId", "\"2\""),
    ("groups", "[{ \"value\": \"1\" }]"),
    ("id", "7"),
    ("unknown", "{ \"operation\": \"delete\" }"),
    ("roles", "\"r\""),
    ("emails", "null"),
];
const NAMES: &[&str] = &[
    "nickName",
    "name.givenName",
    "EMAILS",
    "emails.type",
    "addresses",
    "urn:scim:schemas:extension:enterprise:1.0",
    "urn:scim:schemas:extension:enterprise:1.0:manager.managerId",
];
const VALUES: &[&str] = &["a@x", "A@X", "b@x", "c@x"];
const TYPES: &[&str] = &["work", "home"];

fn sample() -> Document {
    let user = json!({
        "userName": "b", "nickName": "n", "name": { "givenName": "Barbara" },
        "emails": [
            { "value": "a@x", "type": "work", "primary": true }, { "value": "b@x" }, { "value": "a@x", "type": "home" },
        ],
        "addresses": [{ "type": "work", "country": "US" }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "manager": { "value": "26" } },
    });
    user.as_object().expect("an object").clone()
}

/// A body made of what the bytes choose.
fn body(bytes: &[u8]) -> Value {
    let mut choices = bytes.iter().copied();
    let mut body = Map::new();
    while choices.len() > 0 {
        match choices.next().unwrap_or(0) % 5 {
            0 => {
                let names: Vec<&str> =
                    (0..choices.next().unwrap_or(0) % 4).map(|_| *choose(NAMES, &mut choices)).collect();
                body.insert("meta".to_owned(), json!({ "attributes": names }));
            }
            1 => drop(body.insert("emails".to_owned(), elements(&mut choices, "value", VALUES))),
            2 => drop(body.insert("addresses".to_owned(), elements(&mut choices, "country", &["US", "SE"]))),
            _ => {
                let (name, text) = choose(PIECES, &mut choices);
                body.insert((*name).to_owned(), serde_json::from_str(text).expect("the table holds JSON"));
            }
        }
    }
    Value::Object(body)
}

fn elements(choices: &mut impl Iterator<Item = u8>, name: &str, values: &[&str]) -> Value {
    let count = choices.next().unwrap_or(0) % 5;
    let mut element = || {
        let mut element = json!({ name: choose(values, choices) });
        let flags = choices.next().unwrap_or(0);
        if flags & 1 != 0 {
            element["type"] = json!(choose(TYPES, choices));
        }
        if flags & 2 != 0 {
            element["primary"] = json!(flags & 4 != 0);
        }
        if flags & 0b1_1000 == 0b1_1000 {
            element["operation"] = json!("delete");
        }
        element
    };
    (0..count).map(|_| element()).collect()
}

fn choose<'a, T>(words: &'a [T], choices: &mut impl Iterator<Item = u8>) -> &'a T {
    &words[usize::from(choices.next().unwrap_or(0)) % words.len()]
}

fn patched(body: &Value, document: &Document, leniency: &Leniency) -> Option<Document> {
    let schema = user_resource_schema();
    let mut repairs = Repairs::new();
    let mut compiled = PatchBody::PartialResource(body).compile(&schema, leniency, &mut repairs).ok()?;
    let changed = compiled.apply(&schema, document, leniency, &mut repairs).ok()?;
    let _ = element_steps(&compiled.detach("members"));
    Some(changed.unwrap_or_else(|| document.clone()))
}

fn exercise(body: &Value) {
    let schema = user_resource_schema();
    for leniency in [Leniency::TOLERANT, Leniency::STRICT] {
        if let Some(changed) = patched(body, &sample(), &leniency) {
            assert_normal(&schema, &changed);
            // Without their type, or with one value for all, elements are alike, and which of them a described one means
            // depends on what stood before.
            let text = body.to_string();
            let repeats = !text.contains("delete") && !text.contains("emails.");
            if repeats && let Some(again) = patched(body, &changed, &leniency) {
                assert_eq!(again, changed, "{body}");
            }
        }
        let parameters = [("filter", body.to_string()), ("attributes", body.to_string())];
        let _ = v1::search_request(parameters.map(|(name, value)| (name.to_owned(), value)), &leniency);
        let _ = v1::read_bulk(body, &[user_resource_schema()], &leniency);
    }
    if let Ok(read) = v1::read_resource(&schema, body) {
        assert_eq!(v1::read_resource(&schema, &read).as_ref(), Ok(&read), "translating twice changes nothing");
        let _ = v1::show_bulk(read.clone());
        let _ = v1::show_resource(&schema, read);
    }
}

#[test]
fn fuzz_v1() {
    bolero::check!().for_each(|input: &[u8]| {
        if let Ok(body) = serde_json::from_slice::<Value>(input) {
            exercise(&body);
        }
        exercise(&body(input));
        exercise(&crate::message_from_bytes::message(input));
    });
}
