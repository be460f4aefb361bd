//! Whom a document refers to.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Name, NotADocument};

/// The `value` of each element of these attributes (RFC 7643 section 2.4), each named by the URN of its extension and its
/// name. The rest of the document is passed over.
pub fn reference_values(document: &str, references: &[(Option<&str>, &str)]) -> Result<Vec<String>, NotADocument> {
    let mut found = Vec::new();
    read(document, Holder { references, extension: None, found: &mut found }).map_err(|_| NotADocument)?;
    Ok(found)
}

/// What holds attributes: the document, or the object of an extension.
struct Holder<'r> {
    references: &'r [(Option<&'r str>, &'r str)],
    extension: Option<&'r str>,
    found: &'r mut Vec<String>,
}

fn read(text: &str, holder: Holder<'_>) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer.deserialize_map(holder)?;
    deserializer.end()
}

impl<'de> Visitor<'de> for Holder<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { references, extension, found } = self;
        while let Some(name) = map.next_key::<Name<'de>>()? {
            let name = name.as_str();
            if references.contains(&(extension, name)) {
                note_values(&map.next_value::<Value>()?, found);
            } else if extension.is_none() && references.iter().any(|(urn, _)| *urn == Some(name)) {
                let inside = map.next_value::<&RawValue>()?;
                if inside.get().starts_with('{') {
                    let holder = Holder { references, extension: Some(name), found };
                    read(inside.get(), holder).map_err(A::Error::custom)?;
                }
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

fn note_values(value: &Value, found: &mut Vec<String>) {
    let elements = match value {
        Value::Array(elements) => elements.as_slice(),
        one => std::slice::from_ref(one),
    };
    found.extend(elements.iter().filter_map(|element| element.get("value")?.as_str()).map(str::to_owned));
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCES: [(Option<&str>, &str); 2] = [(Some("urn:x"), "manager"), (None, "owners")];

    #[test]
    fn only_the_named_places_are_looked_at() {
        let text = r#"{"manager":{"value":"no"},"owners":[{"value":"1"},{"value":2},"3",{"value":"\u0034"}],
            "urn:x":{"owners":{"value":"no"},"manager":{"type":"a","value":"5"}},"urn:y":{"manager":{"value":"no"}}}"#;
        assert_eq!(reference_values(text, &REFERENCES).unwrap(), ["1", "4", "5"]);
        for none in ["{}", r#"{"urn:x":[{"manager":{"value":"no"}}],"owners":null}"#, r#"{"urn:x":"a","owners":"b"}"#] {
            assert_eq!(reference_values(none, &REFERENCES).unwrap(), [""; 0], "{none}");
        }
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for text in ["", "[]", "null", "{", r#"{"owners":[{"value":"1"}]"#, r#"{"urn:x":{"manager":}}"#, "{}{}"] {
            assert_eq!(reference_values(text, &REFERENCES), Err(NotADocument), "{text}");
        }
    }
}
