//! SQLite as the shared statements see it: one connection, which answers at once.

use muster_model::{ResourceId, StoredResource, TypeName};
use muster_store::{Include, StoreError};
use muster_store_sql::{Row, Session, Sql, Value, View, damaged};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement, ToSql, params_from_iter};

use crate::failure::store_error;
use crate::read;
use crate::watch::Watch;

/// One connection inside of one transaction.
pub(crate) struct SqliteSession<'a> {
    connection: &'a Connection,
    watch: Option<&'a Watch>,
}

impl<'a> SqliteSession<'a> {
    /// For the writer, whose work is not stopped.
    pub(crate) fn of(connection: &'a Connection) -> Self {
        Self { connection, watch: None }
    }

    /// For a read, which stops when the watch says so.
    pub(crate) fn watched(connection: &'a Connection, watch: &'a Watch) -> Self {
        Self { connection, watch: Some(watch) }
    }
}

impl Session for SqliteSession<'_> {
    async fn rows<'s>(&self, sql: impl Into<Sql<'s>>, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql.into().text).map_err(store_error)?;
        let width = statement.column_count();
        let mut rows = statement.query(params_from_iter(values.iter().map(Parameter))).map_err(store_error)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(store_error)? {
            let columns = (0..width).map(|place| value_from(row.get_ref(place).map_err(store_error)?));
            all.push(Row::new(columns.collect::<Result<_, _>>()?));
        }
        Ok(all)
    }

    async fn execute<'s>(&self, sql: impl Into<Sql<'s>>, values: &[Value]) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached(sql.into().text).map_err(store_error)?;
        let statement: &mut Statement<'_> = &mut statement;
        let written = statement.execute(params_from_iter(values.iter().map(Parameter)));
        written.map(|written| written as u64).map_err(store_error)
    }

    /// The one writer holds every lock.
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
        let found = ids.iter().map(|id| read::find_resource(self.connection, view, resource_type, *id, include));
        found.filter_map(Result::transpose).collect()
    }

    fn check(&self) -> Result<(), StoreError> {
        self.watch.map_or(Ok(()), Watch::check)
    }
}

/// A value as SQLite takes it.
struct Parameter<'a>(&'a Value);

impl ToSql for Parameter<'_> {
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

fn value_from(column: ValueRef<'_>) -> Result<Value, StoreError> {
    match column {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Integer(number)),
        ValueRef::Text(text) => String::from_utf8(text.to_vec()).map(Value::Text).map_err(|_| damaged("text")),
        ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes.to_vec())),
        // No column of ours is one.
        ValueRef::Real(_) => Err(damaged("number")),
    }
}
