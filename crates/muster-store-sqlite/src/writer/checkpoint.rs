//! When the WAL is moved into the database file. Only the writer does it, between groups, so that no request waits for
//! a checkpoint inside its transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::Connection;

/// With that many new pages in the WAL and nobody waiting, a checkpoint is due.
const DUE_WHEN_IDLE: u32 = 1000;
/// With that many, it is due whoever waits.
const DUE_ALWAYS: u32 = 4000;
/// 64 MiB of 4 KiB pages: long reads keep the WAL from starting over; from here on we wait a moment for them.
const TOO_LONG: u32 = 16 * 1024;
/// How long a checkpoint that needs readers to finish waits for them.
const PATIENCE_WITH_READERS: Duration = Duration::from_millis(50);

pub(super) struct Checkpointer {
    /// Pages in the WAL after the last commit; SQLite's hook keeps it.
    pages: Arc<AtomicU32>,
    /// Pages in the WAL at the last checkpoint.
    moved: u32,
    busy_timeout: Duration,
}

impl Checkpointer {
    pub(super) fn watching(connection: &mut Connection) -> Self {
        let pages = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&pages);
        let watched = connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, count: std::ffi::c_int| {
            seen.store(u32::try_from(count).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }));
        if let Err(error) = watched {
            tracing::error!(error = &error as &dyn std::error::Error, "the WAL's growth cannot be watched");
        }
        let millis = connection.query_row("PRAGMA busy_timeout", [], |row| row.get::<_, u32>(0)).unwrap_or(10_000);
        Self { pages, moved: 0, busy_timeout: Duration::from_millis(u64::from(millis)) }
    }

    pub(super) fn after_group(&mut self, connection: &Connection, is_idle: bool) {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < self.moved {
            // Everything had been moved and nobody was reading, so the WAL has started over.
            self.moved = 0;
        }
        let new = pages - self.moved;
        if new < DUE_WHEN_IDLE || (new < DUE_ALWAYS && !is_idle) {
            return;
        }
        self.moved = pages;
        if pages < TOO_LONG {
            run(connection, "PASSIVE");
        } else {
            self.shorten(connection);
        }
    }

    fn shorten(&self, connection: &Connection) {
        set_busy_timeout(connection, PATIENCE_WITH_READERS);
        run(connection, "TRUNCATE");
        set_busy_timeout(connection, self.busy_timeout);
    }
}

/// Before the connection is closed. Another process may hold the database open; then it is left to that one.
pub(super) fn at_the_end(connection: &Connection) {
    set_busy_timeout(connection, PATIENCE_WITH_READERS);
    run(connection, "TRUNCATE");
}

fn set_busy_timeout(connection: &Connection, timeout: Duration) {
    if let Err(error) = connection.busy_timeout(timeout) {
        tracing::warn!(error = &error as &dyn std::error::Error, "the busy timeout cannot be set");
    }
}

/// What came of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It did what its mode promises. PASSIVE promises to move what no reader stands in the way of, so some may be left.
    Done {
        moved: i64,
        left: i64,
    },
    /// A reader, a writer or another checkpoint stood in its way for longer than the busy timeout.
    Blocked {
        moved: i64,
        left: i64,
    },
    Failed,
}

/// A checkpoint that is blocked or fails loses nothing: what is in the WAL is safe there, and the next one tries again.
fn run(connection: &Connection, mode: &'static str) -> Outcome {
    // SQLite answers whether it was kept from completing, how many pages the WAL has, and how many of them are moved.
    let answer = connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        Ok((row.get::<_, bool>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
    });
    let outcome = match answer {
        Ok((false, pages, moved)) => Outcome::Done { moved, left: pages - moved },
        Ok((true, pages, moved)) => Outcome::Blocked { moved, left: pages - moved },
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, checkpoint.mode = mode, "a checkpoint failed");
            Outcome::Failed
        }
    };
    match outcome {
        Outcome::Done { moved, left } => {
            metrics::counter!("muster_store_checkpoints_total").increment(1);
            tracing::debug!(
                checkpoint.mode = mode,
                checkpoint.pages = moved,
                checkpoint.pages_left = left,
                "the WAL was moved into the database"
            );
        }
        Outcome::Blocked { moved, left } => {
            metrics::counter!("muster_store_checkpoints_blocked_total").increment(1);
            tracing::info!(
                checkpoint.mode = mode,
                checkpoint.pages = moved,
                checkpoint.pages_left = left,
                "a checkpoint was blocked by who reads or writes; the WAL stays for now"
            );
        }
        Outcome::Failed => metrics::counter!("muster_store_checkpoints_failed_total").increment(1),
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_that_a_reader_blocks_is_not_called_done() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let writing = Connection::open(&path).unwrap();
        writing.execute_batch("PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 20; CREATE TABLE t (a)").unwrap();
        let reading = Connection::open(&path).unwrap();
        reading.execute_batch("BEGIN; SELECT count(*) FROM t").unwrap();
        writing.execute_batch("INSERT INTO t VALUES (1)").unwrap();
        assert!(matches!(run(&writing, "TRUNCATE"), Outcome::Blocked { .. }));
        // What no reader stands in the way of is moved, and that is all that PASSIVE promises.
        assert!(matches!(run(&writing, "PASSIVE"), Outcome::Done { left, .. } if left > 0));
        reading.execute_batch("COMMIT").unwrap();
        assert_eq!(run(&writing, "TRUNCATE"), Outcome::Done { moved: 0, left: 0 });
    }

    #[test]
    fn a_checkpoint_inside_a_transaction_fails() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (a); BEGIN; INSERT INTO t VALUES (1)").unwrap();
        assert_eq!(run(&connection, "TRUNCATE"), Outcome::Failed);
    }
}
