//! The one thread that writes (docs/adr/0003). It takes what is waiting, commits it with one fsync, and answers each.

mod checkpoint;
mod job;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use muster_store::StoreError;
use rusqlite::Connection;
use tokio::sync::mpsc;

use checkpoint::Checkpointer;
use job::{GroupFailure, Job, TypedJob};

/// How many jobs may wait; who comes later waits for a place.
const QUEUE_LENGTH: usize = 4096;
/// A group is closed when it has that many jobs or has worked that long: the first of it waits for the last.
const GROUP_LENGTH: usize = 256;
const GROUP_WORK: Duration = Duration::from_millis(5);

/// How much was written since the database was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteStatistics {
    /// Transactions committed, each with one fsync.
    pub transactions: u64,
    /// Jobs committed in them: batches and changes of the registry.
    pub jobs: u64,
}

#[derive(Default)]
struct Counters {
    transactions: AtomicU64,
    jobs: AtomicU64,
}

/// The handle of the writer thread.
pub(crate) struct Writer {
    queue: RwLock<Option<mpsc::Sender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    counters: Arc<Counters>,
}

impl Writer {
    pub(crate) fn start(mut connection: Connection) -> std::io::Result<Self> {
        let (queue, waiting) = mpsc::channel(QUEUE_LENGTH);
        let counters = Arc::new(Counters::default());
        let thread = std::thread::Builder::new().name("muster-writer".to_owned()).spawn({
            let counters = Arc::clone(&counters);
            move || {
                let checkpointer = Checkpointer::watching(&mut connection);
                WriterThread { connection, waiting, checkpointer, counters }.run();
            }
        })?;
        Ok(Self { queue: RwLock::new(Some(queue)), thread: Mutex::new(Some(thread)), counters })
    }

    /// Runs `work` inside the next transaction. Its changes are kept when it returns `Ok` and the transaction commits;
    /// the answer comes after that.
    pub(crate) async fn write<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(queue) = queue else { return Err(StoreError::Closed.into()) };
        let (job, answer) = TypedJob::new(work);
        if queue.send(Box::new(job)).await.is_err() {
            return Err(StoreError::Closed.into());
        }
        drop(queue);
        answer.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    pub(crate) fn is_open(&self) -> bool {
        self.queue.read().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(|queue| !queue.is_closed())
    }

    pub(crate) fn statistics(&self) -> WriteStatistics {
        WriteStatistics {
            transactions: self.counters.transactions.load(Ordering::Relaxed),
            jobs: self.counters.jobs.load(Ordering::Relaxed),
        }
    }

    /// Takes no more, writes what waits, moves everything into the database file. Blocks.
    pub(crate) fn close(&self) {
        drop(self.queue.write().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the database writer ended with a panic");
        }
    }
}

struct WriterThread {
    connection: Connection,
    waiting: mpsc::Receiver<Box<dyn Job>>,
    checkpointer: Checkpointer,
    counters: Arc<Counters>,
}

impl WriterThread {
    fn run(mut self) {
        while let Some(first) = self.waiting.blocking_recv() {
            self.write_group(first);
            self.checkpointer.after_group(&self.connection, self.waiting.is_empty());
        }
        checkpoint::at_the_end(&self.connection);
        if let Err((_, error)) = self.connection.close() {
            tracing::warn!(error = &error as &dyn std::error::Error, "the database was not closed cleanly");
        }
    }

    fn write_group(&mut self, first: Box<dyn Job>) {
        let started = Instant::now();
        if let Err(failure) = self.execute("BEGIN IMMEDIATE") {
            // Another process holds the lock for longer than our patience, or the disk is gone: who waits behind would
            // only hear the same, later.
            let mut group = vec![first];
            while group.len() < GROUP_LENGTH
                && let Ok(job) = self.waiting.try_recv()
            {
                group.push(job);
            }
            answer(group, &Err(failure));
            return;
        }
        let mut group = Vec::new();
        let mut kept = 0;
        let mut outcome = Ok(());
        let mut next = Some(first);
        while let Some(mut job) = next.take() {
            // Nobody waits for it any more and nothing of it was done.
            if !job.is_abandoned() {
                let is_first = group.is_empty();
                let applied =
                    if is_first { self.apply_first(job.as_mut()) } else { self.apply_in_savepoint(job.as_mut()) };
                group.push(job);
                match applied {
                    Ok(true) => kept += 1,
                    // Nothing was done in this transaction, and it is over.
                    Ok(false) if is_first => {
                        answer(group, &Ok(()));
                        return;
                    }
                    Ok(false) => {}
                    Err(failure) => {
                        outcome = Err(failure);
                        break;
                    }
                }
            }
            if group.len() < GROUP_LENGTH && started.elapsed() < GROUP_WORK {
                next = self.waiting.try_recv().ok();
            }
        }
        let outcome = outcome.and_then(|()| self.execute("COMMIT"));
        match &outcome {
            Ok(()) if kept > 0 => {
                self.counters.transactions.fetch_add(1, Ordering::Relaxed);
                self.counters.jobs.fetch_add(kept, Ordering::Relaxed);
                metrics::histogram!("muster_store_commit_seconds").record(started.elapsed());
                #[expect(clippy::cast_precision_loss, reason = "a group has at most 256 jobs")]
                metrics::histogram!("muster_store_batch_size").record(kept as f64);
            }
            Ok(()) => {}
            Err(failure) => {
                tracing::error!(error = failure.source(), "a transaction was not committed");
                self.roll_back();
            }
        }
        answer(group, &outcome);
    }

    /// Applies the first job of a transaction, which is all that there is to undo if it fails: the transaction is its savepoint.
    /// In a savepoint, SQLite copies every page before its first change, and goes over all of the copies at the end of every
    /// statement: two thirds of a first filling were spent so.
    fn apply_first(&self, job: &mut dyn Job) -> Result<bool, GroupFailure> {
        let is_kept = self.apply(job)?;
        if !is_kept {
            self.execute("ROLLBACK")?;
        }
        Ok(is_kept)
    }

    /// Applies one job so that its failure leaves nothing behind and does not touch the others.
    fn apply_in_savepoint(&self, job: &mut dyn Job) -> Result<bool, GroupFailure> {
        self.execute("SAVEPOINT job")?;
        let is_kept = self.apply(job)?;
        if !is_kept {
            self.execute("ROLLBACK TO job")?;
        }
        self.execute("RELEASE job")?;
        Ok(is_kept)
    }

    /// `Err`: SQLite has given up the whole transaction, as it does when the disk is full.
    fn apply(&self, job: &mut dyn Job) -> Result<bool, GroupFailure> {
        // The job's half-done changes are rolled back, so nothing inconsistent can be seen after a panic.
        let is_kept = catch_unwind(AssertUnwindSafe(|| job.apply(&self.connection))).unwrap_or_else(|_| {
            tracing::error!("a job of the database writer panicked; its changes are undone");
            false
        });
        if self.connection.is_autocommit() { Err(GroupFailure::given_up()) } else { Ok(is_kept) }
    }

    fn roll_back(&self) {
        if !self.connection.is_autocommit()
            && let Err(failure) = self.execute("ROLLBACK")
        {
            tracing::error!(error = failure.source(), "a transaction was not rolled back");
        }
    }

    fn execute(&self, sql: &str) -> Result<(), GroupFailure> {
        let done = self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
        done.map(|_| ()).map_err(GroupFailure::new)
    }
}

fn answer(group: Vec<Box<dyn Job>>, outcome: &Result<(), GroupFailure>) {
    for job in group {
        job.answer(outcome.clone());
    }
}

#[cfg(test)]
mod tests;
