//! Decides whether a compiled filter holds. This is the one truth about filters: what a store answers from an index
//! must agree with it.

use std::cmp::Ordering;

use serde_json::Value;

use super::{CompareOperator, Comparison, CompiledFilter, TypedValue};
use crate::schema::{AttributeType, ResolvedPath};
use crate::value::{compare_numbers, is_present, parse_date_time};
use crate::{Document, fold};

impl CompiledFilter {
    /// Whether the resource fulfils the filter. On a multi-valued attribute one value is enough.
    pub fn matches(&self, document: &Document) -> bool {
        holds(self, Scope::Document(document))
    }

    /// Whether one element fulfils a filter made by [`super::Filter::compile_elements`], or the inner filter of
    /// [`CompiledFilter::Elements`].
    pub fn matches_element(&self, element: &Value) -> bool {
        holds(self, Scope::Element(element))
    }

    /// How many comparisons are made at most to judge one element or resource, `pr` included; at least 1.
    pub fn terms(&self) -> usize {
        match self {
            Self::And(filters) | Self::Or(filters) => filters.iter().map(Self::terms).sum::<usize>().max(1),
            Self::Not(filter) | Self::Elements { filter, .. } => filter.terms(),
            Self::Compare(_) | Self::Present(_) => 1,
        }
    }

    /// Whether the filter names that top-level attribute (base schema or common, any letter case) anywhere.
    pub fn mentions(&self, attribute: &str) -> bool {
        let is_named =
            |path: &ResolvedPath| path.extension.is_none() && path.attribute.name.eq_ignore_ascii_case(attribute);
        match self {
            Self::And(filters) | Self::Or(filters) => filters.iter().any(|filter| filter.mentions(attribute)),
            Self::Not(filter) => filter.mentions(attribute),
            Self::Compare(comparison) => is_named(&comparison.path),
            // The paths inside an `Elements` name the same attribute.
            Self::Present(path) | Self::Elements { path, .. } => is_named(path),
        }
    }
}

#[derive(Clone, Copy)]
enum Scope<'a> {
    Document(&'a Document),
    Element(&'a Value),
}

/// Recursion is bounded: the parser limits how deep a filter can be.
fn holds(filter: &CompiledFilter, scope: Scope<'_>) -> bool {
    match filter {
        CompiledFilter::And(filters) => filters.iter().all(|filter| holds(filter, scope)),
        CompiledFilter::Or(filters) => filters.iter().any(|filter| holds(filter, scope)),
        CompiledFilter::Not(filter) => !holds(filter, scope),
        CompiledFilter::Present(path) => any_value(path, scope, None, is_present),
        CompiledFilter::Compare(comparison) => compare(comparison, scope),
        CompiledFilter::Elements { path, filter } => {
            any_element(path, scope, |element| holds(filter, Scope::Element(element)))
        }
    }
}

fn compare(comparison: &Comparison, scope: Scope<'_>) -> bool {
    let Comparison { path, operator, value } = comparison;
    match (operator, value) {
        (CompareOperator::NotEqual, TypedValue::Null) => any_value(path, scope, None, is_present),
        (_, TypedValue::Null) => !any_value(path, scope, None, is_present),
        // Not identical to any value, also when there is none.
        (CompareOperator::NotEqual, _) => {
            !any_value(path, scope, missing_value(path), |found| fulfils(CompareOperator::Equal, value, found))
        }
        _ => any_value(path, scope, missing_value(path), |found| fulfils(*operator, value, found)),
    }
}

/// A missing `primary` counts as false (RFC 7643 section 2.4).
fn missing_value(path: &ResolvedPath) -> Option<&'static Value> {
    static FALSE: Value = Value::Bool(false);
    let sub_attribute = path.sub_attribute.as_ref()?;
    let is_primary = path.attribute.multi_valued
        && sub_attribute.attribute_type == AttributeType::Boolean
        && sub_attribute.name == "primary";
    is_primary.then_some(&FALSE)
}

/// Whether any value that the path names is accepted. `missing` stands in for a sub-attribute that an element lacks.
fn any_value(path: &ResolvedPath, scope: Scope<'_>, missing: Option<&Value>, accepts: impl Fn(&Value) -> bool) -> bool {
    any_element(path, scope, |element| {
        let Some(sub_attribute) = &path.sub_attribute else { return accepts(element) };
        let Value::Object(members) = element else { return false };
        match members.get(&sub_attribute.name) {
            Some(Value::Array(values)) => values.iter().any(&accepts),
            None | Some(Value::Null) => missing.is_some_and(&accepts),
            Some(value) => accepts(value),
        }
    })
}

/// Whether any element of the attribute is accepted. Names are looked up exactly: a document spells them as its schema
/// does.
fn any_element(path: &ResolvedPath, scope: Scope<'_>, accepts: impl Fn(&Value) -> bool) -> bool {
    let document = match scope {
        Scope::Element(element) => return accepts(element),
        Scope::Document(document) => document,
    };
    let holder = match &path.extension {
        None => Some(document),
        Some(urn) => document.get(urn).and_then(Value::as_object),
    };
    match holder.and_then(|members| members.get(&path.attribute.name)) {
        None => false,
        Some(Value::Array(elements)) => elements.iter().any(accepts),
        Some(value) => accepts(value),
    }
}

/// Whether one value fulfils an operator other than `ne`. A value of another type than its attribute fulfils none.
fn fulfils(operator: CompareOperator, wanted: &TypedValue, found: &Value) -> bool {
    match (wanted, found) {
        (TypedValue::Boolean(wanted), Value::Bool(found)) => operator == CompareOperator::Equal && found == wanted,
        (TypedValue::Number(wanted), Value::Number(found)) => is_in_order(operator, compare_numbers(found, wanted)),
        (TypedValue::Exact(wanted), Value::String(found)) => text_fulfils(operator, wanted, found),
        (TypedValue::Folded(wanted), Value::String(found)) if found.is_ascii() => {
            ascii_fulfils(operator, wanted, found)
        }
        (TypedValue::Folded(wanted), Value::String(found)) => text_fulfils(operator, wanted, &fold(found)),
        (TypedValue::DateTime(wanted), Value::String(found)) => {
            parse_date_time(found).is_some_and(|found| is_in_order(operator, found.cmp(wanted)))
        }
        _ => false,
    }
}

/// The order of UTF-8 bytes is the order of Unicode code points (RFC 7644 section 3.4.2.3 asks for that in sorting).
fn text_fulfils(operator: CompareOperator, wanted: &str, found: &str) -> bool {
    match operator {
        CompareOperator::Equal => found == wanted,
        CompareOperator::Contains => found.contains(wanted),
        CompareOperator::StartsWith => found.starts_with(wanted),
        CompareOperator::EndsWith => found.ends_with(wanted),
        _ => is_in_order(operator, found.cmp(wanted)),
    }
}

/// As [`text_fulfils`] on the folded text, mostly without making it: [`fold`] of ASCII only lowers letters.
fn ascii_fulfils(operator: CompareOperator, wanted: &str, found: &str) -> bool {
    /// Up to this length of what is looked for, comparing at every place is faster than making the folded text.
    const SHORT: usize = 16;
    if operator == CompareOperator::Contains && wanted.len() > SHORT {
        return found.len() >= wanted.len() && found.to_ascii_lowercase().contains(wanted);
    }
    let (wanted, found) = (wanted.as_bytes(), found.as_bytes());
    let begins = |text: &[u8]| text.get(..wanted.len()).is_some_and(|start| start.eq_ignore_ascii_case(wanted));
    match operator {
        CompareOperator::Equal => found.eq_ignore_ascii_case(wanted),
        CompareOperator::StartsWith => begins(found),
        CompareOperator::EndsWith => {
            found.len().checked_sub(wanted.len()).and_then(|at| found.get(at..)).is_some_and(begins)
        }
        CompareOperator::Contains => {
            wanted.is_empty() || found.windows(wanted.len()).any(|window| window.eq_ignore_ascii_case(wanted))
        }
        _ => is_in_order(operator, found.iter().map(u8::to_ascii_lowercase).cmp(wanted.iter().copied())),
    }
}

/// `order` is that of the found value against the wanted one.
fn is_in_order(operator: CompareOperator, order: Ordering) -> bool {
    match operator {
        CompareOperator::Equal => order.is_eq(),
        CompareOperator::GreaterThan => order.is_gt(),
        CompareOperator::GreaterOrEqual => order.is_ge(),
        CompareOperator::LessThan => order.is_lt(),
        CompareOperator::LessOrEqual => order.is_le(),
        CompareOperator::NotEqual
        | CompareOperator::Contains
        | CompareOperator::StartsWith
        | CompareOperator::EndsWith => false,
    }
}

#[cfg(test)]
mod tests;
