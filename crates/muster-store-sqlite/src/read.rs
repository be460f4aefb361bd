//! Reads by key: one resource with its memberships, the change log.

use muster_model::{
    Change, ConnectionId, Members, ResourceId, Sequence, StoredDocument, StoredResource, TenantId, TypeName,
};
use muster_store::{Include, StoreError};
use rusqlite::{Connection, Row, params};

use crate::failure::{damaged, store_error};
use crate::nesting;
use muster_store_sql::View;
use muster_store_sql::columns::{IdBytes, IdColumn, change_kind, clamped, notes, split_ids, timestamp, version};

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
fn members_of(connection: &Connection, view: View, group: ResourceId) -> Result<Members, StoreError> {
    let mut statement = prepare(
        connection,
        "SELECT m.member_id, r.type, r.label, m.joined_version, m.joined_place
         FROM membership AS m CROSS JOIN resource AS r ON r.tenant = m.tenant AND r.id = m.member_id
         WHERE m.tenant = ?1 AND m.group_id = ?2 AND (?3 IS NULL OR r.brought_by = ?3)",
    )?;
    let mut rows = statement.query(params![view.tenant(), group.bytes(), view.owner()]).map_err(store_error)?;
    let mut members = Members::default();
    let mut joined: Vec<(i64, i64, usize)> = Vec::new();
    while let Some(row) = rows.next().map_err(store_error)? {
        joined.push((column(row, 3)?, column(row, 4)?, members.len()));
        let text = |place| row.get_ref(place).map_err(store_error);
        let kind = text(1)?.as_str().map_err(|_| damaged("type"))?;
        let label = text(2)?.as_str_or_null().map_err(|_| damaged("label"))?;
        members.push(ResourceId::from_bytes(column(row, 0)?), kind, label);
    }
    joined.sort_unstable();
    let mut members = members.reordered(joined.iter().map(|(_, _, place)| *place));
    members.shrink_to_fit();
    Ok(members)
}

pub(crate) fn list_changes(
    connection: &Connection,
    tenant: TenantId,
    after: Sequence,
    limit: usize,
) -> Result<Vec<Change>, StoreError> {
    let mut statement = prepare(
        connection,
        "SELECT sequence, kind, type, resource, version, joined, \"left\", connection, at, notes
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
        notes: notes(column::<Option<String>>(row, 9)?.as_deref())?,
    })
}

pub(crate) fn prepare<'c>(connection: &'c Connection, sql: &str) -> Result<rusqlite::CachedStatement<'c>, StoreError> {
    connection.prepare_cached(sql).map_err(store_error)
}

pub(crate) fn column<T: rusqlite::types::FromSql>(row: &Row<'_>, place: usize) -> Result<T, StoreError> {
    row.get(place).map_err(store_error)
}

fn document(row: &Row<'_>, place: usize) -> Result<StoredDocument, StoreError> {
    let value = row.get_ref(place).map_err(store_error)?;
    let text = value.as_str().map_err(|_| damaged("document"))?;
    Ok(StoredDocument::from_text(text))
}
