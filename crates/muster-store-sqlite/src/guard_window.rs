//! How much a connection took away lately, in steps that leave one by one.

use jiff::Timestamp;
use muster_model::{ConnectionId, GuardUse, TenantId, TypeName};
use muster_store::StoreError;
use muster_store::guard::{STEP, WINDOW};
use rusqlite::{Connection, params};

use crate::columns::{IdBytes, IdColumn, clamped, microseconds};
use crate::failure::store_error;
use crate::read::{column, prepare};

/// In place of a resource type, none of which is empty.
pub(crate) const MEMBERSHIPS: &str = "";

/// What the window says of one resource type, or of memberships.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) counted: u64,
    pub(crate) removed: u64,
    /// The largest size that was found in the window; 0 when nobody looked.
    pub(crate) size: u64,
    pub(crate) is_measured_in_this_step: bool,
}

pub(crate) fn type_of(resource_type: &str) -> Option<TypeName> {
    (resource_type != MEMBERSHIPS).then(|| TypeName::new(resource_type))
}

fn step_of(microseconds: i64) -> i64 {
    microseconds.div_euclid(i64::try_from(STEP.as_micros()).unwrap_or(i64::MAX))
}

/// The oldest step that any moment of the window falls into.
fn oldest_step(now: i64) -> i64 {
    step_of(now.saturating_sub(i64::try_from(WINDOW.as_micros()).unwrap_or(i64::MAX)))
}

/// `now` in microseconds, here and below.
pub(crate) fn read(
    connection: &Connection,
    tenant: IdBytes,
    by: ConnectionId,
    resource_type: &str,
    now: i64,
) -> Result<Window, StoreError> {
    let mut statement = prepare(
        connection,
        "SELECT coalesce(sum(count), 0), coalesce(sum(removed), 0), coalesce(max(size), 0),
                coalesce(max(size) FILTER (WHERE step >= ?5), 0)
         FROM guard_window WHERE tenant = ?1 AND connection = ?2 AND type = ?3 AND step >= ?4",
    )?;
    let key = params![tenant, by.bytes(), resource_type, oldest_step(now), step_of(now)];
    let read = statement.query_row(key, |row| {
        let number = |place| row.get::<_, i64>(place).map(|number| u64::try_from(number).unwrap_or(0));
        let is_measured_in_this_step = number(3)? > 0;
        Ok(Window { counted: number(0)?, removed: number(1)?, size: number(2)?, is_measured_in_this_step })
    });
    read.map_err(store_error)
}

/// Adds to the present step, and removes the steps whose time is over.
pub(crate) fn add(
    connection: &Connection,
    tenant: IdBytes,
    by: ConnectionId,
    resource_type: &str,
    now: i64,
    counted: u64,
    removed: u64,
) -> Result<(), StoreError> {
    prepare(connection, "DELETE FROM guard_window WHERE tenant = ?1 AND connection = ?2 AND type = ?3 AND step < ?4")?
        .execute(params![tenant, by.bytes(), resource_type, oldest_step(now)])
        .map_err(store_error)?;
    upsert(connection, (tenant, by, resource_type, now), counted, removed, 0)
}

/// Keeps how much there was in the present step.
pub(crate) fn note_size(
    connection: &Connection,
    tenant: IdBytes,
    by: ConnectionId,
    resource_type: &str,
    now: i64,
    size: u64,
) -> Result<(), StoreError> {
    upsert(connection, (tenant, by, resource_type, now), 0, 0, size)
}

/// Counts nothing for a connection that was deleted in the meantime.
fn upsert(
    connection: &Connection,
    (tenant, by, resource_type, now): (IdBytes, ConnectionId, &str, i64),
    counted: u64,
    removed: u64,
    size: u64,
) -> Result<(), StoreError> {
    let mut statement = prepare(
        connection,
        "INSERT INTO guard_window (tenant, connection, type, step, count, removed, size)
         SELECT tenant, id, ?3, ?4, ?5, ?6, ?7 FROM connection WHERE tenant = ?1 AND id = ?2
         ON CONFLICT (tenant, connection, type, step) DO UPDATE SET
             count = guard_window.count + excluded.count,
             removed = guard_window.removed + excluded.removed,
             size = max(guard_window.size, excluded.size)",
    )?;
    let row =
        params![tenant, by.bytes(), resource_type, step_of(now), clamped(counted), clamped(removed), clamped(size)];
    statement.execute(row).map(drop).map_err(store_error)
}

/// What was counted in the window that ends then, by type.
pub(crate) fn list(
    connection: &Connection,
    tenant: TenantId,
    by: ConnectionId,
    at: Timestamp,
) -> Result<Vec<GuardUse>, StoreError> {
    let mut statement = prepare(
        connection,
        "SELECT type, sum(count) FROM guard_window WHERE tenant = ?1 AND connection = ?2 AND step >= ?3
         GROUP BY type HAVING sum(count) > 0 ORDER BY type",
    )?;
    let oldest = oldest_step(microseconds(at));
    let mut rows = statement.query(params![tenant.bytes(), by.bytes(), oldest]).map_err(store_error)?;
    let mut used = Vec::new();
    while let Some(row) = rows.next().map_err(store_error)? {
        let resource_type: String = column(row, 0)?;
        let count = u64::try_from(column::<i64>(row, 1)?).unwrap_or(0);
        used.push(GuardUse { resource_type: type_of(&resource_type), count });
    }
    Ok(used)
}

/// Forgets everything that was counted for the connection.
pub(crate) fn reset(connection: &Connection, tenant: TenantId, by: ConnectionId) -> Result<(), StoreError> {
    let mut statement = prepare(connection, "DELETE FROM guard_window WHERE tenant = ?1 AND connection = ?2")?;
    statement.execute(params![tenant.bytes(), by.bytes()]).map(drop).map_err(store_error)
}
