//! From what a client says about `members` to what the store is asked to change.

use std::collections::HashMap;

use indexmap::IndexMap;
use muster_model::{Member, MemberReference, MemberView, Members, ResourceId};
use muster_store::batch::MembershipChange;
use muster_store::keys::{LONGEST_VALUE, stored_length};
use muster_store::{MembershipDelta, UnknownMembers};
use scim::patch::ElementStep;
use scim::{Document, Leniency, ScimType};
use serde_json::Value;

/// Name of the attribute that is kept as rows (RFC 7643 section 4.2).
pub(crate) const MEMBERS: &str = "members";

/// Takes `members` out of a document that a client sent whole. `None`: it names none. An element that names nobody is
/// refused: taken for nothing, it would empty the group.
pub(crate) fn take_members(document: &mut Document) -> Result<Option<Vec<MemberReference>>, scim::Error> {
    let Some(Value::Array(elements)) = document.shift_remove(MEMBERS) else { return Ok(None) };
    let mut members = Vec::with_capacity(elements.len());
    for (place, element) in elements.iter().enumerate() {
        match element.get("value").and_then(Value::as_str) {
            Some(value) if !value.is_empty() => members.push(named_member(value)?),
            _ => {
                return Err(scim::Error::invalid_value(format!(
                    "element {} of \"members\" has no \"value\"; send the id of the member",
                    place + 1
                )));
            }
        }
    }
    Ok(Some(members))
}

/// A member as a client names it. One that nobody knows is kept in an index, so its name has a bound.
fn named_member(value: &str) -> Result<MemberReference, scim::Error> {
    if stored_length(value) > LONGEST_VALUE {
        return Err(scim::Error::invalid_value(format!(
            "a \"value\" of \"members\" has more than {LONGEST_VALUE} bytes; send the id of the member"
        )));
    }
    Ok(MemberReference::parse(value))
}

pub(crate) fn delta(change: MembershipChange, leniency: &Leniency) -> MembershipDelta {
    let unknown = if leniency.hold_unknown_members { UnknownMembers::Hold } else { UnknownMembers::Refuse };
    MembershipDelta { change, unknown }
}

/// Whether the steps can only be understood by looking at the present members.
pub(crate) fn needs_present_members(steps: &[ElementStep]) -> bool {
    steps.iter().any(|step| matches!(step, ElementStep::RemoveMatching(_)))
}

/// Whom steps before a [`ElementStep::RemoveMatching`] make members: its filter sees them, too.
pub(crate) fn ids_named_before_filters(steps: &[ElementStep]) -> Vec<ResourceId> {
    if !needs_present_members(steps) {
        return Vec::new();
    }
    let named = steps.iter().filter_map(|step| match step {
        ElementStep::Add(values) | ElementStep::ReplaceAll(values) => Some(values),
        ElementStep::Remove(_) | ElementStep::RemoveMatching(_) => None,
    });
    named.flatten().filter_map(|value| ResourceId::parse(value)).collect()
}

/// How many comparisons of members with filters one PATCH may ask for.
const MOST_COMPARISONS: usize = 1_000_000;

/// Folds the steps of one PATCH, in their order, into one change. `present`, and what is known of those `named` by
/// [`ids_named_before_filters`], is only looked at for [`ElementStep::RemoveMatching`]; everything else costs what the
/// named members cost.
pub(crate) fn folded(
    steps: &[ElementStep],
    present: &Members,
    named: &[Member],
) -> Result<MembershipChange, scim::Error> {
    let known = present.iter().chain(named.iter().map(MemberView::from));
    let known: HashMap<ResourceId, MemberView<'_>> = known.map(|member| (member.id, member)).collect();
    let mut state = Folding::default();
    let mut comparisons = 0;
    for step in steps {
        match step {
            ElementStep::Add(values) => state.note_all(values, true)?,
            ElementStep::Remove(values) => state.note_all(values, false)?,
            ElementStep::ReplaceAll(values) => {
                state = Folding { replaces: true, ..Folding::default() };
                state.note_all(values, true)?;
            }
            ElementStep::RemoveMatching(filter) => {
                let members = state.members(present);
                comparisons += members.len() * filter.terms();
                if comparisons > MOST_COMPARISONS {
                    return Err(scim::Error::new(
                        ScimType::TooMany,
                        "the operations with filters on \"members\" look at too many members; name the members by id, or \
                         send fewer operations",
                    ));
                }
                for member in members {
                    if filter.matches_element(&element(&member, &known)) {
                        state.note(member, false);
                    }
                }
            }
        }
    }
    Ok(state.change())
}

#[derive(Default)]
struct Folding {
    /// All former members are gone; who is wanted is the whole list.
    replaces: bool,
    /// Everybody named, and whether the last word on him was to join.
    named: IndexMap<MemberReference, bool>,
}

impl Folding {
    fn note(&mut self, member: MemberReference, joins: bool) {
        self.named.insert(member, joins);
    }

    fn note_all(&mut self, values: &[String], joins: bool) -> Result<(), scim::Error> {
        for value in values {
            self.note(named_member(value)?, joins);
        }
        Ok(())
    }

    /// Who would be a member if the PATCH ended here.
    fn members(&self, present: &Members) -> Vec<MemberReference> {
        let stay = present
            .iter()
            .filter(|_| !self.replaces)
            .map(|member| MemberReference::Id(member.id))
            .filter(|member| !self.named.contains_key(member));
        stay.chain(self.named.iter().filter(|(_, joins)| **joins).map(|(member, _)| member.clone())).collect()
    }

    fn change(self) -> MembershipChange {
        let replaces = self.replaces;
        let (mut leave, mut join) = (Vec::new(), Vec::new());
        for (member, joins) in self.named {
            if joins {
                join.push(member);
            } else {
                leave.push(member);
            }
        }
        if replaces { MembershipChange::Replace(join) } else { MembershipChange::Adjust { leave, join } }
    }
}

/// A member as filters see it.
fn element(reference: &MemberReference, known: &HashMap<ResourceId, MemberView<'_>>) -> Value {
    let mut element = Document::new();
    element.insert("value".to_owned(), Value::from(reference.to_string()));
    if let MemberReference::Id(id) = reference
        && let Some(member) = known.get(id)
    {
        element.insert("type".to_owned(), Value::from(member.resource_type.as_str()));
        if let Some(display) = member.display {
            element.insert("display".to_owned(), Value::from(display));
        }
    }
    Value::Object(element)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> String {
        muster_model::ResourceId::from_uuid(uuid::Uuid::from_u128(number)).to_string()
    }

    fn reference(number: u128) -> MemberReference {
        MemberReference::parse(&id(number))
    }

    #[test]
    fn later_steps_win_over_earlier_ones() {
        let change = folded(
            &[
                ElementStep::Add(vec![id(1), id(2)]),
                ElementStep::Remove(vec![id(1), id(3)]),
                ElementStep::Add(vec![id(3)]),
            ],
            &Members::default(),
            &[],
        )
        .unwrap();
        assert_eq!(
            change,
            MembershipChange::Adjust { leave: vec![reference(1)], join: vec![reference(2), reference(3)] }
        );
    }

    #[test]
    fn a_replacement_forgets_what_came_before_and_takes_what_follows() {
        let change = folded(
            &[
                ElementStep::Remove(vec![id(9)]),
                ElementStep::ReplaceAll(vec![id(1), id(2)]),
                ElementStep::Remove(vec![id(1)]),
                ElementStep::Add(vec![id(4)]),
            ],
            &Members::default(),
            &[],
        )
        .unwrap();
        assert_eq!(change, MembershipChange::Replace(vec![reference(2), reference(4)]));
    }

    #[test]
    fn an_element_that_names_nobody_is_refused_and_not_taken_for_nothing() {
        for element in [serde_json::json!({ "display": "Bob" }), serde_json::json!({ "value": "" })] {
            let mut document = Document::new();
            document.insert("members".to_owned(), serde_json::json!([{ "value": "x" }, element]));
            assert_eq!(take_members(&mut document).unwrap_err().scim_type, ScimType::InvalidValue);
        }
        assert_eq!(take_members(&mut Document::new()), Ok(None));
    }

    #[test]
    fn folding_many_named_members_costs_what_they_are() {
        let values: Vec<String> = (0..200_000).map(id).collect();
        let steps = [ElementStep::Add(values.clone()), ElementStep::Remove(values.clone()), ElementStep::Add(values)];
        let MembershipChange::Adjust { leave, join } = folded(&steps, &Members::default(), &[]).unwrap() else {
            panic!("no replacement")
        };
        assert_eq!((leave.len(), join.len()), (0, 200_000));
    }
}
