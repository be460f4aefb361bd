//! The writes of a batch as this driver's tables want them. Nothing of it is waited for: the answers come with the next
//! statement that is, at the latest with the commit.

use muster_model::{ChangeKind, ConnectionId, ResourceId};
use muster_store::StoreError;
use muster_store_sql::columns::{IdBytes, IdColumn, clamped, joined_ids, notes_text};
use muster_store_sql::{Content, Entry, Ledger, ResourceRow, Value};

use crate::session::PostgresSession;
use crate::value::Parameter;

/// The owner in the counts of what nobody brought.
const NOBODY: IdBytes = [0; 16];

macro_rules! one {
    ($($value:expr),* $(,)?) => { vec![$(Parameter::One(Value::from($value))),*] };
}

impl Ledger for PostgresSession {
    async fn insert_resource(
        &self,
        tenant: IdBytes,
        row: &ResourceRow,
        content: Content<'_>,
    ) -> Result<(), StoreError> {
        self.post(
            "WITH document AS (
                 INSERT INTO resource_document (tenant, id, document) VALUES ($1, $2, $3)
             ), counted AS (
                 INSERT INTO resource_count_of_owner AS c (tenant, brought_by, type, slot, count)
                 VALUES ($1, $4, $5, pg_backend_pid() % 32, 1)
                 ON CONFLICT (tenant, brought_by, type, slot) DO UPDATE SET count = c.count + 1
             )
             INSERT INTO resource (tenant, id, type, version, created, last_modified, brought_by, label)
             VALUES ($1, $2, $5, $6, $7, $8, $9, $10)",
            one![
                tenant,
                row.id,
                content.document,
                row.brought_by.unwrap_or(NOBODY),
                row.resource_type.as_str(),
                clamped(row.version.0),
                row.created,
                row.last_modified,
                row.brought_by,
                content.label,
            ],
        )
        .await
    }

    async fn replace_document(&self, tenant: IdBytes, id: ResourceId, content: Content<'_>) -> Result<(), StoreError> {
        self.post(
            "WITH labelled AS (
                 UPDATE resource SET label = $4 WHERE tenant = $1 AND id = $2 AND label IS DISTINCT FROM $4
             )
             UPDATE resource_document SET document = $3 WHERE tenant = $1 AND id = $2",
            one![tenant, id, content.document, content.label],
        )
        .await
    }

    async fn remove_resource(&self, tenant: IdBytes, row: &ResourceRow) -> Result<(), StoreError> {
        self.post(
            "WITH document AS (
                 DELETE FROM resource_document WHERE tenant = $1 AND id = $2
             ), counted AS (
                 INSERT INTO resource_count_of_owner AS c (tenant, brought_by, type, slot, count)
                 VALUES ($1, $3, $4, pg_backend_pid() % 32, -1)
                 ON CONFLICT (tenant, brought_by, type, slot) DO UPDATE SET count = c.count - 1
             )
             DELETE FROM resource WHERE tenant = $1 AND id = $2",
            one![tenant, row.id, row.brought_by.unwrap_or(NOBODY), row.resource_type.as_str()],
        )
        .await
    }

    async fn change_owner(&self, tenant: IdBytes, row: &ResourceRow, owner: Option<IdBytes>) -> Result<(), StoreError> {
        if row.brought_by == owner {
            return Ok(());
        }
        self.post(
            "WITH counted AS (
                 INSERT INTO resource_count_of_owner AS c (tenant, brought_by, type, slot, count)
                 VALUES ($1, $3, $5, pg_backend_pid() % 32, -1), ($1, $4, $5, pg_backend_pid() % 32, 1)
                 ON CONFLICT (tenant, brought_by, type, slot) DO UPDATE SET count = c.count + excluded.count
             )
             UPDATE resource SET brought_by = $6 WHERE tenant = $1 AND id = $2",
            one![
                tenant,
                row.id,
                row.brought_by.unwrap_or(NOBODY),
                owner.unwrap_or(NOBODY),
                row.resource_type.as_str(),
                owner,
            ],
        )
        .await
    }

    async fn log(
        &self,
        tenant: IdBytes,
        by: Option<ConnectionId>,
        at: i64,
        entries: &[Entry],
    ) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut values = one![tenant, by.map(IdColumn::bytes), at];
        values.extend([
            Parameter::Ids(entries.iter().map(|entry| *entry.resource.as_uuid()).collect()),
            Parameter::Integers(entries.iter().map(|entry| clamped(entry.version.0)).collect()),
            Parameter::Booleans(entries.iter().map(|entry| entry.kind == ChangeKind::Deleted).collect()),
            Parameter::Texts(entries.iter().map(|entry| entry.kind.as_str()).collect()),
            Parameter::Names(entries.iter().map(|entry| entry.resource_type.as_str().to_owned()).collect()),
            Parameter::ByteStrings(entries.iter().map(|entry| joined_ids(&entry.joined)).collect()),
            Parameter::ByteStrings(entries.iter().map(|entry| joined_ids(&entry.left)).collect()),
            Parameter::Notes(entries.iter().map(|entry| notes_text(&entry.notes)).collect::<Result<_, _>>()?),
        ]);
        self.post(
            "INSERT INTO change_pending
                 (tenant, connection, at, noted, resource, version, is_last, kind, type, joined, \"left\", notes)
             SELECT $1, $2, $3, (extract(epoch FROM statement_timestamp()) * 1000000)::bigint + e.place,
                    e.resource, e.version, e.is_last, e.kind, e.type, e.joined, e.gone, e.notes
             FROM unnest($4::uuid[], $5::bigint[], $6::boolean[], $7::text[], $8::text[], $9::bytea[], $10::bytea[],
                         $11::text[])
                  WITH ORDINALITY AS e (resource, version, is_last, kind, type, joined, gone, notes, place)",
            values,
        )
        .await
    }
}
