//! Turns what SQLite reports into what callers act on: "try again later" or "broken".

use muster_store::StoreError;
pub(crate) use muster_store_sql::{damaged, defect};
use rusqlite::ErrorCode;
use rusqlite::ffi;

/// Classifies an error of SQLite by its code.
pub(crate) fn store_error(error: rusqlite::Error) -> StoreError {
    if is_passing(&error) { StoreError::Unavailable(Box::new(error)) } else { StoreError::Failed(Box::new(error)) }
}

/// Whether the same call may succeed later without anybody mending the file: locks, space, memory, and input or output
/// that failed (a full or absent volume comes back; a damaged one reports corruption instead).
pub(crate) fn is_passing(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::DiskFull
                | ErrorCode::OutOfMemory
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::OperationInterrupted
        )
    )
}

/// The columns of the unique constraint that a statement violated, for example `tenant.name`. SQLite names columns,
/// not constraints, and never values.
pub(crate) fn violated_unique_columns(error: &rusqlite::Error) -> Option<&str> {
    match error {
        rusqlite::Error::SqliteFailure(failure, Some(message))
            if matches!(failure.extended_code, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) =>
        {
            message.strip_prefix("UNIQUE constraint failed: ")
        }
        _ => None,
    }
}

pub(crate) fn violates_foreign_key(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|failure| failure.extended_code == ffi::SQLITE_CONSTRAINT_FOREIGNKEY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: std::ffi::c_int) -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
    }

    #[test]
    fn a_full_or_locked_database_is_unavailable_and_a_damaged_one_has_failed() {
        for code in [ffi::SQLITE_BUSY, ffi::SQLITE_FULL, ffi::SQLITE_IOERR, ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_NOMEM]
        {
            assert!(matches!(store_error(failure(code)), StoreError::Unavailable(_)), "{code}");
        }
        for code in [ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB, ffi::SQLITE_READONLY, ffi::SQLITE_CONSTRAINT_UNIQUE] {
            assert!(matches!(store_error(failure(code)), StoreError::Failed(_)), "{code}");
        }
        assert!(matches!(store_error(rusqlite::Error::QueryReturnedNoRows), StoreError::Failed(_)));
    }

    #[test]
    fn a_violated_constraint_is_named_by_its_columns() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (a, b, UNIQUE (a, b)); INSERT INTO t VALUES ('secret', 1)").unwrap();
        let error = connection.execute("INSERT INTO t VALUES ('secret', 1)", []).unwrap_err();
        assert_eq!(violated_unique_columns(&error), Some("t.a, t.b"));
        assert!(!error.to_string().contains("secret"));
    }
}
