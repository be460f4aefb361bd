//! The request log (docs/adr/0027): rows that are written once, read from the newest on, and forgotten from the oldest on.

mod forget;
mod row;

use std::collections::BTreeMap;

use muster_model::{RequestEntry, RequestEntryId, TenantId};
use muster_store::{RequestQuery, StatusFilter, StoreError};
use uuid::Uuid;

use crate::columns::{IdBytes, clamped};
use crate::{Session, values};

pub use forget::{forget, tenants_beyond};

const MILLISECONDS_OF_A_DAY: i64 = 86_400_000;
/// What a row weighs beside its texts, about.
const WEIGHT_OF_A_ROW: u64 = 250;

/// The day since 1970 in which the entry was made, by its id.
fn day_of(id: RequestEntryId) -> i64 {
    id.millisecond().div_euclid(MILLISECONDS_OF_A_DAY)
}

/// What an entry takes of the space that the log may have.
fn weight(entry: &RequestEntry) -> u64 {
    let texts = [&entry.request_body.text, &entry.response_body.text, &entry.agent, &entry.detail, &entry.request];
    let long = texts.into_iter().flatten().map(String::len).sum::<usize>() + entry.path.len();
    WEIGHT_OF_A_ROW + long as u64 + 16 * (entry.changed_at.len() + entry.repairs.len()) as u64
}

/// Adds entries, and what they weigh. Where the database is far away nobody waits between them.
pub async fn record<S: Session>(session: &S, tenant: TenantId, entries: &[RequestEntry]) -> Result<(), StoreError> {
    let mut volumes: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
    for entry in entries {
        let bytes = weight(entry);
        let volume = volumes.entry(day_of(entry.id)).or_default();
        *volume = (volume.0 + 1, volume.1 + bytes);
        row::insert(session, tenant, entry, bytes).await?;
    }
    // In the order of days, so that no two who do this wait for each other.
    for (day, (entries, bytes)) in volumes {
        session
            .send(
                "INSERT INTO request_log_volume (tenant, day, entries, bytes) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (tenant, day) DO UPDATE SET
                     entries = request_log_volume.entries + excluded.entries,
                     bytes = request_log_volume.bytes + excluded.bytes",
                values![tenant, day, clamped(entries), clamped(bytes)],
            )
            .await?;
    }
    Ok(())
}

/// The newest first. The statement is planned each time: a plan that was made while the log was short would sort a long one.
pub async fn list<S: Session>(
    session: &S,
    tenant: TenantId,
    query: &RequestQuery,
) -> Result<Vec<RequestEntry>, StoreError> {
    let (from, before) = span(query);
    let (least, most, also) = statuses(query.status);
    let sql =
        "SELECT id, connection, credential, at, duration, method, path, version, type, resource, status, code, detail,
                      request, address, agent, repairs, changes, changed_at, request_bytes, request_body, request_note,
                      response_bytes, response_body, response_note
               FROM request_log
               WHERE tenant = ?1 AND id >= ?2 AND id < ?3
                   AND (?4/*pg ::uuid */ IS NULL OR connection = ?4)
                   AND (?5/*pg ::text */ IS NULL OR method = ?5)
                   AND (status >= ?6 AND status <= ?7 OR status = ?8)
                   AND (?9/*pg ::uuid */ IS NULL OR resource = ?9)
                   AND (?10/*pg ::text */ IS NULL OR code = ?10)
                   AND (?11/*pg ::text */ IS NULL OR request = ?11)
               ORDER BY id DESC LIMIT ?12";
    let values = values![
        tenant,
        from,
        before,
        query.connection,
        query.method.as_deref(),
        least,
        most,
        also,
        query.resource,
        query.code.as_deref(),
        query.request.as_deref(),
        clamped(query.limit),
    ];
    let rows = session.composed_rows(sql, values).await?;
    rows.into_iter().map(row::entry).collect()
}

pub async fn find<S: Session>(
    session: &S,
    tenant: TenantId,
    id: RequestEntryId,
) -> Result<Option<RequestEntry>, StoreError> {
    let sql =
        "SELECT id, connection, credential, at, duration, method, path, version, type, resource, status, code, detail,
                      request, address, agent, repairs, changes, changed_at, request_bytes, request_body, request_note,
                      response_bytes, response_body, response_note
               FROM request_log WHERE tenant = ?1 AND id = ?2";
    session.row(sql, values![tenant, id]).await?.map(row::entry).transpose()
}

/// The ids that are looked through: from the first on, before the second.
fn span(query: &RequestQuery) -> (RequestEntryId, RequestEntryId) {
    let lowest = RequestEntryId::from_uuid(Uuid::nil());
    let highest = RequestEntryId::from_uuid(Uuid::max());
    let until = query.until.map_or(highest, RequestEntryId::first_of);
    (query.since.map_or(lowest, RequestEntryId::first_of), query.before.map_or(until, |before| before.min(until)))
}

/// From the first status to the second, and the third one, too. No answer has the status -1.
fn statuses(filter: Option<StatusFilter>) -> (i64, i64, i64) {
    match filter {
        None => (0, i64::MAX, -1),
        Some(StatusFilter::Exactly(status)) => (i64::from(status), i64::from(status), -1),
        Some(StatusFilter::Class(class)) => (i64::from(class) * 100, i64::from(class) * 100 + 99, -1),
        Some(StatusFilter::Failed) => (400, i64::MAX, row::NEVER_ANSWERED),
    }
}

/// The first id of a day, as it stands in a column.
fn first_id_of(day: i64) -> IdBytes {
    let millis = u128::try_from(day.saturating_mul(MILLISECONDS_OF_A_DAY)).unwrap_or(0);
    *Uuid::from_u128(millis << 80).as_bytes()
}
