//! Turns what SQLite reports into what callers act on: "try again later" or "broken".

use muster_store::StoreError;
pub(crate) use muster_store_sql::{damaged, defect};
use rusqlite::ErrorCode;

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

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

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
}
