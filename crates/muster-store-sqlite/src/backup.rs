//! Copies a database while others write to it, into one file that is whole or not there.
//!
//! SQLite's backup interface copies the pages of one snapshot as they stand: as fast as the disk, and the result is the
//! very database. `VACUUM INTO` would build every index anew, which takes many times as long, and all that time its
//! snapshot keeps the WAL from starting over. Writers are not held up by either.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::SqliteStore;
use crate::inspect_file::FileReport;
use crate::migrate;
use crate::open::{OpenError, check_sqlite_version};

/// How many pages are copied between two looks at who wants to know how far it is: 16 MiB.
const PAGES_A_STEP: i32 = 4096;
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(20);

/// How far a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupProgress {
    pub copied_bytes: u64,
    pub all_bytes: u64,
}

/// What a database holds, for the summary of a backup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    pub tenants: u64,
    pub connections: u64,
    /// Of all tenants, by type, in the order of the types' names.
    pub resources: Vec<(String, u64)>,
    pub memberships: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(
        "the database could not be copied; check the space where the copy goes, and whether `muster doctor` finds the database sound"
    )]
    Copy(#[source] rusqlite::Error),
    #[error("{} is not a Muster database, or has nothing in it yet", .path.display())]
    Empty { path: PathBuf },
}

impl SqliteStore {
    /// Copies one state of the database at `source` into the empty file `target`, which the caller has made and makes
    /// last. The source may be in use. Blocks; `is_told` hears how far it is.
    pub fn back_up(source: &Path, target: &Path, is_told: &mut dyn FnMut(BackupProgress)) -> Result<(), BackupError> {
        check_sqlite_version(rusqlite::version_number(), rusqlite::version())?;
        copy(&open_source(source)?, target, is_told).map_err(BackupError::Copy)
    }

    /// Counts what a database file holds that nobody writes to. Blocks.
    pub fn contents_of(path: &Path) -> Result<Contents, BackupError> {
        let failed = |error| BackupError::Open(OpenError::from_sqlite(path, error));
        let reading = crate::inspect_file::open_unshared(path)?;
        count(&reading).map_err(failed)
    }
}

impl FileReport {
    /// What is really wrong: everything but the migrations that the next start applies, which are the first finding.
    pub fn faults(&self) -> &[String] {
        let first = usize::from(self.missing_migrations > 0);
        self.findings.get(first..).unwrap_or_default()
    }
}

fn open_source(path: &Path) -> Result<Connection, BackupError> {
    let failed = |error| BackupError::Open(OpenError::from_sqlite(path, error));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    // Who only reads moves nothing into the file of others.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(failed)?;
    let applied = migrate::check_applied(&connection)
        .map_err(|fault| BackupError::Open(OpenError::from_migration(path, fault)))?;
    if applied == 0 { Err(BackupError::Empty { path: path.to_owned() }) } else { Ok(connection) }
}

fn copy(reading: &Connection, target: &Path, is_told: &mut dyn FnMut(BackupProgress)) -> rusqlite::Result<()> {
    // Holds one snapshot over all steps. Without it each step would look at a newer state, and begin again from the
    // first page whenever another process has written.
    reading.execute_batch("BEGIN")?;
    reading.query_row("SELECT count(*) FROM schema_migration", [], |_| Ok(()))?;
    let page_bytes: u64 = reading.query_row("PRAGMA page_size", [], |row| row.get::<_, u32>(0)).map(u64::from)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut writing = Connection::open_with_flags(target, flags)?;
    // What is half is thrown away, so nothing is needed to roll it back; the caller makes it last when it is whole.
    writing.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
    let backup = Backup::new(reading, &mut writing)?;
    loop {
        let step = backup.step(PAGES_A_STEP)?;
        let progress = backup.progress();
        let pages = |count: std::ffi::c_int| u64::try_from(count).unwrap_or(0);
        let all = pages(progress.pagecount);
        is_told(BackupProgress {
            copied_bytes: (all - pages(progress.remaining).min(all)) * page_bytes,
            all_bytes: all * page_bytes,
        });
        match step {
            StepResult::Done => break,
            StepResult::Busy | StepResult::Locked => std::thread::sleep(BETWEEN_ATTEMPTS),
            _ => {}
        }
    }
    drop(backup);
    writing.close().map_err(|(_, error)| error)?;
    reading.execute_batch("COMMIT")
}

fn count(connection: &Connection) -> rusqlite::Result<Contents> {
    let one = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
    let mut statement = connection
        .prepare("SELECT type, sum(count) FROM resource_count WHERE count > 0 GROUP BY type ORDER BY type")?;
    let resources = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
    Ok(Contents {
        tenants: one("SELECT count(*) FROM tenant")?,
        connections: one("SELECT count(*) FROM connection")?,
        resources: resources.collect::<rusqlite::Result<_>>()?,
        memberships: one("SELECT count(*) FROM membership")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(source: &Path, target: &Path) -> Result<Vec<BackupProgress>, BackupError> {
        std::fs::File::create_new(target).unwrap();
        let mut told = Vec::new();
        SqliteStore::back_up(source, target, &mut |progress| told.push(progress))?;
        Ok(told)
    }

    #[test]
    fn a_copy_holds_one_state_while_others_write_between_the_steps() {
        let folder = tempfile::tempdir().unwrap();
        let (source, target) = (folder.path().join("a.db"), folder.path().join("b.db"));
        let writing = crate::open::open_for_writing(&source, BUSY_TIMEOUT).unwrap();
        // Two rows that always say the same, far apart, and enough pages between them for several steps.
        writing
            .execute_batch(
                "CREATE TABLE first (a); INSERT INTO first VALUES (0); CREATE TABLE filling (a);
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
                 INSERT INTO filling SELECT randomblob(4000) FROM n; CREATE TABLE last (a); INSERT INTO last VALUES (0);",
            )
            .unwrap();
        let mut steps = 0;
        std::fs::File::create_new(&target).unwrap();
        SqliteStore::back_up(&source, &target, &mut |_| {
            steps += 1;
            writing.execute_batch("BEGIN; UPDATE first SET a = a + 1; UPDATE last SET a = a + 1; COMMIT").unwrap();
        })
        .unwrap();
        assert!(steps > 2, "{steps}");
        let copy = crate::inspect_file::open_unshared(&target).unwrap();
        let values: (i64, i64) = copy
            .query_row("SELECT first.a, last.a FROM first, last", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        assert_eq!(values, (0, 0), "the state when the copy began");
        assert_eq!(SqliteStore::inspect_file(&target).unwrap().findings, [] as [&str; 0]);
    }

    #[test]
    fn a_copy_is_told_to_its_end_and_is_of_a_database_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let (source, target) = (folder.path().join("a.db"), folder.path().join("b.db"));
        drop(crate::open::open_for_writing(&source, BUSY_TIMEOUT).unwrap());
        let told = copied(&source, &target).unwrap();
        assert!(told.last().is_some_and(|last| last.copied_bytes == last.all_bytes && last.all_bytes > 0), "{told:?}");
        assert_eq!(SqliteStore::contents_of(&target).unwrap(), Contents::default());
        std::fs::write(&source, "no database at all, although it is long enough to look like one").unwrap();
        let refused = copied(&source, &folder.path().join("c.db"));
        assert!(matches!(refused, Err(BackupError::Open(OpenError::ForeignFile { .. }))), "{refused:?}");
    }
}
