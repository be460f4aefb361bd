//! Bodies: messages that identity providers send, with pieces exchanged, or with broken text.

use serde_json::{Value, json};

use super::message::Body;
use super::sender::Known;
use crate::seed::Seed;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const LARGEST: usize = 3 << 20;

pub(super) fn random(seed: &mut Seed, kind: Body, known: &Known) -> Vec<u8> {
    let mut value = template(seed, kind, known);
    while seed.one_in(3) {
        exchange_a_piece(seed, &mut value, known);
    }
    let mut text = value.to_string().into_bytes();
    if seed.one_in(25) {
        damage(seed, &mut text);
    }
    if seed.one_in(800) {
        let filler = seed.word(&[" ", "[", "{\"a\":", "\"", "1", "\u{0}"]);
        text.extend_from_slice(filler.repeat(seed.between(1, LARGEST / filler.len().max(1))).as_bytes());
    }
    text
}

/// An id that is there, or one that is not.
fn id(seed: &mut Seed, known: &Known) -> String {
    let unknown = seed.word(&["nobody", "", "01a20126-0000-7000-8000-000000000000", "bulkId:x", "\u{0}"]).to_owned();
    let ids = if seed.one_in(10) { &known.groups } else { &known.users };
    if seed.one_in(10) { unknown } else { seed.choose(ids).cloned().unwrap_or(unknown) }
}

/// Few names, so that they meet again, and that lists do not grow with the requests.
fn name(seed: &mut Seed) -> String {
    format!("u{}", seed.between(0, 500))
}

fn template(seed: &mut Seed, kind: Body, known: &Known) -> Value {
    match kind {
        Body::User => user(seed, known),
        Body::Group => json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": format!("g{}", seed.between(0, 50)),
            "members": (0..seed.between(0, 5)).map(|_| json!({ "value": id(seed, known) })).collect::<Vec<_>>(),
        }),
        Body::Patch => json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": (0..seed.between(0, 4)).map(|_| operation(seed, known)).collect::<Vec<_>>(),
        }),
        Body::Search | Body::None => json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "userName pr",
            "sortBy": "userName", "count": seed.between(0, 2000), "startIndex": 1, "attributes": ["userName"],
        }),
        Body::Bulk => json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "failOnErrors": seed.between(0, 3),
            "Operations": (0..seed.between(0, 6)).map(|_| bulk_operation(seed, known)).collect::<Vec<_>>(),
        }),
    }
}

fn user(seed: &mut Seed, known: &Known) -> Value {
    let name = name(seed);
    let mut user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "userName": name, "externalId": name, "active": true, "displayName": format!("Display {name}"),
        "name": { "givenName": "G", "familyName": format!("F{name}") },
        "emails": [{ "value": format!("{name}@example.com"), "type": "work", "primary": true }],
        (ENTERPRISE): { "department": "d", "manager": { "value": id(seed, known) } },
    });
    // Each costs a second's fraction to hash, as it must.
    if seed.one_in(200) {
        set(&mut user, "password", json!("correct horse"));
    }
    user
}

const PATHS: &[&str] = &[
    "active",
    "userName",
    "name.givenName",
    "emails[type eq \"work\"].value",
    "emails",
    "emails[primary eq true]",
    "members",
    "members[value eq \"x\"]",
    "members[value eq \"x\" or display co \"a\"]",
    "displayName",
    "password",
    "id",
    "schemas",
    "meta",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "manager",
    "roles[primary eq \"True\"].value",
    "addresses[type eq \"work\"].country",
    "nothing",
    "",
    "emails[",
    "emails[type eq \"work\"].value.value",
    "x509Certificates.value",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "externalId",
    "groups",
    "phoneNumbers.type",
];

fn operation(seed: &mut Seed, known: &Known) -> Value {
    let mut operation =
        json!({ "op": seed.word(&["add", "replace", "remove", "Add", "Replace", "Remove", "move", ""]) });
    if !seed.one_in(4) {
        set(&mut operation, "path", json!(seed.word(PATHS)));
    }
    if !seed.one_in(6) {
        let value = match seed.between(0, 8) {
            0 => json!(false),
            1 => json!("False"),
            2 => json!([{ "value": id(seed, known) }]),
            3 => json!({ "active": false, "name.familyName": "x", "emails": null }),
            4 => json!({ "value": id(seed, known) }),
            5 => Value::Null,
            6 => json!([]),
            7 => user(seed, known),
            _ => json!(name(seed)),
        };
        set(&mut operation, "value", value);
    }
    operation
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn bulk_operation(seed: &mut Seed, known: &Known) -> Value {
    let path = match seed.between(0, 4) {
        0 | 1 => "/Users".to_owned(),
        2 => "/Groups".to_owned(),
        3 => format!("/Users/{}", id(seed, known)),
        _ => "/Users/bulkId:b1".to_owned(),
    };
    let data = if seed.one_in(3) { template_without_bulk(seed, known) } else { user(seed, known) };
    json!({
        "method": seed.word(&["POST", "POST", "PUT", "PATCH", "DELETE", "post", "GET"]),
        "bulkId": seed.word(&["b1", "b2", "b3", ""]), "path": path, "data": data, "version": seed.word(&["W/\"1\"", "", "x"]),
    })
}

fn template_without_bulk(seed: &mut Seed, known: &Known) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name(seed),
        "members": [{ "value": "bulkId:b1" }, { "value": id(seed, known) }],
    })
}

/// Goes down to a random place of the document and puts something else there.
fn exchange_a_piece(seed: &mut Seed, value: &mut Value, known: &Known) {
    let goes_down = !seed.one_in(4);
    let depth_first: Option<&mut Value> = match value {
        Value::Object(members) if goes_down && !members.is_empty() => {
            let place = seed.between(0, members.len() - 1);
            members.values_mut().nth(place)
        }
        Value::Array(elements) if goes_down && !elements.is_empty() => {
            let place = seed.between(0, elements.len() - 1);
            elements.get_mut(place)
        }
        _ => None,
    };
    match depth_first {
        Some(below) => exchange_a_piece(seed, below, known),
        None => *value = odd_value(seed, known),
    }
}

fn odd_value(seed: &mut Seed, known: &Known) -> Value {
    match seed.between(0, 14) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!("True"),
        3 => json!(-1),
        4 => json!(1.0e300),
        5 => json!(u64::MAX),
        6 => json!([]),
        7 => json!({}),
        8 => json!([null, {}, [], "", 0]),
        9 => json!({ "value": { "value": { "value": [] } } }),
        10 => json!("\u{0}\u{202e}\u{1F600}\u{fffd}"),
        11 => json!("x".repeat(seed.between(0, 20_000))),
        12 => json!(vec![json!({ "value": "a" }); seed.between(0, 500)]),
        13 => json!(id(seed, known)),
        _ => nested(seed.between(1, 200)),
    }
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(1), |inner, level| if level % 2 == 0 { json!([inner]) } else { json!({ "a": inner }) })
}

/// Bytes are changed, put in, taken out; text is cut or doubled.
fn damage(seed: &mut Seed, text: &mut Vec<u8>) {
    for _ in 0..seed.between(1, 4) {
        let place = seed.between(0, text.len().saturating_sub(1));
        let byte = u8::try_from(seed.between(0, 255)).unwrap_or(0);
        match seed.between(0, 4) {
            0 => text.insert(place, byte),
            1 if !text.is_empty() => drop(text.remove(place)),
            2 => text.truncate(place),
            3 => text.extend_from_within(place..),
            _ => {
                if let Some(old) = text.get_mut(place) {
                    *old = byte;
                }
            }
        }
    }
}
