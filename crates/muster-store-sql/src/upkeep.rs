//! What is removed because its time is over.

use jiff::Timestamp;
use muster_model::TenantId;
use muster_store::StoreError;
use muster_store::guard::WINDOW;

use crate::columns::microseconds;
use crate::{Session, guard_window, values};

/// A window later than the guard itself forgets: a node whose clock is ahead must not take away what still counts for others.
fn oldest_step_kept(at: Timestamp) -> i64 {
    let window = i64::try_from(WINDOW.as_micros()).unwrap_or(i64::MAX);
    guard_window::oldest_step(microseconds(at).saturating_sub(window))
}

/// In order of their ids. The one question here that is asked across tenants, of a table that is short.
pub async fn tenants_with_past_guard_counts<S: Session>(
    session: &S,
    at: Timestamp,
) -> Result<Vec<TenantId>, StoreError> {
    let sql = "SELECT DISTINCT tenant FROM guard_window WHERE step < ?1 ORDER BY tenant";
    let rows = session.rows(sql, values![oldest_step_kept(at)]).await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// How many there were.
pub async fn forget_past_guard_counts<S: Session>(
    session: &S,
    tenant: TenantId,
    at: Timestamp,
) -> Result<u64, StoreError> {
    let sql = "DELETE FROM guard_window WHERE tenant = ?1 AND step < ?2";
    session.execute(sql, values![tenant, oldest_step_kept(at)]).await
}
