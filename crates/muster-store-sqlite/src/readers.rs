//! Threads that read, each with a connection of its own that cannot write. A slow disk or a large list then holds up a
//! thread of ours and never one of the runtime.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};
use muster_store::StoreError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::failure::{defect, store_error};
use crate::watch::{Interest, Watch, WatchedConnection};

type ReadJob = Box<dyn FnOnce(&WatchedConnection) + Send>;

/// A pool of reading threads. The queue has no bound of its own: each request waits for its answer, so that there are
/// at most as many jobs as requests, which the edge limits.
pub(crate) struct Readers {
    queue: RwLock<Option<Sender<ReadJob>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// How long one question may take on its thread.
    time_limit: Option<Duration>,
}

impl Readers {
    pub(crate) fn start(
        name: &str,
        connections: Vec<Connection>,
        time_limit: Option<Duration>,
    ) -> std::io::Result<Self> {
        let (queue, waiting) = unbounded::<ReadJob>();
        let threads = connections
            .into_iter()
            .enumerate()
            .map(|(number, connection)| {
                let waiting = waiting.clone();
                let connection = WatchedConnection::new(connection).map_err(std::io::Error::other)?;
                let builder = std::thread::Builder::new().name(format!("muster-{name}-{number}"));
                builder.spawn(move || serve(&connection, &waiting))
            })
            .collect::<std::io::Result<Vec<_>>>()?;
        Ok(Self { queue: RwLock::new(Some(queue)), threads: Mutex::new(threads), time_limit })
    }

    /// Runs `work` on a reading connection, on one snapshot of the database: all of its statements see the same state.
    /// It is stopped when the caller goes away or the time limit is over ([`StoreError::TooBroad`]).
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, &Watch) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run(self.time_limit, work).await
    }

    /// As [`Self::read`], with a time limit of its own.
    pub(crate) async fn read_within<T: Send + 'static>(
        &self,
        time_limit: Duration,
        work: impl FnOnce(&Connection, &Watch) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run(Some(time_limit), work).await
    }

    /// As [`Self::read`], however long it takes.
    pub(crate) async fn read_without_limit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, &Watch) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run(None, work).await
    }

    async fn run<T: Send + 'static>(
        &self,
        time_limit: Option<Duration>,
        work: impl FnOnce(&Connection, &Watch) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        // Lives as long as this future does.
        let (_interest, is_abandoned) = Interest::new();
        let job: ReadJob = Box::new(move |connection| {
            if !reply.is_closed() {
                let watch = Watch::new(time_limit, is_abandoned);
                // Who has gone away needs no answer.
                drop(reply.send(on_one_snapshot(connection, &watch, work)));
            }
        });
        {
            let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner);
            let Some(queue) = queue.as_ref() else { return Err(StoreError::Closed) };
            queue.send(job).map_err(|_| StoreError::Closed)?;
        }
        // The threads answer whatever was taken, so only a panic loses an answer.
        answer.await.unwrap_or_else(|_| Err(defect("a job of a database reader panicked")))
    }

    /// Takes no more, answers what waits. Blocks.
    pub(crate) fn close(&self) {
        drop(self.queue.write().unwrap_or_else(PoisonError::into_inner).take());
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a database reader ended with a panic");
            }
        }
    }
}

fn serve(connection: &WatchedConnection, waiting: &Receiver<ReadJob>) {
    for job in waiting {
        if catch_unwind(AssertUnwindSafe(|| job(connection))).is_err() {
            tracing::error!("a job of a database reader panicked");
        }
        make_ready(connection);
    }
}

/// For the next read, whatever became of the one before.
pub(crate) fn make_ready(connection: &WatchedConnection) {
    connection.unwatch();
    if !connection.connection().is_autocommit()
        && let Err(error) = execute(connection.connection(), "ROLLBACK")
    {
        tracing::error!(error = &error as &dyn std::error::Error, "a read was not ended");
    }
}

pub(crate) fn on_one_snapshot<T>(
    connection: &WatchedConnection,
    watch: &Watch,
    work: impl FnOnce(&Connection, &Watch) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    execute(connection.connection(), "BEGIN").map_err(store_error)?;
    let result = connection.watched_by(watch, |connection| work(connection, watch));
    execute(connection.connection(), "COMMIT").map_err(store_error)?;
    result
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readers(count: usize) -> Readers {
        let connections = (0..count).map(|_| Connection::open_in_memory().unwrap()).collect();
        Readers::start("test", connections, None).unwrap()
    }

    fn seven(connection: &Connection, _: &Watch) -> Result<i64, StoreError> {
        connection.query_row("SELECT 7", [], |row| row.get(0)).map_err(store_error)
    }

    #[tokio::test]
    async fn a_reader_survives_a_job_that_panics_or_fails() {
        let readers = readers(1);
        let panicked = readers.read::<()>(|_, _| panic!("on purpose")).await;
        assert!(matches!(panicked, Err(StoreError::Failed(_))));
        let failed = readers.read(|connection, _| connection.execute_batch("nonsense").map_err(store_error)).await;
        assert!(matches!(failed, Err(StoreError::Failed(_))));
        assert_eq!(readers.read(seven).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_closed_pool_says_so() {
        let readers = readers(2);
        assert_eq!(readers.read(seven).await.unwrap(), 7);
        readers.close();
        assert!(matches!(readers.read(seven).await, Err(StoreError::Closed)));
    }
}
