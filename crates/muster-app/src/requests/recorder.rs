//! Keeps finished calls in memory until they are written, for which no request waits. What does not fit is lost, the oldest
//! first, and counted.

mod flush;
mod strangers;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use muster_model::{Rng, ScimVersion};
use muster_store::{RequestLogBounds, Store};
use tokio::sync::Notify;

use super::entry::{Draft, Keeping};
use super::masks::AttributeMasks;
use super::trace::{ReadBody, RequestTrace};
use super::{ErrorCode, RequestLogSettings, address};
use crate::App;
use strangers::Strangers;

/// So many calls wait at most, with so many bytes of bodies.
const MOST_WAITING: usize = 4_096;
const MOST_BYTES: usize = 16 << 20;
/// So many are written at once; when they are there, nobody waits for the time to be over.
const PORTION: usize = 200;

/// The body of an answer.
#[derive(Debug)]
pub enum AnswerBody {
    None,
    Whole(ReadBody),
    /// It is written while the client takes it, and so long, if that is known.
    Streamed(Option<u64>),
}

impl AnswerBody {
    pub fn whole(body: &Bytes) -> Self {
        Self::Whole(ReadBody::of(body))
    }
}

/// What the edge knows of a call when it is over. It cannot be printed: what was looked for stands in its address.
pub struct FinishedCall {
    pub trace: Arc<RequestTrace>,
    pub duration: Duration,
    pub method: String,
    /// Path and query as they were sent, without what stands before the connection: `/con_…/Users?filter=…`.
    pub address: String,
    pub version: ScimVersion,
    /// `None`: the client went away, or the call was given up.
    pub status: Option<u16>,
    pub code: Option<ErrorCode>,
    /// The id under which the log lines have it.
    pub request: Option<String>,
    pub client: Option<IpAddr>,
    pub agent: Option<String>,
    pub answer: AnswerBody,
}

/// Takes note of a finished call. Costs a look into memory; whatever it needs of the database is done beside it.
pub fn note(app: &App, call: FinishedCall) {
    let traced = call.trace.take();
    let now = app.now();
    let is_kept = match (&traced.caller, call.code) {
        (Some(caller), Some(ErrorCode::TooManyRequests)) => app.requests.strangers.admit_hasty(caller.connection, now),
        (Some(_), _) => true,
        (None, _) => address::connection(&call.address).is_some_and(|named| app.requests.strangers.admit(named, now)),
    };
    if !is_kept {
        metrics::counter!("muster_request_log_skipped_total").increment(1);
        return;
    }
    app.requests.take(Draft { call, traced, at: now });
    Recorder::schedule(&app.requests, &app.store, &app.rng);
}

/// The queue, and who is at work on it.
pub(crate) struct Recorder {
    bounds: RequestLogBounds,
    keeping: Keeping,
    strangers: Strangers,
    queue: Mutex<Queue>,
    /// Somebody should write now.
    is_full: Arc<Notify>,
    /// Held by whoever writes, so that the end of the process waits for what was taken from the queue.
    writing: tokio::sync::Mutex<()>,
    /// Nothing is tried again any more.
    is_ending: AtomicBool,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Draft>,
    bytes: usize,
    is_scheduled: bool,
    /// Since the log was last told of it, and when that was, in seconds.
    lost: u64,
    told: Option<i64>,
}

impl Recorder {
    pub(crate) fn new(settings: &RequestLogSettings) -> Arc<Self> {
        Arc::new(Self {
            bounds: settings.bounds,
            keeping: Keeping { bodies: settings.keeps_bodies, masks: AttributeMasks::of(&settings.masked) },
            strangers: Strangers::default(),
            queue: Mutex::default(),
            is_full: Arc::default(),
            writing: tokio::sync::Mutex::default(),
            is_ending: AtomicBool::new(false),
        })
    }

    pub(crate) const fn bounds(&self) -> RequestLogBounds {
        self.bounds
    }

    fn take(&self, draft: Draft) {
        let mut queue = self.lock();
        queue.bytes += draft.weight();
        queue.waiting.push_back(draft);
        let mut lost = 0;
        while queue.waiting.len() > MOST_WAITING || queue.bytes > MOST_BYTES {
            let Some(oldest) = queue.waiting.pop_front() else { break };
            queue.bytes = queue.bytes.saturating_sub(oldest.weight());
            lost += 1;
        }
        queue.lost += lost;
        let is_full = queue.waiting.len() >= PORTION;
        drop(queue);
        count_lost(lost);
        if is_full {
            self.is_full.notify_one();
        }
    }

    /// Sees to it that somebody writes what is in the queue.
    fn schedule(recorder: &Arc<Self>, store: &Arc<dyn Store>, rng: &Arc<dyn Rng>) {
        // While a runtime ends there is nobody to do it.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if std::mem::replace(&mut recorder.lock().is_scheduled, true) {
            return;
        }
        let work = flush::Work {
            recorder: Arc::downgrade(recorder),
            store: Arc::downgrade(store),
            rng: Arc::clone(rng),
            is_full: Arc::clone(&recorder.is_full),
        };
        runtime.spawn(work.keep_writing());
    }

    /// Writes everything that waits, at the end of the process.
    pub(crate) async fn settle(&self, store: &dyn Store, rng: &dyn Rng) {
        self.is_ending.store(true, Ordering::Relaxed);
        while flush::write_portion(self, store, rng).await {}
        self.is_ending.store(false, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count_lost(lost: u64) {
    if lost > 0 {
        metrics::counter!("muster_request_log_lost_total").increment(lost);
    }
}

#[cfg(test)]
mod tests;
