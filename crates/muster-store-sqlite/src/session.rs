//! A connection as the shared statements see it. It answers at once, so that whoever uses it is never made to wait.

use muster_model::{ConnectionId, ResourceId, StoredResource, TypeName};
use muster_store::{Include, StoreError};
use muster_store_sql::columns::{IdBytes, IdColumn, clamped, joined_ids, notes_text};
use muster_store_sql::{Content, Entry, Ledger, ResourceRow, Row, Session, Value, View, damaged};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql, params, params_from_iter};

use crate::failure::store_error;
use crate::read;
use crate::watch::Watch;

pub(crate) struct SqliteSession<'c> {
    connection: &'c Connection,
    watch: Option<&'c Watch>,
}

impl<'c> SqliteSession<'c> {
    /// For the writer, whose work is not stopped.
    pub(crate) fn of(connection: &'c Connection) -> Self {
        Self { connection, watch: None }
    }

    /// For a read, which stops when the watch says so.
    pub(crate) fn watched(connection: &'c Connection, watch: &'c Watch) -> Self {
        Self { connection, watch: Some(watch) }
    }

    fn prepare(&self, sql: &str) -> Result<CachedStatement<'c>, StoreError> {
        self.connection.prepare_cached(sql).map_err(store_error)
    }

    fn write(&self, sql: &str, values: impl rusqlite::Params) -> Result<usize, StoreError> {
        self.prepare(sql)?.execute(values).map_err(store_error)
    }

    fn visit(&self, sql: &str, values: &[Value], most: usize) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.prepare(sql)?;
        let width = statement.column_count();
        // A statement that returns what it writes is run to its end, whatever is wanted of it.
        let most = if statement.readonly() { most } else { usize::MAX };
        let mut rows = statement.query(params_from_iter(values.iter().map(Bound))).map_err(store_error)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(store_error)? {
            let columns = (0..width).map(|place| value(row.get_ref(place).map_err(store_error)?));
            found.push(Row::new(columns.collect::<Result<_, _>>()?));
            if found.len() == most {
                break;
            }
        }
        Ok(found)
    }
}

struct Bound<'v>(&'v Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Boolean(truth) => ValueRef::Integer(i64::from(*truth)),
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
            Value::Id(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn value(column: ValueRef<'_>) -> Result<Value, StoreError> {
    match column {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Integer(number)),
        ValueRef::Text(text) => String::from_utf8(text.to_vec()).map(Value::Text).map_err(|_| damaged("text")),
        ValueRef::Blob(bytes) => Ok(Value::from(bytes)),
        // No column of ours is one.
        ValueRef::Real(_) => Err(damaged("number")),
    }
}

impl Session for SqliteSession<'_> {
    async fn rows(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.visit(sql, values, usize::MAX)
    }

    /// Kept like any other: there is room, and the text of one list is that of the next.
    async fn composed_rows(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.visit(sql, values, usize::MAX)
    }

    async fn row(&self, sql: &str, values: &[Value]) -> Result<Option<Row>, StoreError> {
        Ok(self.visit(sql, values, 1)?.into_iter().next())
    }

    async fn execute(&self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        Ok(self.write(sql, params_from_iter(values.iter().map(Bound)))? as u64)
    }

    /// Whoever writes holds the database's only write lock.
    async fn lock(&self, _: View, _: &str) -> Result<(), StoreError> {
        Ok(())
    }

    fn has_many_writers(&self) -> bool {
        false
    }

    async fn resources(
        &self,
        view: View,
        resource_type: &TypeName,
        ids: &[ResourceId],
        include: Include,
    ) -> Result<Vec<StoredResource>, StoreError> {
        let mut resources = Vec::with_capacity(ids.len());
        for id in ids {
            self.check()?;
            resources.extend(read::find_resource(self.connection, view, resource_type, *id, include)?);
        }
        Ok(resources)
    }

    fn check(&self) -> Result<(), StoreError> {
        self.watch.map_or(Ok(()), Watch::check)
    }
}

impl Ledger for SqliteSession<'_> {
    async fn insert_resource(
        &self,
        tenant: IdBytes,
        row: &ResourceRow,
        content: Content<'_>,
    ) -> Result<(), StoreError> {
        self.write(
            "INSERT INTO resource_document (tenant, document) VALUES (?1, ?2)",
            params![tenant, content.document],
        )?;
        let document_number = self.connection.last_insert_rowid();
        self.write(
            "INSERT INTO resource
                 (tenant, id, type, version, created, last_modified, document_number, brought_by, label)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                tenant,
                row.id.bytes(),
                row.resource_type.as_str(),
                clamped(row.version.0),
                row.created,
                row.last_modified,
                document_number,
                row.brought_by,
                content.label
            ],
        )?;
        self.count(tenant, &row.resource_type, 1)
    }

    async fn replace_document(&self, tenant: IdBytes, id: ResourceId, content: Content<'_>) -> Result<(), StoreError> {
        self.write(
            "UPDATE resource_document SET document = ?3 WHERE tenant = ?1
             AND number = (SELECT document_number FROM resource WHERE tenant = ?1 AND id = ?2)",
            params![tenant, id.bytes(), content.document],
        )?;
        self.write(
            "UPDATE resource SET label = ?3 WHERE tenant = ?1 AND id = ?2 AND label IS NOT ?3",
            params![tenant, id.bytes(), content.label],
        )?;
        Ok(())
    }

    async fn remove_resource(&self, tenant: IdBytes, row: &ResourceRow) -> Result<(), StoreError> {
        let key = params![tenant, row.id.bytes()];
        self.write(
            "DELETE FROM resource_document WHERE tenant = ?1
             AND number = (SELECT document_number FROM resource WHERE tenant = ?1 AND id = ?2)",
            key,
        )?;
        self.write("DELETE FROM resource WHERE tenant = ?1 AND id = ?2", key)?;
        self.count(tenant, &row.resource_type, -1)
    }

    /// The counts of owners are kept by triggers.
    async fn change_owner(&self, tenant: IdBytes, row: &ResourceRow, owner: Option<IdBytes>) -> Result<(), StoreError> {
        let sql = "UPDATE resource SET brought_by = ?3 WHERE tenant = ?1 AND id = ?2";
        self.write(sql, params![tenant, row.id.bytes(), owner]).map(drop)
    }

    /// The transaction holds the database's only write lock, so numbers become visible in their order and without gaps.
    async fn log(
        &self,
        tenant: IdBytes,
        by: Option<ConnectionId>,
        at: i64,
        entries: &[Entry],
    ) -> Result<(), StoreError> {
        let count = clamped(entries.len() as u64);
        let mut statement = self.prepare(
            "INSERT INTO change_sequence (tenant, last) VALUES (?1, ?2)
             ON CONFLICT (tenant) DO UPDATE SET last = last + excluded.last
             RETURNING last",
        )?;
        let last: i64 = statement.query_row(params![tenant, count], |row| row.get(0)).map_err(store_error)?;
        for (sequence, entry) in (last - count + 1..).zip(entries) {
            self.write(
                "INSERT INTO change
                     (tenant, sequence, kind, type, resource, version, joined, \"left\", connection, at,
                      notes)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                params![
                    tenant,
                    sequence,
                    entry.kind.as_str(),
                    entry.resource_type.as_str(),
                    entry.resource.bytes(),
                    clamped(entry.version.0),
                    joined_ids(&entry.joined),
                    joined_ids(&entry.left),
                    by.map(IdColumn::bytes),
                    at,
                    notes_text(&entry.notes)?
                ],
            )?;
        }
        Ok(())
    }
}

impl SqliteSession<'_> {
    fn count(&self, tenant: IdBytes, resource_type: &TypeName, difference: i64) -> Result<(), StoreError> {
        let changed = self.write(
            "UPDATE resource_count SET count = count + ?3 WHERE tenant = ?1 AND type = ?2",
            params![tenant, resource_type.as_str(), difference],
        )?;
        if changed == 0 {
            self.write(
                "INSERT INTO resource_count (tenant, type, count) VALUES (?1, ?2, ?3)",
                params![tenant, resource_type.as_str(), difference],
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod costs;
#[cfg(test)]
mod plans;
