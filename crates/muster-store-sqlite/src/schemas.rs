//! What a tenant added to the built-in schemas.

use muster_model::{SchemaEntry, SchemaEntryKey, SchemaEntryKind, SchemaRevision, TenantId, TenantSchemas};
use muster_store::{SchemaChange, SchemaChangeError, SchemaUse, StoreError};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::failure::{damaged, store_error};
use crate::read::{column, prepare};
use muster_store_sql::columns::{IdColumn, clamped, microseconds, timestamp};

/// Both in one statement, so that the entries are those of the revision.
pub(crate) fn list(connection: &Connection, tenant: TenantId) -> Result<TenantSchemas, StoreError> {
    let mut statement = prepare(
        connection,
        "SELECT t.schema_revision, e.kind, e.name, e.document, e.added
         FROM tenant AS t LEFT JOIN schema_entry AS e ON e.tenant = t.id
         WHERE t.id = ?1 ORDER BY e.kind, e.name",
    )?;
    let mut rows = statement.query([tenant.bytes()]).map_err(store_error)?;
    let mut schemas = TenantSchemas::default();
    while let Some(row) = rows.next().map_err(store_error)? {
        schemas.revision = revision_from(column(row, 0)?)?;
        schemas.entries.extend(entry_from(row)?);
    }
    Ok(schemas)
}

fn entry_from(row: &Row<'_>) -> Result<Option<SchemaEntry>, StoreError> {
    let Some(kind) = column::<Option<String>>(row, 1)? else { return Ok(None) };
    let kind = SchemaEntryKind::ALL.into_iter().find(|one| one.as_str() == kind);
    let document: String = column(row, 3)?;
    Ok(Some(SchemaEntry {
        key: SchemaEntryKey { kind: kind.ok_or_else(|| damaged("kind of a schema entry"))?, name: column(row, 2)? },
        document: serde_json::from_str(&document).map_err(|_| damaged("schema document"))?,
        added: timestamp(column(row, 4)?)?,
    }))
}

pub(crate) fn change(
    connection: &Connection,
    tenant: TenantId,
    change: &SchemaChange,
) -> Result<SchemaRevision, SchemaChangeError> {
    let mut statement = prepare(connection, "SELECT schema_revision FROM tenant WHERE id = ?1")?;
    let found = statement.query_row([tenant.bytes()], |row| row.get::<_, i64>(0)).optional().map_err(store_error)?;
    let present = revision_from(found.ok_or(SchemaChangeError::TenantNotFound)?)?;
    if present != change.expected {
        return Err(SchemaChangeError::RevisionMismatch);
    }
    for used in &change.must_be_unused {
        let count = count(connection, tenant, used)?;
        if count > 0 {
            return Err(SchemaChangeError::InUse { used: used.clone(), count });
        }
    }
    for key in &change.remove {
        let mut statement =
            prepare(connection, "DELETE FROM schema_entry WHERE tenant = ?1 AND kind = ?2 AND name = ?3")?;
        statement.execute(params![tenant.bytes(), key.kind.as_str(), key.name]).map_err(store_error)?;
    }
    for entry in &change.put {
        put(connection, tenant, entry)?;
    }
    let next = SchemaRevision(present.0.saturating_add(1));
    let mut statement = prepare(connection, "UPDATE tenant SET schema_revision = ?2 WHERE id = ?1")?;
    statement.execute(params![tenant.bytes(), clamped(next.0)]).map_err(store_error)?;
    Ok(next)
}

fn put(connection: &Connection, tenant: TenantId, entry: &SchemaEntry) -> Result<(), StoreError> {
    let mut statement = prepare(
        connection,
        "INSERT INTO schema_entry (tenant, kind, name, document, added) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (tenant, kind, name) DO UPDATE SET document = excluded.document, added = excluded.added",
    )?;
    let columns = params![
        tenant.bytes(),
        entry.key.kind.as_str(),
        entry.key.name,
        entry.document.to_string(),
        microseconds(entry.added)
    ];
    statement.execute(columns).map(drop).map_err(store_error)
}

/// How many resources use it. For an extension every document of the type is looked at.
fn count(connection: &Connection, tenant: TenantId, used: &SchemaUse) -> Result<u64, StoreError> {
    let count: i64 = match used {
        SchemaUse::Type(resource_type) => {
            prepare(connection, "SELECT coalesce(sum(count), 0) FROM resource_count WHERE tenant = ?1 AND type = ?2")?
                .query_row(params![tenant.bytes(), resource_type.as_str()], |row| row.get(0))
        }
        SchemaUse::Extension { resource_type, urn } => prepare(
            connection,
            "SELECT count(*) FROM resource AS r
             CROSS JOIN resource_document AS d ON d.number = r.document_number AND d.tenant = r.tenant
             WHERE r.tenant = ?1 AND r.type = ?2 AND json_type(d.document, '$.\"' || ?3 || '\"') IS NOT NULL",
        )?
        .query_row(params![tenant.bytes(), resource_type.as_str(), urn], |row| row.get(0)),
    }
    .map_err(store_error)?;
    u64::try_from(count).map_err(|_| damaged("number of resources"))
}

pub(crate) fn revision_from(column: i64) -> Result<SchemaRevision, StoreError> {
    u64::try_from(column).map(SchemaRevision).map_err(|_| damaged("revision of a tenant's schemas"))
}
