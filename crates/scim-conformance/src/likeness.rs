//! When what came back is what was sent: servers may add, and need not keep the order of lists.

use serde_json::Value;

const SHOWN: usize = 300;
/// Stands for any value, but not for none.
const ANY: &str = "*";

/// A member by JSON pointer whose names are matched without regard to case (RFC 7643 section 2.1).
pub(crate) fn member<'v>(document: &'v Value, pointer: &str) -> &'v Value {
    let mut found = document;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        let next = match found {
            Value::Object(members) => {
                members.iter().find(|(name, _)| name.eq_ignore_ascii_case(&step)).map(|(_, value)| value)
            }
            Value::Array(elements) => step.parse::<usize>().ok().and_then(|position| elements.get(position)),
            _ => None,
        };
        match next {
            Some(next) => found = next,
            None => return &Value::Null,
        }
    }
    found
}

/// Whether a document holds what is wanted: members of objects may be added, lists may be in any order but not longer,
/// and `null` stands for everything that means "no value" (RFC 7643 section 2.5).
pub(crate) fn is_like(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Null, found) => is_unassigned(found),
        (Value::String(any), found) if any == ANY => !is_unassigned(found),
        (Value::Object(wanted), Value::Object(_)) => {
            wanted.iter().all(|(name, value)| is_like(value, member(found, &format!("/{}", escaped(name)))))
        }
        (Value::Array(wanted), Value::Array(found)) => wanted.len() == found.len() && is_matching(wanted, found),
        (Value::Array(wanted), found) if wanted.is_empty() => is_unassigned(found),
        (Value::Number(wanted), Value::Number(found)) => wanted.as_f64() == found.as_f64(),
        _ => wanted == found,
    }
}

/// Whether each wanted element has a partner of its own. Lists are short here, so trying all partners is cheap.
fn is_matching(wanted: &[Value], found: &[Value]) -> bool {
    let Some((first, rest)) = wanted.split_first() else { return true };
    (0..found.len()).any(|position| {
        found.get(position).is_some_and(|candidate| is_like(first, candidate)) && {
            let mut others = found.to_vec();
            others.remove(position);
            is_matching(rest, &others)
        }
    })
}

pub(crate) fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A value in a sentence.
pub(crate) fn shown(value: &Value) -> String {
    if value.is_null() {
        return "absent".to_owned();
    }
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn servers_may_add_members_and_reorder_but_not_add_elements() {
        let wanted = json!([{"type": "work"}, {"value": "b", "type": "work"}]);
        assert!(is_like(&wanted, &json!([{"value": "b", "type": "work", "x": 1}, {"value": "a", "type": "work"}])));
        assert!(!is_like(&wanted, &json!([{"type": "work"}, {"type": "work"}])));
        assert!(!is_like(&wanted, &json!([{"type": "work"}, {"value": "b", "type": "work"}, {}])));
        assert!(is_like(&json!({"active": true, "title": null}), &json!({"ACTIVE": true, "emails": []})));
        assert!(!is_like(&json!(true), &json!("true")));
        assert!(is_like(&json!("*"), &json!(7)) && !is_like(&json!("*"), &json!([])));
        assert!(is_like(&json!(null), &json!([])) && !is_like(&json!(null), &json!("")));
    }

    #[test]
    fn a_pointer_reads_names_without_regard_to_case() {
        let document = json!({"Name": {"givenName": "Ada"}, "emails": [{"value": "x"}], "urn:a:2.0:User": {"b": 1}});
        assert_eq!(member(&document, "/name/GIVENNAME"), "Ada");
        assert_eq!(member(&document, "/emails/0/value"), "x");
        assert_eq!(member(&document, "/urn:a:2.0:User/b"), 1);
        assert!(member(&document, "/none/at/all").is_null());
    }
}
