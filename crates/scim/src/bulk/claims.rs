//! What an operation touches, as far as it decides whether it may run beside another one.
//!
//! Running side by side must give what running one after another gives (RFC 7644 section 3.7). Two operations keep their
//! order when they claim the same thing in different ways; what they claim in the same way they may do at once.

use std::collections::HashMap;

use serde_json::Value;

use super::references::{is_membership, is_of_members, reference};
use super::walk::{Visitor, Walk};
use super::{BulkLanguage, Method, OperationRequest};
use crate::schema::ResolvedPath;
use crate::{Leniency, ResourceSchema, fold};

/// Something that the outcome of operations depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Claimed {
    /// The directory as a whole: a deletion also changes groups and references that it does not name.
    Directory,
    /// Who is in whose group, where groups may be members: which of two memberships closes a circle depends on order.
    Nesting,
    /// The unique values of a type: a change may set one free that another operation takes.
    ValuesOf(String),
    /// One unique value, which the first to take it gets.
    Value { resource_type: String, attribute: String, value: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    Changing,
    Deleting,
    Creating,
    /// By this operation and no other beside it.
    Alone,
}

/// What is read out of the data of an operation before anything runs.
#[derive(Default)]
pub(super) struct Findings {
    /// `bulkId`s that the data refers to, and whether as a member of a group.
    pub(super) references: Vec<(String, bool)>,
    /// A member of a group is named by an id that is there already.
    names_present_members: bool,
    /// A filter chooses members by what they are called or are, which other operations may change.
    looks_at_members: bool,
    touches_unique_values: bool,
    unique_values: Vec<(String, String)>,
}

struct Reading<'a> {
    schema: &'a ResourceSchema,
    is_unique: &'a dyn Fn(&ResourceSchema, &ResolvedPath) -> bool,
    findings: Findings,
}

impl Visitor for Reading<'_> {
    fn attribute(&mut self, path: &ResolvedPath) {
        let subs = path
            .attribute
            .sub_attributes
            .iter()
            .map(|sub| ResolvedPath { sub_attribute: Some(sub.clone()), ..path.clone() });
        let is_unique =
            (self.is_unique)(self.schema, path) || subs.into_iter().any(|sub| (self.is_unique)(self.schema, &sub));
        self.findings.touches_unique_values |= is_unique;
    }

    fn filtered(&mut self, path: &ResolvedPath) {
        self.findings.looks_at_members |= is_of_members(self.schema, path) && !is_membership(self.schema, path);
    }

    fn text(&mut self, path: &ResolvedPath, text: &mut String) {
        let is_member = is_membership(self.schema, path);
        if let Some(found) = reference(path, text) {
            self.findings.references.push((found.bulk_id.to_owned(), is_member));
        } else if is_member {
            self.findings.names_present_members = true;
        }
        if (self.is_unique)(self.schema, path) {
            let definition = path.definition();
            let value = if definition.case_exact { text.clone() } else { fold(text) };
            self.findings.unique_values.push((path.notation(), value));
        }
    }
}

/// Reads the data of an operation. `is_unique` says which attributes must differ among resources of a type.
pub(super) fn findings(
    schema: &ResourceSchema,
    request: &OperationRequest,
    language: BulkLanguage,
    leniency: &Leniency,
    is_unique: &dyn Fn(&ResourceSchema, &ResolvedPath) -> bool,
) -> Findings {
    let mut reading = Reading { schema, is_unique, findings: Findings::default() };
    let mut data: Value = request.data.clone();
    Walk { schema, leniency, visitor: &mut reading }.data(request.method, language, &mut data);
    reading.findings
}

/// `names_new_groups`: a member is a group, or something else than a person, that the same request creates.
pub(super) fn claims_of(
    schema: &ResourceSchema,
    request: &OperationRequest,
    findings: &Findings,
    names_new_groups: bool,
) -> Vec<(Claimed, Manner)> {
    let resource_type = || schema.resource_type().name.clone();
    if request.method == Method::Delete {
        // A version demands that nothing before has changed the resource and nothing after has yet.
        let manner = if request.version.is_some() { Manner::Alone } else { Manner::Deleting };
        return vec![(Claimed::Directory, manner)];
    }
    if findings.looks_at_members {
        return vec![(Claimed::Directory, Manner::Alone)];
    }
    let mut claims = vec![(Claimed::Directory, Manner::Changing)];
    if names_new_groups || findings.names_present_members {
        claims.push((Claimed::Nesting, Manner::Alone));
    }
    match request.method {
        Method::Post => {
            claims.push((Claimed::ValuesOf(resource_type()), Manner::Creating));
            for (attribute, value) in &findings.unique_values {
                let claimed = Claimed::Value {
                    resource_type: resource_type(),
                    attribute: attribute.clone(),
                    value: value.clone(),
                };
                claims.push((claimed, Manner::Alone));
            }
        }
        // A replacement also clears what it does not name.
        Method::Put => claims.push((Claimed::ValuesOf(resource_type()), Manner::Alone)),
        _ if findings.touches_unique_values => claims.push((Claimed::ValuesOf(resource_type()), Manner::Alone)),
        _ => {}
    }
    claims
}

/// Remembers who claimed what, in the order of the plan.
#[derive(Default)]
pub(super) struct Claims(HashMap<Claimed, Holders>);

struct Holders {
    manner: Manner,
    present: Vec<usize>,
    /// Who held it before in another manner; all of `present` come after them.
    former: Vec<usize>,
}

impl Claims {
    /// Notes the claims of the next step, and returns the steps that must be done before it.
    pub(super) fn enter(&mut self, step: usize, claims: Vec<(Claimed, Manner)>) -> Vec<usize> {
        let mut before = Vec::new();
        for (claimed, manner) in claims {
            let holders =
                self.0.entry(claimed).or_insert_with(|| Holders { manner, present: Vec::new(), former: Vec::new() });
            let is_new_manner = manner != holders.manner || manner == Manner::Alone;
            // A step of several operations may claim a thing more than once.
            if is_new_manner && holders.present.iter().any(|holder| *holder != step) {
                holders.former = std::mem::take(&mut holders.present);
            }
            holders.manner = manner;
            if holders.present.last() != Some(&step) {
                holders.present.push(step);
            }
            before.extend(holders.former.iter().copied().filter(|former| *former != step));
        }
        before.sort_unstable();
        before.dedup();
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_claims_in_the_same_way_may_go_side_by_side() {
        let mut claims = Claims::default();
        let mut enter = |step, manner| claims.enter(step, vec![(Claimed::Directory, manner)]);
        assert_eq!(enter(0, Manner::Changing), [] as [usize; 0]);
        assert_eq!(enter(1, Manner::Changing), [] as [usize; 0]);
        assert_eq!(enter(2, Manner::Deleting), [0, 1]);
        assert_eq!(enter(3, Manner::Deleting), [0, 1]);
        assert_eq!(enter(4, Manner::Changing), [2, 3]);
        assert_eq!(enter(5, Manner::Alone), [4]);
        assert_eq!(enter(6, Manner::Alone), [5]);
    }

    #[test]
    fn a_step_does_not_wait_for_itself() {
        let mut claims = Claims::default();
        let twice = || vec![(Claimed::Nesting, Manner::Alone), (Claimed::Nesting, Manner::Alone)];
        assert_eq!(claims.enter(0, twice()), [] as [usize; 0]);
        assert_eq!(claims.enter(1, twice()), [0]);
    }
}
