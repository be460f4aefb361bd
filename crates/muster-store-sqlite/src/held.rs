//! What is held, for the person who decides.

use std::collections::HashMap;

use muster_model::{ConnectionId, HeldId, HeldKind, HeldOperation, ResourceId, TenantId, TypeName};
use muster_store::StoreError;
use rusqlite::{Connection, params};

use crate::failure::{damaged, store_error};
use crate::read::{column, prepare};
use muster_store_sql::columns::{IdBytes, IdColumn, timestamp};

/// In order of time.
pub(crate) fn list(
    connection: &Connection,
    tenant: TenantId,
    of: Option<ConnectionId>,
) -> Result<Vec<HeldOperation>, StoreError> {
    let mut statement = prepare(
        connection,
        "SELECT h.held, h.kind, h.connection, h.type, h.resource, r.label, h.member, h.at, h.request
         FROM held_operation AS h LEFT JOIN resource AS r ON r.tenant = h.tenant AND r.id = h.resource
         WHERE h.tenant = ?1 AND (?2 IS NULL OR h.connection = ?2)
         ORDER BY h.at, h.held, h.kind, h.resource, h.member",
    )?;
    let mut rows = statement.query(params![tenant.bytes(), of.map(IdColumn::bytes)]).map_err(store_error)?;
    let mut operations: Vec<HeldOperation> = Vec::new();
    let mut places = HashMap::new();
    while let Some(row) = rows.next().map_err(store_error)? {
        let id = HeldId::from_bytes(column::<IdBytes>(row, 0)?);
        let kind = kind_of(&column::<String>(row, 1)?)?;
        let resource = ResourceId::from_bytes(column::<IdBytes>(row, 4)?);
        let place = *places.entry((id, kind, resource)).or_insert(operations.len());
        if place == operations.len() {
            operations.push(HeldOperation {
                id,
                kind,
                connection: ConnectionId::from_bytes(column::<IdBytes>(row, 2)?),
                resource_type: TypeName::new(column::<String>(row, 3)?),
                resource,
                label: column(row, 5)?,
                members: Vec::new(),
                at: timestamp(column(row, 7)?)?,
                request: column(row, 8)?,
            });
        }
        if kind == HeldKind::RemoveMembers
            && let Some(operation) = operations.get_mut(place)
        {
            operation.members.push(ResourceId::from_bytes(column::<IdBytes>(row, 6)?));
        }
    }
    Ok(operations)
}

fn kind_of(text: &str) -> Result<HeldKind, StoreError> {
    HeldKind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| damaged("kind of held change"))
}

pub(crate) fn is_held(
    connection: &Connection,
    tenant: TenantId,
    by: ConnectionId,
    resource: ResourceId,
) -> Result<bool, StoreError> {
    let mut statement = prepare(
        connection,
        "SELECT EXISTS (SELECT 1 FROM held_operation WHERE tenant = ?1 AND resource = ?2 AND connection = ?3)",
    )?;
    let found = statement.query_row(params![tenant.bytes(), resource.bytes(), by.bytes()], |row| row.get(0));
    found.map_err(store_error)
}

/// The number of operations, not of their rows.
pub(crate) fn forget(connection: &Connection, tenant: TenantId, ids: &[HeldId]) -> Result<u64, StoreError> {
    // Found by the index of connections, because nothing else is held by its id.
    let mut of_connection = prepare(
        connection,
        "DELETE FROM held_operation WHERE tenant = ?1 AND held = ?2
             AND connection IN (SELECT id FROM connection WHERE tenant = ?1)",
    )?;
    let mut forgotten = 0;
    for id in ids {
        let deleted = of_connection.execute(params![tenant.bytes(), id.bytes()]).map_err(store_error)?;
        forgotten += u64::from(deleted > 0);
    }
    Ok(forgotten)
}

/// Of all tenants.
pub(crate) fn count(connection: &Connection) -> Result<u64, StoreError> {
    let mut statement = prepare(connection, "SELECT count(*) FROM held_operation")?;
    let counted: i64 = statement.query_row([], |row| row.get(0)).map_err(store_error)?;
    u64::try_from(counted).map_err(|_| damaged("number of held changes"))
}

/// Forgets what a connection that is deleted asked for, and what it took away.
pub(crate) fn remove_connection(connection: &Connection, removed: ConnectionId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM held_operation WHERE connection = ?1 AND tenant = (SELECT tenant FROM connection WHERE id = ?1)",
        "DELETE FROM guard_window WHERE connection = ?1 AND tenant = (SELECT tenant FROM connection WHERE id = ?1)",
    ] {
        prepare(connection, sql)?.execute([removed.bytes()]).map_err(store_error)?;
    }
    Ok(())
}
