//! Leaves out what has become empty: an extension without attributes is not there (RFC 7643 sections 2.5 and 3.3).

use serde_json::{Map, Value};

/// Takes out nulls, empty lists and empty objects at every depth.
pub(super) fn prune(members: &mut Map<String, Value>) {
    members.retain(|_, value| {
        prune_value(value);
        !is_empty(value)
    });
}

fn prune_value(value: &mut Value) {
    match value {
        Value::Object(members) => prune(members),
        Value::Array(elements) => elements.retain_mut(|element| {
            prune_value(element);
            !is_empty(element)
        }),
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_becomes_empty_goes_too() {
        let mut document = json!({ "a": { "b": [{}, { "c": null }] }, "d": [[], ""], "e": false });
        prune(document.as_object_mut().unwrap());
        assert_eq!(document, json!({ "d": [""], "e": false }));
    }
}
