//! PATCH of 1.1: a partial resource that is merged (protocol 1.1, section 3.3.2).

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::names::path_in_2_0;
use super::resource::{Operations, translate};
use crate::message::member;
use crate::normalize::{
    SeveralPrimaries, ValueReader, check_added_schemas, extension_members, given_twice, is_writable, locate,
};
use crate::patch::{Compilation, CompiledOperation, CompiledPatch, ElementTarget, OperationKind};
use crate::path::AttributePath;
use crate::schema::{ResolvedPath, Schema, Target};
use crate::{Error, Leniency, Repairs, ResourceSchema, Result};

/// Compiles the body of a 1.1 PATCH: first everything that `meta.attributes` names is removed, then the rest is merged.
///
/// `id`, `meta`, `schemas` and other readOnly attributes are passed over, because clients send them along.
pub fn compile_patch(
    schema: &ResourceSchema,
    body: &Value,
    leniency: &Leniency,
    repairs: &mut Repairs,
) -> Result<CompiledPatch> {
    if !body.is_object() {
        return Err(Error::invalid_syntax("The body of a PATCH must be a JSON object, a partial resource"));
    }
    let translated = translate(schema, body, Operations::Kept)?;
    let Value::Object(members) = &translated else {
        return Err(Error::invalid_syntax("The body of a PATCH must be a JSON object, a partial resource"));
    };
    if member(members, "Operations")?.is_some() {
        return Err(Error::invalid_syntax(
            "This is a PATCH of SCIM 2.0; in SCIM 1.1 the body is a partial resource without \"Operations\"",
        ));
    }
    // Merging is what a PATCH of SCIM 1.1 is (protocol section 3.3.2), whatever a replacement in 2.0 shall do.
    let leniency = &Leniency { merge_whole_complex: true, ..*leniency };
    let reader = ValueReader { leniency, repairs, several_primaries: SeveralPrimaries::Refuse };
    let mut partial = Partial {
        compilation: Compilation { schema, reader, operations: Vec::new() },
        cleared: Cleared::default(),
        given: Vec::new(),
    };
    partial.read_members(members)?;
    partial.clear(members)?;
    for (path, value) in std::mem::take(&mut partial.given) {
        partial.merge(path, value)?;
    }
    Ok(CompiledPatch { operations: partial.compilation.operations })
}

struct Partial<'a> {
    compilation: Compilation<'a>,
    cleared: Cleared,
    /// What the body says about attributes that a client may write.
    given: Vec<(ResolvedPath, &'a Value)>,
}

/// What `meta.attributes` names.
#[derive(Default)]
struct Cleared {
    /// Attributes and sub-attributes, in attribute notation.
    notations: HashSet<String>,
    extensions: Vec<Arc<Schema>>,
}

impl<'a> Partial<'a> {
    fn read_members(&mut self, members: &'a Map<String, Value>) -> Result<()> {
        let schema = self.compilation.schema;
        let mut seen = HashSet::new();
        for (name, value) in members {
            let reader = &mut self.compilation.reader;
            let named = match locate(schema, name, reader.leniency) {
                Some(Target::Attribute(path)) if path.extension.is_none() && path.attribute.name == "schemas" => {
                    check_added_schemas(schema, value, reader)?;
                    continue;
                }
                Some(Target::Attribute(path)) => vec![(path, value)],
                Some(Target::Extension(extension)) => extension_members(schema, &extension, value, reader)?,
                None => {
                    reader.unknown(None, name)?;
                    continue;
                }
            };
            for (path, value) in named {
                if !is_writable(&path.attribute) || !is_writable(path.definition()) {
                    continue;
                }
                if !seen.insert(path.notation()) {
                    return Err(given_twice(&path.notation()));
                }
                self.given.push((path, value));
            }
        }
        Ok(())
    }

    /// Removes what `meta.attributes` names. What the body gives anew is replaced when its turn comes.
    fn clear(&mut self, members: &Map<String, Value>) -> Result<()> {
        let schema = self.compilation.schema;
        for name in names_to_clear(members, self.compilation.reader.leniency)? {
            let path = path_in_2_0(AttributePath::parse(&name)?);
            match schema.resolve(&path)? {
                Target::Extension(extension) => {
                    self.compilation.unassign_extension(&extension);
                    self.cleared.extensions.push(extension);
                }
                Target::Attribute(path) => {
                    if !self.is_given(&path) {
                        self.compilation.attribute(OperationKind::Remove, path.clone(), None)?;
                    }
                    self.cleared.notations.insert(path.notation());
                }
            }
        }
        Ok(())
    }

    /// Whether the body gives the attribute, or the sub-attribute of a single complex value.
    fn is_given(&self, path: &ResolvedPath) -> bool {
        self.given.iter().any(|(given, value)| {
            let same_attribute = given.extension == path.extension && given.attribute.name == path.attribute.name;
            match (&given.sub_attribute, &path.sub_attribute) {
                (None, Some(sub)) if !path.attribute.multi_valued => {
                    same_attribute
                        && value
                            .as_object()
                            .is_some_and(|members| members.keys().any(|name| name.eq_ignore_ascii_case(&sub.name)))
                }
                (given, named) => {
                    same_attribute && given.as_ref().map(|sub| &sub.name) == named.as_ref().map(|sub| &sub.name)
                }
            }
        })
    }

    fn is_cleared(&self, path: &ResolvedPath) -> bool {
        self.cleared.notations.contains(&path.notation())
            || self.cleared.extensions.iter().any(|extension| path.extension.as_deref() == Some(extension.id.as_str()))
    }

    fn merge(&mut self, path: ResolvedPath, value: &Value) -> Result<()> {
        let is_cleared = self.is_cleared(&path);
        if path.attribute.multi_valued && path.sub_attribute.is_none() {
            return if is_cleared { self.replace_list(path, value) } else { self.merge_list(&path, value) };
        }
        if is_cleared && path.definition().is_complex() && value.is_object() {
            // Not `unassign`, which refuses what is required: it is given again right away.
            let target = ElementTarget::Attribute(path.clone());
            self.compilation.operations.push(CompiledOperation::Set { target, value: None });
        }
        self.compilation.attribute(OperationKind::Replace, path, Some(value))
    }

    fn replace_list(&mut self, path: ResolvedPath, value: &Value) -> Result<()> {
        let mut kept = Vec::new();
        // "A delete operation is ignored" where the attribute's name is in the list: nothing is left to delete.
        for element in elements_of(value) {
            if let (Wanted::Merged, element) = wanted(&path, element)? {
                kept.push(element);
            }
        }
        self.compilation.attribute(OperationKind::Replace, path, Some(&Value::Array(kept)))
    }

    /// Elements in a row that want the same are one operation; the order of the body is kept, so that an element can be
    /// deleted and a changed one be added after it.
    fn merge_list(&mut self, path: &ResolvedPath, value: &Value) -> Result<()> {
        if !(value.is_null() || value.is_array() || self.compilation.reader.leniency.wrap_values) {
            return Err(Error::invalid_value(format!("\"{}\" must be a list", path.notation())));
        }
        let mut run: Option<(Wanted, Vec<Value>)> = None;
        for element in elements_of(value) {
            let (wanted, element) = wanted(path, element)?;
            match &mut run {
                Some((current, elements)) if *current == wanted => elements.push(element),
                _ => {
                    self.finish_run(path, run.take())?;
                    run = Some((wanted, vec![element]));
                }
            }
        }
        self.finish_run(path, run)
    }

    fn finish_run(&mut self, path: &ResolvedPath, run: Option<(Wanted, Vec<Value>)>) -> Result<()> {
        match run {
            None => Ok(()),
            Some((Wanted::Merged, elements)) => self.compilation.merge_elements(path.clone(), &elements),
            Some((Wanted::Deleted, elements)) => self.compilation.delete_elements(path.clone(), &elements),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    Merged,
    Deleted,
}

/// What an element asks for, and the element without its `operation`. OneLogin writes `"add"` where 1.1 writes nothing.
fn wanted(path: &ResolvedPath, element: &Value) -> Result<(Wanted, Value)> {
    let Value::Object(members) = element else { return Ok((Wanted::Merged, element.clone())) };
    let mut members = members.clone();
    let wanted = match members.shift_remove("operation") {
        None | Some(Value::Null) => Wanted::Merged,
        Some(Value::String(text)) if text.eq_ignore_ascii_case("delete") => Wanted::Deleted,
        Some(Value::String(text)) if text.is_empty() || text.eq_ignore_ascii_case("add") => Wanted::Merged,
        Some(_) => {
            return Err(Error::invalid_value(format!(
                "The \"operation\" of an element of \"{}\" can only be \"delete\"; leave it out to add or change the \
                 element",
                path.notation()
            )));
        }
    };
    // An element of simple values can carry an operation only as an object.
    let element = match members.get("value") {
        Some(value) if !path.attribute.is_complex() => value.clone(),
        _ => Value::Object(members),
    };
    Ok((wanted, element))
}

fn elements_of(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(elements) => elements,
        single => std::slice::from_ref(single),
    }
}

fn names_to_clear(members: &Map<String, Value>, leniency: &Leniency) -> Result<Vec<String>> {
    let must_be_names = || Error::invalid_syntax("\"meta.attributes\" must be a list of attribute names");
    let Some(Value::Object(meta)) = member(members, "meta")? else { return Ok(Vec::new()) };
    match member(meta, "attributes")? {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(names)) => {
            names.iter().map(|name| name.as_str().map(str::to_owned).ok_or_else(must_be_names)).collect()
        }
        Some(Value::String(name)) if leniency.wrap_values => Ok(vec![name.clone()]),
        Some(_) => Err(must_be_names()),
    }
}

#[cfg(test)]
mod tests;
