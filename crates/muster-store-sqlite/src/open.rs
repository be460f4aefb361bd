//! Opens the file: checks, settings, migrations. Every error says what is wrong, where, and what to do.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::migrate::{self, MigrationFault};

/// 3.51.3 mends a fault that could lose a commit when a checkpoint met a WAL reset.
const OLDEST_SQLITE: i32 = 3_051_003;

/// Page cache of the writing connection and of each reading one, in KiB. SQLite takes it page by page as needed. Memory
/// mapping stays off: mapped pages would count as the process's memory, and a read error would end the process.
const WRITER_CACHE_KIB: i32 = 16 * 1024;
pub(crate) const READER_CACHE_KIB: i32 = 8 * 1024;
/// The reference tables are small.
pub(crate) const GATE_CACHE_KIB: i32 = 1024;
/// Prepared statements kept by each connection. Filters make texts of their own beside the fixed ones.
const STATEMENT_CACHE: usize = 96;
/// The WAL file is cut back to this size when it was reset.
const WAL_SIZE_LIMIT: i64 = 64 * 1024 * 1024;

/// Why a database file was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("SQLite {found} is too old; Muster needs 3.51.3 or later. Build Muster with its bundled SQLite")]
    TooOldSqlite { found: &'static str },
    #[error("the folder {} does not exist; create it, or choose another with --data-dir", .path.display())]
    NoFolder { path: PathBuf },
    #[error(
        "the database {} cannot be created or opened; check that this user may write the file and its folder",
        .path.display()
    )]
    NoAccess { path: PathBuf, source: io::Error },
    #[error("{} is not a Muster database; choose another file or folder", .path.display())]
    ForeignFile { path: PathBuf },
    #[error(
        "the database {} was written by a newer Muster (its schema is {found}, this program knows {known}); \
         use the newer program, or restore a backup made before the update",
        .path.display()
    )]
    NewerSchema { path: PathBuf, found: i64, known: i64 },
    #[error(
        "the database {} was migrated by another build of Muster (migration {number} differs); \
         use the released program that wrote it",
        .path.display()
    )]
    ChangedMigration { path: PathBuf, number: i64 },
    #[error(
        "the database {} lacks migrations (its schema is {found}, this program needs {known}); run `muster migrate`, or \
         start without --no-migrate",
        .path.display()
    )]
    NotMigrated { path: PathBuf, found: i64, known: i64 },
    #[error(
        "the database {} is locked by another process; stop that process, or wait until it is done",
        .path.display()
    )]
    Locked { path: PathBuf, source: rusqlite::Error },
    #[error(
        "the volume of {} cannot share the database between threads (no WAL mode); \
         keep it on a local disk, not on a network share",
        .path.display()
    )]
    NoSharedMemory { path: PathBuf },
    #[error("the database {} cannot be read; run `muster doctor`, and restore a backup if it is damaged", .path.display())]
    Unreadable { path: PathBuf, source: rusqlite::Error },
    #[error(
        "the database {} is not whole: it is being filled from {from}; start `muster migrate-data` again and let it come to its \
         end, or remove the file",
        .path.display()
    )]
    HalfFilled { path: PathBuf, from: String },
    #[error("the system refused another thread for the database; raise the limit on threads or processes")]
    NoThread { source: io::Error },
}

impl OpenError {
    pub(crate) fn from_sqlite(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::ForeignFile { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path, source },
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                Self::NoAccess { path, source: io::Error::other(source) }
            }
            _ => Self::Unreadable { path, source },
        }
    }

    pub(crate) fn from_migration(path: &Path, fault: MigrationFault) -> Self {
        let owned = path.to_owned();
        match fault {
            MigrationFault::Foreign => Self::ForeignFile { path: owned },
            MigrationFault::Newer { found, known } => Self::NewerSchema { path: owned, found, known },
            MigrationFault::Changed { number } => Self::ChangedMigration { path: owned, number },
            MigrationFault::Sqlite(error) => Self::from_sqlite(path, error),
        }
    }
}

/// The connection of the writer thread; makes the file when it is not there and brings its schema up to date.
pub(crate) fn open_for_writing(path: &Path, busy_timeout: Duration) -> Result<Connection, OpenError> {
    check_sqlite_version(rusqlite::version_number(), rusqlite::version())?;
    create_file(path)?;
    let failed = |error| OpenError::from_sqlite(path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(busy_timeout).map_err(failed)?;
    // Look before touching: a file of another program must stay as it is.
    let look = connection.query_row("PRAGMA application_id", [], |row| row.get::<_, i64>(0)).map_err(failed)?;
    if look != 0 && look != migrate::APPLICATION_ID {
        return Err(OpenError::ForeignFile { path: path.to_owned() });
    }
    if look == 0 && has_tables(&connection).map_err(failed)? {
        // Another process may have made our schema between the two looks; the migration looks once more, at one moment.
        migrate::migrate(&mut connection).map_err(|fault| OpenError::from_migration(path, fault))?;
    }
    switch_to_wal(&connection, path, busy_timeout)?;
    apply_settings(&connection, WRITER_CACHE_KIB).map_err(failed)?;
    // FULL: an answered write survives a loss of power. Group commit makes that cheap.
    connection
        .execute_batch(&format!(
            "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = {WAL_SIZE_LIMIT};"
        ))
        .map_err(failed)?;
    migrate::migrate(&mut connection).map_err(|fault| OpenError::from_migration(path, fault))?;
    Ok(connection)
}

/// Refuses a file whose schema is older than this program's. One that is new or empty has no schema to be older.
pub(crate) fn expect_migrated(path: &Path, busy_timeout: Duration) -> Result<(), OpenError> {
    if std::fs::metadata(path).map_or(0, |found| found.len()) == 0 {
        return Ok(());
    }
    let failed = |error| OpenError::from_sqlite(path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(busy_timeout).map_err(failed)?;
    let applied = migrate::check_applied(&connection).map_err(|fault| OpenError::from_migration(path, fault))?;
    let (found, known) = (migrate::version_after(applied), migrate::version_after(usize::MAX));
    if found == 0 || found == known {
        return Ok(());
    }
    Err(OpenError::NotMigrated { path: path.to_owned(), found, known })
}

/// A connection of a reader thread, to a file that [`open_for_writing`] has prepared.
pub(crate) fn open_for_reading(path: &Path, busy_timeout: Duration, cache_kib: i32) -> Result<Connection, OpenError> {
    let failed = |error| OpenError::from_sqlite(path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(busy_timeout).map_err(failed)?;
    apply_settings(&connection, cache_kib).map_err(failed)?;
    Ok(connection)
}

pub(crate) fn check_sqlite_version(number: i32, found: &'static str) -> Result<(), OpenError> {
    if number < OLDEST_SQLITE { Err(OpenError::TooOldSqlite { found }) } else { Ok(()) }
}

/// Makes the file with rights for its owner alone: it holds personal data. SQLite gives its companions (`-wal`, `-shm`)
/// the same rights.
fn create_file(path: &Path) -> Result<(), OpenError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(OpenError::NoFolder { path: folder.to_owned() });
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(OpenError::NoAccess { path: path.to_owned(), source }),
    }
}

fn has_tables(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))
}

/// Changing the journal mode needs the file for itself for a moment and does not always wait for it, so that several
/// processes that open a new file at once have to try again.
fn switch_to_wal(connection: &Connection, path: &Path, patience: Duration) -> Result<(), OpenError> {
    let started = std::time::Instant::now();
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0)) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(_) => return Err(OpenError::NoSharedMemory { path: path.to_owned() }),
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && started.elapsed() < patience =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(OpenError::from_sqlite(path, error)),
        }
    }
}

fn apply_settings(connection: &Connection, cache_kib: i32) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    // A plan depends on the statement and never on the values bound to it. Otherwise each new value makes SQLite read and
    // plan the statement again, which costs thirty times as much as running it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A negative cache size is in KiB.
    connection.execute_batch(&format!(
        "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; \
         PRAGMA cache_size = -{cache_kib};"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_sqlite_is_refused() {
        assert!(check_sqlite_version(3_051_002, "3.51.2").is_err());
        assert!(check_sqlite_version(3_051_003, "3.51.3").is_ok());
    }

    #[test]
    fn errors_say_where_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("absent").join("muster.db");
        let error = open_for_writing(&missing, Duration::ZERO).unwrap_err().to_string();
        assert!(error.contains("absent") && error.contains("--data-dir"), "{error}");

        let garbage = folder.path().join("garbage.db");
        std::fs::write(&garbage, vec![b'x'; 8192]).unwrap();
        let error = open_for_writing(&garbage, Duration::ZERO).unwrap_err();
        assert!(matches!(error, OpenError::ForeignFile { .. }), "{error}");
    }

    #[test]
    fn a_database_of_another_program_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(open_for_writing(&path, Duration::ZERO), Err(OpenError::ForeignFile { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[test]
    fn an_older_schema_is_refused_where_nothing_may_be_migrated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("muster.db");
        assert!(expect_migrated(&path, Duration::ZERO).is_ok());
        drop(open_for_writing(&path, Duration::ZERO).unwrap());
        assert!(expect_migrated(&path, Duration::ZERO).is_ok());
        let older = Connection::open(&path).unwrap();
        older.execute("DELETE FROM schema_migration WHERE number > 1", []).unwrap();
        drop(older);
        let error = expect_migrated(&path, Duration::ZERO).unwrap_err();
        assert!(matches!(error, OpenError::NotMigrated { found: 1, .. }), "{error}");
        assert!(error.to_string().contains("muster migrate"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_files() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("muster.db");
        let _connection = open_for_writing(&path, Duration::ZERO).unwrap();
        for name in ["muster.db", "muster.db-wal", "muster.db-shm"] {
            let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }
}
