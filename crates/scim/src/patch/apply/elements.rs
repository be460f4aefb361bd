//! Elements of a multi-valued attribute are chosen, changed and taken out.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use super::append::not_a_list;
use super::effort::Effort;
use super::slot::{Change, change_slot, list_at, merge};
use crate::filter::CompiledFilter;
use crate::normalize::{
    clear_other_primaries, collapse, element_identity, has_primary, identity_by, is_immutable, is_primary,
    points_at_resources, several_primaries,
};
use crate::schema::{Attribute, Mutability, ResolvedPath};
use crate::value::{equal, is_present};
use crate::{Error, Repair, Repairs, Result};

/// The elements that an operation targets: those that the filter matches, or all.
pub(super) struct Chosen<'a> {
    pub(super) path: &'a ResolvedPath,
    pub(super) filter: Option<&'a CompiledFilter>,
    pub(super) sub_attribute: Option<&'a Attribute>,
    /// What to begin with when nothing matches.
    pub(super) create: Option<&'a Map<String, Value>>,
}

/// Changes every chosen element, or the chosen sub-attribute of it (RFC 7644 section 3.5.2.3).
pub(super) fn change_elements(
    holder: &mut Map<String, Value>,
    chosen: &Chosen,
    change: Change,
    repairs: &mut Repairs,
    effort: &mut Effort,
) -> Result<()> {
    let attribute = &chosen.path.attribute;
    let removal = matches!(change, Change::Unassign);
    if removal && !holder.contains_key(&attribute.name) {
        return Ok(());
    }
    let Some(elements) = list_at(holder, &attribute.name) else { return Err(not_a_list(chosen.path)) };
    // Beside the filter, what is changed is compared before and after, and then with the other elements.
    let comparisons = if removal { 0 } else { 3 };
    effort.spend_on(elements, chosen.filter.map_or(1, CompiledFilter::terms).saturating_add(comparisons))?;
    let mut positions: Vec<usize> = elements
        .iter()
        .enumerate()
        .filter(|(_, element)| chosen.filter.is_none_or(|filter| filter.matches_element(element)))
        .map(|(position, _)| position)
        .collect();
    if removal && chosen.sub_attribute.is_none() {
        return take_out(elements, &positions, chosen.path);
    }
    let created = positions.is_empty();
    if created {
        match (removal, chosen.create) {
            // Removing what is not there is a success without effect (RFC 7644 section 3.5.2.2).
            (true, _) => return Ok(()),
            (false, None) => {
                return Err(Error::no_target(format!(
                    "No element of \"{}\" matches the filter of the path",
                    chosen.path.notation()
                )));
            }
            (false, Some(create)) => {
                positions.push(elements.len());
                elements.push(Value::Object(create.clone()));
                note(repairs, Repair::ElementCreated { attribute: chosen.path.notation() });
            }
        }
    }
    let mut other_identity = false;
    for position in &positions {
        if let Some(element) = elements.get_mut(*position) {
            let before = element_identity(attribute, element);
            change_element(element, chosen, change)?;
            other_identity |= created || element_identity(attribute, element) != before;
        }
    }
    if has_primary(attribute) && sets_primary(chosen, change) {
        let marked: Vec<usize> =
            positions.iter().copied().filter(|position| elements.get(*position).is_some_and(is_primary)).collect();
        match marked.as_slice() {
            [] => {}
            [one] => clear_other_primaries(elements, *one),
            _ => return Err(several_primaries(&format!("\"{}\"", chosen.path.notation()))),
        }
    }
    if other_identity {
        elements.retain(|element| element.as_object().is_none_or(|members| !members.is_empty()));
        // A changed element may now say the same as another (RFC 7643 section 2.4).
        if collapse(attribute, elements) {
            note(repairs, Repair::ElementsMerged { attribute: chosen.path.notation() });
        }
    }
    Ok(())
}

fn note(repairs: &mut Repairs, repair: Repair) {
    if !repairs.contains(&repair) {
        repairs.push(repair);
    }
}

fn sets_primary(chosen: &Chosen, change: Change) -> bool {
    let created = chosen.create.and_then(|element| element.get("primary"));
    let changed = match (chosen.sub_attribute, change.value()) {
        (Some(sub), Some(value)) if sub.name == "primary" => Some(value),
        (None, Some(value)) => value.get("primary"),
        _ => None,
    };
    created == Some(&Value::Bool(true)) || changed == Some(&Value::Bool(true))
}

fn change_element(element: &mut Value, chosen: &Chosen, change: Change) -> Result<()> {
    let attribute = &chosen.path.attribute;
    match (element, chosen.sub_attribute, change.value()) {
        (Value::Object(members), Some(sub), value) => {
            refuse_immutable(members, chosen.path, sub, value)?;
            change_slot(members, sub, change);
        }
        (Value::Object(members), None, Some(Value::Object(given))) => {
            for (name, value) in given {
                if let Some(sub) = attribute.sub_attribute(name) {
                    refuse_immutable(members, chosen.path, sub, Some(value))?;
                }
            }
            merge(members, attribute, given, change);
        }
        (element, None, Some(value)) => *element = value.clone(),
        _ => {}
    }
    Ok(())
}

/// An immutable sub-attribute may be set where it is not, and nothing else (RFC 7643 section 2.2).
pub(super) fn refuse_immutable(
    element: &Map<String, Value>,
    path: &ResolvedPath,
    sub: &Attribute,
    value: Option<&Value>,
) -> Result<()> {
    if sub.mutability != Mutability::Immutable {
        return Ok(());
    }
    let Some(stored) = element.get(&sub.name).filter(|stored| is_present(stored)) else { return Ok(()) };
    if value.is_some_and(|value| value == stored || equal(sub, value, stored)) {
        return Ok(());
    }
    Err(is_immutable(&format!("{}.{}", path.notation(), sub.name)))
}

fn take_out(elements: &mut Vec<Value>, positions: &[usize], path: &ResolvedPath) -> Result<()> {
    take_out_at(elements, positions);
    refuse_emptied(elements, path)
}

/// Takes out the elements at these positions, which ascend.
pub(super) fn take_out_at(elements: &mut Vec<Value>, positions: &[usize]) {
    let mut doomed = positions.iter().copied().peekable();
    let mut position = 0;
    elements.retain(|_| {
        let goes = doomed.next_if_eq(&position).is_some();
        position += 1;
        !goes
    });
}

/// Takes out every element that one of the values describes: by `value` alone where elements point at resources, else
/// in all sub-attributes that the value names.
pub(super) fn remove_values(
    holder: &mut Map<String, Value>,
    path: &ResolvedPath,
    values: &[Value],
    effort: &mut Effort,
) -> Result<()> {
    let definition = path.definition();
    let Some(elements) = holder.get_mut(&definition.name).and_then(Value::as_array_mut) else { return Ok(()) };
    // Values that name the same sub-attributes share one set, so that the cost is that of the two lists together.
    let mut doomed: BTreeMap<Vec<String>, HashSet<String>> = BTreeMap::new();
    for value in values {
        let names = describing_names(definition, value);
        if let Some(identity) = identity_by(definition, value, &names) {
            doomed.entry(names).or_default().insert(identity);
        }
    }
    effort.spend_on(elements, doomed.len())?;
    elements.retain(|element| {
        !doomed.iter().any(|(names, identities)| {
            identity_by(definition, element, names).is_some_and(|identity| identities.contains(&identity))
        })
    });
    refuse_emptied(elements, path)
}

fn describing_names(attribute: &Attribute, value: &Value) -> Vec<String> {
    let Value::Object(members) = value else { return Vec::new() };
    if points_at_resources(attribute) && members.contains_key("value") {
        return vec!["value".to_owned()];
    }
    let mut names: Vec<String> = members.keys().cloned().collect();
    names.sort_unstable();
    names
}

pub(super) fn refuse_emptied(elements: &[Value], path: &ResolvedPath) -> Result<()> {
    if elements.is_empty() && path.definition().required {
        return Err(Error::mutability(format!(
            "\"{}\" is required; its last element cannot be removed",
            path.notation()
        )));
    }
    Ok(())
}
