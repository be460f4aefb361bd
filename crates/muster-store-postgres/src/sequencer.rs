//! Gives the entries of a tenant's change log their numbers (docs/adr/0002).
//!
//! Writers put entries without a number into `change_pending`, so none waits for another. Who reads the log moves what is
//! visible to him: what is committed late is moved later and gets a later number, and nothing is passed over, because an
//! entry leaves the one table in the transaction that puts it into the other.

use muster_model::{Change, Sequence, TenantId, TypeName};
use muster_store::StoreError;
use muster_store_sql::columns::{IdColumn, change_kind, clamped, notes, split_ids, timestamp, version};
use muster_store_sql::{Row, Session, Value, damaged};

use crate::session::PostgresSession;
use crate::value::Parameter;

/// The row is the lock of those who give numbers to this tenant's entries. It must be a statement of its own: the next one sees
/// what was committed when it got the lock, and so not what another has moved.
const LOCK: &str = "INSERT INTO change_sequence (tenant, last) VALUES ($1, 0)
    ON CONFLICT (tenant) DO UPDATE SET last = change_sequence.last WHERE FALSE";

/// Takes the entries that were noted first, as many as one move takes, and with each of them those of the same resource with
/// a lower version: normally they were noted before, but the database's clock may have been set back. So an entry never goes
/// without the visible ones that must come before it. A resource's versions are committed one after another, because each writer
/// holds the resource's row, so what must come before a visible entry is visible.
///
/// The numbers follow the time of noting, which is the order of commit wherever one writer saw what the other had done. Within
/// a resource the time never counts back (`in_time`), so its entries stand in the order of their versions, a deletion last.
///
/// The rows that go are found by index and named by their place in the table (`ctid`), which nobody else changes while the
/// number of the tenant is locked. A join, before PostgreSQL knows the table, would read all that waits for each of them; so
/// would a plan that was made when little waited, wherefore it is planned each time.
const MOVE: &str = "
    WITH first AS (
        SELECT resource, version, noted FROM change_pending WHERE tenant = $1 ORDER BY noted LIMIT $2
    ), reached AS (
        SELECT resource, max(version) AS version FROM first GROUP BY resource
    ), place AS MATERIALIZED (
        SELECT p.ctid FROM reached JOIN LATERAL (
            SELECT ctid FROM change_pending
            WHERE tenant = $1 AND resource = reached.resource AND version <= reached.version OFFSET 0
        ) AS p ON TRUE
    ), taken AS (
        DELETE FROM change_pending WHERE tenant = $1 AND ctid = ANY (ARRAY (SELECT ctid FROM place))
        RETURNING *
    ), in_time AS (
        SELECT *, max(noted) OVER (PARTITION BY resource ORDER BY version, is_last) AS counted FROM taken
    ), numbered AS (
        SELECT *, row_number() OVER (ORDER BY counted, resource, version, is_last) AS place FROM in_time
    ), sequence AS (
        UPDATE change_sequence SET last = last + (SELECT count(*) FROM taken) WHERE tenant = $1
        RETURNING last - (SELECT count(*) FROM taken) AS before
    ), moved AS (
        INSERT INTO change (tenant, sequence, kind, type, resource, version, joined, \"left\", connection, at, notes)
        SELECT $1, sequence.before + place, kind, type, resource, version, joined, \"left\", connection, at, notes
        FROM numbered JOIN sequence ON TRUE
        RETURNING 1
    )
    SELECT count(*) FROM moved";

/// Whether there is anything to move; one look into an index.
pub(crate) async fn has_pending(session: &PostgresSession, tenant: TenantId) -> Result<bool, StoreError> {
    session
        .is_true("SELECT EXISTS (SELECT 1 FROM change_pending WHERE tenant = $1)", &[Value::from(tenant.bytes())])
        .await
}

/// Of a long backlog a reader moves little more than he reads; of many small pages the first moves for those behind it.
const LEAST_MOVED: usize = 1_000;
const MOST_MOVED: usize = 10_000;

/// Numbers what is visible, as much of it as one move takes for a reader of so many entries, and says how many entries that
/// were. For a session that writes.
pub(crate) async fn move_visible(session: &PostgresSession, tenant: TenantId, read: usize) -> Result<u64, StoreError> {
    let most = read.clamp(LEAST_MOVED, MOST_MOVED) as u64;
    let tenant = Value::from(tenant.bytes());
    session.send(LOCK, std::slice::from_ref(&tenant)).await?;
    let values = vec![Parameter::One(tenant), Parameter::One(Value::Integer(clamped(most)))];
    let rows = session.ask_anew(MOVE, values).await?;
    let moved = rows.first().and_then(|row| row.try_get::<_, i64>(0).ok());
    let moved = moved.ok_or_else(|| damaged("number in the change log"))?;
    u64::try_from(moved).map_err(|_| damaged("number in the change log"))
}

/// At most `limit` entries after `after` that have their numbers.
pub(crate) async fn list(
    session: &PostgresSession,
    tenant: TenantId,
    after: Sequence,
    limit: usize,
) -> Result<Vec<Change>, StoreError> {
    let sql = "SELECT sequence, kind, type, resource, version, joined, \"left\", connection, at, notes
               FROM change WHERE tenant = $1 AND sequence > $2 ORDER BY sequence LIMIT $3";
    let limit = clamped(u64::try_from(limit).unwrap_or(u64::MAX));
    let values = [Value::from(tenant.bytes()), Value::Integer(clamped(after.0)), Value::Integer(limit)];
    session.rows(sql, &values).await?.into_iter().map(change).collect()
}

fn change(mut row: Row) -> Result<Change, StoreError> {
    let sequence: i64 = row.take(0)?;
    Ok(Change {
        sequence: Sequence(u64::try_from(sequence).map_err(|_| damaged("number in the change log"))?),
        kind: change_kind(&row.take::<String>(1)?)?,
        resource_type: TypeName::new(row.take::<String>(2)?),
        resource: row.take(3)?,
        version: version(row.take(4)?)?,
        joined: split_ids(row.take::<Option<Vec<u8>>>(5)?.as_deref())?,
        left: split_ids(row.take::<Option<Vec<u8>>>(6)?.as_deref())?,
        connection: row.take(7)?,
        at: timestamp(row.take(8)?)?,
        notes: notes(row.take::<Option<String>>(9)?.as_deref())?,
    })
}

#[cfg(test)]
mod tests;
