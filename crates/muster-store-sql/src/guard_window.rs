//! How much a connection took away lately, in steps that leave one by one.

use jiff::Timestamp;
use muster_model::{ConnectionId, GuardUse, TenantId, TypeName};
use muster_store::StoreError;
use muster_store::guard::{STEP, WINDOW};

use crate::columns::{IdBytes, clamped, microseconds};
use crate::{Session, values};

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

/// Whose window it is, of what, and where it ends.
pub(crate) struct Moment<'a> {
    pub(crate) tenant: IdBytes,
    pub(crate) by: ConnectionId,
    /// Or [`MEMBERSHIPS`].
    pub(crate) resource_type: &'a str,
    /// Microseconds.
    pub(crate) now: i64,
}

pub(crate) fn type_of(resource_type: &str) -> Option<TypeName> {
    (resource_type != MEMBERSHIPS).then(|| TypeName::new(resource_type))
}

fn step_of(microseconds: i64) -> i64 {
    microseconds.div_euclid(i64::try_from(STEP.as_micros()).unwrap_or(i64::MAX))
}

/// The oldest step that any moment of the window falls into.
pub(crate) fn oldest_step(now: i64) -> i64 {
    step_of(now.saturating_sub(i64::try_from(WINDOW.as_micros()).unwrap_or(i64::MAX)))
}

pub(crate) async fn read(session: &impl Session, moment: &Moment<'_>) -> Result<Window, StoreError> {
    let Moment { tenant, by, resource_type, now } = *moment;
    let sql = "SELECT coalesce(sum(count), 0)/*pg ::bigint */, coalesce(sum(removed), 0)/*pg ::bigint */,
                      coalesce(max(size), 0), coalesce(max(size) FILTER (WHERE step >= ?5), 0)
               FROM guard_window WHERE tenant = ?1 AND connection = ?2 AND type = ?3 AND step >= ?4";
    let found = session.row(sql, values![tenant, by, resource_type, oldest_step(now), step_of(now)]).await?;
    let Some(mut row) = found else { return Ok(Window::default()) };
    let mut number = |place| row.take::<i64>(place).map(|number| u64::try_from(number).unwrap_or(0));
    let is_measured_in_this_step = number(3)? > 0;
    Ok(Window { counted: number(0)?, removed: number(1)?, size: number(2)?, is_measured_in_this_step })
}

/// Adds to the present step, and removes the steps whose time is over.
pub(crate) async fn add(
    session: &impl Session,
    moment: &Moment<'_>,
    counted: u64,
    removed: u64,
) -> Result<(), StoreError> {
    let Moment { tenant, by, resource_type, now } = *moment;
    let sql = "DELETE FROM guard_window WHERE tenant = ?1 AND connection = ?2 AND type = ?3 AND step < ?4";
    session.send(sql, values![tenant, by, resource_type, oldest_step(now)]).await?;
    upsert(session, moment, counted, removed, 0).await
}

/// Keeps how much there was in the present step.
pub(crate) async fn note_size(session: &impl Session, moment: &Moment<'_>, size: u64) -> Result<(), StoreError> {
    upsert(session, moment, 0, 0, size).await
}

/// Counts nothing for a connection that was deleted in the meantime.
async fn upsert(
    session: &impl Session,
    moment: &Moment<'_>,
    counted: u64,
    removed: u64,
    size: u64,
) -> Result<(), StoreError> {
    let Moment { tenant, by, resource_type, now } = *moment;
    let sql = "INSERT INTO guard_window (tenant, connection, type, step, count, removed, size)
               SELECT tenant, id, ?3, ?4, ?5, ?6, ?7 FROM connection
               WHERE tenant = ?1 AND id = ?2/*pg  FOR KEY SHARE */
               ON CONFLICT (tenant, connection, type, step) DO UPDATE SET
                   count = guard_window.count + excluded.count,
                   removed = guard_window.removed + excluded.removed,
                   size = CASE WHEN excluded.size > guard_window.size THEN excluded.size ELSE guard_window.size END";
    let (counted, removed, size) = (clamped(counted), clamped(removed), clamped(size));
    session.send(sql, values![tenant, by, resource_type, step_of(now), counted, removed, size]).await
}

/// What was counted in the window that ends then, by type.
pub async fn list(
    session: &impl Session,
    tenant: TenantId,
    by: ConnectionId,
    at: Timestamp,
) -> Result<Vec<GuardUse>, StoreError> {
    let sql = "SELECT type, sum(count)/*pg ::bigint */ FROM guard_window
               WHERE tenant = ?1 AND connection = ?2 AND step >= ?3
               GROUP BY type HAVING sum(count) > 0 ORDER BY type";
    let rows = session.rows(sql, values![tenant, by, oldest_step(microseconds(at))]).await?;
    rows.into_iter()
        .map(|mut row| {
            let resource_type: String = row.take(0)?;
            let count = u64::try_from(row.take::<i64>(1)?).unwrap_or(0);
            Ok(GuardUse { resource_type: type_of(&resource_type), count })
        })
        .collect()
}

/// Forgets everything that was counted for the connection.
pub async fn reset(session: &impl Session, tenant: TenantId, by: ConnectionId) -> Result<(), StoreError> {
    let sql = "DELETE FROM guard_window WHERE tenant = ?1 AND connection = ?2";
    session.execute(sql, values![tenant, by]).await.map(drop)
}
