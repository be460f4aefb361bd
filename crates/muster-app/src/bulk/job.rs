//! Works through a plan: what waits for nobody runs at the same time, so that the store gathers the commits.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use muster_model::ResourceId;
use scim::ResourceSchema;
use scim::bulk::{BulkOperation, BulkRequest, Method, NamedResource, Plan, Refusal, StepWork, replace_references};
use tokio::task::JoinSet;
use tracing::Instrument;

use super::operation::{Prepared, perform, perform_together};
use super::{Done, Processed, id_in_path};
use crate::{App, AppError, ScimCaller};

/// As many operations of one request run at the same time. Enough for one fsync to serve many, few enough to leave the
/// readers to others.
const AT_ONCE: usize = 16;

pub(super) struct Job {
    app: Arc<App>,
    caller: ScimCaller,
    request: BulkRequest,
    plan: Plan,
    /// How many steps each step still waits for.
    waits_for: Vec<usize>,
    /// Who waits for each step.
    waiting: Vec<Vec<usize>>,
    ready: BTreeSet<usize>,
    /// Begun or not, but not done.
    unfinished: BTreeSet<usize>,
    errors: u64,
    /// The ids of created resources, by the `bulkId` of their operations.
    created: HashMap<String, String>,
    results: Vec<Option<Processed>>,
}

/// The results of one step, each with the place of its operation.
type StepResults = Vec<(usize, Result<Done, AppError>)>;

impl Job {
    pub(super) fn new(app: &Arc<App>, caller: &ScimCaller, request: BulkRequest, plan: Plan) -> Self {
        let mut waiting = vec![Vec::new(); plan.steps.len()];
        for (place, step) in plan.steps.iter().enumerate() {
            for earlier in &step.after {
                if let Some(waiting) = waiting.get_mut(*earlier) {
                    waiting.push(place);
                }
            }
        }
        let waits_for: Vec<usize> = plan.steps.iter().map(|step| step.after.len()).collect();
        let ready = waits_for.iter().enumerate().filter(|(_, count)| **count == 0).map(|(place, _)| place).collect();
        Self {
            app: Arc::clone(app),
            caller: caller.clone(),
            unfinished: (0..plan.steps.len()).collect(),
            results: request.operations.iter().map(|_| None).collect(),
            request,
            plan,
            waits_for,
            waiting,
            ready,
            errors: 0,
            created: HashMap::new(),
        }
    }

    /// Dropping the future lets go of what was not begun; a commit that was handed over stands.
    pub(super) async fn run(mut self) -> Vec<Processed> {
        let mut running: JoinSet<(usize, StepResults)> = JoinSet::new();
        let mut begun: HashMap<tokio::task::Id, usize> = HashMap::new();
        loop {
            while running.len() < AT_ONCE
                && let Some(place) = self.next_to_begin()
            {
                self.ready.remove(&place);
                match self.prepare(place) {
                    Work::Known(results) => self.finish(place, results),
                    Work::ToDo(work) => {
                        let task = running.spawn(async move { (place, work.await) }.in_current_span());
                        begun.insert(task.id(), place);
                    }
                }
            }
            match running.join_next_with_id().await {
                None => break,
                Some(Ok((_, (place, results)))) => self.finish(place, results),
                Some(Err(error)) => {
                    let Some(place) = begun.get(&error.id()).copied() else { continue };
                    let failed =
                        self.each_of(place, || AppError::Internal("an operation did not come to its end".into()));
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "an operation of a bulk request was lost"
                    );
                    self.finish(place, failed);
                }
            }
        }
        self.results.into_iter().flatten().collect()
    }

    /// The first step that nothing keeps back. With `failOnErrors` a step begins only when the limit could not be reached
    /// before it even if all that is unfinished before it failed, so that what ran is what would have run one after
    /// another.
    fn next_to_begin(&self) -> Option<usize> {
        let place = *self.ready.first()?;
        let Some(limit) = self.request.fail_on_errors else { return Some(place) };
        let before = self.unfinished.range(..place).filter_map(|step| self.plan.steps.get(*step));
        let possible: usize = before.map(|step| step.work.operations().len()).sum();
        (self.errors.saturating_add(possible as u64) < limit).then_some(place)
    }

    fn finish(&mut self, place: usize, results: StepResults) {
        for (operation, outcome) in results {
            self.errors += u64::from(outcome.is_err());
            let sent = self.request.operations.get(operation);
            let bulk_id = sent.and_then(BulkOperation::bulk_id).map(str::to_owned);
            if let (Ok(Done::Created(resource)), Some(bulk_id)) = (&outcome, &bulk_id) {
                self.created.insert(bulk_id.clone(), resource.id.to_string());
            }
            let resource = self.resource_of(operation, &outcome);
            let processed = Processed { method: sent.and_then(BulkOperation::method), bulk_id, resource, outcome };
            if let Some(slot) = self.results.get_mut(operation) {
                *slot = Some(processed);
            }
        }
        self.unfinished.remove(&place);
        for next in self.waiting.get(place).into_iter().flatten() {
            if let Some(count) = self.waits_for.get_mut(*next) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    self.ready.insert(*next);
                }
            }
        }
    }

    fn resource_of(&self, operation: usize, outcome: &Result<Done, AppError>) -> Option<(Arc<ResourceSchema>, String)> {
        let place = self.request.operations.get(operation)?.place()?;
        let schema = place.schema(self.caller.resource_schemas())?;
        let id = match (outcome, &place.resource) {
            (Ok(Done::Created(resource)), _) => resource.id.to_string(),
            (_, Some(NamedResource::BulkId(bulk_id))) => self.created.get(bulk_id)?.clone(),
            (_, Some(named)) => id_in_path(named)?.to_owned(),
            (_, None) => return None,
        };
        Some((Arc::clone(schema), id))
    }

    fn each_of(&self, place: usize, error: impl Fn() -> AppError) -> StepResults {
        let operations = self.plan.steps.get(place).map(|step| step.work.operations()).unwrap_or_default();
        operations.iter().map(|operation| (*operation, Err(error()))).collect()
    }

    fn prepare(&self, place: usize) -> Work {
        let Some(step) = self.plan.steps.get(place) else { return Work::Known(Vec::new()) };
        let is_done = |needed: &usize| matches!(self.results.get(*needed), Some(Some(done)) if done.outcome.is_ok());
        if !matches!(step.work, StepWork::Refused(..)) && !step.needs.iter().all(is_done) {
            return Work::Known(self.each_of(place, || AppError::ReferenceFailed));
        }
        match &step.work {
            StepWork::Refused(operation, refusal) => Work::Known(vec![(*operation, Err(refused(refusal)))]),
            StepWork::One(operation) => self.one(*operation),
            StepWork::Together(operations) => self.together(operations),
        }
    }

    fn one(&self, operation: usize) -> Work {
        let Some(prepared) = self.prepared(operation, &HashMap::new()) else {
            return Work::Known(vec![(operation, Err(lost()))]);
        };
        let (app, caller, language) = (Arc::clone(&self.app), self.caller.clone(), self.request.language);
        Work::ToDo(Box::pin(async move { vec![(operation, perform(&app, &caller, prepared, language).await)] }))
    }

    /// Creations that name one another get their ids beforehand.
    fn together(&self, operations: &[usize]) -> Work {
        let ids: Vec<(usize, ResourceId)> = operations
            .iter()
            .map(|operation| (*operation, ResourceId::new(self.app.clock.as_ref(), self.app.rng.as_ref())))
            .collect();
        let named: HashMap<&str, String> = ids
            .iter()
            .filter_map(|(operation, id)| Some((self.request.operations.get(*operation)?.bulk_id()?, id.to_string())))
            .collect();
        let prepared: Option<Vec<(ResourceId, Prepared)>> =
            ids.iter().map(|(operation, id)| Some((*id, self.prepared(*operation, &named)?))).collect();
        let Some(prepared) = prepared else {
            return Work::Known(operations.iter().map(|operation| (*operation, Err(lost()))).collect());
        };
        let (app, caller, operations) = (Arc::clone(&self.app), self.caller.clone(), operations.to_vec());
        Work::ToDo(Box::pin(async move {
            operations.into_iter().zip(perform_together(&app, &caller, prepared).await).collect()
        }))
    }

    /// The operation with ids in the place of `bulkId`s: of what is created by now, and of `beforehand`.
    fn prepared(&self, operation: usize, beforehand: &HashMap<&str, String>) -> Option<Prepared> {
        let BulkOperation::Understood(request) = self.request.operations.get(operation)? else { return None };
        let schema = request.place.schema(self.caller.resource_schemas())?;
        let id_of = |bulk_id: &str| beforehand.get(bulk_id).or_else(|| self.created.get(bulk_id)).map(String::as_str);
        let id = match &request.place.resource {
            None => String::new(),
            Some(NamedResource::Id(id)) => id.clone(),
            Some(NamedResource::BulkId(bulk_id)) => id_of(bulk_id)?.to_owned(),
        };
        let mut data = request.data.clone();
        let leniency = &self.caller.profile().leniency;
        if request.method != Method::Delete {
            replace_references(schema, (request.method, self.request.language), &mut data, leniency, id_of);
        }
        Some(Prepared {
            method: request.method,
            schema: Arc::clone(schema),
            id,
            data,
            version: request.version.clone(),
        })
    }
}

enum Work {
    /// Nothing needs to be tried.
    Known(StepResults),
    ToDo(std::pin::Pin<Box<dyn Future<Output = StepResults> + Send>>),
}

fn refused(refusal: &Refusal) -> AppError {
    match refusal {
        Refusal::Mistake(error) => AppError::Scim(error.clone()),
        Refusal::UnknownEndpoint => AppError::UnknownEndpoint,
        Refusal::MembershipCircle => AppError::MembershipCircle,
    }
}

/// The plan names only what the request has.
fn lost() -> AppError {
    AppError::Internal("the plan of a bulk request names an operation that is not in it".into())
}
