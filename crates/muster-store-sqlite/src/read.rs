//! Reads by key: one resource with its memberships, pending members, the change log.

use muster_model::{Change, ConnectionId, Member, ResourceId, Sequence, StoredResource, TenantId, TypeName};
use muster_store::{Include, StoreError};
use rusqlite::{Connection, OptionalExtension, Row, params};
use scim::Document;

use crate::failure::{damaged, store_error};
use crate::nesting;
use muster_store_sql::View;
use muster_store_sql::columns::{IdBytes, IdColumn, change_kind, clamped, split_ids, timestamp, version};

pub(crate) fn find_resource(
    connection: &Connection,
    view: View,
    resource_type: &TypeName,
    id: ResourceId,
    include: Include,
) -> Result<Option<StoredResource>, StoreError> {
    let mut statement = prepare(
        connection,
        "SELECT r.version, r.created, r.last_modified,
                (SELECT c.id FROM connection AS c WHERE c.id = r.brought_by), d.document
         FROM resource AS r
         CROSS JOIN resource_document AS d ON d.number = r.document_number AND d.tenant = r.tenant
         WHERE r.tenant = ?1 AND r.id = ?2 AND r.type = ?3 AND (?4 IS NULL OR r.brought_by = ?4)",
    )?;
    let values = params![view.tenant(), id.bytes(), resource_type.as_str(), view.owner()];
    let mut rows = statement.query(values).map_err(store_error)?;
    let Some(row) = rows.next().map_err(store_error)? else { return Ok(None) };
    let resource = StoredResource {
        id,
        resource_type: resource_type.clone(),
        owner: column::<Option<IdBytes>>(row, 3)?.map(ConnectionId::from_bytes),
        version: version(column(row, 0)?)?,
        created: timestamp(column(row, 1)?)?,
        last_modified: timestamp(column(row, 2)?)?,
        document: document(row, 4)?,
        members: include.members.then(|| members_of(connection, view, id)).transpose()?,
        groups: include.groups.then(|| nesting::memberships_of(connection, view, id)).transpose()?,
    };
    Ok(Some(resource))
}

/// In the order of joining. Sorted here and not by SQLite, whose sorter would carry the labels along.
fn members_of(connection: &Connection, view: View, group: ResourceId) -> Result<Vec<Member>, StoreError> {
    let mut statement = prepare(
        connection,
        "SELECT m.member_id, r.type, r.label, m.joined_version, m.joined_place
         FROM membership AS m CROSS JOIN resource AS r ON r.tenant = m.tenant AND r.id = m.member_id
         WHERE m.tenant = ?1 AND m.group_id = ?2 AND (?3 IS NULL OR r.brought_by = ?3)",
    )?;
    let rows = statement.query_map(params![view.tenant(), group.bytes(), view.owner()], |row| {
        Ok(((row.get::<_, i64>(3)?, row.get::<_, i64>(4)?), member(row)?))
    });
    let mut members: Vec<_> = rows.and_then(Iterator::collect).map_err(store_error)?;
    members.sort_unstable_by_key(|(joined, _)| *joined);
    Ok(members.into_iter().map(|(_, member)| member).collect())
}

fn member(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member {
        id: ResourceId::from_bytes(row.get(0)?),
        resource_type: TypeName::new(row.get::<_, String>(1)?),
        display: row.get(2)?,
    })
}

/// What each resource is called; who is not there is left out.
pub(crate) fn list_labels(connection: &Connection, view: View, ids: &[ResourceId]) -> Result<Vec<Member>, StoreError> {
    let mut statement = prepare(
        connection,
        "SELECT id, type, label FROM resource WHERE tenant = ?1 AND id = ?2 AND (?3 IS NULL OR brought_by = ?3)",
    )?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let row = statement.query_row(params![view.tenant(), id.bytes(), view.owner()], member).optional();
        found.extend(row.map_err(store_error)?);
    }
    Ok(found)
}

pub(crate) fn list_pending_members(
    connection: &Connection,
    view: View,
    group: ResourceId,
) -> Result<Vec<String>, StoreError> {
    let mut statement = prepare(
        connection,
        "SELECT value FROM pending_member WHERE tenant = ?1 AND group_id = ?2
         AND (?3 IS NULL OR EXISTS (SELECT 1 FROM resource WHERE tenant = ?1 AND id = ?2 AND brought_by = ?3))
         ORDER BY place",
    )?;
    let rows = statement.query_map(params![view.tenant(), group.bytes(), view.owner()], |row| row.get(0));
    rows.and_then(Iterator::collect).map_err(store_error)
}

/// How many resources of a type are seen, from the counters.
pub(crate) fn count(connection: &Connection, view: View, resource_type: &TypeName) -> Result<u64, StoreError> {
    let found = match view.owner() {
        None => prepare(connection, "SELECT count FROM resource_count WHERE tenant = ?1 AND type = ?2")?
            .query_row(params![view.tenant(), resource_type.as_str()], |row| row.get::<_, i64>(0)),
        Some(owner) => prepare(
            connection,
            "SELECT count FROM resource_count_of_owner WHERE tenant = ?1 AND type = ?2 AND brought_by = ?3",
        )?
        .query_row(params![view.tenant(), resource_type.as_str(), owner], |row| row.get::<_, i64>(0)),
    };
    let count = found.optional().map_err(store_error)?.unwrap_or(0);
    u64::try_from(count).map_err(|_| damaged("count of resources"))
}

/// How many resources of each type a connection owns, from the counters.
pub(crate) fn count_owned(
    connection: &Connection,
    tenant: TenantId,
    owner: ConnectionId,
) -> Result<Vec<(TypeName, u64)>, StoreError> {
    let mut statement = prepare(
        connection,
        "SELECT type, count FROM resource_count_of_owner
         WHERE tenant = ?1 AND brought_by = ?2 AND count > 0 ORDER BY type",
    )?;
    let mut rows = statement.query(params![tenant.bytes(), owner.bytes()]).map_err(store_error)?;
    let mut counts = Vec::new();
    while let Some(row) = rows.next().map_err(store_error)? {
        let count = u64::try_from(column::<i64>(row, 1)?).map_err(|_| damaged("count of resources"))?;
        counts.push((TypeName::new(column::<String>(row, 0)?), count));
    }
    Ok(counts)
}

/// Some of the resources that a connection owns.
pub(crate) fn list_owned(
    connection: &Connection,
    tenant: TenantId,
    owner: ConnectionId,
    limit: u64,
) -> Result<Vec<(ResourceId, TypeName)>, StoreError> {
    let mut statement =
        prepare(connection, "SELECT id, type FROM resource WHERE tenant = ?1 AND brought_by = ?2 LIMIT ?3")?;
    let rows = statement.query_map(params![tenant.bytes(), owner.bytes(), clamped(limit)], |row| {
        Ok((ResourceId::from_bytes(row.get(0)?), TypeName::new(row.get::<_, String>(1)?)))
    });
    rows.and_then(Iterator::collect).map_err(store_error)
}

pub(crate) fn list_changes(
    connection: &Connection,
    tenant: TenantId,
    after: Sequence,
    limit: usize,
) -> Result<Vec<Change>, StoreError> {
    let mut statement = prepare(
        connection,
        "SELECT sequence, kind, type, resource, version, joined, \"left\", connection, at
         FROM change WHERE tenant = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3",
    )?;
    let mut rows =
        statement.query(params![tenant.bytes(), clamped(after.0), clamped(limit as u64)]).map_err(store_error)?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next().map_err(store_error)? {
        changes.push(change(row)?);
    }
    Ok(changes)
}

fn change(row: &Row<'_>) -> Result<Change, StoreError> {
    let sequence = u64::try_from(column::<i64>(row, 0)?).map_err(|_| damaged("number in the change log"))?;
    Ok(Change {
        sequence: Sequence(sequence),
        kind: change_kind(&column::<String>(row, 1)?)?,
        resource_type: TypeName::new(column::<String>(row, 2)?),
        resource: ResourceId::from_bytes(column(row, 3)?),
        version: version(column(row, 4)?)?,
        joined: split_ids(column::<Option<Vec<u8>>>(row, 5)?.as_deref())?,
        left: split_ids(column::<Option<Vec<u8>>>(row, 6)?.as_deref())?,
        connection: column::<Option<IdBytes>>(row, 7)?.map(ConnectionId::from_bytes),
        at: timestamp(column(row, 8)?)?,
    })
}

pub(crate) fn prepare<'c>(connection: &'c Connection, sql: &str) -> Result<rusqlite::CachedStatement<'c>, StoreError> {
    connection.prepare_cached(sql).map_err(store_error)
}

pub(crate) fn column<T: rusqlite::types::FromSql>(row: &Row<'_>, place: usize) -> Result<T, StoreError> {
    row.get(place).map_err(store_error)
}

fn document(row: &Row<'_>, place: usize) -> Result<Document, StoreError> {
    let value = row.get_ref(place).map_err(store_error)?;
    let text = value.as_str().map_err(|_| damaged("document"))?;
    // The parser's own message could repeat a value.
    serde_json::from_str(text).map_err(|_| damaged("document"))
}
