//! What a tenant added to the built-in schemas.

use muster_model::{
    ResourceId, SchemaEntry, SchemaEntryKey, SchemaEntryKind, SchemaRevision, TenantId, TenantSchemas, TypeName,
};
use muster_store::{Include, SchemaChange, SchemaChangeError, SchemaUse, Scope, StoreError};

use crate::columns::{clamped, timestamp};
use crate::{Row, Session, Value, View, damaged, resource_count, values};

/// How many documents are read in one go when each of a type is looked at.
const DOCUMENTS_AT_ONCE: usize = 256;

/// Both in one statement, so that the entries are those of the revision.
pub async fn list<S: Session>(session: &S, tenant: TenantId) -> Result<TenantSchemas, StoreError> {
    let rows = session
        .rows(
            "SELECT t.schema_revision, e.kind, e.name, e.document, e.added
             FROM tenant AS t LEFT JOIN schema_entry AS e ON e.tenant = t.id
             WHERE t.id = ?1 ORDER BY e.kind, e.name",
            values![tenant],
        )
        .await?;
    let mut schemas = TenantSchemas::default();
    for mut row in rows {
        schemas.revision = revision_from(row.take(0)?)?;
        schemas.entries.extend(entry_from(&mut row)?);
    }
    Ok(schemas)
}

fn entry_from(row: &mut Row) -> Result<Option<SchemaEntry>, StoreError> {
    let Some(kind) = row.take::<Option<String>>(1)? else { return Ok(None) };
    let kind = SchemaEntryKind::ALL.into_iter().find(|one| one.as_str() == kind);
    let document: String = row.take(3)?;
    Ok(Some(SchemaEntry {
        key: SchemaEntryKey { kind: kind.ok_or_else(|| damaged("kind of a schema entry"))?, name: row.take(2)? },
        document: serde_json::from_str(&document).map_err(|_| damaged("schema document"))?,
        added: timestamp(row.take(4)?)?,
    }))
}

/// The tenant's row is locked first, so that of two changes of the same revision one is refused.
pub async fn change<S: Session>(
    session: &S,
    tenant: TenantId,
    change: &SchemaChange,
) -> Result<SchemaRevision, SchemaChangeError> {
    let sql = "SELECT schema_revision FROM tenant WHERE id = ?1 /*pg FOR NO KEY UPDATE */";
    let mut row = session.row(sql, values![tenant]).await?.ok_or(SchemaChangeError::TenantNotFound)?;
    let present = revision_from(row.take(0)?)?;
    if present != change.expected {
        return Err(SchemaChangeError::RevisionMismatch);
    }
    for used in &change.must_be_unused {
        let count = count(session, tenant, used).await?;
        if count > 0 {
            return Err(SchemaChangeError::InUse { used: used.clone(), count });
        }
    }
    for key in &change.remove {
        let sql = "DELETE FROM schema_entry WHERE tenant = ?1 AND kind = ?2 AND name = ?3";
        session.send(sql, values![tenant, key.kind.as_str(), &key.name]).await?;
    }
    for entry in &change.put {
        put(session, tenant, entry).await?;
    }
    let next = SchemaRevision(present.0.saturating_add(1));
    session.send("UPDATE tenant SET schema_revision = ?2 WHERE id = ?1", values![tenant, clamped(next.0)]).await?;
    Ok(next)
}

async fn put<S: Session>(session: &S, tenant: TenantId, entry: &SchemaEntry) -> Result<(), StoreError> {
    session
        .send(
            "INSERT INTO schema_entry (tenant, kind, name, document, added) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant, kind, name) DO UPDATE SET document = excluded.document, added = excluded.added",
            values![tenant, entry.key.kind.as_str(), &entry.key.name, entry.document.to_string(), entry.added],
        )
        .await
}

/// How many resources use it.
async fn count<S: Session>(session: &S, tenant: TenantId, used: &SchemaUse) -> Result<u64, StoreError> {
    let view = View { tenant, scope: Scope::Tenant };
    match used {
        SchemaUse::Type(resource_type) => resource_count::count(session, view, resource_type).await,
        SchemaUse::Extension { resource_type, urn } => count_with(session, view, resource_type, urn).await,
    }
}

/// Looks at every document of the type. An extension has no index, and only a person asks for this.
async fn count_with<S: Session>(
    session: &S,
    view: View,
    resource_type: &TypeName,
    urn: &str,
) -> Result<u64, StoreError> {
    let sql = "SELECT id FROM resource WHERE tenant = ?1 AND type = ?2 AND id > ?3 ORDER BY id LIMIT ?4";
    let (mut counted, mut last) = (0, Value::Id([0; 16]));
    loop {
        let values = values![view.tenant, resource_type.as_str(), last, clamped(DOCUMENTS_AT_ONCE as u64)];
        let rows = session.rows(sql, values).await?;
        let ids: Vec<ResourceId> = rows.into_iter().map(|mut row| row.take(0)).collect::<Result<_, _>>()?;
        let resources = session.resources(view, resource_type, &ids, Include::default()).await?;
        for resource in resources {
            counted += u64::from(resource.document.read()?.contains_key(urn));
        }
        match ids.last() {
            Some(id) if ids.len() == DOCUMENTS_AT_ONCE => last = Value::from(*id),
            _ => return Ok(counted),
        }
        session.check()?;
    }
}

pub(crate) fn revision_from(column: i64) -> Result<SchemaRevision, StoreError> {
    u64::try_from(column).map(SchemaRevision).map_err(|_| damaged("revision of a tenant's schemas"))
}
