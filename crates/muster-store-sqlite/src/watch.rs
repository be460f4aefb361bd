//! When a read must stop: nobody waits for it any more, or it took as long as one question may.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use muster_store::StoreError;
use rusqlite::{Connection, ErrorCode};

/// SQLite asks after that many steps of its machine, which is a few times in a millisecond.
const STEPS_BETWEEN_LOOKS: std::ffi::c_int = 10_000;

/// What one read is measured by.
#[derive(Clone)]
pub(crate) struct Watch {
    deadline: Option<Instant>,
    is_abandoned: Arc<AtomicBool>,
}

impl Watch {
    /// The time limit counts from now.
    pub(crate) fn new(time_limit: Option<Duration>, is_abandoned: Arc<AtomicBool>) -> Self {
        Self { deadline: time_limit.and_then(|limit| Instant::now().checked_add(limit)), is_abandoned }
    }

    /// To be asked between two pieces of work of our own; SQLite's are watched by [`WatchedConnection`].
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        self.reason_to_stop().map_or(Ok(()), Err)
    }

    fn reason_to_stop(&self) -> Option<StoreError> {
        if self.is_abandoned.load(Ordering::Relaxed) {
            // Nobody hears this answer.
            Some(StoreError::Closed)
        } else if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            Some(StoreError::TooBroad)
        } else {
            None
        }
    }

    /// SQLite says only that it was interrupted.
    fn explain(&self, error: StoreError) -> StoreError {
        if is_interruption(&error) { self.reason_to_stop().unwrap_or(error) } else { error }
    }
}

fn is_interruption(error: &StoreError) -> bool {
    let StoreError::Unavailable(source) = error else { return false };
    source
        .downcast_ref::<rusqlite::Error>()
        .is_some_and(|error| error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted))
}

/// Says that nobody waits any more, when it is dropped.
pub(crate) struct Interest(Arc<AtomicBool>);

impl Interest {
    pub(crate) fn new() -> (Self, Arc<AtomicBool>) {
        let is_abandoned = Arc::new(AtomicBool::new(false));
        (Self(Arc::clone(&is_abandoned)), is_abandoned)
    }
}

impl Drop for Interest {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A connection whose statements stop in their midst when the present watch says so.
pub(crate) struct WatchedConnection {
    connection: Connection,
    present: Arc<Mutex<Option<Watch>>>,
}

impl WatchedConnection {
    pub(crate) fn new(mut connection: Connection) -> rusqlite::Result<Self> {
        let present = Arc::new(Mutex::new(None::<Watch>));
        let asked = Arc::clone(&present);
        connection.progress_handler(
            STEPS_BETWEEN_LOOKS,
            Some(move || {
                let watch = asked.lock().unwrap_or_else(PoisonError::into_inner);
                watch.as_ref().is_some_and(|watch| watch.reason_to_stop().is_some())
            }),
        )?;
        Ok(Self { connection, present })
    }

    /// Without a watch on it: for what ends a read.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn watched_by<T>(
        &self,
        watch: &Watch,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.set(Some(watch.clone()));
        let result = work(&self.connection).map_err(|error| watch.explain(error));
        self.set(None);
        result
    }

    /// After a panic, which leaves the watch in place.
    pub(crate) fn unwatch(&self) {
        self.set(None);
    }

    fn set(&self, watch: Option<Watch>) {
        *self.present.lock().unwrap_or_else(PoisonError::into_inner) = watch;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::store_error;

    const ENDLESS: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

    fn count_for_ever(connection: &Connection) -> Result<i64, StoreError> {
        connection.query_row(ENDLESS, [], |row| row.get(0)).map_err(store_error)
    }

    #[test]
    fn one_statement_stops_at_the_time_limit_and_the_connection_goes_on() {
        let watched = WatchedConnection::new(Connection::open_in_memory().unwrap()).unwrap();
        let (_interest, is_abandoned) = Interest::new();
        let watch = Watch::new(Some(Duration::from_millis(50)), is_abandoned);
        assert!(matches!(watched.watched_by(&watch, count_for_ever), Err(StoreError::TooBroad)));
        assert!(matches!(watch.check(), Err(StoreError::TooBroad)));
        let seven = watched.connection().query_row("SELECT 7", [], |row| row.get::<_, i64>(0));
        assert_eq!(seven.unwrap(), 7);
    }

    #[test]
    fn one_statement_stops_when_nobody_waits() {
        let watched = WatchedConnection::new(Connection::open_in_memory().unwrap()).unwrap();
        let (interest, is_abandoned) = Interest::new();
        let watch = Watch::new(None, is_abandoned);
        assert!(watch.check().is_ok());
        let dropping = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            drop(interest);
        });
        assert!(matches!(watched.watched_by(&watch, count_for_ever), Err(StoreError::Closed)));
        dropping.join().unwrap();
    }

    #[test]
    fn another_failure_keeps_its_own_reason() {
        let (interest, is_abandoned) = Interest::new();
        drop(interest);
        let watch = Watch::new(None, is_abandoned);
        let watched = WatchedConnection::new(Connection::open_in_memory().unwrap()).unwrap();
        let failed = watched.watched_by(&watch, |connection| connection.execute_batch("nonsense").map_err(store_error));
        assert!(matches!(failed, Err(StoreError::Failed(_))));
    }
}
