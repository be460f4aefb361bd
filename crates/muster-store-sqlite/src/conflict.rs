//! The table of conflicts.

use muster_model::{Conflict, ConflictId, ConflictState, ConnectionId, ResourceId, TenantId, TypeName};
use muster_store::{ConflictQuery, NewConflict, StoreError};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::failure::{damaged, store_error};
use crate::read::{column, prepare};
use muster_store_sql::columns::{IdColumn, clamped, microseconds, timestamp};

/// In the order of [`conflict`].
const COLUMNS: &str = "id, connection, type, resource, attribute, first_seen, last_seen, count, state";

pub(crate) fn record(database: &Connection, tenant: TenantId, new: &NewConflict) -> Result<(), StoreError> {
    let mut statement =
        prepare(database, "SELECT state FROM conflict WHERE tenant = ?1 AND resource = ?2 AND connection = ?3")?;
    let pair = params![tenant.bytes(), new.resource.bytes(), new.connection.bytes()];
    let before = statement.query_row(pair, |row| row.get::<_, String>(0)).optional().map_err(store_error)?;
    // The first meeting is one of two who had nothing open.
    let before = before.map_or(Ok(ConflictState::Refused), |text| state(&text))?;
    let now = before.met_again(new.waits_for_person);
    let mut statement = prepare(
        database,
        "INSERT INTO conflict (tenant, id, connection, type, resource, attribute, first_seen, last_seen, count, state)
         SELECT ?1, ?2, c.id, r.type, r.id, ?6, ?7, ?7, 1, ?8
         FROM connection AS c CROSS JOIN resource AS r
         WHERE c.tenant = ?1 AND c.id = ?3 AND r.tenant = ?1 AND r.id = ?5 AND r.type = ?4
         ON CONFLICT (tenant, resource, connection) DO UPDATE SET
             attribute = excluded.attribute, last_seen = max(conflict.last_seen, excluded.last_seen),
             count = conflict.count + 1, state = excluded.state",
    )?;
    let values = params![
        tenant.bytes(),
        new.id.bytes(),
        new.connection.bytes(),
        new.resource_type.as_str(),
        new.resource.bytes(),
        new.attribute,
        microseconds(new.at),
        now.as_str()
    ];
    statement.execute(values).map(drop).map_err(store_error)
}

pub(crate) fn find(database: &Connection, tenant: TenantId, id: ConflictId) -> Result<Option<Conflict>, StoreError> {
    let mut statement = prepare(database, &format!("SELECT {COLUMNS} FROM conflict WHERE tenant = ?1 AND id = ?2"))?;
    let mut rows = statement.query(params![tenant.bytes(), id.bytes()]).map_err(store_error)?;
    rows.next().map_err(store_error)?.map(conflict).transpose()
}

pub(crate) fn list(
    database: &Connection,
    tenant: TenantId,
    query: &ConflictQuery,
) -> Result<Vec<Conflict>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM conflict
         WHERE tenant = ?1 AND (?2 IS NULL OR connection = ?2) AND (?3 IS NULL OR state = ?3) ORDER BY id LIMIT ?4"
    );
    let mut statement = prepare(database, &sql)?;
    let values = params![
        tenant.bytes(),
        query.connection.map(IdColumn::bytes),
        query.state.map(ConflictState::as_str),
        clamped(query.limit)
    ];
    let mut rows = statement.query(values).map_err(store_error)?;
    let mut conflicts = Vec::new();
    while let Some(row) = rows.next().map_err(store_error)? {
        conflicts.push(conflict(row)?);
    }
    Ok(conflicts)
}

pub(crate) fn count(
    database: &Connection,
    tenant: TenantId,
    connection: ConnectionId,
    state: ConflictState,
) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM conflict WHERE tenant = ?1 AND connection = ?2 AND state = ?3";
    let mut statement = prepare(database, sql)?;
    let values = params![tenant.bytes(), connection.bytes(), state.as_str()];
    let count: i64 = statement.query_row(values, |row| row.get(0)).map_err(store_error)?;
    u64::try_from(count).map_err(|_| damaged("number of conflicts"))
}

pub(crate) fn change_state(
    database: &Connection,
    tenant: TenantId,
    id: ConflictId,
    state: ConflictState,
) -> Result<bool, StoreError> {
    let mut statement = prepare(database, "UPDATE conflict SET state = ?3 WHERE tenant = ?1 AND id = ?2")?;
    let changed = statement.execute(params![tenant.bytes(), id.bytes(), state.as_str()]);
    changed.map(|changed| changed > 0).map_err(store_error)
}

/// Forgets the conflicts of a connection that is deleted.
pub(crate) fn remove(database: &Connection, connection: ConnectionId) -> Result<(), StoreError> {
    let mut statement = prepare(
        database,
        "DELETE FROM conflict WHERE connection = ?1 AND tenant = (SELECT tenant FROM connection WHERE id = ?1)",
    )?;
    statement.execute([connection.bytes()]).map(drop).map_err(store_error)
}

fn conflict(row: &Row<'_>) -> Result<Conflict, StoreError> {
    Ok(Conflict {
        id: ConflictId::from_bytes(column(row, 0)?),
        connection: ConnectionId::from_bytes(column(row, 1)?),
        resource_type: TypeName::new(column::<String>(row, 2)?),
        resource: ResourceId::from_bytes(column(row, 3)?),
        attribute: column(row, 4)?,
        first_seen: timestamp(column(row, 5)?)?,
        last_seen: timestamp(column(row, 6)?)?,
        count: u64::try_from(column::<i64>(row, 7)?).map_err(|_| damaged("number of refusals"))?,
        state: state(&column::<String>(row, 8)?)?,
    })
}

fn state(text: &str) -> Result<ConflictState, StoreError> {
    ConflictState::parse(text).ok_or_else(|| damaged("state of a conflict"))
}
