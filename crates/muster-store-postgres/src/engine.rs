//! The threads on which work with the database is done.
//!
//! What both drivers say is asynchronous and generic over the session, and the compiler cannot show that such work may move
//! between threads (rust-lang/rust#100013). It need not: each piece of work stays on the thread that began it. These threads
//! wait for the server and do little else, so a few serve many.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use muster_store::StoreError;
use muster_store_sql::defect;
use tokio::sync::{mpsc, oneshot};

use crate::OpenError;
use crate::pool::Pool;
use crate::session::{Mode, PostgresSession};

const THREADS: usize = 2;

/// Made on the thread that does it.
type Job = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()>>> + Send>;

pub(crate) struct Engine {
    pool: Arc<Pool>,
    threads: Vec<mpsc::UnboundedSender<Job>>,
    next: AtomicUsize,
}

impl Engine {
    pub(crate) fn start(pool: Pool) -> Result<Self, OpenError> {
        let threads = (0..THREADS).map(|_| start_thread()).collect::<Result<_, _>>();
        let threads = threads.map_err(|source| OpenError::NoThread { source })?;
        Ok(Self { pool: Arc::new(pool), threads, next: AtomicUsize::new(0) })
    }

    /// The work in a transaction of that kind. It ends when nobody waits for it any more.
    pub(crate) async fn run<T, E, F, W>(&self, mode: Mode, work: W) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: Future<Output = Result<T, E>> + 'static,
        W: Fn(Arc<PostgresSession>) -> F + Send + 'static,
    {
        let (mut answer, waiting) = oneshot::channel();
        let pool = Arc::clone(&self.pool);
        let job = move || -> Pin<Box<dyn Future<Output = ()>>> {
            Box::pin(async move {
                let done = tokio::select! {
                    done = pool.run(mode, work) => done,
                    () = answer.closed() => return,
                };
                drop(answer.send(done));
            })
        };
        let place = self.next.fetch_add(1, Ordering::Relaxed) % THREADS;
        let thread = self.threads.get(place).ok_or_else(|| defect("a thread of the database is missing"))?;
        thread.send(Box::new(job)).map_err(|_| StoreError::Closed)?;
        waiting.await.map_err(|_| defect("work with the database panicked"))?
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// Ends when the engine is dropped.
fn start_thread() -> std::io::Result<mpsc::UnboundedSender<Job>> {
    let (sender, mut jobs) = mpsc::unbounded_channel::<Job>();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    std::thread::Builder::new().name("postgres".to_owned()).spawn(move || {
        tokio::task::LocalSet::new().block_on(&runtime, async move {
            while let Some(job) = jobs.recv().await {
                tokio::task::spawn_local(job());
            }
        });
    })?;
    Ok(sender)
}
