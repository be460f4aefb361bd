//! Laws of PATCH and of the normal form, on generated messages.

use proptest::prelude::*;
use scim::normalize::normalize_new;
use scim::patch::PatchRequest;
use scim::schema::{group_resource_schema, user_resource_schema};
use scim::{Document, Leniency, Repairs, ResourceSchema, Result};
use serde_json::{Value, json};

use crate::message_from_bytes::message;
use crate::normal_form::assert_normal;

fn patch(schema: &ResourceSchema, document: &Document, body: &Value, leniency: &Leniency) -> Result<Document> {
    let mut repairs = Repairs::new();
    let compiled = PatchRequest::parse(body, leniency)?.compile(schema, leniency, &mut repairs)?;
    Ok(compiled.apply(schema, document, leniency, &mut repairs)?.unwrap_or_else(|| document.clone()))
}

fn documents() -> impl Strategy<Value = Document> {
    let elements = |types: &'static [&'static str]| {
        let element = (0..4_u8, prop::sample::select(types), prop::option::of(any::<bool>()));
        prop::collection::vec(element, 0..4).prop_map(|elements| {
            elements
                .into_iter()
                .map(|(number, kind, primary)| {
                    let mut element = json!({ "value": format!("{number}@x"), "type": kind });
                    if let Some(primary) = primary {
                        element["primary"] = Value::Bool(primary);
                    }
                    element
                })
                .collect::<Vec<_>>()
        })
    };
    (elements(&["work", "home"]), elements(&["a", "b"]), prop::option::of("[a-c]{0,3}")).prop_map(
        |(emails, roles, given_name)| {
            let body = json!({
                "userName": "bjensen", "emails": emails, "roles": roles, "name": { "givenName": given_name }
            });
            normalize_new(&user_resource_schema(), &body, &Leniency::TOLERANT, &mut Repairs::new()).unwrap()
        },
    )
}

fn messages() -> impl Strategy<Value = Value> {
    prop::collection::vec(any::<u8>(), 1..60).prop_map(|bytes| message(&bytes))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn property_an_accepted_patch_leaves_the_normal_form(document in documents(), body in messages()) {
        let schema = user_resource_schema();
        if let Ok(changed) = patch(&schema, &document, &body, &Leniency::TOLERANT) {
            assert_normal(&schema, &changed);
            prop_assert_eq!(changed.get("userName").is_some(), true);
        }
    }

    /// What fails as a whole fails whichever good operations stand before it, and what succeeds is the same as its
    /// operations sent one by one.
    #[test]
    fn property_all_or_nothing_and_in_order(document in documents(), body in messages()) {
        let schema = user_resource_schema();
        let leniency = Leniency::TOLERANT;
        if let Some(operations) = body.get("Operations").and_then(Value::as_array) {
            let mut step_by_step = Ok(document.clone());
            for operation in operations {
                let single = json!({ "Operations": [operation] });
                step_by_step = step_by_step.and_then(|current| patch(&schema, &current, &single, &leniency));
            }
            if let (Ok(one_by_one), false) = (step_by_step, operations.is_empty()) {
                prop_assert_eq!(patch(&schema, &document, &body, &leniency), Ok(one_by_one));
            }
            let mut doomed = operations.clone();
            doomed.push(json!({ "op": "replace", "path": "userName", "value": "" }));
            let doomed = json!({ "Operations": doomed });
            prop_assert!(patch(&schema, &document, &doomed, &leniency).is_err());
        }
    }

    #[test]
    fn property_adding_twice_is_adding_once(document in documents(), more in documents()) {
        let schema = user_resource_schema();
        let body = json!({ "Operations": [{ "op": "add", "value": more }] });
        let once = patch(&schema, &document, &body, &Leniency::STRICT);
        if let Ok(once) = &once {
            prop_assert_eq!(patch(&schema, once, &body, &Leniency::STRICT), Ok(once.clone()));
        }
    }

    #[test]
    fn property_normalizing_twice_is_normalizing_once(body in messages(), strict in any::<bool>()) {
        let leniency = if strict { Leniency::STRICT } else { Leniency::TOLERANT };
        for schema in [user_resource_schema(), group_resource_schema()] {
            let mut body = body.clone();
            body["schemas"] = json!([schema.base().id]);
            body["userName"] = json!("u");
            body["displayName"] = json!("d");
            let mut repairs = Repairs::new();
            if let Ok(once) = normalize_new(&schema, &body, &leniency, &mut repairs) {
                let mut again = once.clone();
                again.insert("schemas".to_owned(), json!([schema.base().id]));
                let mut second_repairs = Repairs::new();
                let twice = normalize_new(&schema, &Value::Object(again), &leniency, &mut second_repairs);
                prop_assert_eq!(twice, Ok(once));
                prop_assert!(second_repairs.is_empty(), "what was repaired needs no repair: {:?}", second_repairs);
            }
        }
    }
}
