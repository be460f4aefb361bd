//! A database as a side of a move (docs/adr/0020).

use std::time::Duration;

use muster_model::TenantId;
use muster_store::StoreError;
use muster_store_sql::transfer::{Dialect, House, Statement};
use muster_store_sql::{Row, Session, Value};

use crate::pool::Pool;
use crate::session::Mode;
use crate::{OpenError, PostgresOptions, Shared, open, sequencer};

/// A table may be counted or summed up with one statement, however long it is.
const STATEMENT_LIMIT: Duration = Duration::from_mins(30);

/// A database that is moved from or into.
pub struct PostgresHouse {
    pool: Pool,
}

impl PostgresHouse {
    /// A database to be read. Its tables must be up to date.
    pub async fn of_source(url: &str) -> Result<Self, OpenError> {
        Ok(Self { pool: open::open(url, PostgresOptions { migrate: false, ..options() }).await? })
    }

    /// A database to be filled. Makes its tables.
    pub async fn of_target(url: &str) -> Result<Self, OpenError> {
        Ok(Self { pool: open::open_target(url, options()).await? })
    }
}

fn options() -> PostgresOptions {
    PostgresOptions { statement_limit: STATEMENT_LIMIT, ..PostgresOptions::for_command() }
}

impl House for PostgresHouse {
    fn dialect(&self) -> Dialect {
        Dialect::Postgresql
    }

    async fn rows(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.pool.run(Mode::Single, move |session: Shared| async move { session.rows(sql, values).await }).await
    }

    /// Behind the fence, all of it is on its way before anything is waited for.
    async fn write(&self, fence: Option<&Statement>, statements: &[Statement]) -> Result<bool, StoreError> {
        let write = move |session: Shared| async move {
            if let Some(fence) = fence
                && session.execute(&fence.sql, &fence.values).await? == 0
            {
                return Ok(false);
            }
            for statement in statements {
                session.send(&statement.sql, &statement.values).await?;
            }
            Ok::<_, StoreError>(true)
        };
        self.pool.run(Mode::Write, write).await
    }

    async fn settle_changes(&self) -> Result<(), StoreError> {
        for mut row in self.rows("SELECT DISTINCT tenant FROM change_pending", &[]).await? {
            let tenant: TenantId = row.take(0)?;
            let settle =
                move |session: Shared| async move { sequencer::move_visible(&session, tenant, usize::MAX).await };
            while self.pool.run(Mode::Write, settle).await? > 0 {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use muster_store_sql::transfer::tables::differences_from;
    use muster_testkit::postgres::empty_database;

    use super::*;

    /// `(table, column, place in the primary key)`.
    const SCHEMA: &str =
        "SELECT c.relname::text, a.attname::text, coalesce(array_position(i.indkey::int2[], a.attnum), -1)::bigint
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' ORDER BY 1, a.attnum";

    async fn schema(house: &PostgresHouse) -> Vec<(String, String, usize)> {
        let rows = house.rows(SCHEMA, &[]).await.unwrap();
        // An index counts its columns from 0.
        let place = |place: i64| usize::try_from(place + 1).unwrap();
        rows.into_iter()
            .map(|mut row| (row.take(0).unwrap(), row.take(1).unwrap(), place(row.take(2).unwrap())))
            .collect()
    }

    #[tokio::test]
    async fn every_table_and_column_is_described() {
        let database = empty_database();
        let house = PostgresHouse::of_target(&database.url).await.unwrap();
        assert_eq!(differences_from(Dialect::Postgresql, &schema(&house).await), [] as [&str; 0]);
        let change = |sql: &str| Statement { sql: sql.to_owned(), values: Vec::new() };
        house
            .write(
                None,
                &[change("CREATE TABLE later (tenant uuid)"), change("ALTER TABLE membership ADD COLUMN since bigint")],
            )
            .await
            .unwrap();
        let found = differences_from(Dialect::Postgresql, &schema(&house).await);
        assert_eq!(found, ["later.tenant is not described", "membership.since is not described"]);
    }

    #[tokio::test]
    async fn a_database_that_is_not_whole_is_opened_by_nobody_else() {
        let database = empty_database();
        let house = PostgresHouse::of_target(&database.url).await.unwrap();
        let change = |sql: &str| Statement { sql: sql.to_owned(), values: Vec::new() };
        let marker = "CREATE TABLE moving_house AS SELECT 'sqlite:b.db'::text AS source";
        house.write(None, &[change(marker)]).await.unwrap();
        let refused = crate::PostgresStore::open(&database.url, PostgresOptions::for_command()).await.err().unwrap();
        assert!(refused.to_string().contains("is being filled from sqlite:b.db"), "{refused}");
        assert!(PostgresHouse::of_target(&database.url).await.is_ok());
    }
}
