//! Brings the schema up to date; the rules stand in `migrations/README.md`.

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

/// Marks a file as ours in its header ("Must").
pub(crate) const APPLICATION_ID: i64 = 0x4d75_7374;

pub(crate) struct Migration {
    pub(crate) number: i64,
    pub(crate) name: &'static str,
    sql: &'static str,
}

/// In order, without gaps, from 1.
pub(crate) const MIGRATIONS: [Migration; 13] = [
    Migration { number: 1, name: "initial", sql: include_str!("../migrations/0001_initial.sql") },
    Migration { number: 2, name: "profile_overrides", sql: include_str!("../migrations/0002_profile_overrides.sql") },
    Migration { number: 3, name: "installation_key", sql: include_str!("../migrations/0003_installation_key.sql") },
    Migration { number: 4, name: "manager_key", sql: include_str!("../migrations/0004_manager_key.sql") },
    Migration { number: 5, name: "schemas", sql: include_str!("../migrations/0005_schemas.sql") },
    Migration { number: 6, name: "guard", sql: include_str!("../migrations/0006_guard.sql") },
    Migration { number: 7, name: "ownership", sql: include_str!("../migrations/0007_ownership.sql") },
    Migration { number: 8, name: "lease", sql: include_str!("../migrations/0008_lease.sql") },
    Migration { number: 9, name: "management", sql: include_str!("../migrations/0009_management.sql") },
    Migration { number: 10, name: "secret", sql: include_str!("../migrations/0010_secret.sql") },
    Migration { number: 11, name: "request_log", sql: include_str!("../migrations/0011_request_log.sql") },
    Migration { number: 12, name: "webhooks", sql: include_str!("../migrations/0012_webhooks.sql") },
    Migration { number: 13, name: "system_log", sql: include_str!("../migrations/0013_system_log.sql") },
];

#[derive(Debug)]
pub(crate) enum MigrationFault {
    /// The file belongs to another program.
    Foreign,
    /// The database has a migration that this binary does not know.
    Newer {
        found: i64,
        known: i64,
    },
    /// An applied migration is not the one that this binary has under the same number.
    Changed {
        number: i64,
    },
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for MigrationFault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Applies what is missing. Several processes may do this at the same time: the second finds the work done.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), MigrationFault> {
    apply_missing(connection, &MIGRATIONS)
}

fn apply_missing(connection: &mut Connection, migrations: &[Migration]) -> Result<(), MigrationFault> {
    // The usual case takes no lock: everything is there.
    let reading = connection.transaction()?;
    let applied = check_applied(&reading)?;
    reading.commit()?;
    if applied == migrations.len() {
        return Ok(());
    }
    let writing = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let applied = check_applied(&writing)?;
    if applied == 0 {
        writing.pragma_update(None, "application_id", APPLICATION_ID)?;
        writing.execute_batch(
            "CREATE TABLE schema_migration (
                number   INTEGER NOT NULL PRIMARY KEY,
                name     TEXT NOT NULL,
                checksum BLOB NOT NULL
            ) STRICT",
        )?;
    }
    for migration in migrations.iter().skip(applied) {
        tracing::info!(migration.number, migration.name, "applying a database migration");
        writing.execute_batch(migration.sql)?;
        writing.execute(
            "INSERT INTO schema_migration (number, name, checksum) VALUES (?1, ?2, ?3)",
            params![migration.number, migration.name, checksum(migration)],
        )?;
    }
    writing.commit()?;
    Ok(())
}

/// How many of our migrations are applied, after a look at whether they are ours.
pub(crate) fn check_applied(connection: &Connection) -> Result<usize, MigrationFault> {
    let application: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if application != APPLICATION_ID {
        let first: Option<String> =
            connection.query_row("SELECT name FROM sqlite_schema LIMIT 1", [], |row| row.get(0)).optional()?;
        return if application == 0 && first.is_none() { Ok(0) } else { Err(MigrationFault::Foreign) };
    }
    let mut statement = connection.prepare("SELECT number, checksum FROM schema_migration ORDER BY number")?;
    let mut rows = statement.query([])?;
    let mut applied = 0;
    while let Some(row) = rows.next()? {
        let found: i64 = row.get(0)?;
        let Some(migration) = MIGRATIONS.get(applied).filter(|migration| migration.number == found) else {
            return Err(MigrationFault::Newer { found, known: MIGRATIONS.last().map_or(0, |last| last.number) });
        };
        if row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)? != checksum(migration) {
            return Err(MigrationFault::Changed { number: found });
        }
        applied += 1;
    }
    Ok(applied)
}

/// The schema's version when so many of our migrations are applied; 0 for none.
pub(crate) fn version_after(applied: usize) -> i64 {
    MIGRATIONS.iter().take(applied).next_back().map_or(0, |last| last.number)
}

fn checksum(migration: &Migration) -> [u8; 32] {
    Sha256::digest(migration.sql.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_numbered_from_one_without_gaps() {
        for (position, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(usize::try_from(migration.number), Ok(position + 1), "{}", migration.name);
        }
    }

    #[test]
    fn an_empty_database_is_migrated_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        let before = connection.total_changes();
        migrate(&mut connection).unwrap();
        assert_eq!(connection.total_changes(), before);
    }

    /// A database as a release left it that knew the migrations before that one only.
    fn migrated_before(number: i64) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        let known = MIGRATIONS.iter().position(|migration| migration.number == number).unwrap();
        apply_missing(&mut connection, &MIGRATIONS[..known]).unwrap();
        connection
    }

    #[test]
    fn resources_that_were_there_are_counted_for_their_owners() {
        let mut connection = migrated_before(7);
        for (number, owner) in [(1, None), (2, None), (3, Some([9_u8; 16]))] {
            connection
                .execute(
                    "INSERT INTO resource VALUES (x'00', ?1, 'User', 1, 0, 0, ?2, ?3, NULL)",
                    params![[u8::try_from(number).unwrap(); 16], number, owner],
                )
                .unwrap();
        }
        migrate(&mut connection).unwrap();
        let counts = |connection: &Connection| {
            let mut statement = connection
                .prepare("SELECT brought_by, count FROM resource_count_of_owner WHERE count > 0 ORDER BY brought_by")
                .unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            rows.map(Result::unwrap).collect::<Vec<([u8; 16], i64)>>()
        };
        assert_eq!(counts(&connection), [([0; 16], 2), ([9; 16], 1)]);
        // The former release knows nothing of the counters, and they stay right.
        connection.execute("UPDATE resource SET brought_by = ?1 WHERE id = ?2", [[8_u8; 16], [1; 16]]).unwrap();
        connection.execute("DELETE FROM resource WHERE id = ?1", [[3_u8; 16]]).unwrap();
        assert_eq!(counts(&connection), [([0; 16], 1), ([8; 16], 1)]);
    }

    #[test]
    fn managers_of_people_who_were_there_are_found_by_index() {
        let mut connection = migrated_before(4);
        let urn = scim::schema::ENTERPRISE_USER;
        for (number, document) in [
            (1, format!(r#"{{"userName":"a","{urn}":{{"manager":{{"value":"Boss"}}}}}}"#)),
            (2, r#"{"userName":"b"}"#.to_owned()),
        ] {
            let id = [u8::try_from(number).unwrap(); 16];
            connection
                .execute("INSERT INTO resource_document VALUES (x'00', ?1, ?2)", params![number, document])
                .unwrap();
            connection
                .execute(
                    "INSERT INTO resource VALUES (x'00', ?1, 'User', 1, 0, 0, ?2, NULL, NULL)",
                    params![id, number],
                )
                .unwrap();
        }
        migrate(&mut connection).unwrap();
        let mut statement = connection.prepare("SELECT attribute, value, id FROM resource_key").unwrap();
        let keys = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let keys: Vec<(String, String, [u8; 16])> = keys.unwrap().map(Result::unwrap).collect();
        assert_eq!(keys, [(muster_store::keys::MANAGER.to_owned(), "Boss".to_owned(), [1; 16])]);
    }

    #[test]
    fn a_changed_a_newer_and_a_foreign_database_are_refused() {
        let mut changed = Connection::open_in_memory().unwrap();
        migrate(&mut changed).unwrap();
        changed.execute("UPDATE schema_migration SET checksum = x'00' WHERE number = 1", []).unwrap();
        assert!(matches!(migrate(&mut changed), Err(MigrationFault::Changed { number: 1 })));

        let mut newer = Connection::open_in_memory().unwrap();
        migrate(&mut newer).unwrap();
        newer.execute("INSERT INTO schema_migration VALUES (999, 'later', x'00')", []).unwrap();
        assert!(matches!(migrate(&mut newer), Err(MigrationFault::Newer { found: 999, .. })));

        let mut foreign = Connection::open_in_memory().unwrap();
        foreign.execute_batch("CREATE TABLE somebody_elses (a)").unwrap();
        assert!(matches!(migrate(&mut foreign), Err(MigrationFault::Foreign)));
    }
}
