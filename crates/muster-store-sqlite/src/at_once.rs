//! Reads of some microseconds, done where the caller is. Handing one to another thread and being woken up again costs several
//! times what the read itself does.
//!
//! A worker of the runtime must not wait for a disk. Whether a page is in memory cannot be asked beforehand, so a read that
//! took long is taken as the sign of a cold file or a slow disk, and for a while everything goes to the threads again: for a
//! short while at first, since the processor may have been given to somebody else, and longer the more often it happens.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::{Duration, Instant};

use muster_store::StoreError;
use rusqlite::Connection;

use crate::readers::{make_ready, on_one_snapshot};
use crate::watch::{Watch, WatchedConnection};

/// A read is stopped then and begun again on a thread.
const LONGEST: Duration = Duration::from_millis(5);
/// What a warm read never takes, but for a machine that had no time for this thread.
const SLOW: Duration = Duration::from_millis(2);
/// How long a slow read keeps others away, in milliseconds. It doubles with each slow read, and shrinks with each that is not.
const SHORTEST_PAUSE: u64 = 4;
const LONGEST_PAUSE: u64 = 512;

pub(crate) struct AtOnce {
    /// Empty once it is closed.
    connections: Vec<Mutex<Option<WatchedConnection>>>,
    began: Instant,
    /// Until when nothing is read here, in milliseconds since the beginning.
    paused_until: AtomicU64,
    /// How long the next slow read keeps others away, in milliseconds.
    pause: AtomicU64,
}

impl AtOnce {
    pub(crate) fn new(connections: Vec<Connection>) -> rusqlite::Result<Self> {
        let watched = connections.into_iter().map(|connection| {
            // A thread waits for a lock; who asks here is one of the runtime's workers.
            connection.busy_timeout(Duration::ZERO)?;
            Ok(Mutex::new(Some(WatchedConnection::new(connection)?)))
        });
        let connections = watched.collect::<rusqlite::Result<_>>()?;
        Ok(Self {
            connections,
            began: Instant::now(),
            paused_until: AtomicU64::new(0),
            pause: AtomicU64::new(SHORTEST_PAUSE),
        })
    }

    /// The answer, or nothing where a thread must do it: no connection is free, reads are slow at present, this one was, or it
    /// would have had to wait for a lock.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection, &Watch) -> Result<T, StoreError>,
    ) -> Option<Result<T, StoreError>> {
        if self.millis() < self.paused_until.load(Ordering::Relaxed) {
            return None;
        }
        let held = self.free()?;
        let connection = held.as_ref()?;
        let watch = Watch::new(Some(LONGEST), Arc::new(AtomicBool::new(false)));
        let begun = Instant::now();
        let done = catch_unwind(AssertUnwindSafe(|| on_one_snapshot(connection, &watch, work)));
        make_ready(connection);
        drop(held);
        self.note(begun.elapsed() > SLOW);
        match done {
            Ok(Err(StoreError::TooBroad | StoreError::Unavailable(_))) => None,
            Ok(result) => Some(result),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Two that note at the same moment may lose one of the notes, which does no harm.
    fn note(&self, was_slow: bool) {
        let pause = self.pause.load(Ordering::Relaxed);
        if was_slow {
            self.paused_until.store(self.millis().saturating_add(pause), Ordering::Relaxed);
            self.pause.store(pause.saturating_mul(2).min(LONGEST_PAUSE), Ordering::Relaxed);
        } else if pause > SHORTEST_PAUSE {
            // Few slow reads among many are enough to keep it long.
            self.pause.store((pause - pause.div_ceil(64)).max(SHORTEST_PAUSE), Ordering::Relaxed);
        }
    }

    /// Blocks until no read is under way.
    pub(crate) fn close(&self) {
        for connection in &self.connections {
            drop(connection.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take());
        }
    }

    fn free(&self) -> Option<MutexGuard<'_, Option<WatchedConnection>>> {
        self.connections.iter().find_map(|connection| match connection.try_lock() {
            Ok(held) => Some(held),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        })
    }

    /// Leaves nothing for anybody else, as long as what comes back is held.
    #[cfg(test)]
    pub(crate) fn occupy(&self) -> Vec<MutexGuard<'_, Option<WatchedConnection>>> {
        self.connections.iter().map(|connection| connection.lock().unwrap()).collect()
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::store_error;

    fn at_once() -> AtOnce {
        AtOnce::new(vec![Connection::open_in_memory().unwrap()]).unwrap()
    }

    fn seven(connection: &Connection, _: &Watch) -> Result<i64, StoreError> {
        connection.query_row("SELECT 7", [], |row| row.get(0)).map_err(store_error)
    }

    #[test]
    fn a_slow_read_goes_to_a_thread_and_so_do_those_after_it_for_a_while() {
        let at_once = at_once();
        assert_eq!(at_once.read(seven).unwrap().unwrap(), 7);
        let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        let stopped = at_once
            .read(|connection, _| connection.query_row(endless, [], |row| row.get::<_, i64>(0)).map_err(store_error));
        assert!(stopped.is_none());
        // So long that this test is not too late to see it.
        at_once.pause.store(LONGEST_PAUSE, Ordering::Relaxed);
        at_once.note(true);
        assert!(at_once.read(seven).is_none());
        wait_out(&at_once);
        assert_eq!(at_once.read(seven).unwrap().unwrap(), 7);
    }

    /// One slow read may be the machine's fault; a cold file makes many.
    #[test]
    fn the_more_reads_are_slow_the_longer_they_keep_others_away() {
        let at_once = at_once();
        let pause = || at_once.pause.load(Ordering::Relaxed);
        at_once.note(true);
        assert!(at_once.paused_until.load(Ordering::Relaxed) <= at_once.millis() + SHORTEST_PAUSE);
        (0..20).for_each(|_| at_once.note(true));
        assert_eq!(pause(), LONGEST_PAUSE);
        // One slow among thirty keeps it long, and none for some hundreds makes it short again.
        for _ in 0..10 {
            (0..30).for_each(|_| at_once.note(false));
            at_once.note(true);
        }
        assert_eq!(pause(), LONGEST_PAUSE);
        (0..500).for_each(|_| at_once.note(false));
        assert_eq!(pause(), SHORTEST_PAUSE);
    }

    fn wait_out(at_once: &AtOnce) {
        while at_once.millis() < at_once.paused_until.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn nobody_waits_for_a_connection_that_another_uses() {
        let at_once = at_once();
        let inner = at_once.read(|_, _| Ok(at_once.read(seven).is_none()));
        assert!(inner.unwrap().unwrap());
    }

    #[test]
    fn nobody_waits_here_for_a_lock() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("locked.db");
        let holder = Connection::open(&file).unwrap();
        holder.execute_batch("CREATE TABLE t (x); BEGIN EXCLUSIVE").unwrap();
        let reader = Connection::open(&file).unwrap();
        reader.busy_timeout(Duration::from_mins(1)).unwrap();
        let at_once = AtOnce::new(vec![reader]).unwrap();
        let count = |connection: &Connection, _: &Watch| {
            connection.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)).map_err(store_error)
        };
        let begun = Instant::now();
        assert!(at_once.read(count).is_none());
        assert!(begun.elapsed() < Duration::from_secs(30));
        holder.execute_batch("COMMIT").unwrap();
        wait_out(&at_once);
        assert_eq!(at_once.read(count).unwrap().unwrap(), 0);
    }

    #[test]
    fn a_panic_leaves_the_connection_ready() {
        let at_once = at_once();
        let panicked = catch_unwind(AssertUnwindSafe(|| at_once.read::<()>(|_, _| panic!("on purpose"))));
        assert!(panicked.is_err());
        // To panic takes its time.
        wait_out(&at_once);
        assert_eq!(at_once.read(seven).unwrap().unwrap(), 7);
    }

    #[test]
    fn a_closed_one_reads_nothing() {
        let at_once = at_once();
        at_once.close();
        assert!(at_once.read(seven).is_none());
    }
}
