//! Operations meet the schema (RFC 7644 section 3.5.2): names are looked up, mutability is checked and values get the
//! normal form, before any resource is read.

mod attribute;
mod elements;
mod matched;
mod whole;

use super::request::in_operation;
use super::{CompiledOperation, CompiledPatch, OperationKind, PatchOperation, PatchRequest};
use crate::normalize::{SeveralPrimaries, ValueReader, is_schemas, is_writable};
use crate::path::{AttributePath, PatchPath};
use crate::schema::{ResolvedPath, Target};
use crate::{Error, Leniency, Repair, Repairs, ResourceSchema, Result};

impl PatchRequest {
    /// Checks every operation against the schema. Values of one operation that mark several elements as primary are
    /// refused whatever the leniency: which one is meant cannot be known.
    pub fn compile(
        &self,
        schema: &ResourceSchema,
        leniency: &Leniency,
        repairs: &mut Repairs,
    ) -> Result<CompiledPatch> {
        let reader = ValueReader { leniency, repairs, several_primaries: SeveralPrimaries::Refuse };
        let mut compilation = Compilation { schema, reader, operations: Vec::with_capacity(self.operations.len()) };
        self.check_one_resource()?;
        for (position, operation) in self.operations.iter().enumerate() {
            compilation.operation(operation).map_err(|error| in_operation(position, &error))?;
        }
        Ok(CompiledPatch { operations: compilation.operations })
    }
}

/// Checked operations while they are collected.
pub(crate) struct Compilation<'a> {
    pub(crate) schema: &'a ResourceSchema,
    pub(crate) reader: ValueReader<'a>,
    pub(crate) operations: Vec<CompiledOperation>,
}

impl Compilation<'_> {
    fn operation(&mut self, operation: &PatchOperation) -> Result<()> {
        let PatchOperation { kind, path, value } = operation;
        let value = value.as_ref();
        match path {
            None => self.whole_resource(*kind, value),
            Some(PatchPath::Attribute(path)) if self.schema.is_base_named_by(path) => self.whole_resource(*kind, value),
            Some(PatchPath::Attribute(path)) => match self.resolve(path)? {
                None => Ok(()),
                Some(Target::Attribute(path)) => self.attribute(*kind, path, value),
                Some(Target::Extension(extension)) => self.whole_extension(*kind, &extension, value),
            },
            Some(PatchPath::Elements { attribute, filter, sub_attribute }) => match self.resolve(attribute)? {
                None => Ok(()),
                Some(target) => self.elements(*kind, target.into_attribute()?, filter, sub_attribute.as_deref(), value),
            },
        }
    }

    /// What a path names. `None`: nobody defines it and the peer may say so; its operation has no effect, so that a
    /// deactivation beside it still happens.
    pub(crate) fn resolve(&mut self, path: &AttributePath) -> Result<Option<Target>> {
        let leniency = self.reader.leniency;
        let target = match self.schema.resolve_leniently(path, leniency) {
            Ok(target) => target,
            Err(_) if leniency.ignore_unknown_attributes => {
                return self.reader.unknown(None, &path.to_string()).map(|()| None);
            }
            Err(error) => return Err(error),
        };
        if path.urn.is_none()
            && let Target::Attribute(found) = &target
            && found.extension.is_some()
        {
            self.reader.note(Repair::BareExtensionName { attribute: found.notation() });
        }
        Ok(Some(target))
    }
}

/// RFC 7644 section 3.5.2: a client may not change what is readOnly. `false`: the operation is understood and has no
/// effect, because identity providers send the display name of what a reference points at along with the reference.
fn is_changeable(path: &ResolvedPath) -> Result<bool> {
    if !is_writable(&path.attribute) {
        return Err(is_read_only(path));
    }
    match &path.sub_attribute {
        Some(sub) if !is_writable(sub) => {
            if path.attribute.multi_valued && sub.name == "display" {
                return Ok(false);
            }
            Err(is_read_only(path))
        }
        _ => Ok(true),
    }
}

fn is_read_only(path: &ResolvedPath) -> Error {
    Error::mutability(format!("\"{}\" is readOnly; the server sets it", path.notation()))
}

/// RFC 7644 section 3.5.2.2: what is required cannot be unassigned.
fn refuse_unassigning_required(path: &ResolvedPath) -> Result<()> {
    if path.definition().required || is_schemas(path) {
        return Err(Error::mutability(format!(
            "\"{}\" is required and cannot be removed; replace its value instead",
            path.notation()
        )));
    }
    Ok(())
}

/// RFC 7643 section 2.5: null means "no value", so there is nothing to add.
fn nothing_to_add(path: &ResolvedPath) -> Error {
    Error::invalid_value(format!("\"{}\" has no value to add; use \"remove\" to clear it", path.notation()))
}

/// What an operation other than a bare removal asks for.
fn is_removal(kind: OperationKind, value: Option<&serde_json::Value>) -> bool {
    match kind {
        OperationKind::Remove => true,
        OperationKind::Replace => value.is_none_or(serde_json::Value::is_null),
        OperationKind::Add => false,
    }
}
