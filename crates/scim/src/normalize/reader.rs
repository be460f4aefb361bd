//! Values as sent become values in normal form: canonical names, the schema's types, no nulls, nothing empty.

use serde_json::{Map, Value};

use super::identity::{collapse, points_at_resources};
use super::misspellings::Misspellings;
use super::place::Place;
use super::primary::{SeveralPrimaries, settle_primaries};
use super::reference::complete_reference;
use super::simple::{simple_value, wrong_type};
use crate::schema::{Attribute, Mutability, ResolvedPath};
use crate::shown_name::shown_name;
use crate::{Error, Leniency, Repair, Repairs, Result};

/// Repairs beyond this number are not recorded: a message that needs so many is described well enough by the first.
const MOST_REPAIRS: usize = 256;

/// Reads values under one leniency and collects what it repaired.
pub(crate) struct ValueReader<'a> {
    pub(crate) leniency: &'a Leniency,
    pub(crate) repairs: &'a mut Repairs,
    pub(crate) several_primaries: SeveralPrimaries,
}

/// What a value asks of an attribute that it is merged into.
#[derive(Debug, PartialEq)]
pub(crate) enum Merge {
    /// The value stands for "no value".
    Unassign,
    /// Sub-attributes to set; null unassigns one.
    Members(Map<String, Value>),
}

#[derive(Clone, Copy, PartialEq)]
enum Nulls {
    Drop,
    Keep,
}

impl ValueReader<'_> {
    /// The attribute's value in normal form; `None` when it is unassigned (RFC 7643 section 2.5). What the schema
    /// calls readOnly is left out.
    pub(crate) fn value(&mut self, place: Place, value: &Value) -> Result<Option<Value>> {
        if place.definition().multi_valued {
            let elements = self.list(place, value)?;
            return Ok((!elements.is_empty()).then_some(Value::Array(elements)));
        }
        self.single(place, value)
    }

    /// The elements of a multi-valued attribute, without duplicates and with at most one `primary`.
    pub(crate) fn list(&mut self, place: Place, value: &Value) -> Result<Vec<Value>> {
        let mut elements = self.elements(place, value)?;
        if collapse(place.definition(), &mut elements) {
            self.note(Repair::ElementsMerged { attribute: place.notation() });
        }
        settle_primaries(self, place, &mut elements)?;
        Ok(elements)
    }

    /// The elements of a list as they were sent, each in normal form. Only null and an empty list stand for no elements
    /// (RFC 7643 section 2.5): whatever else says nothing is refused, because a list that a mistake empties is access
    /// that somebody loses.
    pub(crate) fn elements(&mut self, place: Place, value: &Value) -> Result<Vec<Value>> {
        let sent = match value {
            Value::Null => return Ok(Vec::new()),
            Value::Array(sent) => sent.as_slice(),
            other if self.leniency.wrap_values => {
                self.note(Repair::ValueWrapped { attribute: place.notation() });
                std::slice::from_ref(other)
            }
            _ => return Err(wrong_type(place, "a list")),
        };
        let mut elements = Vec::with_capacity(sent.len());
        for (position, one) in sent.iter().enumerate() {
            let place = place.element(position);
            if one.is_null() {
                return Err(Error::invalid_value(format!("{place} is null; a list holds values only")));
            }
            let Some(mut element) = self.single(place, one)? else { return Err(says_nothing(place)) };
            complete_reference(self, place, &mut element)?;
            elements.push(element);
        }
        Ok(elements)
    }

    /// The value of a single-valued attribute, or one element of a list, in normal form.
    pub(crate) fn single(&mut self, place: Place, value: &Value) -> Result<Option<Value>> {
        if is_unassigned(value) && !(place.is_element() && value.is_array()) {
            return Ok(None);
        }
        if !place.definition().is_complex() {
            if value.as_str() == Some("") && place.is_value_of_reference() {
                return Err(Error::invalid_value(format!("{place} is empty; it must name a resource")));
            }
            if value.as_str().is_some_and(|text| place.refers_to_bulk_id(text)) {
                return Err(Error::invalid_value(format!(
                    "{place} names a \"bulkId\" that stands for no resource here; give the id of a resource, or send both \
                     operations in one bulk request"
                )));
            }
            return simple_value(self, place, value).map(Some);
        }
        let Some(members) = self.members(place, value, Nulls::Drop)? else { return Ok(None) };
        if members.is_empty() || self.only_says_empty(place, &members) {
            return Ok(None);
        }
        Ok(Some(Value::Object(members)))
    }

    /// A value for a complex attribute, or for chosen elements, that what is there shall be merged with.
    pub(crate) fn merge(&mut self, place: Place, value: &Value) -> Result<Merge> {
        if value.is_null() || value.as_array().is_some_and(Vec::is_empty) {
            return Ok(Merge::Unassign);
        }
        match self.members(place, value, Nulls::Keep)? {
            Some(members) if !self.only_says_empty(place, &members) => Ok(Merge::Members(members)),
            _ => Ok(Merge::Unassign),
        }
    }

    /// Whether the value, for that path, clears a reference as a whole: `manager.value` set to an empty text.
    pub(crate) fn clears_reference(&self, path: &ResolvedPath, value: &Value) -> bool {
        self.leniency.wrap_values
            && value.as_str() == Some("")
            && path.sub_attribute.as_ref().is_some_and(|sub| sub.name == "value")
            && !path.attribute.multi_valued
            && points_at_resources(&path.attribute)
    }

    /// Collects a repair once. A message with thousands of the same mistake has one mistake.
    pub(crate) fn note(&mut self, repair: Repair) {
        if self.repairs.len() < MOST_REPAIRS && !self.repairs.contains(&repair) {
            self.repairs.push(repair);
        }
    }

    /// An attribute that the schema does not define: dropped with a repair, or refused.
    pub(crate) fn unknown(&mut self, holder: Option<&str>, name: &str) -> Result<()> {
        let shown = match holder {
            Some(holder) => format!("{holder}.{}", shown_name(name)),
            None => shown_name(name),
        };
        if self.leniency.ignore_unknown_attributes {
            self.note(Repair::UnknownAttributeDropped { attribute: shown });
            return Ok(());
        }
        Err(Error::invalid_syntax(format!("\"{shown}\" is not defined by the schemas of this resource")))
    }

    /// `None` when the value was an empty text in the place of an object.
    fn members(&mut self, place: Place, value: &Value, nulls: Nulls) -> Result<Option<Map<String, Value>>> {
        match value {
            Value::Object(sent) => self.object(place, sent, nulls).map(Some),
            Value::Array(sent) if self.leniency.wrap_values && !place.is_element() => match sent.as_slice() {
                [one @ Value::Object(_)] => {
                    self.note(Repair::ValueWrapped { attribute: place.notation() });
                    self.members(place, one, nulls)
                }
                _ => Err(wrong_type(place, "one object, not a list")),
            },
            Value::String(_) | Value::Number(_) | Value::Bool(_) if self.leniency.wrap_values => {
                self.wrapped(place, value)
            }
            _ => Err(wrong_type(place, "an object")),
        }
    }

    fn wrapped(&mut self, place: Place, value: &Value) -> Result<Option<Map<String, Value>>> {
        let Some(sub) = place.definition().sub_attribute("value").filter(|sub| is_writable(sub)) else {
            return Err(wrong_type(place, "an object"));
        };
        if value.as_str().is_some_and(str::is_empty) {
            return if place.definition().multi_valued { Err(says_nothing(place)) } else { Ok(None) };
        }
        self.note(Repair::ValueWrapped { attribute: place.notation() });
        let inner = self.value(place.sub_attribute(sub), value)?;
        Ok(inner.map(|inner| Map::from_iter([(sub.name.clone(), inner)])))
    }

    fn object(&mut self, place: Place, sent: &Map<String, Value>, nulls: Nulls) -> Result<Map<String, Value>> {
        let definition = place.definition();
        let mut members = Map::with_capacity(sent.len().min(definition.sub_attributes.len()));
        let misspellings = Misspellings::in_object(self.leniency, &definition.name, sent);
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in sent {
            let named = definition.sub_attribute(name).or_else(|| {
                let meant = misspellings.correct(self, &definition.name, name)?;
                definition.sub_attribute(meant)
            });
            let Some(sub) = named else {
                self.unknown(Some(&place.notation()), name)?;
                continue;
            };
            // What a client sends for a readOnly attribute is ignored (RFC 7644 section 3.5.1).
            if !is_writable(sub) {
                continue;
            }
            let place = place.sub_attribute(sub);
            if seen.contains(&sub.name.as_str()) {
                return Err(Error::invalid_syntax(format!(
                    "{place} is given more than once, in different letter case"
                )));
            }
            seen.push(&sub.name);
            match self.value(place, value)? {
                Some(value) => {
                    members.insert(sub.name.clone(), value);
                }
                None if nulls == Nulls::Keep => {
                    members.insert(sub.name.clone(), Value::Null);
                }
                None => {}
            }
        }
        Ok(members)
    }

    /// Identity providers clear a reference by sending it with an empty `value`: `manager: {"value": ""}`.
    fn only_says_empty(&self, place: Place, members: &Map<String, Value>) -> bool {
        self.leniency.wrap_values
            && !place.definition().multi_valued
            && points_at_resources(place.definition())
            && members.get("value").and_then(Value::as_str) == Some("")
            && members.values().all(|value| value.is_null() || value.as_str() == Some(""))
    }
}

fn says_nothing(place: Place) -> Error {
    Error::invalid_value(format!("{place} says nothing that can be stored"))
}

/// Absent, null and empty are one state (RFC 7643 section 2.5).
fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

pub(crate) fn is_writable(attribute: &Attribute) -> bool {
    attribute.mutability != Mutability::ReadOnly
}
