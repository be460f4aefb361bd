//! At most one element of a list is the primary one (RFC 7643 section 2.4).

use serde_json::Value;

use super::place::Place;
use super::reader::ValueReader;
use crate::schema::{Attribute, AttributeType};
use crate::{Error, Repair, Result};

/// What to do with a list whose elements carry the mark more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeveralPrimaries {
    Refuse,
    KeepFirst,
}

/// Whether elements of the attribute can carry the mark at all.
pub(crate) fn has_primary(attribute: &Attribute) -> bool {
    attribute.sub_attribute("primary").is_some_and(|sub| sub.attribute_type == AttributeType::Boolean)
}

pub(crate) fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

pub(super) fn settle_primaries(reader: &mut ValueReader, place: Place, elements: &mut [Value]) -> Result<()> {
    if !has_primary(place.definition()) {
        return Ok(());
    }
    let Some(first) = elements.iter().position(is_primary) else { return Ok(()) };
    if elements.iter().filter(|element| is_primary(element)).count() < 2 {
        return Ok(());
    }
    if reader.several_primaries == SeveralPrimaries::Refuse {
        return Err(several_primaries(&place));
    }
    clear_other_primaries(elements, first);
    reader.note(Repair::PrimaryCleared { attribute: place.notation() });
    Ok(())
}

/// Sets the mark of every other element to false (RFC 7644 section 3.5.2).
pub(crate) fn clear_other_primaries(elements: &mut [Value], kept: usize) {
    for (position, element) in elements.iter_mut().enumerate() {
        if position != kept
            && is_primary(element)
            && let Some(mark) = element.get_mut("primary")
        {
            *mark = Value::Bool(false);
        }
    }
}

pub(crate) fn several_primaries(place: &dyn std::fmt::Display) -> Error {
    Error::invalid_value(format!("{place} marks more than one element as primary; mark one"))
}
