//! From what a client says about `members` to what the store is asked to change.

use indexmap::IndexSet;
use muster_model::{Member, MemberReference};
use muster_store::batch::MembershipChange;
use muster_store::{MembershipDelta, UnknownMembers};
use scim::patch::ElementStep;
use scim::{Document, Leniency};
use serde_json::Value;

/// Name of the attribute that is kept as rows (RFC 7643 section 4.2).
pub(crate) const MEMBERS: &str = "members";

/// Takes `members` out of a document that a client sent whole. `None`: it names none.
pub(crate) fn take_members(document: &mut Document) -> Option<Vec<MemberReference>> {
    let Some(Value::Array(elements)) = document.shift_remove(MEMBERS) else { return None };
    Some(
        elements
            .iter()
            .filter_map(|element| element.get("value").and_then(Value::as_str))
            .map(MemberReference::parse)
            .collect(),
    )
}

pub(crate) fn delta(change: MembershipChange, leniency: &Leniency) -> MembershipDelta {
    let unknown = if leniency.hold_unknown_members { UnknownMembers::Hold } else { UnknownMembers::Refuse };
    MembershipDelta { change, unknown }
}

/// Whether the steps can only be understood by looking at the present members.
pub(crate) fn needs_present_members(steps: &[ElementStep]) -> bool {
    steps.iter().any(|step| matches!(step, ElementStep::RemoveMatching(_)))
}

/// Folds the steps of one PATCH, in their order, into one change. `present` is only looked at for
/// [`ElementStep::RemoveMatching`]; everything else costs what the named members cost.
pub(crate) fn folded(steps: Vec<ElementStep>, present: &[Member]) -> MembershipChange {
    let mut state = Folding::default();
    for step in steps {
        match step {
            ElementStep::Add(values) => state.add_all(&values),
            ElementStep::Remove(values) => {
                for value in &values {
                    state.remove(MemberReference::parse(value));
                }
            }
            ElementStep::ReplaceAll(values) => {
                state = Folding { replaces: true, ..Folding::default() };
                state.add_all(&values);
            }
            ElementStep::RemoveMatching(filter) => {
                for member in state.members(present) {
                    if filter.matches_element(&element(&member, present)) {
                        state.remove(member);
                    }
                }
            }
        }
    }
    if state.replaces {
        MembershipChange::Replace(state.join.into_iter().collect())
    } else {
        MembershipChange::Adjust { leave: state.leave.into_iter().collect(), join: state.join.into_iter().collect() }
    }
}

#[derive(Default)]
struct Folding {
    /// All former members are gone; `join` is the whole list.
    replaces: bool,
    leave: IndexSet<MemberReference>,
    join: IndexSet<MemberReference>,
}

impl Folding {
    fn add(&mut self, member: MemberReference) {
        self.leave.shift_remove(&member);
        self.join.insert(member);
    }

    fn add_all(&mut self, values: &[String]) {
        for value in values {
            self.add(MemberReference::parse(value));
        }
    }

    fn remove(&mut self, member: MemberReference) {
        self.join.shift_remove(&member);
        if !self.replaces {
            self.leave.insert(member);
        }
    }

    /// Who would be a member if the PATCH ended here.
    fn members(&self, present: &[Member]) -> Vec<MemberReference> {
        let stay = present
            .iter()
            .filter(|_| !self.replaces)
            .map(|member| MemberReference::Id(member.id))
            .filter(|member| !self.leave.contains(member) && !self.join.contains(member));
        stay.chain(self.join.iter().cloned()).collect()
    }
}

/// A member as filters see it.
fn element(reference: &MemberReference, present: &[Member]) -> Value {
    let known = present.iter().find(|member| MemberReference::Id(member.id) == *reference);
    let mut element = Document::new();
    element.insert("value".to_owned(), Value::from(reference.to_string()));
    if let Some(member) = known {
        element.insert("type".to_owned(), Value::from(member.resource_type.as_str()));
        if let Some(display) = &member.display {
            element.insert("display".to_owned(), Value::from(display.as_str()));
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
            vec![
                ElementStep::Add(vec![id(1), id(2)]),
                ElementStep::Remove(vec![id(1), id(3)]),
                ElementStep::Add(vec![id(3)]),
            ],
            &[],
        );
        assert_eq!(
            change,
            MembershipChange::Adjust { leave: vec![reference(1)], join: vec![reference(2), reference(3)] }
        );
    }

    #[test]
    fn a_replacement_forgets_what_came_before_and_takes_what_follows() {
        let change = folded(
            vec![
                ElementStep::Remove(vec![id(9)]),
                ElementStep::ReplaceAll(vec![id(1), id(2)]),
                ElementStep::Remove(vec![id(1)]),
                ElementStep::Add(vec![id(4)]),
            ],
            &[],
        );
        assert_eq!(change, MembershipChange::Replace(vec![reference(2), reference(4)]));
    }
}
