//! Operations on elements that a filter chooses: `emails[type eq "work"].value`.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Compilation, is_changeable, is_removal, nothing_to_add, refuse_unassigning_required};
use crate::filter::{CompareOperator, CompareValue, Filter};
use crate::normalize::{Merge, Place, ValueReader, is_writable};
use crate::patch::{CompiledOperation, ElementTarget, OperationKind};
use crate::schema::ResolvedPath;
use crate::{Error, Result};

impl Compilation<'_> {
    pub(super) fn elements(
        &mut self,
        kind: OperationKind,
        path: ResolvedPath,
        filter: &Filter,
        sub_attribute: Option<&str>,
        value: Option<&Value>,
    ) -> Result<()> {
        if !path.attribute.multi_valued || path.sub_attribute.is_some() {
            return Err(Error::invalid_path(format!(
                "\"{}\" is not a list, so no filter can choose from it",
                path.notation()
            )));
        }
        let compiled = filter.compile_elements(&path, self.reader.leniency)?;
        let sub_attribute = match sub_attribute {
            None => None,
            Some(name) => match path.attribute.sub_attribute(name) {
                Some(sub) => Some(Arc::clone(sub)),
                None if self.reader.leniency.ignore_unknown_attributes => {
                    return self.reader.unknown(Some(&path.notation()), name);
                }
                None => {
                    return Err(Error::invalid_path(format!(
                        "\"{}\" has no such sub-attribute as the path names",
                        path.notation()
                    )));
                }
            },
        };
        let written = ResolvedPath { sub_attribute: sub_attribute.clone(), ..path.clone() };
        if !is_changeable(&written)? {
            return Ok(());
        }
        let new_value = if is_removal(kind, value) {
            // A part of the elements that the filter means is one value, which clients name along; whole elements are many.
            if written.sub_attribute.is_none() {
                refuse_named_values(&written, value)?;
            }
            None
        } else {
            match self.element_value(&written, value)? {
                Some(Value::Object(members)) if members.is_empty() => return Ok(()),
                Some(value) => Some(value),
                None if kind == OperationKind::Replace => None,
                None if value.is_some_and(Value::is_array) => return Ok(()),
                None => return Err(nothing_to_add(&written)),
            }
        };
        let Some(value) = new_value else {
            if written.sub_attribute.is_some() {
                refuse_unassigning_required(&written)?;
            }
            let target = ElementTarget::Elements { path, filter: compiled, sub_attribute, create: None };
            self.operations.push(CompiledOperation::Set { target, value: None });
            return Ok(());
        };
        let creates = match kind {
            OperationKind::Add => self.reader.leniency.add_missing_elements,
            _ => self.reader.leniency.create_missing_elements,
        };
        let create = if creates && path.attribute.is_complex() {
            element_described_by(filter, &path, &mut self.reader)?
        } else {
            None
        };
        let target = ElementTarget::Elements { path, filter: compiled, sub_attribute, create };
        self.operations.push(match kind {
            OperationKind::Add => CompiledOperation::Add { target, value },
            _ => CompiledOperation::Set { target, value: Some(value) },
        });
        Ok(())
    }

    /// The value for one element or its sub-attribute; `None` when it stands for "no value".
    fn element_value(&mut self, path: &ResolvedPath, value: Option<&Value>) -> Result<Option<Value>> {
        let place = Place::of(path);
        let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
        if path.sub_attribute.is_some() {
            return self.reader.value(place, value);
        }
        if path.attribute.is_complex() {
            return Ok(match self.reader.merge(place, value)? {
                Merge::Members(members) => Some(Value::Object(members)),
                Merge::Unassign => None,
            });
        }
        self.reader.single(place, value)
    }
}

/// A filter already says which elements are meant. Who names values besides may mean fewer, and taken by the letter (RFC
/// 7644 section 3.5.2.2 gives `value` no meaning in a remove) more would go than was asked for.
fn refuse_named_values(path: &ResolvedPath, value: Option<&Value>) -> Result<()> {
    let says_nothing = match value {
        None | Some(Value::Null) => true,
        Some(Value::Array(values)) => values.is_empty(),
        Some(Value::Object(members)) => members.is_empty(),
        Some(Value::String(text)) => text.is_empty(),
        Some(_) => false,
    };
    if says_nothing {
        return Ok(());
    }
    Err(Error::invalid_value(format!(
        "\"remove\" with a filter in the path takes no value; leave \"value\" out and let the filter name what to remove \
         from \"{}\"",
        path.notation()
    )))
}

/// The element that a filter of `eq` clauses joined by `and` describes, values as the client wrote them. `None` when
/// the filter says anything else, or says two things of one sub-attribute.
fn element_described_by(
    filter: &Filter,
    path: &ResolvedPath,
    reader: &mut ValueReader,
) -> Result<Option<Map<String, Value>>> {
    let mut element = Map::new();
    let mut clauses = vec![filter];
    while let Some(clause) = clauses.pop() {
        let (attribute, value) = match clause {
            Filter::And(left, right) => {
                clauses.push(right);
                clauses.push(left);
                continue;
            }
            Filter::Compare { path, operator: CompareOperator::Equal, value }
                if path.urn.is_none() && path.sub_attribute.is_none() =>
            {
                (&path.attribute, value)
            }
            _ => return Ok(None),
        };
        let Some(sub) = path.attribute.sub_attribute(attribute).filter(|sub| is_writable(sub)) else {
            return Ok(None);
        };
        let sent = match value {
            CompareValue::Null => return Ok(None),
            CompareValue::Boolean(boolean) => Value::Bool(*boolean),
            CompareValue::Number(number) => Value::Number(number.clone()),
            CompareValue::String(text) => Value::String(text.clone()),
        };
        let Some(value) = reader.value(Place::of(path).sub_attribute(sub), &sent)? else { return Ok(None) };
        if element.get(&sub.name).is_some_and(|earlier| *earlier != value) {
            return Ok(None);
        }
        element.insert(sub.name.clone(), value);
    }
    Ok(Some(element))
}
