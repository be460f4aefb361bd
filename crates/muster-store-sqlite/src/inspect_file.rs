//! Looks a database file over without writing to it, for `muster doctor`: no migration, no checkpoint, no lock that a
//! server would wait for, and no companion files where there are none.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::house;
use crate::inspect;
use crate::migrate::{self, MIGRATIONS, MigrationFault};
use crate::open::{OpenError, check_sqlite_version};

/// How long to wait for a lock that another process holds. Readers of a WAL need one for moments only.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// A file that nobody has open is looked at again when somebody wrote to it in the meantime; so often at most.
const UNSHARED_LOOKS: usize = 3;

/// What a database file is found to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileReport {
    /// Each in plain words; empty when all is well. Missing migrations are among them.
    pub findings: Vec<String>,
    /// The number of the last applied migration, 0 in an empty file; `None` when the file is not a Muster database or
    /// its migrations cannot be told.
    pub schema_version: Option<i64>,
    /// How many migrations the next start of the server will apply.
    pub missing_migrations: usize,
}

/// Blocks; takes as long as reading the whole file.
pub(crate) fn inspect_file(path: &Path) -> Result<FileReport, OpenError> {
    check_sqlite_version(rusqlite::version_number(), rusqlite::version())?;
    for _ in 0..UNSHARED_LOOKS {
        let before = Stamp::of(path)?;
        if before.has_wal {
            break;
        }
        let report = look(&open_unshared(path)?, path)?;
        // Somebody who opened the file during the look would make its result worthless.
        if Stamp::of(path)? == before {
            return Ok(report);
        }
    }
    look(&open_shared(path)?, path)
}

/// What changes when somebody opens the file and writes. Taken without opening it: closing a file drops every lock that
/// this process has on it.
#[derive(PartialEq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    has_wal: bool,
}

impl Stamp {
    fn of(path: &Path) -> Result<Self, OpenError> {
        let metadata =
            std::fs::metadata(path).map_err(|source| OpenError::NoAccess { path: path.to_owned(), source })?;
        let mut wal = path.as_os_str().to_owned();
        wal.push("-wal");
        let has_wal = PathBuf::from(wal).exists();
        Ok(Self { length: metadata.len(), modified: metadata.modified().ok(), has_wal })
    }
}

/// Without a WAL everything is in the one file and nobody has it open. `immutable` then reads it as it stands; without
/// that word SQLite would make a WAL and shared memory beside it, or fail where it may not.
pub(crate) fn open_unshared(path: &Path) -> Result<Connection, OpenError> {
    let uri = immutable_uri(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(uri, flags).map_err(|error| OpenError::from_sqlite(path, error))?;
    prepare(&connection).map_err(|error| OpenError::from_sqlite(path, error))?;
    Ok(connection)
}

/// As one more reader beside a server, or of what a server that was killed has left. Only the shared memory, which is
/// made anew from the WAL at any time, is written.
fn open_shared(path: &Path) -> Result<Connection, OpenError> {
    let failed = |error| OpenError::from_sqlite(path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(failed)?;
    prepare(&connection).map_err(failed)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;")
}

/// A `file:` address with an empty authority, so that no path can be taken for one; every byte that could mean something
/// else in an address is escaped.
fn immutable_uri(path: &Path) -> Result<String, OpenError> {
    use std::fmt::Write as _;
    let absolute = std::path::absolute(path).map_err(|source| OpenError::NoAccess { path: path.to_owned(), source })?;
    let mut uri = String::from("file://");
    let bytes = path_bytes(&absolute);
    if !bytes.starts_with(b"/") {
        uri.push('/');
    }
    for byte in bytes {
        match byte {
            b'/' | b':' | b'-' | b'_' | b'.' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                uri.push(char::from(byte));
            }
            // Writing to a text cannot fail.
            other => drop(write!(uri, "%{other:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    Ok(uri)
}

#[cfg(unix)]
fn path_bytes(path: &Path) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec()
}

#[cfg(not(unix))]
fn path_bytes(path: &Path) -> Vec<u8> {
    path.to_string_lossy().replace('\\', "/").into_bytes()
}

fn look(connection: &Connection, path: &Path) -> Result<FileReport, OpenError> {
    let mut report = FileReport::default();
    match migrate::check_applied(connection) {
        Ok(applied) => {
            report.schema_version = Some(migrate::version_after(applied));
            report.missing_migrations = MIGRATIONS.len() - applied;
        }
        Err(fault) => match finding_of(path, fault)? {
            (finding, None) => {
                report.findings.push(finding);
                return Ok(report);
            }
            (finding, newer) => {
                report.findings.push(finding);
                report.schema_version = newer;
            }
        },
    }
    if report.missing_migrations > 0 {
        let plural = if report.missing_migrations == 1 { "" } else { "s" };
        report
            .findings
            .push(format!("the next start of the server applies {} migration{plural}", report.missing_migrations));
    }
    if let Some(from) = house::filled_from(connection).map_err(|error| OpenError::from_sqlite(path, error))? {
        report.findings.push(OpenError::HalfFilled { path: path.to_owned(), from }.to_string());
    }
    // Each check is one statement, and so one snapshot: a server's WAL can start over between two of them.
    for check in inspect::checks(report.schema_version.unwrap_or(0)) {
        match check.run(connection) {
            Ok(findings) => report.findings.extend(findings),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
                report.findings.push(format!("SQLite reports damage: {error}"));
            }
            Err(error) => return Err(OpenError::from_sqlite(path, error)),
        }
    }
    Ok(report)
}

/// What is wrong with the file as a whole, and the version of a schema that can be checked nevertheless.
fn finding_of(path: &Path, fault: MigrationFault) -> Result<(String, Option<i64>), OpenError> {
    let newer = match &fault {
        MigrationFault::Newer { found, .. } => Some(*found),
        _ => None,
    };
    if let MigrationFault::Sqlite(error) = &fault
        && error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt)
    {
        return Ok((format!("SQLite reports damage: {error}"), None));
    }
    match OpenError::from_migration(path, fault) {
        error
        @ (OpenError::ForeignFile { .. } | OpenError::NewerSchema { .. } | OpenError::ChangedMigration { .. }) => {
            Ok((error.to_string(), newer))
        }
        error => Err(error),
    }
}

#[cfg(test)]
mod tests;
