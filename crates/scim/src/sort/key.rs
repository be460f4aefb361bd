//! One sort key, and the order of two.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::fold;
use crate::schema::{Attribute, AttributeType};
use crate::value::{compare_numbers, parse_date_time};

/// The value that a resource is sorted by, in the form in which it is compared. It can be written down and read back,
/// because a page that begins after a resource must know where that resource stood.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum SortKey {
    Boolean(bool),
    Number(Number),
    Instant(Timestamp),
    /// Folded by [`crate::fold`] unless the attribute is caseExact. Never empty: an empty text is no value, as for `pr`.
    Text(String),
}

impl SortKey {
    /// The key that a value makes, by its attribute's type. A value of another type than its attribute (stored as sent
    /// by a tolerant profile) has no place in the type's order and so makes none.
    pub fn of(definition: &Attribute, value: &Value) -> Option<Self> {
        match (definition.attribute_type, value) {
            (AttributeType::Boolean, Value::Bool(value)) => Some(Self::Boolean(*value)),
            (AttributeType::Decimal | AttributeType::Integer, Value::Number(number)) => {
                Some(Self::Number(number.clone()))
            }
            (AttributeType::DateTime, Value::String(text)) => parse_date_time(text).map(Self::Instant),
            (AttributeType::String | AttributeType::Reference | AttributeType::Binary, Value::String(text)) => {
                let text = if definition.case_exact { text.clone() } else { fold(text) };
                (!text.is_empty()).then_some(Self::Text(text))
            }
            _ => None,
        }
    }

    /// Keys of one attribute are all of one kind; kinds only meet when several resource types give an attribute of one
    /// name different types, and then any fixed order will do.
    fn kind(&self) -> u8 {
        match self {
            Self::Boolean(_) => 0,
            Self::Number(_) => 1,
            Self::Instant(_) => 2,
            Self::Text(_) => 3,
        }
    }
}

impl Ord for SortKey {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Boolean(left), Self::Boolean(right)) => left.cmp(right),
            (Self::Number(left), Self::Number(right)) => compare_numbers(left, right),
            (Self::Instant(left), Self::Instant(right)) => left.cmp(right),
            // The order of UTF-8 bytes is the order of Unicode code points (RFC 7644 section 3.4.2.3).
            (Self::Text(left), Self::Text(right)) => left.cmp(right),
            _ => self.kind().cmp(&other.kind()),
        }
    }
}

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for SortKey {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for SortKey {}

/// The ascending order: who has no key comes last (RFC 7644 section 3.4.2.3).
pub fn compare_keys(left: Option<&SortKey>, right: Option<&SortKey>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => left.cmp(right),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}
