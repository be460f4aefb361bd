//! Operations on a list of references, such as the members of a group, as steps that can be taken without reading the
//! list: a group of any size costs what the operation names.

use serde_json::{Map, Value};

use super::{CompiledOperation, CompiledPatch, ElementTarget};
use crate::filter::{CompareOperator, CompiledFilter, TypedValue};
use crate::normalize::is_writable;
use crate::schema::{Attribute, ResolvedPath};
use crate::{Error, Result};

/// One change of a list of references; the texts are `value` sub-attributes as the client sent them.
#[derive(Clone, Debug, PartialEq)]
pub enum ElementStep {
    /// Who is there already stays.
    Add(Vec<String>),
    /// Who is not there is no mistake (RFC 7644 section 3.5.2.2).
    Remove(Vec<String>),
    /// Takes out whoever the filter matches; only this step has to look at the list.
    RemoveMatching(CompiledFilter),
    /// The list holds exactly these afterwards.
    ReplaceAll(Vec<String>),
}

impl CompiledPatch {
    /// Takes out the operations on that attribute of the base schema, in their order. What is left does not touch it.
    pub fn detach(&mut self, attribute: &str) -> Vec<CompiledOperation> {
        let names_attribute = |operation: &mut CompiledOperation| {
            let path = path_of(operation);
            path.extension.is_none() && path.attribute.name.eq_ignore_ascii_case(attribute)
        };
        self.operations.extract_if(.., names_attribute).collect()
    }
}

/// What detached operations on a list of references mean, in order. Steps of the same kind in a row are joined, because
/// identity providers send one operation for each member.
pub fn element_steps(operations: &[CompiledOperation]) -> Result<Vec<ElementStep>> {
    let mut steps: Vec<ElementStep> = Vec::new();
    for operation in operations {
        let Some(step) = step_of(operation)? else { continue };
        match (steps.last_mut(), step) {
            (Some(ElementStep::Add(earlier)), ElementStep::Add(more))
            | (Some(ElementStep::Remove(earlier)), ElementStep::Remove(more)) => earlier.extend(more),
            (_, step) => steps.push(step),
        }
    }
    Ok(steps)
}

fn path_of(operation: &CompiledOperation) -> &ResolvedPath {
    match operation {
        CompiledOperation::Add { target, .. } | CompiledOperation::Set { target, .. } => match target {
            ElementTarget::Attribute(path) | ElementTarget::Elements { path, .. } => path,
        },
        CompiledOperation::RemoveValues { path, .. }
        | CompiledOperation::MergeElements { path, .. }
        | CompiledOperation::DeleteElements { path, .. } => path,
    }
}

/// `None`: the operation has no effect on who is in the list.
fn step_of(operation: &CompiledOperation) -> Result<Option<ElementStep>> {
    let (target, value, adds) = match operation {
        CompiledOperation::RemoveValues { path, values: elements }
        | CompiledOperation::DeleteElements { path, elements } => {
            return references(path, elements).map(|named| Some(ElementStep::Remove(named)));
        }
        CompiledOperation::MergeElements { path, elements } => {
            return references(path, elements).map(|named| Some(ElementStep::Add(named)));
        }
        CompiledOperation::Add { target, value } => (target, Some(value), true),
        CompiledOperation::Set { target, value } => (target, value.as_ref(), false),
    };
    match target {
        ElementTarget::Attribute(path) if path.sub_attribute.is_none() => {
            let elements = match value {
                Some(Value::Array(elements)) => elements.as_slice(),
                Some(_) => return Err(no_value(path)),
                None => &[],
            };
            let named = references(path, elements)?;
            Ok(Some(if adds { ElementStep::Add(named) } else { ElementStep::ReplaceAll(named) }))
        }
        ElementTarget::Attribute(path) => match &path.sub_attribute {
            Some(sub) => refuse_unless_display(path, sub).map(|()| None),
            None => Ok(None),
        },
        ElementTarget::Elements { path, sub_attribute: Some(sub), .. } => {
            refuse_unless_display(path, sub).map(|()| None)
        }
        ElementTarget::Elements { path, filter, create, sub_attribute: None } => {
            let named = values_named(filter);
            match (value, named) {
                (None, Some(named)) => Ok(Some(ElementStep::Remove(named))),
                (None, None) => Ok(Some(ElementStep::RemoveMatching(filter.clone()))),
                (Some(value), named) => written_element(path, value, named, create.as_ref()),
            }
        }
    }
}

/// `members[value eq "x"]` with a value: an element is made of references alone, so all it can say is that x shall be
/// there.
fn written_element(
    path: &ResolvedPath,
    value: &Value,
    named: Option<Vec<String>>,
    create: Option<&Map<String, Value>>,
) -> Result<Option<ElementStep>> {
    let Value::Object(members) = value else { return Err(no_value(path)) };
    let sent = members.get("value");
    match named {
        Some(named) if create.is_some_and(|element| element.contains_key("value")) => {
            let same = named.iter().all(|one| sent.is_none_or(|sent| sent.as_str() == Some(one)));
            if same { Ok(Some(ElementStep::Add(named))) } else { Err(is_fixed(path, "value")) }
        }
        _ => match members.keys().find(|name| name.as_str() != "display") {
            None => Ok(None),
            Some(name) => Err(is_fixed(path, name)),
        },
    }
}

/// The references that a filter names, when naming is all it does.
fn values_named(filter: &CompiledFilter) -> Option<Vec<String>> {
    match filter {
        CompiledFilter::Compare(comparison)
            if comparison.operator == CompareOperator::Equal && comparison.path.definition().name == "value" =>
        {
            match &comparison.value {
                TypedValue::Exact(text) => Some(vec![text.clone()]),
                _ => None,
            }
        }
        CompiledFilter::Or(clauses) => {
            let mut named = Vec::with_capacity(clauses.len());
            for clause in clauses {
                named.extend(values_named(clause)?);
            }
            Some(named)
        }
        CompiledFilter::And(clauses) => match clauses.as_slice() {
            [only] => values_named(only),
            _ => None,
        },
        _ => None,
    }
}

fn references(path: &ResolvedPath, elements: &[Value]) -> Result<Vec<String>> {
    elements
        .iter()
        .map(|element| {
            let value = match element {
                Value::Object(members) => members.get("value").and_then(Value::as_str),
                other => other.as_str(),
            };
            value.filter(|text| !text.is_empty()).map(str::to_owned).ok_or_else(|| no_value(path))
        })
        .collect()
}

/// Sub-attributes of a reference are immutable; its display name is the server's to tell and is ignored.
fn refuse_unless_display(path: &ResolvedPath, sub: &Attribute) -> Result<()> {
    if sub.name == "display" || !is_writable(sub) { Ok(()) } else { Err(is_fixed(path, &sub.name)) }
}

fn is_fixed(path: &ResolvedPath, sub: &str) -> Error {
    Error::mutability(format!("\"{}.{sub}\" is immutable; remove the element and add another", path.attribute.name))
}

fn no_value(path: &ResolvedPath) -> Error {
    Error::invalid_value(format!("Every element of \"{}\" needs a \"value\" that is not empty", path.attribute.name))
}
