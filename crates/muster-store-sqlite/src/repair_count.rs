//! How often messages of a connection had to be repaired. Kept with the tenant, because requests write it.

use jiff::Timestamp;
use muster_model::{ConnectionId, RepairCount, TenantId};
use muster_store::StoreError;
use rusqlite::{Connection, params};

use crate::credential_use::minute_of;
use crate::failure::{damaged, store_error};
use crate::read::{column, prepare};
use muster_store_sql::columns::{IdColumn, clamped, timestamp};

/// Adds to the counters. Counts nothing for a connection that is not the tenant's, or no longer.
pub(crate) fn add(
    connection: &Connection,
    tenant: TenantId,
    counted: ConnectionId,
    counts: &[(&'static str, u64)],
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut statement = prepare(
        connection,
        "INSERT INTO repair_count (tenant, connection, kind, count, last_seen)
         SELECT tenant, id, ?3, ?4, ?5 FROM connection WHERE tenant = ?1 AND id = ?2
         ON CONFLICT (tenant, connection, kind) DO UPDATE SET
             count = repair_count.count + excluded.count,
             last_seen = max(repair_count.last_seen, excluded.last_seen)",
    )?;
    for (kind, count) in counts.iter().filter(|(_, count)| *count > 0) {
        statement
            .execute(params![tenant.bytes(), counted.bytes(), kind, clamped(*count), minute_of(at)])
            .map_err(store_error)?;
    }
    Ok(())
}

/// In the order of the kinds' names.
pub(crate) fn list(
    connection: &Connection,
    tenant: TenantId,
    counted: ConnectionId,
) -> Result<Vec<RepairCount>, StoreError> {
    let mut statement = prepare(
        connection,
        "SELECT kind, count, last_seen FROM repair_count WHERE tenant = ?1 AND connection = ?2 ORDER BY kind",
    )?;
    let mut rows = statement.query(params![tenant.bytes(), counted.bytes()]).map_err(store_error)?;
    let mut counts = Vec::new();
    while let Some(row) = rows.next().map_err(store_error)? {
        counts.push(RepairCount {
            kind: column(row, 0)?,
            count: u64::try_from(column::<i64>(row, 1)?).map_err(|_| damaged("number of repairs"))?,
            last_seen: timestamp(column(row, 2)?)?,
        });
    }
    Ok(counts)
}

/// Forgets the counters of a connection that is deleted.
pub(crate) fn remove(connection: &Connection, counted: ConnectionId) -> Result<(), StoreError> {
    let mut statement = prepare(
        connection,
        "DELETE FROM repair_count WHERE connection = ?1 AND tenant = (SELECT tenant FROM connection WHERE id = ?1)",
    )?;
    statement.execute([counted.bytes()]).map(drop).map_err(store_error)
}
