//! How a document differs from the one that it replaces, for who follows the change log: names of attributes, no values.

use muster_model::{Activity, Difference};
use muster_store::NewDocument;
use scim::{Document, Leniency, ResourceSchema};
use serde_json::Value;

use super::content;
use crate::AppError;
use crate::guard::is_active;

/// As [`content`], of a document that replaces another.
pub(crate) fn content_instead(
    schema: &ResourceSchema,
    before: &Document,
    document: Document,
    leniency: &Leniency,
) -> Result<NewDocument, AppError> {
    let difference = Some(difference(before, &document));
    Ok(NewDocument { difference, ..content(schema, document, leniency)? })
}

fn difference(before: &Document, after: &Document) -> Difference {
    let mut changed = Vec::new();
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    for name in after.keys().chain(gone) {
        let (old, new) = (before.get(name), after.get(name));
        if old != new {
            note(name, old, new, &mut changed);
        }
    }
    let activity = match (is_active(before), is_active(after)) {
        (true, false) => Some(Activity::Deactivated),
        (false, true) => Some(Activity::Reactivated),
        _ => None,
    };
    Difference { changed, activity }
}

/// Of what has parts, those that differ. An extension's attributes follow its URN after a colon (RFC 7644 section 3.10).
fn note(name: &str, old: Option<&Value>, new: Option<&Value>, changed: &mut Vec<String>) {
    let is_plain = |value: Option<&Value>| value.is_some_and(|value| !value.is_object());
    if is_plain(old) || is_plain(new) {
        changed.push(name.to_owned());
        return;
    }
    let part = |whole: Option<&Value>, part: &str| whole.and_then(|whole| whole.get(part)).cloned();
    let parts = |whole: Option<&Value>| -> Vec<String> {
        whole.and_then(Value::as_object).map(|whole| whole.keys().cloned().collect()).unwrap_or_default()
    };
    let mut names = parts(new);
    names.extend(parts(old).into_iter().filter(|name| part(new, name).is_none()));
    let separator = if name.contains(':') { ':' } else { '.' };
    let differing = names.into_iter().filter(|inner| part(old, inner) != part(new, inner));
    changed.extend(differing.map(|inner| format!("{name}{separator}{inner}")));
}

#[cfg(test)]
mod tests {
    use scim::schema::ENTERPRISE_USER;
    use serde_json::json;

    use super::*;

    fn of(before: Value, after: Value) -> Difference {
        let (Value::Object(before), Value::Object(after)) = (before, after) else { panic!("objects") };
        difference(&before, &after)
    }

    #[test]
    fn attributes_are_named_down_to_their_parts() {
        let before = json!({
            "userName": "a", "title": "x", "name": {"givenName": "A", "familyName": "B"},
            "emails": [{"value": "a"}], ENTERPRISE_USER: {"manager": {"value": "1"}, "division": "d"},
        });
        let after = json!({
            "userName": "a", "name": {"givenName": "A", "familyName": "C", "formatted": "F"}, "nickName": "n",
            "emails": [{"value": "b"}], ENTERPRISE_USER: {"manager": {"value": "2"}},
        });
        let manager = format!("{ENTERPRISE_USER}:manager");
        let division = format!("{ENTERPRISE_USER}:division");
        let wanted =
            ["name.familyName", "name.formatted", "nickName", "emails", manager.as_str(), division.as_str(), "title"];
        assert_eq!(of(before, after).changed, wanted);
        let (without, with) = (json!({}), json!({"name": {"givenName": "A"}}));
        assert_eq!(of(without, with).changed, ["name.givenName"]);
    }

    #[test]
    fn access_is_taken_and_given_back() {
        let (none, yes, no) = (json!({}), json!({"active": true}), json!({"active": false}));
        for (before, after, activity) in [
            (&none, &no, Some(Activity::Deactivated)),
            (&yes, &no, Some(Activity::Deactivated)),
            (&no, &yes, Some(Activity::Reactivated)),
            (&no, &none, Some(Activity::Reactivated)),
            (&none, &yes, None),
        ] {
            let difference = of(before.clone(), after.clone());
            assert_eq!((difference.activity, difference.changed), (activity, vec!["active".to_owned()]));
        }
    }
}
