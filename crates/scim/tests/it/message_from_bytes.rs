//! Bytes choose words, so that a fuzzer without a corpus still reaches the depths of PATCH.

use serde_json::{Map, Value, json};

const PATHS: &[&str] = &[
    "userName",
    "displayName",
    "name",
    "name.givenName",
    "emails",
    "emails.value",
    "emails.primary",
    "active",
    "emails[type eq \"work\"]",
    "emails[type eq \"work\"].value",
    "emails[type eq \"home\" and primary eq true].display",
    "emails[primary eq \"True\"].primary",
    "emails[not (value pr)]",
    "members",
    "members[value eq \"1\"]",
    "members[value eq \"3\"].type",
    "members.display",
    "groups",
    "id",
    "schemas",
    "meta",
    "password",
    "x509Certificates",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
    "urn:ietf:params:scim:schemas:core:2.0:User:title",
    "urn:ietf:params:scim:schemas:core:2.0:Group:members",
    "USERNAME",
    "unknown",
    "a[",
    "",
    "roles",
    "addresses[type eq \"work\"].country",
    "department",
];
const NAMES: &[&str] =
    &["value", "type", "primary", "display", "$ref", "givenName", "PRIMARY", "x", "schemas", "department"];
const TEXTS: &[&str] = &["", "a@x", "A@X", "work", "1", "3", "True", "false", "%%%", "x y"];

/// Paths with values that fit them, so that whole patches are accepted and their effects seen.
const FITTING: &[(&str, &str)] = &[
    ("userName", "\"a\""),
    ("title", "\"t\""),
    ("title", "null"),
    ("active", "\"False\""),
    ("name", "{ \"givenName\": \"g\", \"familyName\": null }"),
    ("name.givenName", "\"h\""),
    ("name.familyName", "null"),
    ("emails", "[{ \"value\": \"0@x\", \"type\": \"work\", \"primary\": true }, { \"value\": \"1@x\" }]"),
    ("emails", "[{ \"value\": \"1@X\", \"type\": \"Work\", \"display\": \"d\" }]"),
    ("emails", "[]"),
    ("emails", "\"2@x\""),
    ("emails[type eq \"work\"]", "{ \"display\": \"d\", \"type\": null }"),
    ("emails[type eq \"work\" and value eq \"3@x\"].primary", "true"),
    ("emails[type eq \"home\"].value", "\"0@x\""),
    ("emails[value eq \"1@x\"].type", "\"work\""),
    ("emails.display", "\"all\""),
    ("roles", "[{ \"value\": \"0@x\", \"type\": \"a\" }]"),
    ("roles[primary eq true].value", "\"r\""),
    ("addresses[type eq \"work\"].country", "\"c\""),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "{ \"department\": \"d\" }"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "\"26\""),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "{ \"value\": \"\" }"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$ref", "\"../Users/26\""),
];

/// A PATCH body, or a resource, made of what the bytes choose.
pub(crate) fn message(bytes: &[u8]) -> Value {
    let mut choices = bytes.iter().copied();
    let kind = choices.next().unwrap_or(0) % 4;
    if kind == 0 {
        let mut body = Map::new();
        while choices.len() > 0 && body.len() < 12 {
            body.insert((*choose(PATHS, &mut choices)).to_owned(), value(&mut choices, 3));
        }
        return Value::Object(body);
    }
    let mut operations = Vec::new();
    while choices.len() > 0 && operations.len() < 12 {
        operations.push(if kind == 1 { any_operation(&mut choices) } else { fitting_operation(&mut choices) });
    }
    json!({ "Operations": operations, "schemas": [scim::message::PATCH_OP] })
}

fn fitting_operation(choices: &mut impl Iterator<Item = u8>) -> Value {
    let op = *choose(&["add", "Replace", "replace", "remove"], choices);
    let (path, text) = choose(FITTING, choices);
    let value: Value = serde_json::from_str(text).expect("the table holds JSON");
    match op {
        "remove" if *path != "userName" => json!({ "op": op, "path": path }),
        "add" if !value.is_null() => json!({ "op": op, "path": path, "value": value }),
        _ => json!({ "op": "replace", "path": path, "value": value }),
    }
}

fn any_operation(choices: &mut impl Iterator<Item = u8>) -> Value {
    let mut operation = json!({ "op": choose(&["add", "Replace", "remove"], choices) });
    match choices.next().unwrap_or(0) % 8 {
        0 => {
            let mut members = Map::new();
            for _ in 0..choices.next().unwrap_or(0) % 4 {
                members.insert((*choose(PATHS, choices)).to_owned(), value(choices, 3));
            }
            operation["value"] = Value::Object(members);
        }
        kind => {
            operation["path"] = Value::from(*choose(PATHS, choices));
            if kind != 1 {
                operation["value"] = value(choices, 3);
            }
        }
    }
    operation
}

fn choose<'a, T>(words: &'a [T], choices: &mut impl Iterator<Item = u8>) -> &'a T {
    &words[usize::from(choices.next().unwrap_or(0)) % words.len()]
}

fn value(choices: &mut impl Iterator<Item = u8>, depth: u8) -> Value {
    let choice = choices.next().unwrap_or(0);
    match choice % 12 {
        0 => Value::Null,
        1 => Value::Bool(choice % 24 == 1),
        2 => json!(1.5),
        3 => json!(7),
        4..=6 => Value::from(*choose(TEXTS, choices)),
        7 | 8 if depth > 0 => (0..choice % 4).map(|_| value(choices, depth - 1)).collect(),
        _ if depth > 0 => {
            let mut members = Map::new();
            for _ in 0..=(choice % 3) {
                members.insert((*choose(NAMES, choices)).to_owned(), value(choices, depth - 1));
            }
            Value::Object(members)
        }
        _ => Value::Array(Vec::new()),
    }
}
