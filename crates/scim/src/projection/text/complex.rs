//! The value of an attribute with sub-attributes, cut while it is read: nothing is kept of it but what is shown.

use std::fmt;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize as _, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::ShownAttribute;
use super::begin_entry;
use crate::document_text::Name;

/// Writes a value, or one element of a list, and says whether anything of it is shown. If not, what was written is to be
/// taken back.
pub(super) struct Complex<'s, 'o> {
    shown: ShownAttribute<'s>,
    is_element: bool,
    out: &'o mut Vec<u8>,
}

impl<'s, 'o> Complex<'s, 'o> {
    pub(super) fn value_of(shown: ShownAttribute<'s>, out: &'o mut Vec<u8>) -> Self {
        Self { shown, is_element: false, out }
    }

    /// What has no sub-attributes although its attribute has some is shown as it is: the schema was another one when it was
    /// stored.
    fn simple<E: Error>(self, value: impl Serialize) -> Result<bool, E> {
        serde_json::to_writer(self.out, &value).map(|()| true).map_err(E::custom)
    }
}

impl<'de> DeserializeSeed<'de> for Complex<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Complex<'_, '_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        self.out.push(b'{');
        let begin = self.out.len();
        while let Some(name) = map.next_key::<Name<'de>>()? {
            if self.shown.shows(name.as_str()) {
                begin_entry(self.out, begin, name.as_str()).map_err(A::Error::custom)?;
                self.out.extend_from_slice(map.next_value::<&RawValue>()?.get().as_bytes());
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        let is_shown = self.out.len() > begin;
        self.out.push(b'}');
        Ok(is_shown)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<bool, A::Error> {
        if self.is_element {
            let list = Value::deserialize(SeqAccessDeserializer::new(elements))?;
            return self.simple(list);
        }
        self.out.push(b'[');
        let begin = self.out.len();
        loop {
            let before = self.out.len();
            if before > begin {
                self.out.push(b',');
            }
            let element = Complex { shown: self.shown, is_element: true, out: &mut *self.out };
            match elements.next_element_seed(element)? {
                Some(true) => {}
                Some(false) => self.out.truncate(before),
                None => {
                    self.out.truncate(before);
                    break;
                }
            }
        }
        let is_shown = self.out.len() > begin;
        self.out.push(b']');
        Ok(is_shown)
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        self.simple(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<bool, E> {
        self.simple(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<bool, E> {
        self.simple(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<bool, E> {
        self.simple(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<bool, E> {
        self.simple(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<bool, E> {
        self.simple(value)
    }
}
