//! The table of leases. A row stays when its lease is given back, because its fence must go on growing.

use std::time::Duration;

use muster_model::{Fence, Lease, NodeId};
use muster_store::{LeaseError, StoreError};

use crate::columns::{NOBODY, clamped};
use crate::{Session, damaged, values};

fn microseconds(term: Duration) -> i64 {
    i64::try_from(term.as_micros()).unwrap_or(i64::MAX)
}

/// `now` is the database's, in microseconds. Where it was read a moment before, by somebody who then had to wait for the
/// row, it errs on the holder's side.
pub async fn take<S: Session>(
    session: &S,
    now: i64,
    name: &str,
    holder: NodeId,
    term: Duration,
) -> Result<Option<Lease>, StoreError> {
    let sql = "INSERT INTO lease (name, owner, \"until\", fence) VALUES (?1, ?2, ?3, 1)
               ON CONFLICT (name) DO UPDATE SET
                   owner = excluded.owner, \"until\" = excluded.\"until\", fence = lease.fence + 1
               WHERE lease.\"until\" <= ?4 OR lease.owner = excluded.owner
               RETURNING fence";
    let until = now.saturating_add(microseconds(term));
    let Some(mut row) = session.row(sql, values![name, holder, until, now]).await? else { return Ok(None) };
    let fence = u64::try_from(row.take::<i64>(0)?).map_err(|_| damaged("fence of a lease"))?;
    Ok(Some(Lease { name: name.to_owned(), holder, fence: Fence(fence) }))
}

/// `false`: it is no longer the holder's.
pub async fn renew<S: Session>(session: &S, now: i64, lease: &Lease, term: Duration) -> Result<bool, StoreError> {
    let sql = "UPDATE lease SET \"until\" = ?4 WHERE name = ?1 AND owner = ?2 AND fence = ?3";
    let until = now.saturating_add(microseconds(term));
    Ok(session.execute(sql, values![&lease.name, lease.holder, clamped(lease.fence.0), until]).await? > 0)
}

pub async fn give_back<S: Session>(session: &S, lease: &Lease) -> Result<(), StoreError> {
    let sql = "UPDATE lease SET owner = ?4, \"until\" = 0 WHERE name = ?1 AND owner = ?2 AND fence = ?3";
    session.send(sql, values![&lease.name, lease.holder, clamped(lease.fence.0), NOBODY]).await
}

/// The first statement of a transaction that is only to be committed while the lease is its holder's. Who would take the
/// lease waits until the transaction has ended, and so it is either done before, or refused.
pub async fn hold<S: Session>(session: &S, lease: &Lease) -> Result<(), LeaseError> {
    let sql = "SELECT fence FROM lease WHERE name = ?1 AND owner = ?2 AND fence = ?3/*pg  FOR SHARE */";
    let found = session.row(sql, values![&lease.name, lease.holder, clamped(lease.fence.0)]).await?;
    found.map(drop).ok_or(LeaseError::Lost)
}
