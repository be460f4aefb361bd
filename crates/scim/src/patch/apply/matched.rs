//! Elements find the one that they match by its `value` (SCIM 1.1, protocol section 3.3.2).

use serde_json::{Map, Value};

use super::append::not_a_list;
use super::effort::Effort;
use super::elements::{refuse_emptied, refuse_immutable, take_out_at};
use super::slot::{Change, list_at, merge};
use crate::normalize::{clear_other_primaries, collapse, has_primary, identity_by, is_primary};
use crate::schema::{Attribute, ResolvedPath};
use crate::{Error, Result};

/// Merges each element into the one that it matches, or adds it. What is matched is the list as it was before: two new
/// elements with the same `value` and different types are two.
pub(super) fn merge_elements(
    holder: &mut Map<String, Value>,
    path: &ResolvedPath,
    given: &[Value],
    effort: &mut Effort,
) -> Result<()> {
    let attribute = &path.attribute;
    let Some(elements) = list_at(holder, &attribute.name) else { return Err(not_a_list(path)) };
    effort.spend(given.len())?;
    // Each is looked for by two sets of names.
    effort.spend_on(elements, given.len().saturating_mul(2))?;
    let partners = partners(attribute, elements, given);
    let mut primary = None;
    for (element, partner) in given.iter().zip(partners) {
        let position = partner.unwrap_or(elements.len());
        match partner.and_then(|position| elements.get_mut(position)) {
            Some(existing) => merge_element(existing, path, element)?,
            None => elements.push(element.clone()),
        }
        if has_primary(attribute) && is_primary(element) {
            primary = Some(position);
        }
    }
    // A new primary takes the mark from the old one.
    if let Some(primary) = primary {
        clear_other_primaries(elements, primary);
    }
    collapse(attribute, elements);
    Ok(())
}

/// Which stored element each given one is merged into. First those that agree in `value` and `type`; then those whose
/// `value` is the value of exactly one element that is still free.
fn partners(attribute: &Attribute, stored: &[Value], given: &[Value]) -> Vec<Option<usize>> {
    let mut is_taken = vec![false; stored.len()];
    let mut partners = vec![None; given.len()];
    let both = ["value".to_owned(), "type".to_owned()];
    let value_alone = ["value".to_owned()];
    for names in [both.as_slice(), value_alone.as_slice()] {
        for (element, partner) in given.iter().zip(&mut partners) {
            if partner.is_some() {
                continue;
            }
            let mut matching = matching(attribute, stored, element, names)
                .into_iter()
                .filter(|position| is_taken.get(*position) == Some(&false));
            if let (Some(only), None) = (matching.next(), matching.next()) {
                *partner = Some(only);
                if let Some(taken) = is_taken.get_mut(only) {
                    *taken = true;
                }
            }
        }
    }
    partners
}

fn merge_element(existing: &mut Value, path: &ResolvedPath, element: &Value) -> Result<()> {
    match (existing, element) {
        (Value::Object(existing), Value::Object(given)) => {
            for (name, value) in given {
                if let Some(sub) = path.attribute.sub_attribute(name) {
                    refuse_immutable(existing, path, sub, Some(value))?;
                }
            }
            merge(existing, &path.attribute, given, Change::Set(element));
        }
        (existing, element) => *existing = element.clone(),
    }
    Ok(())
}

/// Takes out what each element matches; that nothing does is no mistake.
pub(super) fn delete_elements(
    holder: &mut Map<String, Value>,
    path: &ResolvedPath,
    given: &[Value],
    effort: &mut Effort,
) -> Result<()> {
    let attribute = &path.attribute;
    let Some(elements) = holder.get_mut(&attribute.name).and_then(Value::as_array_mut) else { return Ok(()) };
    effort.spend(given.len())?;
    // Each is looked for by two sets of names.
    effort.spend_on(elements, given.len().saturating_mul(2))?;
    let value_alone = ["value".to_owned()];
    for element in given {
        let named = names_in(element);
        let mut doomed = if named.iter().any(|name| name == "value") {
            matching(attribute, elements, element, &value_alone)
        } else {
            matching(attribute, elements, element, &named)
        };
        if doomed.len() > 1 {
            doomed = matching(attribute, elements, element, &named);
            if doomed.is_empty() {
                return Err(Error::no_target(format!(
                    "Several elements of \"{}\" have the value of the one to delete, and none agrees with it in the \
                     rest; send it as it is stored",
                    path.notation()
                )));
            }
        }
        take_out_at(elements, &doomed);
    }
    refuse_emptied(elements, path)
}

/// Where the elements stand, in ascending order, that agree in these sub-attributes; none when the given one lacks one of them.
fn matching(attribute: &Attribute, elements: &[Value], given: &Value, names: &[String]) -> Vec<usize> {
    // A list of simple values has no names to compare; its elements are compared as they are.
    let names = if given.is_object() { names } else { &[] };
    let Some(wanted) = identity_by(attribute, given, names).filter(|wanted| !wanted.is_empty()) else {
        return Vec::new();
    };
    elements
        .iter()
        .enumerate()
        .filter(|(_, element)| identity_by(attribute, element, names).as_ref() == Some(&wanted))
        .map(|(position, _)| position)
        .collect()
}

/// The sub-attributes that an element names. `primary: false` says no more than its absence (RFC 7643 section 2.4).
fn names_in(element: &Value) -> Vec<String> {
    let Value::Object(members) = element else { return Vec::new() };
    members
        .iter()
        .filter(|(name, value)| !(name.as_str() == "primary" && **value == Value::Bool(false)))
        .map(|(name, _)| name.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::Schema;

    /// What one deletion matches is taken out in one go. Looking every position up among all that were found would take
    /// many minutes, and no step of it would be counted.
    #[test]
    fn a_deletion_that_matches_a_long_list_goes_through_it_once() {
        let schema = json!({
            "id": "urn:example:Device", "name": "Device", "description": "A device",
            "attributes": [{ "name": "tags", "type": "string", "multiValued": true }],
        });
        let attribute = Arc::clone(Schema::parse(&schema).unwrap().attribute("tags").unwrap());
        let path = ResolvedPath { extension: None, attribute, sub_attribute: None };
        let mut elements = vec![json!("x"); 1_500_000];
        elements.push(json!("y"));
        let mut holder = Map::from_iter([("tags".to_owned(), Value::Array(elements))]);
        delete_elements(&mut holder, &path, &[json!("x")], &mut Effort::default()).unwrap();
        assert_eq!(Value::Object(holder), json!({ "tags": ["y"] }));
    }
}
