//! Brings the schema up to date; the rules stand in `migrations/README.md`.

use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

use crate::OpenError;

struct Migration {
    number: i64,
    name: &'static str,
    /// The oldest schema whose binary works beside this one.
    compatible_from: i64,
    sql: &'static str,
}

/// In order, without gaps, from 1.
const MIGRATIONS: [Migration; 6] = [
    Migration { number: 1, name: "initial", compatible_from: 1, sql: include_str!("../migrations/0001_initial.sql") },
    Migration {
        number: 2,
        name: "management",
        compatible_from: 1,
        sql: include_str!("../migrations/0002_management.sql"),
    },
    Migration { number: 3, name: "secret", compatible_from: 1, sql: include_str!("../migrations/0003_secret.sql") },
    Migration {
        number: 4,
        name: "request_log",
        compatible_from: 1,
        sql: include_str!("../migrations/0004_request_log.sql"),
    },
    Migration { number: 5, name: "webhooks", compatible_from: 1, sql: include_str!("../migrations/0005_webhooks.sql") },
    Migration {
        number: 6,
        name: "system_log",
        compatible_from: 1,
        sql: include_str!("../migrations/0006_system_log.sql"),
    },
];

/// The newest schema that this binary knows.
const KNOWN: i64 = match MIGRATIONS.last() {
    Some(last) => last.number,
    None => 0,
};

/// Row 0 is no migration: it is the lock of those who migrate, which ends with their transaction, however that ends.
const BOOKKEEPING: &str = "
    CREATE TABLE IF NOT EXISTS schema_migration (
        number          bigint NOT NULL PRIMARY KEY,
        name            text   COLLATE \"C\" NOT NULL,
        checksum        bytea  NOT NULL,
        compatible_from bigint NOT NULL
    );
    INSERT INTO schema_migration VALUES (0, 'lock', '', 0) ON CONFLICT DO NOTHING";

/// How often the bookkeeping is tried again that several processes begin at once: PostgreSQL lets one of them win and
/// tells the others that the name is taken.
const MOST_ATTEMPTS: u32 = 50;

/// What is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// A database without tables.
    Nothing,
    /// Our own, up to that number; it may be newer than this binary knows and still be compatible.
    UpTo(i64),
}

impl Applied {
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Nothing => 0,
            Self::UpTo(number) => number,
        }
    }
}

/// Checks that this binary may work with the schema.
pub(crate) async fn check(client: &Client, place: &str) -> Result<(), OpenError> {
    let found = applied(client, place).await?.number();
    if found < KNOWN {
        return Err(OpenError::NotMigrated { place: place.to_owned(), found, known: KNOWN });
    }
    Ok(())
}

/// Applies what is missing. Several processes may do this at the same time: one does it, the others find it done.
pub(crate) async fn migrate(client: &Client, place: &str) -> Result<(), OpenError> {
    // The usual case takes no lock: everything is there.
    if applied(client, place).await?.number() >= KNOWN {
        return Ok(());
    }
    let failed = |error: Error| OpenError::from_server(place, &error);
    keep_books(client).await.map_err(failed)?;
    // A migration may take longer than a request's statement, and its turn may come late.
    client
        .batch_execute(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '5min'",
        )
        .await
        .map_err(failed)?;
    let migrated = apply_missing(client, place).await;
    let end = if migrated.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = client.batch_execute(end).await.map_err(failed);
    migrated.and(ended)
}

async fn keep_books(client: &Client) -> Result<(), Error> {
    let mut attempt = 1;
    loop {
        match client.batch_execute(BOOKKEEPING).await {
            Err(error) if attempt < MOST_ATTEMPTS && is_taken(&error) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                attempt += 1;
            }
            result => return result,
        }
    }
}

fn is_taken(error: &Error) -> bool {
    matches!(error.code(), Some(&SqlState::UNIQUE_VIOLATION | &SqlState::DUPLICATE_TABLE | &SqlState::DUPLICATE_OBJECT))
}

async fn apply_missing(client: &Client, place: &str) -> Result<(), OpenError> {
    let failed = |error: Error| OpenError::from_server(place, &error);
    client.batch_execute("SELECT 1 FROM schema_migration WHERE number = 0 FOR UPDATE").await.map_err(failed)?;
    let found = applied(client, place).await?.number();
    for migration in MIGRATIONS.iter().filter(|migration| migration.number > found) {
        tracing::info!(migration.number, migration.name, "applying a database migration");
        client.batch_execute(migration.sql).await.map_err(failed)?;
        let checksum = checksum(migration);
        client
            .execute(
                "INSERT INTO schema_migration (number, name, checksum, compatible_from) VALUES ($1, $2, $3, $4)",
                &[&migration.number, &migration.name, &checksum.as_slice(), &migration.compatible_from],
            )
            .await
            .map_err(failed)?;
    }
    Ok(())
}

/// What is applied, after a look at whether it is ours and whether this binary may work with it.
pub(crate) async fn applied(client: &Client, place: &str) -> Result<Applied, OpenError> {
    let failed = |error: Error| OpenError::from_server(place, &error);
    let foreign = || OpenError::Foreign { place: place.to_owned() };
    let look = client
        .query_one(
            "SELECT to_regclass(quote_ident(current_schema()) || '.schema_migration') IS NOT NULL,
                    EXISTS (SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                            WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'f'))",
            &[],
        )
        .await
        .map_err(failed)?;
    let (has_books, has_tables): (bool, bool) = (look.get(0), look.get(1));
    if !has_books {
        return if has_tables { Err(foreign()) } else { Ok(Applied::Nothing) };
    }
    let rows = client
        .query("SELECT number, checksum, compatible_from FROM schema_migration WHERE number > 0 ORDER BY number", &[])
        .await
        // A table of another program may have the name, but not the columns.
        .map_err(|error| if error.code() == Some(&SqlState::UNDEFINED_COLUMN) { foreign() } else { failed(error) })?;
    let mut number = 0;
    for row in rows {
        let found: i64 = row.get(0);
        match MIGRATIONS.iter().find(|migration| migration.number == found) {
            Some(migration) if row.get::<_, &[u8]>(1) != checksum(migration) => {
                return Err(OpenError::ChangedMigration { place: place.to_owned(), number: found });
            }
            Some(_) => {}
            None => {
                let wanted: i64 = row.get(2);
                if wanted > KNOWN {
                    return Err(OpenError::NewerSchema { place: place.to_owned(), found, wanted, known: KNOWN });
                }
            }
        }
        number = found;
    }
    Ok(if number == 0 { Applied::Nothing } else { Applied::UpTo(number) })
}

fn checksum(migration: &Migration) -> [u8; 32] {
    Sha256::digest(migration.sql.as_bytes()).into()
}

/// What a schema made by this binary is known by: tests keep databases that are made already under this name.
pub fn schema_fingerprint() -> String {
    let mut whole = Sha256::new();
    for migration in &MIGRATIONS {
        whole.update(migration.sql.as_bytes());
    }
    let first = whole.finalize().first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    format!("{first:016x}")
}

#[cfg(test)]
mod tests;
