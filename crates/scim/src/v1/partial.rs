//! PATCH of 1.1: a partial resource that is merged (protocol 1.1, section 3.3.2).

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::names::path_in_2_0;
use super::resource::{Operations, translate};
use crate::message::member;
use crate::normalize::{
    Misspellings, SentMembers, SeveralPrimaries, ValueReader, bare_name_counts, check_added_schemas, extension_members,
    given_twice, is_schemas, is_writable, sent_members,
};
use crate::patch::{Compilation, CompiledOperation, CompiledPatch, ElementTarget, MOST_OPERATIONS, OperationKind};
use crate::path::AttributePath;
use crate::schema::{Attribute, ResolvedPath, Target};
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
    /// URNs as the schemas spell them.
    extensions: HashSet<String>,
}

impl<'a> Partial<'a> {
    fn read_members(&mut self, members: &'a Map<String, Value>) -> Result<()> {
        let schema = self.compilation.schema;
        let mut seen = HashSet::new();
        let SentMembers { full, bare } = sent_members(schema, members, &mut self.compilation.reader);
        for (name, target, value) in full {
            let reader = &mut self.compilation.reader;
            match target {
                Some(Target::Attribute(path)) if is_schemas(&path) => check_added_schemas(schema, value, reader)?,
                Some(Target::Attribute(path)) => self.give(path, value, &mut seen)?,
                Some(Target::Extension(extension)) => {
                    for (path, value) in extension_members(schema, &extension, value, reader)? {
                        self.give(path, value, &mut seen)?;
                    }
                }
                None => reader.unknown(None, name)?,
            }
        }
        let by_full_name = seen.clone();
        for (name, path, value) in bare {
            if bare_name_counts(&mut self.compilation.reader, name, &path, &by_full_name) {
                self.give(path, value, &mut seen)?;
            }
        }
        Ok(())
    }

    fn give(&mut self, path: ResolvedPath, value: &'a Value, seen: &mut HashSet<String>) -> Result<()> {
        if !is_writable(&path.attribute) || !is_writable(path.definition()) {
            return Ok(());
        }
        let notation = path.notation();
        if seen.contains(&notation) {
            return Err(given_twice(&notation));
        }
        seen.insert(notation);
        self.given.push((path, value));
        Ok(())
    }

    /// Removes what `meta.attributes` names. What the body gives anew is replaced when its turn comes.
    fn clear(&mut self, members: &Map<String, Value>) -> Result<()> {
        let given = self.given_notations();
        for name in names_to_clear(members, self.compilation.reader.leniency)? {
            let path = path_in_2_0(AttributePath::parse(name)?);
            match self.compilation.resolve(&path)? {
                Some(Target::Extension(extension)) => {
                    let is_first = self.cleared.extensions.insert(extension.id.clone());
                    if is_first {
                        self.compilation.unassign_extension(&extension);
                    }
                }
                Some(Target::Attribute(path)) => {
                    let notation = path.notation();
                    if !given.contains(&notation) && !self.cleared.notations.contains(&notation) {
                        self.compilation.attribute(OperationKind::Remove, path, None)?;
                    }
                    self.cleared.notations.insert(notation);
                }
                None => {}
            }
        }
        Ok(())
    }

    /// The attributes that the body gives, and the sub-attributes that single complex values name.
    fn given_notations(&self) -> HashSet<String> {
        let mut notations = HashSet::new();
        for (path, value) in &self.given {
            notations.insert(path.notation());
            if path.sub_attribute.is_none() && !path.attribute.multi_valued {
                for sub in self.sub_attributes_named(&path.attribute, value) {
                    notations.insert(ResolvedPath { sub_attribute: Some(sub), ..path.clone() }.notation());
                }
            }
        }
        notations
    }

    fn sub_attributes_named(&self, attribute: &Attribute, value: &Value) -> Vec<Arc<Attribute>> {
        let members = match value {
            Value::Object(members) => members,
            // A list of one is unwrapped where that is allowed, and refused elsewhere.
            Value::Array(values) => match values.as_slice() {
                [Value::Object(members)] => members,
                _ => return Vec::new(),
            },
            Value::String(_) | Value::Number(_) | Value::Bool(_) => {
                return attribute.sub_attribute("value").cloned().into_iter().collect();
            }
            Value::Null => return Vec::new(),
        };
        let misspellings = Misspellings::in_object(self.compilation.reader.leniency, &attribute.name, members);
        let named = |name: &str| {
            let sub = attribute.sub_attribute(name);
            sub.or_else(|| attribute.sub_attribute(misspellings.meant_by(name)?)).cloned()
        };
        members.keys().filter_map(|name| named(name)).collect()
    }

    fn is_cleared(&self, path: &ResolvedPath) -> bool {
        self.cleared.notations.contains(&path.notation())
            || path.extension.as_ref().is_some_and(|urn| self.cleared.extensions.contains(urn))
    }

    fn merge(&mut self, path: ResolvedPath, value: &Value) -> Result<()> {
        let is_cleared = self.is_cleared(&path);
        if path.attribute.multi_valued && path.sub_attribute.is_none() {
            return if is_cleared { self.replace_list(path, value) } else { self.merge_list(&path, value) };
        }
        if is_cleared && path.definition().is_complex() {
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

/// What an element asks for, and the element without its `operation`, unless the schema has a sub-attribute of that name.
/// OneLogin writes `"add"` where 1.1 writes nothing.
fn wanted(path: &ResolvedPath, element: &Value) -> Result<(Wanted, Value)> {
    let Value::Object(members) = element else { return Ok((Wanted::Merged, element.clone())) };
    if path.attribute.sub_attribute("operation").is_some() {
        return Ok((Wanted::Merged, element.clone()));
    }
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

/// What the `meta.attributes` of a partial resource names, as far as it is understood.
pub(crate) fn targets_to_clear(
    schema: &ResourceSchema,
    members: &Map<String, Value>,
    leniency: &Leniency,
) -> Vec<Target> {
    let names = names_to_clear(members, leniency).unwrap_or_default();
    let target = |name| schema.resolve_leniently(&path_in_2_0(AttributePath::parse(name).ok()?), leniency).ok();
    names.into_iter().filter_map(target).collect()
}

fn names_to_clear<'a>(members: &'a Map<String, Value>, leniency: &Leniency) -> Result<Vec<&'a str>> {
    let must_be_names = || Error::invalid_syntax("\"meta.attributes\" must be a list of attribute names");
    let Some(Value::Object(meta)) = member(members, "meta")? else { return Ok(Vec::new()) };
    match member(meta, "attributes")? {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(names)) if names.len() > MOST_OPERATIONS => Err(Error::invalid_syntax(format!(
            "\"meta.attributes\" holds more than {MOST_OPERATIONS} names; name each attribute once"
        ))),
        Some(Value::Array(names)) => names.iter().map(|name| name.as_str().ok_or_else(must_be_names)).collect(),
        Some(Value::String(name)) if leniency.wrap_values => Ok(vec![name]),
        Some(_) => Err(must_be_names()),
    }
}

#[cfg(test)]
mod tests;
