//! A database file as a side of a move (docs/adr/0020).

use std::path::Path;
use std::time::Duration;

use muster_store::StoreError;
use muster_store_sql::transfer::{Dialect, House, MARKER_EXISTS, MARKER_SOURCE, Statement};
use muster_store_sql::{Row, Session, Value};
use rusqlite::Connection;

use crate::failure::store_error;
use crate::open::{OpenError, open_for_writing};
use crate::session::SqliteSession;

const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A file that is moved from or into.
pub struct SqliteHouse {
    connection: Connection,
}

impl SqliteHouse {
    /// A file to be read, at one state: nobody can write to it while this is there. Brings its tables up to date. Blocks.
    pub fn of_source(path: &Path) -> Result<Self, OpenError> {
        let house = Self::of_target(path)?;
        refuse_half_filled(&house.connection, path)?;
        // The write lock keeps others from writing, and what is read inside is one snapshot.
        let held = house.connection.execute_batch("BEGIN IMMEDIATE");
        held.map_err(|error| OpenError::from_sqlite(path, error)).map(|()| house)
    }

    /// A file to be filled; made if it is not there. Blocks.
    pub fn of_target(path: &Path) -> Result<Self, OpenError> {
        let connection = open_for_writing(path, BUSY_TIMEOUT)?;
        // There is no writer thread that would move the log of writes into the file.
        let checkpoints = connection.execute_batch("PRAGMA wal_autocheckpoint = 4000");
        checkpoints.map_err(|error| OpenError::from_sqlite(path, error)).map(|()| Self { connection })
    }

    /// `false`: the fence has written nothing.
    async fn write_all(&self, fence: Option<&Statement>, statements: &[Statement]) -> Result<bool, StoreError> {
        let session = SqliteSession::of(&self.connection);
        if let Some(fence) = fence
            && session.execute(&fence.sql, &fence.values).await? == 0
        {
            return Ok(false);
        }
        for statement in statements {
            session.execute(&statement.sql, &statement.values).await?;
        }
        Ok(true)
    }
}

impl House for SqliteHouse {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn rows(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        SqliteSession::of(&self.connection).rows(sql, values).await
    }

    async fn write(&self, fence: Option<&Statement>, statements: &[Statement]) -> Result<bool, StoreError> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(store_error)?;
        let written = match self.write_all(fence, statements).await {
            Ok(is_written) => self.connection.execute_batch("COMMIT").map_err(store_error).map(|()| is_written),
            Err(error) => Err(error),
        };
        if written.is_err() && !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK").map_err(store_error)?;
        }
        written
    }

    /// Entries have their numbers from the beginning.
    async fn settle_changes(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// From what the database is being filled, when it is not whole yet.
pub(crate) fn filled_from(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let [exists, _] = MARKER_EXISTS;
    if !connection.query_row(exists, [], |row| row.get::<_, bool>(0))? {
        return Ok(None);
    }
    connection.query_row(MARKER_SOURCE, [], |row| row.get(0)).map(Some)
}

pub(crate) fn refuse_half_filled(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    match filled_from(connection).map_err(|error| OpenError::from_sqlite(path, error))? {
        None => Ok(()),
        Some(from) => Err(OpenError::HalfFilled { path: path.to_owned(), from }),
    }
}

#[cfg(test)]
mod tests {
    use muster_store_sql::transfer::tables::differences_from;

    use super::*;

    /// `(table, column, place in the primary key)`.
    fn schema(connection: &Connection) -> Vec<(String, String, usize)> {
        let mut statement = connection
            .prepare(
                "SELECT t.name, c.name, c.pk FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
                 WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
            )
            .unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, usize::from(row.get::<_, u8>(2)?))));
        rows.unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn every_table_and_column_is_described() {
        let mut connection = Connection::open_in_memory().unwrap();
        crate::migrate::migrate(&mut connection).unwrap();
        assert_eq!(differences_from(Dialect::Sqlite, &schema(&connection)), [] as [&str; 0]);
        connection
            .execute_batch("CREATE TABLE later (tenant BLOB); ALTER TABLE membership ADD COLUMN since INTEGER")
            .unwrap();
        let found = differences_from(Dialect::Sqlite, &schema(&connection));
        assert_eq!(found, ["membership.since is not described", "later.tenant is not described"]);
    }

    #[test]
    fn a_file_that_is_not_whole_is_opened_by_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let house = SqliteHouse::of_target(&path).unwrap();
        house
            .connection
            .execute_batch("CREATE TABLE moving_house (source TEXT); INSERT INTO moving_house VALUES ('sqlite:b.db')")
            .unwrap();
        let refused = crate::SqliteStore::open(&path, &crate::SqliteOptions::for_command()).err().unwrap();
        assert!(refused.to_string().contains("is being filled from sqlite:b.db"), "{refused}");
        assert!(matches!(SqliteHouse::of_source(&path), Err(OpenError::HalfFilled { .. })));
        drop(house);
        let report = crate::SqliteStore::inspect_file(&path).unwrap();
        assert!(report.findings[0].contains("is not whole"), "{report:?}");
    }

    #[test]
    fn a_source_is_written_to_by_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let other = open_for_writing(&path, Duration::from_millis(20)).unwrap();
        let source = SqliteHouse::of_source(&path).unwrap();
        assert!(other.execute_batch("CREATE TABLE t (a)").is_err());
        drop(source);
        other.execute_batch("CREATE TABLE t (a)").unwrap();
    }
}
