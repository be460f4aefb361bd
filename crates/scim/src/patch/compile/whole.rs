//! Operations on the resource or on an extension as a whole are taken apart into one operation per attribute.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::{Compilation, is_removal};
use crate::normalize::{SentMembers, bare_name_counts, extension_members, given_twice, is_writable, sent_members};
use crate::patch::{CompiledOperation, ElementTarget, OperationKind};
use crate::path::PatchPath;
use crate::schema::{ResolvedPath, Schema, Target};
use crate::{Error, Repair, Result};

impl Compilation<'_> {
    /// RFC 7644 sections 3.5.2.1 and 3.5.2.3: without `path` the value is an object of attributes.
    pub(super) fn whole_resource(&mut self, kind: OperationKind, value: Option<&Value>) -> Result<()> {
        if kind == OperationKind::Remove {
            return Err(Error::no_target("\"remove\" needs a \"path\" that names what to remove"));
        }
        let Some(Value::Object(members)) = value else {
            return Err(Error::invalid_value("Without a \"path\" the value must be an object of attributes"));
        };
        let mut seen = HashSet::new();
        let SentMembers { full, bare } = sent_members(self.schema, members, &mut self.reader);
        for (name, target, value) in full {
            match target {
                Some(Target::Attribute(path)) if is_bookkeeping(&path) => {}
                Some(Target::Attribute(path)) => self.named_in_value(kind, path, value, &mut seen)?,
                Some(Target::Extension(extension)) => self.extension_members(kind, &extension, value, &mut seen)?,
                None => self.filtered_or_unknown(kind, name, value)?,
            }
        }
        let by_full_name = seen.clone();
        for (name, path, value) in bare {
            if bare_name_counts(&mut self.reader, name, &path, &by_full_name) {
                self.named_in_value(kind, path, value, &mut seen)?;
            }
        }
        Ok(())
    }

    /// An attribute that a value names, and not the path.
    fn named_in_value(
        &mut self,
        kind: OperationKind,
        path: ResolvedPath,
        value: &Value,
        seen: &mut HashSet<String>,
    ) -> Result<()> {
        if self.drops_read_only(&path) {
            return Ok(());
        }
        refuse_second(seen, &path)?;
        self.attribute(kind, path, Some(value))
    }

    /// Okta sends the id along, others the whole resource that they read (RFC 7644 section 3.5.1 lets readOnly values
    /// pass in a PUT for the same reason).
    fn drops_read_only(&mut self, path: &ResolvedPath) -> bool {
        let drops =
            self.reader.leniency.ignore_read_only && !(is_writable(&path.attribute) && is_writable(path.definition()));
        if drops {
            self.reader.note(Repair::ReadOnlyDropped { attribute: path.notation() });
        }
        drops
    }

    /// A path that is the bare URN of an extension.
    pub(super) fn whole_extension(
        &mut self,
        kind: OperationKind,
        extension: &Arc<Schema>,
        value: Option<&Value>,
    ) -> Result<()> {
        match value {
            Some(value) if kind != OperationKind::Remove => {
                self.extension_members(kind, extension, value, &mut HashSet::new())
            }
            _ => {
                self.unassign_extension(extension);
                Ok(())
            }
        }
    }

    /// What the object names is changed and the rest of the extension stays, as in any complex attribute (RFC 7644
    /// section 3.5.2.3).
    fn extension_members(
        &mut self,
        kind: OperationKind,
        extension: &Arc<Schema>,
        value: &Value,
        seen: &mut HashSet<String>,
    ) -> Result<()> {
        if is_removal(kind, Some(value)) {
            self.unassign_extension(extension);
            return Ok(());
        }
        for (path, value) in extension_members(self.schema, extension, value, &mut self.reader)? {
            self.named_in_value(kind, path, value, seen)?;
        }
        Ok(())
    }

    /// Takes the whole extension away. Its required attributes are required where the extension is used, so they go
    /// with it.
    pub(crate) fn unassign_extension(&mut self, extension: &Schema) {
        for attribute in extension.attributes.iter().filter(|attribute| is_writable(attribute)) {
            let path = ResolvedPath {
                extension: Some(extension.id.clone()),
                attribute: Arc::clone(attribute),
                sub_attribute: None,
            };
            self.operations.push(CompiledOperation::Set { target: ElementTarget::Attribute(path), value: None });
        }
    }

    /// A member name with a filter in it, `emails[type eq "work"].value`, or an attribute that nobody defines.
    fn filtered_or_unknown(&mut self, kind: OperationKind, name: &str, value: &Value) -> Result<()> {
        let leniency = self.reader.leniency;
        if leniency.notation_keys
            && name.contains('[')
            && let Ok(PatchPath::Elements { attribute, filter, sub_attribute }) = PatchPath::parse(name, leniency)
            && let Ok(path) = self.schema.resolve_attribute_leniently(&attribute, leniency)
        {
            if attribute.urn.is_none() && path.extension.is_some() {
                self.reader.note(Repair::BareExtensionName { attribute: path.notation() });
            }
            let sub = sub_attribute.as_deref().and_then(|name| path.attribute.sub_attribute(name)).map(Arc::clone);
            if self.drops_read_only(&ResolvedPath { sub_attribute: sub, ..path.clone() }) {
                return Ok(());
            }
            return self.elements(kind, path, &filter, sub_attribute.as_deref(), Some(value));
        }
        self.reader.unknown(None, name)
    }
}

/// `id`, `meta` and `schemas` (RFC 7643 section 3.1).
fn is_bookkeeping(path: &ResolvedPath) -> bool {
    path.extension.is_none() && matches!(path.attribute.name.as_str(), "id" | "meta" | "schemas")
}

fn refuse_second(seen: &mut HashSet<String>, path: &ResolvedPath) -> Result<()> {
    let notation = path.notation();
    if seen.contains(&notation) {
        return Err(given_twice(&notation));
    }
    seen.insert(notation);
    Ok(())
}
