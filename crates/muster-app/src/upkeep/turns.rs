//! A node's turns at one task: look, have the lease, work, and notice when the lease is lost.

use muster_model::{Lease, NodeId, TenantId};
use muster_store::{LeaseError, StoreError};
use tokio::time::Instant;

use super::Task;
use crate::App;

/// Steps for one tenant before the others have theirs.
const MOST_STEPS: u32 = 20;

/// What became of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing was written, not even the lease.
    NothingToDo,
    /// Another node does it.
    OfAnother,
    /// So much was done.
    Done(u64),
    /// Another node took over in the middle; what was done before it did is done.
    LeaseLost,
}

/// The turns of one node at one task.
pub struct Turns {
    task: Task,
    node: NodeId,
    /// With the moment of the last renewal.
    pub(super) lease: Option<(Lease, Instant)>,
}

impl Turns {
    pub fn new(task: Task, node: NodeId) -> Self {
        Self { task, node, lease: None }
    }

    /// Whether the node had the lease when it last heard of it.
    pub fn has_lease(&self) -> bool {
        self.lease.is_some()
    }

    /// One turn. It ends early, between two steps, when `is_stopping` says so.
    pub async fn take(&mut self, app: &App, is_stopping: &(dyn Fn() -> bool + Sync)) -> Result<Turn, StoreError> {
        let due = self.task.find_due(app, app.now()).await?;
        if due.is_empty() {
            return Ok(Turn::NothingToDo);
        }
        if !self.ensure_lease(app).await? {
            return Ok(Turn::OfAnother);
        }
        match self.work(app, due, is_stopping).await {
            Ok(done) => Ok(Turn::Done(done)),
            Err(LeaseError::Lost) => {
                self.lease = None;
                Ok(Turn::LeaseLost)
            }
            Err(LeaseError::Store(error)) => Err(error),
        }
    }

    /// So that another node need not wait until the lease has run out.
    pub async fn give_back(&mut self, app: &App) -> Result<(), StoreError> {
        match self.lease.take() {
            Some((lease, _)) => app.store.give_back_lease(&lease).await,
            None => Ok(()),
        }
    }

    pub(super) async fn work(
        &mut self,
        app: &App,
        due: Vec<TenantId>,
        is_stopping: &(dyn Fn() -> bool + Sync),
    ) -> Result<u64, LeaseError> {
        let mut total = 0;
        for tenant in due {
            for _ in 0..MOST_STEPS {
                if is_stopping() {
                    return Ok(total);
                }
                let lease = self.fresh_lease(app).await?;
                let done = self.task.step(app, app.now(), tenant, &lease).await?;
                total += done;
                if done == 0 {
                    break;
                }
            }
        }
        Ok(total)
    }

    /// Renews the lease, or takes it; `false`: another node has it.
    pub(super) async fn ensure_lease(&mut self, app: &App) -> Result<bool, StoreError> {
        if let Some((lease, _)) = &self.lease {
            if app.store.renew_lease(lease, self.task.term()).await? {
                let lease = lease.clone();
                self.lease = Some((lease, Instant::now()));
                return Ok(true);
            }
            self.lease = None;
        }
        let taken = app.store.take_lease(self.task.name, self.node, self.task.term()).await?;
        self.lease = taken.map(|lease| (lease, Instant::now()));
        Ok(self.lease.is_some())
    }

    /// The lease, renewed when a third of its term is over.
    async fn fresh_lease(&mut self, app: &App) -> Result<Lease, LeaseError> {
        if let Some((lease, renewed)) = &mut self.lease
            && renewed.elapsed() > self.task.term() / 3
        {
            if !app.store.renew_lease(lease, self.task.term()).await? {
                return Err(LeaseError::Lost);
            }
            *renewed = Instant::now();
        }
        self.lease.as_ref().map(|(lease, _)| lease.clone()).ok_or(LeaseError::Lost)
    }
}
