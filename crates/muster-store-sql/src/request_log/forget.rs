//! What of the request log is beyond its bounds. Whole days are judged, so that the table of volumes says all of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use muster_model::{RequestEntryId, TenantId};
use muster_store::{RequestLogBounds, StoreError};

use super::{MILLISECONDS_OF_A_DAY, day_of, first_id_of};
use crate::columns::clamped;
use crate::{Session, values};

/// Entries are wide; so many of them are gone before a writer who waits notices.
const STEP: u64 = 1_000;

/// The first day that stays. One question across tenants, of a table that has a row a tenant and day.
async fn first_day_kept<S: Session>(session: &S, at: Timestamp, bounds: RequestLogBounds) -> Result<i64, StoreError> {
    let today = at.as_millisecond().div_euclid(MILLISECONDS_OF_A_DAY);
    let by_age = today.saturating_sub(i64::from(bounds.days));
    let sql = "SELECT coalesce(sum(bytes), 0)/*pg ::bigint */, min(day) FROM request_log_volume";
    let Some(mut row) = session.row(sql, values![]).await? else { return Ok(by_age) };
    let (bytes, oldest): (i64, Option<i64>) = (row.take(0)?, row.take(1)?);
    Ok(match oldest {
        Some(oldest) if bytes > clamped(bounds.bytes) => by_age.max(oldest.saturating_add(1)),
        _ => by_age,
    })
}

/// In order of their ids.
pub async fn tenants_beyond<S: Session>(
    session: &S,
    at: Timestamp,
    bounds: RequestLogBounds,
) -> Result<Vec<TenantId>, StoreError> {
    let first_kept = first_day_kept(session, at, bounds).await?;
    let sql = "SELECT DISTINCT tenant FROM request_log_volume WHERE day < ?1 ORDER BY tenant";
    let rows = session.rows(sql, values![first_kept]).await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// Forgets the tenant's oldest entries of days that do not stay, some at a time, and says how many.
pub async fn forget<S: Session>(
    session: &S,
    tenant: TenantId,
    at: Timestamp,
    bounds: RequestLogBounds,
) -> Result<u64, StoreError> {
    let first_kept = first_day_kept(session, at, bounds).await?;
    let sql = "SELECT id, bytes FROM request_log WHERE tenant = ?1 AND id < ?2 ORDER BY id LIMIT ?3";
    let rows = session.composed_rows(sql, values![tenant, first_id_of(first_kept), clamped(STEP)]).await?;
    let mut volumes: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    let mut last = None;
    for mut row in rows {
        let (id, bytes): (RequestEntryId, i64) = (row.take(0)?, row.take(1)?);
        let volume = volumes.entry(day_of(id)).or_default();
        *volume = (volume.0 + 1, volume.1 + bytes);
        last = Some(id);
    }
    let Some(last) = last else {
        // Nothing is left of these days, whatever was counted.
        let sql = "DELETE FROM request_log_volume WHERE tenant = ?1 AND day < ?2";
        session.send(sql, values![tenant, first_kept]).await?;
        return Ok(0);
    };
    let sql = "DELETE FROM request_log WHERE tenant = ?1 AND id <= ?2";
    let forgotten = session.execute(sql, values![tenant, last]).await?;
    for (day, (entries, bytes)) in volumes {
        let sql =
            "UPDATE request_log_volume SET entries = entries - ?3, bytes = bytes - ?4 WHERE tenant = ?1 AND day = ?2";
        session.send(sql, values![tenant, day, entries, bytes]).await?;
    }
    Ok(forgotten)
}
