//! How often messages of a connection had to be repaired. Kept with the tenant, because requests write it.

use jiff::Timestamp;
use muster_model::{ConnectionId, RepairCount, TenantId};
use muster_store::StoreError;

use crate::columns::{clamped, timestamp};
use crate::credential_use::minute_of;
use crate::{Session, damaged, values};

/// Adds to the counters. Counts nothing for a connection that is not the tenant's, or no longer.
pub async fn add<S: Session>(
    session: &S,
    tenant: TenantId,
    counted: ConnectionId,
    counts: &[(&'static str, u64)],
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut counts: Vec<_> = counts.iter().filter(|(_, count)| *count > 0).collect();
    // Everybody takes the rows in the same order, so that no two wait for each other.
    counts.sort_unstable();
    for (kind, count) in counts {
        session
            .send(
                "INSERT INTO repair_count (tenant, connection, kind, count, last_seen)
                 SELECT tenant, id, ?3/*pg ::text */, ?4/*pg ::bigint */, ?5/*pg ::bigint */
                 FROM connection WHERE tenant = ?1 AND id = ?2 /*pg FOR KEY SHARE */
                 ON CONFLICT (tenant, connection, kind) DO UPDATE SET
                     count = repair_count.count + excluded.count,
                     last_seen = CASE WHEN excluded.last_seen > repair_count.last_seen THEN excluded.last_seen
                         ELSE repair_count.last_seen END",
                values![tenant, counted, *kind, clamped(*count), minute_of(at)],
            )
            .await?;
    }
    Ok(())
}

/// In the order of the kinds' names.
pub async fn list<S: Session>(
    session: &S,
    tenant: TenantId,
    counted: ConnectionId,
) -> Result<Vec<RepairCount>, StoreError> {
    let sql = "SELECT kind, count, last_seen FROM repair_count WHERE tenant = ?1 AND connection = ?2 ORDER BY kind";
    let rows = session.rows(sql, values![tenant, counted]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(RepairCount {
                kind: row.take(0)?,
                count: u64::try_from(row.take::<i64>(1)?).map_err(|_| damaged("number of repairs"))?,
                last_seen: timestamp(row.take(2)?)?,
            })
        })
        .collect()
}

/// Forgets the counters of a connection that is deleted.
pub(crate) async fn remove<S: Session>(session: &S, tenant: TenantId, counted: ConnectionId) -> Result<(), StoreError> {
    session.send("DELETE FROM repair_count WHERE tenant = ?1 AND connection = ?2", values![tenant, counted]).await
}
