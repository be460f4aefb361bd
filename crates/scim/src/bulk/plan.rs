//! In which order the operations of a request run, and which may run side by side (docs/adr/0012).
//!
//! Operations run in the order of the request, but one that refers to a resource which a later one creates waits for
//! it. Creations that refer to one another in a circle are one step. Whatever two operations could take from one another
//! keeps its order.

mod order;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::claims::{Claims, Findings, claims_of, findings};
use super::cycles::{components, is_circle};
use super::{BulkOperation, BulkRequest, Method, NamedResource, OperationRequest};
use crate::schema::{ResolvedPath, USER};
use crate::{Error, Leniency, ResourceSchema};
use order::{in_order, members_first};

/// What to do, in an order that would be right if one step ran after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub work: StepWork,
    /// Places of earlier steps that must be done before this one begins, in ascending order.
    pub after: Vec<usize>,
    /// Operations whose resources this step names. Where one of them failed, this step fails, too.
    pub needs: Vec<usize>,
}

/// Operations are named by their places in the request.
#[derive(Clone, Debug, PartialEq)]
pub enum StepWork {
    One(usize),
    /// Creations that refer to one another in a circle: all of them or none (RFC 7644 section 3.7.1). Members stand
    /// before the groups that they are to be members of.
    Together(Vec<usize>),
    /// Known to fail before anything is tried.
    Refused(usize, Refusal),
}

/// Why an operation is not even tried.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// It is wrong in itself, or refers to a `bulkId` that no operation has.
    Mistake(Error),
    /// No resource type is at its endpoint.
    UnknownEndpoint,
    /// Its group would be a member of itself through other groups of the request.
    MembershipCircle,
}

impl StepWork {
    /// Places of its operations in the request.
    pub fn operations(&self) -> &[usize] {
        match self {
            Self::One(operation) | Self::Refused(operation, _) => std::slice::from_ref(operation),
            Self::Together(operations) => operations,
        }
    }
}

impl Plan {
    /// `is_unique` says which attributes must differ among the resources of a type.
    pub fn of(
        request: &BulkRequest,
        schemas: &[Arc<ResourceSchema>],
        leniency: &Leniency,
        is_unique: &dyn Fn(&ResourceSchema, &ResolvedPath) -> bool,
    ) -> Self {
        let mut planning = Planning::read(request, schemas, leniency, is_unique);
        planning.refuse_membership_circles();
        let units = planning.units();
        planning.steps(&units)
    }
}

/// One operation while the plan is made.
struct Node<'a> {
    request: Option<(&'a OperationRequest, &'a Arc<ResourceSchema>)>,
    findings: Findings,
    /// The operations that create what its data (and its path) names, and whether as a member of a group.
    names: Vec<(usize, bool)>,
    refusal: Option<Refusal>,
}

struct Planning<'a> {
    nodes: Vec<Node<'a>>,
}

/// What becomes one step.
struct Unit {
    operations: Vec<usize>,
}

impl<'a> Planning<'a> {
    fn read(
        request: &'a BulkRequest,
        schemas: &'a [Arc<ResourceSchema>],
        leniency: &Leniency,
        is_unique: &dyn Fn(&ResourceSchema, &ResolvedPath) -> bool,
    ) -> Self {
        let creations = creations_by_bulk_id(request);
        let nodes = request.operations.iter().map(|operation| {
            let understood = match operation {
                BulkOperation::Refused { error, .. } => return Node::refused(Refusal::Mistake(error.clone())),
                BulkOperation::Understood(understood) => understood,
            };
            let Some(schema) = understood.place.schema(schemas) else {
                return Node::refused(Refusal::UnknownEndpoint);
            };
            let findings = findings(schema, understood, request.language, leniency, is_unique);
            let by_path = match &understood.place.resource {
                Some(NamedResource::BulkId(bulk_id)) => Some((bulk_id.as_str(), false)),
                _ => None,
            };
            let by_data = findings.references.iter().map(|(bulk_id, is_member)| (bulk_id.as_str(), *is_member));
            let mut names = Vec::new();
            for (bulk_id, is_member) in by_data.chain(by_path) {
                match creations.get(bulk_id) {
                    Some(creation) => names.push((*creation, is_member)),
                    None => {
                        return Node::refused(Refusal::Mistake(Error::invalid_value(
                            "a \"bulkId\" that the operation refers to belongs to no single POST of the request",
                        )));
                    }
                }
            }
            Node { request: Some((understood, schema)), findings, names, refusal: None }
        });
        Self { nodes: nodes.collect() }
    }

    /// A group in a group in itself is refused when it is written, so such creations are not begun (RFC 7644 section
    /// 3.7.1 leaves that as a conflict).
    fn refuse_membership_circles(&mut self) {
        let edges = self.edges_between_creations(|is_member| is_member);
        for component in components(&edges).into_iter().filter(|component| is_circle(component, &edges)) {
            for operation in component {
                if let Some(node) = self.nodes.get_mut(operation) {
                    node.refusal = Some(Refusal::MembershipCircle);
                    // What is not tried waits for nobody.
                    node.names.clear();
                }
            }
        }
    }

    /// What creations that will be tried name of one another.
    fn edges_between_creations(&self, counts: impl Fn(bool) -> bool) -> Vec<Vec<usize>> {
        let named = |node: &Node<'_>| -> Vec<usize> {
            let is_tried = |target: &usize| self.nodes.get(*target).is_some_and(Node::creates);
            node.names
                .iter()
                .filter(|(_, is_member)| counts(*is_member))
                .map(|(target, _)| *target)
                .filter(is_tried)
                .collect()
        };
        self.nodes.iter().map(|node| if node.creates() { named(node) } else { Vec::new() }).collect()
    }

    fn units(&self) -> Vec<Unit> {
        let edges = self.edges_between_creations(|_| true);
        let memberships = self.edges_between_creations(|is_member| is_member);
        components(&edges)
            .into_iter()
            .map(|component| Unit { operations: members_first(&component, &memberships) })
            .collect()
    }

    fn steps(&self, units: &[Unit]) -> Plan {
        let mut unit_of = vec![0; self.nodes.len()];
        for (number, unit) in units.iter().enumerate() {
            for operation in &unit.operations {
                if let Some(place) = unit_of.get_mut(*operation) {
                    *place = number;
                }
            }
        }
        let unit_of = |operation: usize| unit_of.get(operation).copied().unwrap_or_default();
        let needed = self.needed_units(units, &unit_of);
        let firsts: Vec<usize> =
            units.iter().map(|unit| unit.operations.iter().copied().min().unwrap_or_default()).collect();
        let order = in_order(&firsts, &needed);

        let mut place_of = vec![0; units.len()];
        let mut claims = Claims::default();
        let mut steps: Vec<Step> = Vec::with_capacity(units.len());
        for (place, number) in order.into_iter().enumerate() {
            let (Some(unit), Some(slot)) = (units.get(number), place_of.get_mut(number)) else { continue };
            *slot = place;
            let mut after = claims.enter(place, self.claims(unit));
            after.extend(needed.get(number).into_iter().flatten().filter_map(|unit| place_of.get(*unit)));
            after.sort_unstable();
            after.dedup();
            steps.push(Step { work: self.work(unit), after, needs: self.needs(unit) });
        }
        Plan { steps }
    }

    /// For each unit those that must come before it: the creations that it names, and what the request does earlier to
    /// the same resource.
    fn needed_units(&self, units: &[Unit], unit_of: &impl Fn(usize) -> usize) -> Vec<HashSet<usize>> {
        let mut needed = vec![HashSet::new(); units.len()];
        let mut latest: HashMap<(&str, &NamedResource), usize> = HashMap::new();
        for (operation, node) in self.nodes.iter().enumerate() {
            let own = unit_of(operation);
            let Some(needed) = needed.get_mut(own) else { continue };
            needed.extend(node.names.iter().map(|(target, _)| unit_of(*target)).filter(|unit| *unit != own));
            let Some((request, schema)) = node.request else { continue };
            if let Some(resource) = &request.place.resource {
                let name = schema.resource_type().name.as_str();
                needed.extend(latest.insert((name, resource), own));
            }
        }
        needed
    }

    fn claims(&self, unit: &Unit) -> Vec<(super::claims::Claimed, super::claims::Manner)> {
        let tried = unit.operations.iter().filter_map(|operation| self.nodes.get(*operation));
        let tried = tried.filter(|node| node.refusal.is_none());
        tried
            .filter_map(|node| {
                let (request, schema) = node.request?;
                let names_new_groups = node.names.iter().any(|(target, is_member)| {
                    *is_member && !self.nodes.get(*target).is_some_and(Node::creates_a_person)
                });
                Some(claims_of(schema, request, &node.findings, names_new_groups))
            })
            .flatten()
            .collect()
    }

    fn work(&self, unit: &Unit) -> StepWork {
        match unit.operations.as_slice() {
            [only] => match self.nodes.get(*only).and_then(|node| node.refusal.clone()) {
                Some(refusal) => StepWork::Refused(*only, refusal),
                None if self
                    .nodes
                    .get(*only)
                    .is_some_and(|node| node.names.iter().any(|(target, _)| target == only)) =>
                {
                    StepWork::Together(vec![*only])
                }
                None => StepWork::One(*only),
            },
            several => StepWork::Together(several.to_vec()),
        }
    }

    fn needs(&self, unit: &Unit) -> Vec<usize> {
        let named = unit.operations.iter().filter_map(|operation| self.nodes.get(*operation));
        let mut needs: Vec<usize> = named.flat_map(|node| node.names.iter().map(|(target, _)| *target)).collect();
        needs.retain(|target| !unit.operations.contains(target));
        needs.sort_unstable();
        needs.dedup();
        needs
    }
}

impl Node<'_> {
    fn refused(refusal: Refusal) -> Self {
        Self { request: None, findings: Findings::default(), names: Vec::new(), refusal: Some(refusal) }
    }

    fn creates(&self) -> bool {
        self.refusal.is_none() && self.request.is_some_and(|(request, _)| request.method == Method::Post)
    }

    /// A person has no members, so nobody's membership in a group can go in a circle through one.
    fn creates_a_person(&self) -> bool {
        self.request.is_some_and(|(_, schema)| schema.base().id == USER)
    }
}

fn creations_by_bulk_id(request: &BulkRequest) -> HashMap<&str, usize> {
    let mut creations = HashMap::new();
    let mut repeated = HashSet::new();
    for (place, operation) in request.operations.iter().enumerate() {
        if operation.method() == Some(Method::Post)
            && let Some(bulk_id) = operation.bulk_id()
            && creations.insert(bulk_id, place).is_some()
        {
            repeated.insert(bulk_id);
        }
    }
    creations.retain(|bulk_id, _| !repeated.contains(bulk_id));
    creations
}

#[cfg(test)]
mod tests;
