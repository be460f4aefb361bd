//! Operations on an attribute or a sub-attribute.

use serde_json::{Map, Value};

use super::{Compilation, is_changeable, is_removal, nothing_to_add, refuse_unassigning_required};
use crate::normalize::{Merge, Place, check_added_schemas, is_schemas};
use crate::patch::{CompiledOperation, ElementTarget, OperationKind};
use crate::schema::{Attribute, ResolvedPath};
use crate::{Error, Repair, Result};

impl Compilation<'_> {
    pub(crate) fn attribute(&mut self, kind: OperationKind, path: ResolvedPath, value: Option<&Value>) -> Result<()> {
        if is_schemas(&path) {
            return self.schemas(kind, &path, value);
        }
        if !is_changeable(&path)? {
            return Ok(());
        }
        match (kind, value) {
            (OperationKind::Remove, Some(value))
                if (path.definition().multi_valued || path.attribute.multi_valued) && !value.is_null() =>
            {
                self.remove_values(path, value)
            }
            _ if is_removal(kind, value) => self.unassign(path),
            (_, None | Some(Value::Null)) => Err(nothing_to_add(&path)),
            (_, Some(value)) => self.assign(kind, path, value),
        }
    }

    fn assign(&mut self, kind: OperationKind, path: ResolvedPath, value: &Value) -> Result<()> {
        let definition = path.definition();
        let place = Place::of(&path);
        let is_single_complex = definition.is_complex() && !definition.multi_valued;
        if is_single_complex && kind == OperationKind::Replace && !self.reader.leniency.merge_whole_complex {
            return self.replace_whole(path, value);
        }
        let value = if is_single_complex {
            match self.reader.merge(place, value)? {
                // An object without sub-attributes leaves all as they are (RFC 7644 section 3.5.2.3).
                Merge::Members(members) if members.is_empty() => return Ok(()),
                Merge::Members(members) => Some(Value::Object(members)),
                // Entra clears a reference by adding or replacing it with an empty text.
                Merge::Unassign if !value.as_array().is_some_and(Vec::is_empty) => return self.unassign(path),
                Merge::Unassign => None,
            }
        } else {
            self.reader.value(place, value)?
        };
        match value {
            Some(value) if self.reader.clears_reference(&path, &value) => {
                self.unassign(ResolvedPath { sub_attribute: None, ..path })
            }
            Some(value) => {
                let target = ElementTarget::Attribute(path);
                self.operations.push(match kind {
                    OperationKind::Add => CompiledOperation::Add { target, value },
                    _ => CompiledOperation::Set { target, value: Some(value) },
                });
                Ok(())
            }
            None if kind == OperationKind::Replace => self.unassign(path),
            None if definition.multi_valued => Ok(()),
            None => Err(nothing_to_add(&path)),
        }
    }

    /// A complex value takes the place of the former one, where the peer wants no merging: what it does not name goes.
    fn replace_whole(&mut self, path: ResolvedPath, value: &Value) -> Result<()> {
        let Merge::Members(members) = self.reader.merge(Place::of(&path), value)? else { return self.unassign(path) };
        let target = ElementTarget::Attribute(path);
        self.operations.push(CompiledOperation::Set { target: target.clone(), value: None });
        self.operations.push(CompiledOperation::Set { target, value: Some(Value::Object(members)) });
        Ok(())
    }

    pub(crate) fn unassign(&mut self, path: ResolvedPath) -> Result<()> {
        refuse_unassigning_required(&path)?;
        self.operations.push(CompiledOperation::Set { target: ElementTarget::Attribute(path), value: None });
        Ok(())
    }

    /// RFC 7644 section 3.5.2.2 gives `value` no meaning in a remove, and taken by the letter the whole list would go.
    /// Who names values means these, so that a list is never emptied by mistake.
    fn remove_values(&mut self, path: ResolvedPath, value: &Value) -> Result<()> {
        if !self.reader.leniency.remove_with_value {
            return Err(Error::invalid_value(format!(
                "\"remove\" takes no value; name the elements of \"{}\" by a filter in the path",
                path.notation()
            )));
        }
        self.reader.note(Repair::RemoveByValue { attribute: path.notation() });
        let (path, values) = match path.sub_attribute.clone() {
            Some(sub) if path.attribute.multi_valued && !sub.multi_valued => self.elements_with(path, &sub, value)?,
            _ => {
                let values = self.reader.elements(Place::of(&path), value)?;
                (path, values)
            }
        };
        if !values.is_empty() {
            self.operations.push(CompiledOperation::RemoveValues { path, values });
        }
        Ok(())
    }

    /// A value list on a path such as `emails.value` means the elements that have one of these values there. Elements in
    /// the list may say more, and then all of it must agree.
    fn elements_with(
        &mut self,
        path: ResolvedPath,
        sub: &Attribute,
        value: &Value,
    ) -> Result<(ResolvedPath, Vec<Value>)> {
        let element = |one: &Value| match one {
            Value::Object(_) | Value::Null => one.clone(),
            value => Value::Object(Map::from_iter([(sub.name.clone(), value.clone())])),
        };
        let sent = match value {
            Value::Array(values) => Value::Array(values.iter().map(element).collect()),
            single => element(single),
        };
        let path = ResolvedPath { sub_attribute: None, ..path };
        let elements = self.reader.elements(Place::of(&path), &sent)?;
        if elements.iter().any(|element| element.get(&sub.name).is_none()) {
            return Err(Error::invalid_value(format!(
                "Every element to remove must say its \"{}\", which the path names",
                sub.name
            )));
        }
        Ok((path, elements))
    }

    /// `schemas` says what a resource holds and follows from it, so an operation on it is checked and changes nothing.
    fn schemas(&mut self, kind: OperationKind, path: &ResolvedPath, value: Option<&Value>) -> Result<()> {
        match value {
            Some(value) if !is_removal(kind, Some(value)) => check_added_schemas(self.schema, value, &mut self.reader),
            _ if kind == OperationKind::Add => Err(nothing_to_add(path)),
            _ => refuse_unassigning_required(path),
        }
    }
}
