//! Operations on an attribute or a sub-attribute.

use serde_json::Value;

use super::{Compilation, is_changeable, is_removal, nothing_to_add, refuse_unassigning_required};
use crate::normalize::{Merge, Place, check_added_schemas, is_schemas};
use crate::patch::{CompiledOperation, ElementTarget, OperationKind};
use crate::schema::ResolvedPath;
use crate::{Error, Repair, Result};

impl Compilation<'_> {
    pub(super) fn attribute(&mut self, kind: OperationKind, path: ResolvedPath, value: Option<&Value>) -> Result<()> {
        if is_schemas(&path) {
            return self.schemas(kind, &path, value);
        }
        if !is_changeable(&path)? {
            return Ok(());
        }
        match (kind, value) {
            (OperationKind::Remove, Some(value)) if path.definition().multi_valued && !value.is_null() => {
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
        let value = if definition.is_complex() && !definition.multi_valued {
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

    pub(super) fn unassign(&mut self, path: ResolvedPath) -> Result<()> {
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
        let values = self.reader.list(Place::of(&path), value)?;
        self.reader.note(Repair::RemoveByValue { attribute: path.notation() });
        if !values.is_empty() {
            self.operations.push(CompiledOperation::RemoveValues { path, values });
        }
        Ok(())
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
