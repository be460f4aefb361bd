//! What was repaired is named in the log and counted for each connection.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use muster_model::{Clock, ConnectionId, TenantId};
use muster_store::{Scope, Store};
use scim::Repair;

use crate::{App, ScimCaller};

/// A connection's counters are written at most that often, whatever it sends.
const SECONDS_BETWEEN_WRITES: i64 = 60;

/// Names each repair in the request's span, in plain words, and counts it. Repairs carry attribute names, never values.
pub(crate) fn note(app: &App, caller: &ScimCaller, repairs: &[Repair]) {
    let connection = caller.connection();
    for repair in repairs {
        let kind = repair.code();
        tracing::debug!(
            connection.id = %connection.id,
            repair.kind = kind,
            "{repair}: {}, {}",
            connection.provider,
            kind.replace('_', " ")
        );
        metrics::counter!("muster_scim_repairs_total", "kind" => kind).increment(1);
    }
    if repairs.is_empty() {
        return;
    }
    if let Some(trace) = caller.trace() {
        trace.note_repairs(repairs);
    }
    if let Some(seconds) = app.repairs.add(connection.tenant, connection.id, repairs, app.now().as_second()) {
        // Beside the request: nobody waits for it.
        let (ledger, store, clock) = (Arc::clone(&app.repairs), Arc::clone(&app.store), Arc::clone(&app.clock));
        let id = connection.id;
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            ledger.write(store.as_ref(), clock.as_ref(), id).await;
        });
    }
}

/// Counts that are not written yet. A crash loses a minute of them at most.
#[derive(Default)]
pub(crate) struct RepairLedger {
    connections: Mutex<HashMap<ConnectionId, Waiting>>,
}

struct Waiting {
    tenant: TenantId,
    counts: BTreeMap<&'static str, u64>,
    is_scheduled: bool,
    /// The second in which the counts were last written.
    written: i64,
}

impl RepairLedger {
    /// Counts, and says in how many seconds the caller shall have it written; `None` when somebody does that already.
    fn add(&self, tenant: TenantId, connection: ConnectionId, repairs: &[Repair], now: i64) -> Option<u64> {
        let mut connections = self.lock();
        let waiting = connections.entry(connection).or_insert_with(|| Waiting {
            tenant,
            counts: BTreeMap::new(),
            is_scheduled: false,
            written: now.saturating_sub(SECONDS_BETWEEN_WRITES),
        });
        for repair in repairs {
            *waiting.counts.entry(repair.code()).or_default() += 1;
        }
        if waiting.is_scheduled {
            return None;
        }
        waiting.is_scheduled = true;
        let due = waiting.written.saturating_add(SECONDS_BETWEEN_WRITES);
        Some(u64::try_from(due.saturating_sub(now)).unwrap_or(0))
    }

    async fn write(&self, store: &dyn Store, clock: &dyn Clock, connection: ConnectionId) {
        let now = clock.now();
        let taken = self.lock().get_mut(&connection).map(|waiting| {
            waiting.is_scheduled = false;
            waiting.written = now.as_second();
            (waiting.tenant, std::mem::take(&mut waiting.counts))
        });
        let Some((tenant, counts)) = taken.filter(|(_, counts)| !counts.is_empty()) else { return };
        let list: Vec<(&'static str, u64)> = counts.iter().map(|(kind, count)| (*kind, *count)).collect();
        if let Err(error) =
            store.directory(tenant, Scope::Connection(connection)).record_repairs(connection, &list, now).await
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "the counters of repairs were not written");
            // They go with the next ones.
            if let Some(waiting) = self.lock().get_mut(&connection) {
                for (kind, count) in counts {
                    *waiting.counts.entry(kind).or_default() += count;
                }
            }
        }
    }

    /// Writes what is waiting, at the end of the process.
    pub(crate) async fn write_all(&self, store: &dyn Store, clock: &dyn Clock) {
        let connections: Vec<ConnectionId> = self.lock().keys().copied().collect();
        for connection in connections {
            self.write(store, clock, connection).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ConnectionId, Waiting>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_connection_is_written_once_a_minute() {
        let ledger = RepairLedger::default();
        let tenant = TenantId::from_uuid(uuid::Uuid::from_u128(1));
        let connection = ConnectionId::from_uuid(uuid::Uuid::from_u128(2));
        let add = |now| ledger.add(tenant, connection, &[Repair::SchemasAssumed], now);
        assert_eq!(add(1000), Some(0), "the first at once");
        assert_eq!((add(1000), add(1010)), (None, None), "somebody is about to write");
        if let Some(waiting) = ledger.lock().get_mut(&connection) {
            waiting.is_scheduled = false;
            waiting.written = 1010;
        }
        assert_eq!(add(1020), Some(50), "not before the minute is over");
        let other = ConnectionId::from_uuid(uuid::Uuid::from_u128(3));
        assert_eq!(ledger.add(tenant, other, &[Repair::SchemasAssumed], 1020), Some(0), "each for itself");
        assert_eq!(ledger.lock()[&connection].counts["missing_schemas"], 4);
    }
}
