//! Makes one file of a database and its log of writes, for whoever moves the file: a log that stays behind is lost, and one
//! that meets another file under its name destroys that.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, Error, ErrorCode, OpenFlags};

use crate::SqliteStore;
use crate::migrate::APPLICATION_ID;
use crate::open::OpenError;

/// How every database of SQLite begins.
const HEADER: &[u8] = b"SQLite format 3\0";
/// A command that only looks has the file open for moments.
const PATIENCE: Duration = Duration::from_secs(2);
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(20);

impl SqliteStore {
    /// Moves what is only in the log of writes into the file, makes it last, and leaves the file alone, without companions.
    /// [`OpenError::Locked`]: another process has it open, and nothing was changed that it would notice. Blocks.
    pub fn fold_into_one_file(path: &Path) -> Result<(), OpenError> {
        fold(path, PATIENCE)
    }
}

fn fold(path: &Path, patience: Duration) -> Result<(), OpenError> {
    let failed = |error| OpenError::from_sqlite(path, error);
    // SQLite removes the log of a file that it takes for an empty database, and that log may be all that is left.
    if !has_header(path).map_err(|source| OpenError::NoAccess { path: path.to_owned(), source })? {
        return Err(OpenError::ForeignFile { path: path.to_owned() });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    let begun = Instant::now();
    let application = loop {
        match taken_alone(&connection) {
            Err(error) if is_busy(&error) && begun.elapsed() < patience => std::thread::sleep(BETWEEN_ATTEMPTS),
            taken => break taken.map_err(failed)?,
        }
    };
    if application != APPLICATION_ID {
        return Err(OpenError::ForeignFile { path: path.to_owned() });
    }
    let folded = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    // Whoever closes last removes the log.
    folded.map_err(failed).and_then(|()| connection.close().map_err(|(_, error)| failed(error)))
}

/// Takes the file for this connection alone, which fails while anybody else has it open, even idle. Leaving the mode with a
/// log of writes would need the same, but a loss of power in the midst of that leaves a file that nobody can read who may
/// not write; so it stays in that mode.
fn taken_alone(connection: &Connection) -> rusqlite::Result<i64> {
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;")?;
    connection.query_row("PRAGMA application_id", [], |row| row.get(0))
}

fn has_header(path: &Path) -> std::io::Result<bool> {
    let mut header = Vec::new();
    File::open(path)?.take(HEADER.len() as u64).read_to_end(&mut header)?;
    Ok(header == HEADER)
}

fn is_busy(error: &Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::{open_for_reading, open_for_writing};

    const SHORT: Duration = Duration::from_millis(50);

    #[test]
    fn what_is_only_in_the_log_of_writes_is_in_the_one_file_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let (path, copy) = (folder.path().join("a.db"), folder.path().join("b.db"));
        let writing = open_for_writing(&path, SHORT).unwrap();
        writing.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (7)").unwrap();
        // As after a loss of power: nobody closes it, and the log stays.
        let killed = folder.path().join("killed.db");
        for suffix in ["", "-wal"] {
            std::fs::copy(folder.path().join(format!("a.db{suffix}")), format!("{}{suffix}", killed.display()))
                .unwrap();
        }
        fold(&killed, SHORT).unwrap();
        assert!(!folder.path().join("killed.db-wal").exists() && !folder.path().join("killed.db-shm").exists());
        std::fs::rename(&killed, &copy).unwrap();
        let reading = crate::inspect_file::open_unshared(&copy).unwrap();
        assert_eq!(reading.query_row("SELECT a FROM t", [], |row| row.get(0)), Ok(7));
        fold(&copy, SHORT).unwrap();
    }

    #[test]
    fn a_file_that_somebody_has_open_or_that_is_not_ours_is_refused_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let writing = open_for_writing(&path, SHORT).unwrap();
        writing.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (7)").unwrap();
        assert!(matches!(fold(&path, SHORT), Err(OpenError::Locked { .. })), "idle, but open");
        writing.execute_batch("INSERT INTO t VALUES (8)").unwrap();
        drop(writing);
        drop(open_for_reading(&path, SHORT, 100).unwrap());
        fold(&path, SHORT).unwrap();
        let other = folder.path().join("other.db");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
        assert!(matches!(fold(&other, SHORT), Err(OpenError::ForeignFile { .. })));
        std::fs::write(&other, vec![b'x'; 8192]).unwrap();
        assert!(matches!(fold(&other, SHORT), Err(OpenError::ForeignFile { .. })));
    }
}
