//! Checks that are data: make a resource, send one request, look at the answer and at what is there afterwards.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::announced::Feature;
use super::area::Area;
use super::check::Check;
use super::finding::Severity;
use super::profile::Profile;
use super::session::{Made, Session, patch_body};
use super::suite::knows;
use super::verdict::{Verdict, ensure, expect_at, skip};
use crate::encoding::{percent_encoded, resource_path};
use crate::likeness::shown;
use crate::version::ScimVersion;
use crate::wire::{Answer, Ask};

/// One case of a file in `cases/`; its README says what the members mean.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) id: String,
    section: String,
    expected: String,
    remedy: String,
    #[serde(default = "error")]
    severity: Severity,
    /// The identity providers that speak so; empty for what the standard asks of every server.
    #[serde(default)]
    pub(crate) providers: Vec<Profile>,
    /// Where the standard and identity providers disagree: only asked from the point of view of the standard.
    #[serde(default)]
    pub(crate) strict: bool,
    #[serde(default)]
    needs: Vec<Feature>,
    /// Attributes that the server must publish, besides those of `user`.
    #[serde(default)]
    uses: Vec<String>,
    #[serde(default)]
    user: Map<String, Value>,
    group: Option<Map<String, Value>>,
    operations: Option<Value>,
    send: Option<Sending>,
    status: Vec<u16>,
    #[serde(default)]
    scim_type: Vec<String>,
    /// Members of the answer.
    #[serde(default)]
    answer: Map<String, Value>,
    /// Members of the resource when it is read again.
    #[serde(default)]
    then: Map<String, Value>,
    /// The resource is afterwards exactly what it was before.
    #[serde(default)]
    unchanged: bool,
}

fn error() -> Severity {
    Severity::Error
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Sending {
    method: String,
    /// A path, with placeholders.
    to: String,
    /// As it goes over the wire, with placeholders.
    #[serde(default)]
    query: String,
    #[serde(default)]
    headers: Map<String, Value>,
    body: Option<Value>,
    /// A body that is no JSON.
    text: Option<String>,
}

/// Placeholders and what stands for them.
type Words = Vec<(&'static str, String)>;

impl Case {
    /// The cases of a file of this crate.
    pub(crate) fn read_all(text: &str) -> Result<Vec<Self>, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The check that asks it.
    pub(crate) fn into_check(self, area: Area, version: ScimVersion, severity: Option<Severity>) -> Check {
        let question = self.clone();
        let mut check = Check::new(area, &self.id, &self.section, &self.expected, &self.remedy, move |session| {
            question.ask(session)
        });
        check.severity = severity.unwrap_or(self.severity);
        check.version = version;
        check.needs = self.needs;
        if self.operations.is_some() {
            check.needs.push(Feature::Patch);
        }
        if self.group.is_some() {
            check.needs.push(Feature::Groups);
        }
        if version == ScimVersion::V1_1 { check.of_v1() } else { check }
    }

    fn ask(&self, session: &mut Session<'_>) -> Verdict {
        let schema = if self.group.is_some() { session.version.group_schema() } else { session.version.user_schema() };
        let of_user = self.user.keys().find(|name| !knows(session, session.version.user_schema(), name));
        let unknown = of_user.or_else(|| self.uses.iter().find(|name| !knows(session, schema, name)));
        if let Some(unknown) = unknown {
            return skip(format!("the server does not publish the attribute {unknown}"));
        }
        let mut words: Words = vec![("{marker}", session.marker.clone()), ("{unknown}", unknown_id(&session.marker))];
        if self.mentions("{fresh}") {
            words.push(("{fresh}", session.fresh_name()));
        }
        if self.mentions("{other") {
            let other = session.user(&Value::Object(Map::new()))?;
            words.extend([("{other}", other.id), ("{otherName}", other.name)]);
        }
        let target = self.prepare(session, &mut words)?;
        let before = if self.unchanged { Some(session.read(&target.path)?) } else { None };
        let answer = session.send(&self.request(session, &target, &words))?;
        let scim_types: Vec<&str> = self.scim_type.iter().map(String::as_str).collect();
        answer.expect_refusal(&self.status, &scim_types)?;
        for (pointer, wanted) in &self.answer {
            answer.expect_at(&filled_text(pointer, &words), &filled(wanted, &words))?;
        }
        if let Some(before) = before {
            let after = session.read(&target.path)?;
            return ensure(before == after, || difference(&before, &after));
        }
        self.look(session, &target, &answer, &words)
    }

    /// Makes the user, and the group if there is one; gives the one that the request is about.
    fn prepare(&self, session: &mut Session<'_>, words: &mut Words) -> Verdict<Made> {
        let user = session.user(&filled(&Value::Object(self.user.clone()), words))?;
        words.extend([("{id}", user.id.clone()), ("{user}", user.path.clone()), ("{name}", user.name.clone())]);
        let Some(group) = &self.group else { return Ok(user) };
        let group = session.group_with(&filled(&Value::Object(group.clone()), words))?;
        words.extend([
            ("{groupId}", group.id.clone()),
            ("{group}", group.path.clone()),
            ("{groupName}", group.name.clone()),
        ]);
        Ok(group)
    }

    fn request(&self, session: &Session<'_>, target: &Made, words: &Words) -> Ask {
        let (version, demanded) = (session.version, &session.demanded);
        let Some(sending) = &self.send else {
            let operations = self.operations.as_ref().unwrap_or(&Value::Null);
            return Ask::patch(target.path.clone(), &patch_body(&filled(operations, words)));
        };
        let mut ask = Ask::with_method(&sending.method, filled_text(&sending.to, words))
            .raw_query(filled_text(&sending.query, &encoded(words)));
        for (name, value) in &sending.headers {
            ask = ask.header(name, value.as_str().unwrap_or_default());
        }
        match (&sending.body, &sending.text, &self.operations) {
            (Some(body), ..) => {
                let mut body = filled(body, words);
                if sending.to == "/Users" && self.status.contains(&201) {
                    add_missing(&mut body, demanded);
                }
                ask.text(body.to_string())
            }
            (None, Some(text), _) => ask.text(filled_text(text, words)),
            (None, None, Some(operations)) if version == ScimVersion::V2_0 => {
                ask.text(patch_body(&filled(operations, words)).to_string())
            }
            _ => ask,
        }
    }

    /// The resource as it is now, in the answer where the answer holds it, and when it is read again.
    fn look(&self, session: &mut Session<'_>, target: &Made, answer: &Answer, words: &Words) -> Verdict {
        if self.then.is_empty() {
            return Ok(());
        }
        let created = answer.id().filter(|_| answer.status == 201).map(str::to_owned);
        let is_write = self.send.as_ref().is_none_or(|sending| sending.method != "GET");
        let is_shown = is_write && answer.is_success() && answer.id().is_some();
        let path = match (&self.send, created) {
            (Some(sending), Some(id)) => resource_path(sending.to.trim_end_matches('/'), &id),
            _ => target.path.clone(),
        };
        let is_whole = self.send.as_ref().is_none_or(|sending| sending.query.is_empty());
        let after = session.read(&path)?;
        for (pointer, wanted) in &self.then {
            let (pointer, wanted) = (filled_text(pointer, words), filled(wanted, words));
            if is_shown && is_whole {
                answer.expect_at(&pointer, &wanted)?;
            }
            expect_at(&after, &pointer, &wanted)?;
        }
        Ok(())
    }

    fn mentions(&self, placeholder: &str) -> bool {
        let values = [self.operations.as_ref(), self.send.as_ref().and_then(|sending| sending.body.as_ref())];
        let texts =
            self.send.iter().flat_map(|sending| [Some(&sending.to), Some(&sending.query), sending.text.as_ref()]);
        let maps = [Some(&self.user), self.group.as_ref(), Some(&self.then)];
        values.into_iter().flatten().any(|value| value.to_string().contains(placeholder))
            || texts.flatten().any(|text| text.contains(placeholder))
            || maps.into_iter().flatten().any(|map| Value::Object(map.clone()).to_string().contains(placeholder))
    }
}

/// An id that no server has given to anything: a UUID in form, because some servers refuse others.
pub(crate) fn unknown_id(marker: &str) -> String {
    let digits = marker.bytes().fold(String::new(), |mut digits, byte| {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    });
    let (head, tail) = (digits.get(..4).unwrap_or("0000"), digits.get(4..16).unwrap_or("000000000000"));
    format!("00000000-0000-4000-8{}-{tail:0<12}", head.get(1..).unwrap_or("000"))
}

/// The words as they stand in a query.
fn encoded(words: &Words) -> Words {
    words.iter().map(|(placeholder, word)| (*placeholder, percent_encoded(word))).collect()
}

fn filled(value: &Value, words: &Words) -> Value {
    match value {
        Value::String(text) => Value::from(filled_text(text, words)),
        Value::Array(elements) => elements.iter().map(|element| filled(element, words)).collect(),
        Value::Object(members) => Value::Object(
            members.iter().map(|(name, value)| (filled_text(name, words), filled(value, words))).collect(),
        ),
        other => other.clone(),
    }
}

fn filled_text(text: &str, words: &Words) -> String {
    words.iter().fold(text.to_owned(), |text, (placeholder, word)| text.replace(placeholder, word))
}

/// What this server demands of every user, where the body does not have it.
fn add_missing(body: &mut Value, demanded: &Map<String, Value>) {
    let Some(body) = body.as_object_mut() else { return };
    for (name, value) in demanded {
        if !body.keys().any(|known| known.eq_ignore_ascii_case(name)) {
            body.insert(name.clone(), value.clone());
        }
    }
}

/// Names what changed although nothing should.
fn difference(before: &Value, after: &Value) -> String {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else {
        return "the resource changed".to_owned();
    };
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    let changed = names.filter(|name| before.get(*name) != after.get(*name)).map(|name| {
        let show = |side: &Map<String, Value>| shown(side.get(name).unwrap_or(&Value::Null));
        format!("{name} was {} and is {}", show(before), show(after))
    });
    format!("the resource changed: {}", changed.collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn placeholders_are_filled_in_names_and_values_at_any_depth() {
        let words = vec![("{id}", "7".to_owned())];
        assert_eq!(filled(&json!({"a{id}": [{"b": "x{id}"}, 1]}), &words), json!({"a7": [{"b": "x7"}, 1]}));
    }

    #[test]
    fn an_unknown_id_looks_like_a_uuid() {
        let id = unknown_id("abcd2345");
        assert_eq!(id.len(), 36, "{id}");
        assert_ne!(id, unknown_id("abcd2346"));
    }

    #[test]
    fn a_change_is_named() {
        let words = difference(&json!({"title": "a", "x": 1}), &json!({"title": "b", "x": 1}));
        assert_eq!(words, "the resource changed: title was \"a\" and is \"b\"");
    }
}
