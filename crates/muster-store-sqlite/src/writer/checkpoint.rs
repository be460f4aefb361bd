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

/// A checkpoint that fails loses nothing: what is in the WAL is safe there, and the next one tries again.
fn run(connection: &Connection, mode: &'static str) {
    let moved = connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get::<_, i64>(2));
    match moved {
        Ok(pages) => {
            metrics::counter!("muster_store_checkpoints_total").increment(1);
            tracing::debug!(checkpoint.mode = mode, checkpoint.pages = pages, "the WAL was moved into the database");
        }
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, checkpoint.mode = mode, "a checkpoint failed");
        }
    }
}
