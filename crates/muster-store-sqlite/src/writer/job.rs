//! One piece of work for the writer, with the way back to who asked for it.

use std::sync::Arc;

use muster_store::StoreError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::failure::{defect, is_passing};

/// What the writer knows of a job.
pub(super) trait Job: Send {
    /// Who asked has gone away, by a time limit for example.
    fn is_abandoned(&self) -> bool;
    /// Does the work; `true` if its changes shall be kept. Called once.
    fn apply(&mut self, connection: &Connection) -> bool;
    /// Called once, after the transaction has ended.
    fn answer(self: Box<Self>, transaction: Result<(), GroupFailure>);
}

/// Why a whole transaction failed; every job of it hears the same.
#[derive(Clone, Debug)]
pub(super) struct GroupFailure {
    is_passing: bool,
    source: Arc<dyn std::error::Error + Send + Sync>,
}

/// A second owner of the error that all jobs of a group share.
#[derive(Debug, thiserror::Error)]
#[error("the transaction was not committed")]
struct SharedFailure(#[source] Arc<dyn std::error::Error + Send + Sync>);

#[derive(Debug, thiserror::Error)]
#[error("SQLite gave up the transaction; a job's own error says why")]
struct GivenUp;

impl GroupFailure {
    pub(super) fn new(error: rusqlite::Error) -> Self {
        Self { is_passing: is_passing(&error), source: Arc::new(error) }
    }

    /// SQLite gives up a whole transaction for want of space, memory or a working disk, all of which may pass.
    pub(super) fn given_up() -> Self {
        Self { is_passing: true, source: Arc::new(GivenUp) }
    }

    pub(super) fn source(&self) -> &(dyn std::error::Error + 'static) {
        self.source.as_ref()
    }

    fn store_error(self) -> StoreError {
        let shared = Box::new(SharedFailure(self.source));
        if self.is_passing { StoreError::Unavailable(shared) } else { StoreError::Failed(shared) }
    }
}

pub(super) struct TypedJob<T, E, F> {
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> TypedJob<T, E, F>
where
    F: FnOnce(&Connection) -> Result<T, E>,
{
    pub(super) fn new(work: F) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (reply, answer) = oneshot::channel();
        (Self { work: Some(work), outcome: None, reply }, answer)
    }
}

impl<T, E, F> Job for TypedJob<T, E, F>
where
    T: Send,
    E: From<StoreError> + Send,
    F: FnOnce(&Connection) -> Result<T, E> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn apply(&mut self, connection: &Connection) -> bool {
        let Some(work) = self.work.take() else { return false };
        self.outcome.insert(work(connection)).is_ok()
    }

    fn answer(self: Box<Self>, transaction: Result<(), GroupFailure>) {
        let result = match (transaction, self.outcome) {
            // Also a job's own refusal is void then: it may rest on a write that was not committed.
            (Err(failure), _) => Err(failure.store_error().into()),
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(defect("a job of the database writer panicked").into()),
        };
        // Who has gone away needs no answer.
        drop(self.reply.send(result));
    }
}
