//! `knobs.json`: for each knob some requests, and what the last of them is answered under each of two values.
//!
//! A step is `[method, path, body]`. `$1` is the id that the first step was answered, and so on; a path that begins with
//! `1.1 ` goes to the SCIM 1.1 address. A body that lacks `schemas` gets them, null leaves them out, and a list is the
//! operations of a PATCH. A path that begins with `other ` is asked by another connection of the tenant, one that begins
//! with `gone ` by a connection that is deleted afterwards.

use http::Method;
use muster_app::profile::knobs;
use muster_model::Provider;
use muster_testkit::{TestHub, TestResponse};
use serde_json::{Value, json};

const CASES: &str = include_str!("knobs.json");

/// Rows: 7643-2.3.1-01, 7643-2.3.7-05, 7643-2.4-03, 7643-4.1.2-01, 7643-4.1.2-09, 7644-3.5.2-09
/// Ambiguities
#[tokio::test]
async fn every_knob_changes_an_answer() {
    let cases: Value = serde_json::from_str(CASES).unwrap();
    let cases = cases.as_object().unwrap();
    for knob in knobs() {
        assert!(cases.contains_key(knob.name), "no case turns {}", knob.name);
    }
    for (knob, case) in cases {
        let mut answers = Vec::new();
        for (value, expected) in case.as_object().unwrap().iter().filter(|(key, _)| key.as_str() != "steps") {
            let setting = format!("{knob}={value}");
            let answer = last_answer(&setting, case["steps"].as_array().unwrap()).await;
            assert_eq!(json!(answer.status.as_u16()), expected[0], "{setting}: {:?}", answer.body);
            let found = answer.body.pointer(expected[1].as_str().unwrap()).cloned().unwrap_or_default();
            assert_eq!(found, expected[2], "{setting}: {:?}", answer.body);
            answers.push(expected.clone());
        }
        assert_eq!(answers.len(), 2, "{knob}");
        assert_ne!(answers[0], answers[1], "{knob}");
    }
}

async fn last_answer(setting: &str, steps: &[Value]) -> TestResponse {
    let hub = TestHub::start().await;
    let client = hub.connect_with("idp", Provider::Generic, &[setting]).await;
    let mut ids: Vec<String> = Vec::new();
    let mut last = None;
    for step in steps {
        let mut text = step.to_string();
        for (position, id) in ids.iter().enumerate() {
            text = text.replace(&format!("${}", position + 1), id);
        }
        let step: Value = serde_json::from_str(&text).unwrap();
        let method: Method = step[0].as_str().unwrap().parse().unwrap();
        let path = step[1].as_str().unwrap();
        let (asker, path) = path.split_once(' ').unwrap_or(("", path));
        let client = match asker {
            "1.1" => client.clone().at_1_1_address(),
            "" => client.clone(),
            another => hub.connect(another, Provider::Generic).await,
        };
        let body = with_schemas(path, step[2].clone());
        let answer = client.send(method, path, body.as_ref()).await;
        if asker == "gone" {
            hub.disconnect(&client).await;
        }
        if steps.len() > ids.len() + 1 {
            assert!(answer.status.is_success(), "{setting}: {:?}", answer.body);
        }
        ids.push(answer.id());
        last = Some(answer);
    }
    last.unwrap()
}

fn with_schemas(path: &str, body: Value) -> Option<Value> {
    match body {
        Value::Null => None,
        Value::Array(operations) => {
            Some(json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations }))
        }
        Value::Object(mut members) => {
            if members.get("schemas").is_some_and(Value::is_null) {
                members.shift_remove("schemas");
            } else if !members.contains_key("schemas") && !members.contains_key("op") {
                let kind = if path.starts_with("/Users") { "User" } else { "Group" };
                members.insert("schemas".to_owned(), json!([format!("urn:ietf:params:scim:schemas:core:2.0:{kind}")]));
            }
            Some(Value::Object(members))
        }
        other => Some(other),
    }
}
