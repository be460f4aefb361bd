//! Writes what waits, in portions, as long as there is something.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use muster_model::{ConnectionId, RequestEntry, Rng, TenantId};
use muster_store::{Scope, Store, StoreError};
use tokio::sync::Notify;

use super::super::address;
use super::super::entry::{Draft, Known, entry};
use super::{PORTION, Recorder, count_lost};

/// What waits no longer than that is written together.
const PERIOD: Duration = Duration::from_millis(200);
/// While the database is away, until the queue is full.
const MOST_ATTEMPTS: u32 = 30;
const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(1);
const SECONDS_BETWEEN_WARNINGS: i64 = 60;

/// One task does it for a recorder at a time. While it waits it keeps neither the recorder nor the database alive.
pub(super) struct Work {
    pub(super) recorder: Weak<Recorder>,
    pub(super) store: Weak<dyn Store>,
    pub(super) rng: Arc<dyn Rng>,
    pub(super) is_full: Arc<Notify>,
}

/// Ends the task's turn however it ends, so that the next call begins another.
struct Turn {
    recorder: Weak<Recorder>,
    is_over: bool,
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(recorder) = self.recorder.upgrade().filter(|_| !self.is_over) {
            recorder.lock().is_scheduled = false;
        }
    }
}

impl Work {
    pub(super) async fn keep_writing(self) {
        let mut turn = Turn { recorder: Weak::clone(&self.recorder), is_over: false };
        loop {
            tokio::select! {
                () = tokio::time::sleep(PERIOD) => {}
                () = self.is_full.notified() => {}
            }
            let (Some(recorder), Some(store)) = (self.recorder.upgrade(), self.store.upgrade()) else { return };
            write_portion(&recorder, store.as_ref(), self.rng.as_ref()).await;
            let mut queue = recorder.lock();
            if queue.waiting.is_empty() {
                // Said under the lock under which the next one is added, who then begins anew.
                queue.is_scheduled = false;
                turn.is_over = true;
                return;
            }
        }
    }
}

/// Takes a portion from the queue and writes it; `false`: there was nothing.
pub(super) async fn write_portion(recorder: &Recorder, store: &dyn Store, rng: &dyn Rng) -> bool {
    let _writing = recorder.writing.lock().await;
    let drafts = taken(recorder);
    if drafts.is_empty() {
        return false;
    }
    let mut of_tenants: BTreeMap<TenantId, Vec<RequestEntry>> = BTreeMap::new();
    let (mut named, mut known) = (HashMap::new(), Known::new());
    let mut newest = 0;
    for draft in drafts {
        newest = draft.at.as_second();
        if let Some((tenant, connection)) = whose(&draft, store, &mut named).await {
            of_tenants.entry(tenant).or_default().push(entry(&draft, connection, &recorder.keeping, &mut known, rng));
        }
        // A body takes up to a millisecond to be looked through, and requests wait for this thread, too.
        tokio::task::yield_now().await;
    }
    for (tenant, entries) in of_tenants {
        let count = entries.len() as u64;
        if let Err(error) = written(recorder, store, tenant, entries.into()).await {
            lose(recorder, count);
            tracing::debug!(error = &error as &dyn std::error::Error, "a part of the request log was not written");
        } else {
            metrics::counter!("muster_request_log_written_total").increment(count);
        }
    }
    warn(recorder, newest);
    true
}

fn taken(recorder: &Recorder) -> Vec<Draft> {
    let mut queue = recorder.lock();
    let count = queue.waiting.len().min(PORTION);
    let drafts: Vec<Draft> = queue.waiting.drain(..count).collect();
    let bytes: usize = drafts.iter().map(Draft::weight).sum();
    queue.bytes = queue.bytes.saturating_sub(bytes);
    drafts
}

type Named = HashMap<ConnectionId, Option<TenantId>>;

/// Of a caller who proved nothing it is the connection that he named, if there is one. `None`: it is nobody's.
async fn whose(draft: &Draft, store: &dyn Store, named: &mut Named) -> Option<(TenantId, ConnectionId)> {
    if let Some(caller) = &draft.traced.caller {
        return Some((caller.tenant, caller.connection));
    }
    let connection = address::connection(&draft.call.address)?;
    let tenant = if let Some(known) = named.get(&connection) {
        *known
    } else {
        let found = store.find_connection(connection).await.ok().flatten().map(|found| found.tenant);
        named.insert(connection, found);
        found
    };
    tenant.map(|tenant| (tenant, connection))
}

/// Tries again while the database is away.
async fn written(
    recorder: &Recorder,
    store: &dyn Store,
    tenant: TenantId,
    entries: Arc<[RequestEntry]>,
) -> Result<(), StoreError> {
    let directory = store.directory(tenant, Scope::Tenant);
    let mut attempt = 1;
    loop {
        match directory.record_requests(Arc::clone(&entries)).await {
            Err(StoreError::Unavailable(_))
                if attempt < MOST_ATTEMPTS && !recorder.is_ending.load(Ordering::Relaxed) =>
            {
                attempt += 1;
                tokio::time::sleep(BETWEEN_ATTEMPTS).await;
            }
            result => return result,
        }
    }
}

fn lose(recorder: &Recorder, count: u64) {
    recorder.lock().lost += count;
    count_lost(count);
}

/// Once a minute at most.
fn warn(recorder: &Recorder, now: i64) {
    let mut queue = recorder.lock();
    let is_due = queue.told.is_none_or(|told| now.saturating_sub(told) >= SECONDS_BETWEEN_WARNINGS);
    if queue.lost == 0 || !is_due {
        return;
    }
    let lost = std::mem::take(&mut queue.lost);
    queue.told = Some(now);
    drop(queue);
    tracing::warn!(
        entries = lost,
        "the request log did not keep up, and entries are missing in it; requests were served"
    );
}
