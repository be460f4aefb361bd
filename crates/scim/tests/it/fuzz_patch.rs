//! Whatever bytes arrive as a PATCH or a resource: no panic, and what is accepted is in normal form.

use scim::normalize::{normalize_new, normalize_replacement};
use scim::patch::{PatchRequest, element_steps};
use scim::schema::{group_resource_schema, user_resource_schema};
use scim::{Document, Leniency, Repairs, ResourceSchema};
use serde_json::{Value, json};

use crate::normal_form::assert_normal;

fn sample_user() -> Document {
    let user = json!({
        "userName": "bjensen",
        "name": { "givenName": "Barbara" },
        "emails": [{ "value": "a@x", "type": "work", "primary": true }, { "value": "b@x" }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "manager": { "value": "26" } }
    });
    user.as_object().expect("an object").clone()
}

fn sample_group() -> Document {
    let group = json!({ "displayName": "G", "members": [{ "value": "1" }, { "value": "2", "type": "User" }] });
    group.as_object().expect("an object").clone()
}

fn exercise(schema: &ResourceSchema, document: &Document, body: &Value, leniency: &Leniency) {
    let mut repairs = Repairs::new();
    if let Ok(mut compiled) =
        PatchRequest::parse(body, leniency).and_then(|request| request.compile(schema, leniency, &mut repairs))
    {
        if let Ok(Some(changed)) = compiled.apply(schema, document, leniency, &mut repairs) {
            assert_normal(schema, &changed);
        }
        let _ = element_steps(&compiled.detach("members"));
    }
    if let Ok(new) = normalize_new(schema, body, leniency, &mut repairs) {
        assert_normal(schema, &new);
    }
    if let Ok(replaced) = normalize_replacement(schema, body, document, leniency, &mut repairs) {
        assert_normal(schema, &replaced);
    }
}

fn exercise_all(body: &Value) {
    for leniency in [Leniency::TOLERANT, Leniency::STRICT] {
        exercise(&user_resource_schema(), &sample_user(), body, &leniency);
        exercise(&group_resource_schema(), &sample_group(), body, &leniency);
    }
}

#[test]
fn fuzz_patch() {
    bolero::check!().for_each(|input: &[u8]| {
        if let Ok(body) = serde_json::from_slice::<Value>(input) {
            exercise_all(&body);
        }
        // Random bytes are seldom JSON; the same bytes also choose among words that are.
        exercise_all(&crate::message_from_bytes::message(input));
    });
}
