//! Takes out of a body what must not be kept: secrets by their names, and what the installation masks. It is read as JSON and
//! written anew; what cannot be read is not kept. Only then it is cut, so a cut never decides what is a secret.

use muster_model::{BodyNote, KeptBody, ResourceId};
use serde_json::Value;

use super::filter_text;
use super::masks::{AttributeMasks, AttributeName};
use super::secrets::{SecretNames, sounds_secret};
use super::trace::ReadBody;

/// As much of a body's text is kept.
pub(super) const LONGEST_KEPT: usize = 16 * 1024;
const SECRET: &str = "(secret)";
const MASKED: &str = "(masked)";

pub(super) struct Redaction<'a> {
    pub(super) secrets: &'a SecretNames,
    pub(super) masks: &'a AttributeMasks,
}

impl Redaction<'_> {
    /// What is kept of a body that was read.
    pub(super) fn body(&self, body: &ReadBody) -> KeptBody {
        let length = Some(body.length);
        let Some(bytes) = &body.bytes else {
            return KeptBody { bytes: length, text: None, note: Some(BodyNote::TooLong) };
        };
        let Ok(mut value) = serde_json::from_slice::<Value>(bytes) else {
            return KeptBody { bytes: length, text: None, note: Some(BodyNote::NotJson) };
        };
        self.walk(&mut value, None);
        let mut text = value.to_string();
        let is_cut = text.len() > LONGEST_KEPT;
        text.truncate(text.floor_char_boundary(LONGEST_KEPT));
        KeptBody { bytes: length, text: Some(text), note: is_cut.then_some(BodyNote::Cut) }
    }

    /// What is kept of an answer. It is our own: what a schema never returns is not in it, and its members are named in plain
    /// letters. So mostly it is enough to see that nothing in it sounds secret, which costs a fraction of reading it.
    pub(super) fn answer(&self, body: &ReadBody) -> KeptBody {
        let text = body.bytes.as_ref().and_then(|bytes| std::str::from_utf8(bytes).ok());
        match text {
            Some(text) if self.masks.is_empty() && !sounds_secret(text) => {
                let kept = text.get(..text.floor_char_boundary(LONGEST_KEPT)).unwrap_or_default();
                let is_cut = kept.len() < text.len();
                KeptBody {
                    bytes: Some(body.length),
                    text: Some(kept.to_owned()),
                    note: is_cut.then_some(BodyNote::Cut),
                }
            }
            _ => self.body(body),
        }
    }

    /// `parent`: the attribute in which the value stands, in small letters.
    fn walk(&self, value: &mut Value, parent: Option<&str>) {
        match value {
            Value::Array(elements) => elements.iter_mut().for_each(|element| self.walk(element, parent)),
            Value::Object(members) => {
                let path = operand_path(members);
                for (name, member) in members {
                    match (&path, member) {
                        (Some(path), member) if name.eq_ignore_ascii_case("value") => self.operand(path, member),
                        (_, Value::String(text)) if name.eq_ignore_ascii_case("path") => *text = self.path(text),
                        (_, Value::String(text)) if parent.is_none() && name.eq_ignore_ascii_case("filter") => {
                            *text = filter_text::masked(text);
                        }
                        (_, member) => self.member(&AttributeName::of(name), parent, member),
                    }
                }
            }
            Value::String(text) => self.nested(text, parent),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn member(&self, name: &AttributeName, parent: Option<&str>, value: &mut Value) {
        let AttributeName { attribute, sub_attribute } = name;
        let inner = sub_attribute.as_deref();
        if self.secrets.have(attribute) || inner.is_some_and(|inner| self.secrets.have(inner)) {
            *value = Value::from(SECRET);
        } else if self.masks.cover(parent, attribute)
            || inner.is_some_and(|inner| self.masks.cover(Some(attribute), inner))
        {
            mask(value);
        } else {
            // A list of simple values in place of objects has in it what their `value` would be.
            if self.masks.touch(attribute) && inner.is_none() {
                mask_simple(value);
            }
            self.walk(value, Some(inner.unwrap_or(attribute)));
        }
    }

    /// The value of a PATCH operation, which is what its path says (RFC 7644 section 3.5.2).
    fn operand(&self, path: &str, value: &mut Value) {
        if self.secrets.are_in(path) {
            *value = Value::from(SECRET);
        } else {
            self.member(&AttributeName::of(path), None, value);
        }
    }

    /// A path has values in its brackets. Those that are ids say nothing.
    fn path(&self, path: &str) -> String {
        if path.starts_with('/') || self.masks.is_empty() && !self.secrets.are_in(path) {
            return path.to_owned();
        }
        match (path.find('['), path.rfind(']')) {
            (Some(open), Some(close)) if open < close => {
                let (head, inner, tail) = (path.get(..=open), path.get(open + 1..close), path.get(close..));
                let inner = filter_text::masked(inner.unwrap_or_default());
                [head.unwrap_or_default(), &inner, tail.unwrap_or_default()].concat()
            }
            (None, None) => path.to_owned(),
            _ => filter_text::MARK.to_owned(),
        }
    }

    /// Some clients send JSON as text within JSON.
    fn nested(&self, text: &mut String, parent: Option<&str>) {
        if !text.trim_start().starts_with(['{', '[']) {
            return;
        }
        match serde_json::from_str::<Value>(text) {
            Ok(mut value) => {
                self.walk(&mut value, parent);
                *text = value.to_string();
            }
            Err(_) if self.secrets.are_in(text) || !self.masks.is_empty() => SECRET.clone_into(text),
            Err(_) => {}
        }
    }
}

/// The path of what looks like a PATCH operation.
fn operand_path(members: &serde_json::Map<String, Value>) -> Option<String> {
    let (_, path) = members.iter().find(|(name, _)| name.eq_ignore_ascii_case("path"))?;
    path.as_str().map(str::to_owned)
}

/// Everything in it that could be about a person. Ids of ours and truth values stay, and so do names of members.
fn mask(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(mask),
        Value::Object(members) => members.values_mut().for_each(mask),
        Value::String(text) if ResourceId::parse(text).is_some() => {}
        Value::String(_) | Value::Number(_) => *value = Value::from(MASKED),
        Value::Null | Value::Bool(_) => {}
    }
}

fn mask_simple(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(mask_simple),
        Value::Object(_) => {}
        simple => mask(simple),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use scim::schema::SchemaSet;
    use serde_json::json;

    use super::*;

    fn kept(text: &str, masked: &[&str]) -> KeptBody {
        let secrets = SecretNames::of(&SchemaSet::builtin());
        let names: Vec<String> = masked.iter().map(|name| (*name).to_owned()).collect();
        let masks = AttributeMasks::of(&names);
        let redaction = Redaction { secrets: &secrets, masks: &masks };
        redaction.body(&ReadBody::of(&Bytes::copy_from_slice(text.as_bytes())))
    }

    #[test]
    fn a_secret_is_taken_out_wherever_a_client_can_put_it() {
        for body in [
            json!({"userName": "anna", "password": "canary"}),
            json!({"userName": "anna", "PASSWORD": {"a": ["canary"]}}),
            json!({"urn:ietf:params:scim:schemas:core:2.0:User:password": "canary"}),
            json!({"urn:ietf:params:scim:schemas:core:2.0:User": {"password": "canary"}}),
            json!({"Operations": [{"op": "replace", "path": "password", "value": "canary"}]}),
            json!({"Operations": [{"op": "replace", "Path": "PassWord", "Value": "canary"}]}),
            json!({"Operations": [{"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:password", "value": ["canary"]}]}),
            json!({"Operations": [{"op": "add", "value": {"password": "canary"}}]}),
            json!({"Operations": [{"op": "add", "path": "x[password eq \"canary\"].y", "value": 1}]}),
            json!({"Operations": [{"method": "POST", "path": "/Users", "data": {"password": "canary"}}]}),
            json!({"Operations": [{"op": "replace", "value": "{\"password\":\"canary\"}"}]}),
            json!({"Operations": [{"op": "replace", "value": "{\"password\":\"canary\""}]}),
            json!({"client_secret": "canary"}),
            json!([{"userPassword": "canary"}]),
            json!({"schemas": [], "filter": "password eq \"canary\""}),
            json!({"filter": "userName eq \"canary\""}),
        ] {
            let kept = kept(&body.to_string(), &[]);
            let text = kept.text.unwrap();
            assert!(!text.contains("canary"), "{body}: {text}");
            assert_eq!(kept.note, None);
        }
        let escaped = kept("{\"p\\u0061ssword\":\"canary\",\"password\":\"canary\"}", &[]);
        assert_eq!(escaped.text.unwrap(), "{\"password\":\"(secret)\"}");
    }

    #[test]
    fn what_nobody_hides_is_kept_as_it_was() {
        let body = json!({"userName": "anna", "emails": [{"value": "a@b", "type": "work"}], "active": true, "n": 1,
            "Operations": [{"op": "remove", "path": "members[value eq \"x\"]"}]});
        assert_eq!(kept(&body.to_string(), &[]).text.unwrap(), body.to_string());
    }

    #[test]
    fn masked_attributes_are_masked_wherever_a_client_can_put_them() {
        let masked = ["emails.value", "name.familyName", "userName"];
        for body in [
            json!({"USERNAME": "canary"}),
            json!({"emails": [{"value": "canary", "type": "work"}]}),
            json!({"emails": ["canary"]}),
            json!({"emails": "canary"}),
            json!({"emails.value": "canary"}),
            json!({"emails[type eq \"work\"].value": "canary"}),
            json!({"name": {"familyName": "canary"}}),
            json!({"name.familyName": "canary"}),
            json!({"urn:ietf:params:scim:schemas:core:2.0:User:name": {"familyName": "canary"}}),
            json!({"Resources": [{"userName": "canary", "name": {"familyName": "canary"}}]}),
            json!({"Operations": [{"op": "replace", "path": "userName", "value": "canary"}]}),
            json!({"Operations": [{"op": "replace", "path": "name.familyName", "value": "canary"}]}),
            json!({"Operations": [{"op": "replace", "path": "name", "value": {"familyName": "canary"}}]}),
            json!({"Operations": [{"op": "add", "path": "emails", "value": [{"value": "canary"}]}]}),
            json!({"Operations": [{"op": "add", "path": "emails", "value": "canary"}]}),
            json!({"Operations": [{"op": "add", "path": "emails[type eq \"work\"].value", "value": "canary"}]}),
            json!({"Operations": [{"op": "remove", "path": "emails[value eq \"canary\"]"}]}),
            json!({"Operations": [{"op": "replace", "value": {"userName": 12345, "name.familyName": "canary"}}]}),
        ] {
            let text = kept(&body.to_string(), &masked).text.unwrap();
            assert!(!text.contains("canary") && !text.contains("12345"), "{body}: {text}");
        }
        let body = json!({"emails": [{"value": "a@b", "type": "work"}], "name": {"givenName": "Anna"}});
        let text = kept(&body.to_string(), &masked).text.unwrap();
        assert!(text.contains("\"work\"") && text.contains("Anna") && !text.contains("a@b"), "{text}");
    }

    #[test]
    fn what_cannot_be_looked_through_is_not_kept_and_a_cut_comes_last() {
        assert_eq!(
            kept("password=canary", &[]),
            KeptBody { bytes: Some(15), text: None, note: Some(BodyNote::NotJson) }
        );
        let huge = format!("{{\"a\":\"{}\"}}", "x".repeat(70_000));
        assert_eq!(kept(&huge, &[]).note, Some(BodyNote::TooLong));
        let long = json!({"a": "é".repeat(12_000), "password": "canary"}).to_string();
        let cut = kept(&long, &[]);
        assert_eq!((cut.note, cut.bytes), (Some(BodyNote::Cut), Some(long.len() as u64)));
        let text = cut.text.unwrap();
        assert!(text.len() <= LONGEST_KEPT && text.len() > LONGEST_KEPT - 4 && !text.contains("canary"));
    }
}
