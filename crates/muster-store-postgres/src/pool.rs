//! The connections of one process: who may have one, and what becomes of it afterwards.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use muster_store::StoreError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::address::Address;
use crate::connection::Connection;
use crate::failure::{Absence, Verdict, unavailable};
use crate::measure::{InUse, Waiting, count_repetition};
use crate::session::{Mode, PostgresSession};
use crate::{PostgresOptions, Shared as SharedSession};

/// How often work is done again that met another transaction, or whose connection was lost before it was committed.
const MOST_ATTEMPTS: u32 = 10;

pub(crate) struct Pool {
    shared: Arc<Shared>,
    /// One for each connection.
    permits: Arc<Semaphore>,
    /// For who may wait for another writer's lock, or looks at many rows. Fewer than there are connections, so that short
    /// reads, authentication among them, always come to their turn.
    patience: Arc<Semaphore>,
    scanners: Arc<Semaphore>,
}

/// What a connection that is out needs for its way back.
struct Shared {
    address: Address,
    tls: MakeRustlsConnect,
    options: PostgresOptions,
    idle: Mutex<Vec<Connection>>,
    /// Connections of an older generation are closed when they come back.
    generation: AtomicU64,
}

/// A connection that somebody has. It goes back when it is dropped, if nothing is left undone on it.
pub(crate) struct Pooled {
    connection: Option<Connection>,
    shared: Arc<Shared>,
    permit: Option<Permit>,
}

/// The right to a connection, which ends when the server works for it no more.
struct Permit {
    _connection: OwnedSemaphorePermit,
    _patience: Option<OwnedSemaphorePermit>,
    _counted: InUse,
}

impl Pooled {
    /// `None` only while it is dropped.
    pub(crate) fn connection(&self) -> Option<&Connection> {
        self.connection.as_ref()
    }

    /// Closes the connection instead of giving it back, and stops what it works on.
    pub(crate) fn throw_away(&mut self) {
        if let Some(connection) = self.connection.take().filter(|connection| !connection.is_closed()) {
            connection.stop(self.permit.take());
        }
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(|connection| self.shared.wants_back(connection)) {
            self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}

impl Shared {
    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }

    fn wants_back(&self, connection: &Connection) -> bool {
        !connection.is_closed()
            && connection.generation == self.generation()
            && connection.age() < self.options.connection_life
    }

    /// Closes the connections that nobody has, and the others when they come back: what they have prepared is of no use.
    fn begin_generation(&self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Pool {
    pub(crate) fn new(address: Address, tls: MakeRustlsConnect, options: PostgresOptions, first: Connection) -> Self {
        let permits = Arc::new(Semaphore::new(options.pool_size.get()));
        let scanners = Arc::new(Semaphore::new(options.scanners.get()));
        let patience = Arc::new(Semaphore::new(patient_of(options.pool_size.get())));
        let idle = Mutex::new(vec![first]);
        let shared = Arc::new(Shared { address, tls, options, idle, generation: AtomicU64::new(0) });
        Self { shared, permits, patience, scanners }
    }

    /// A single statement, which is a snapshot by itself.
    pub(crate) fn look<T, E, F>(&self, work: impl Fn(SharedSession) -> F) -> impl Future<Output = Result<T, E>>
    where
        E: From<StoreError>,
        F: Future<Output = Result<T, E>>,
    {
        self.repeat(Mode::Single, work)
    }

    /// Several statements on one snapshot.
    pub(crate) fn read<T, E, F>(&self, work: impl Fn(SharedSession) -> F) -> impl Future<Output = Result<T, E>>
    where
        E: From<StoreError>,
        F: Future<Output = Result<T, E>>,
    {
        self.repeat(Mode::Snapshot, work)
    }

    /// A read on one snapshot that may look at many rows: it waits for its turn, and has a time limit as a whole.
    pub(crate) async fn scan<T, E, F>(&self, work: impl Fn(SharedSession) -> F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: Future<Output = Result<T, E>>,
    {
        let _turn = self.permit(&self.scanners).await?;
        self.repeat(Mode::Scan, work).await
    }

    /// A transaction that writes. The work is done again in a new one when another transaction was in the way, so it must do
    /// nothing but ask the session.
    pub(crate) fn write<T, E, F>(&self, work: impl Fn(SharedSession) -> F) -> impl Future<Output = Result<T, E>>
    where
        E: From<StoreError>,
        F: Future<Output = Result<T, E>>,
    {
        self.repeat(Mode::Write, work)
    }

    /// The work in a transaction of that kind.
    pub(crate) async fn run<T, E, F>(&self, mode: Mode, work: impl Fn(SharedSession) -> F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: Future<Output = Result<T, E>>,
    {
        match mode {
            Mode::Single => self.look(work).await,
            Mode::Snapshot => self.read(work).await,
            Mode::Scan => self.scan(work).await,
            Mode::Inspection => self.repeat(mode, work).await,
            Mode::Write => self.write(work).await,
        }
    }

    async fn repeat<T, E, F>(&self, mode: Mode, work: impl Fn(SharedSession) -> F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: Future<Output = Result<T, E>>,
    {
        let (mut attempt, mut is_renewed) = (1, false);
        loop {
            let session =
                Arc::new(PostgresSession::new(self.take(mode).await?, mode, self.shared.options.statement_limit));
            let worked = work(Arc::clone(&session)).await;
            let result = match worked {
                Ok(found) => session.finish().await.map(|()| found).map_err(E::from),
                Err(error) => {
                    session.roll_back();
                    Err(error)
                }
            };
            if result.is_ok() {
                return result;
            }
            if session.is_stale() {
                // What fails so on a new connection, too, will fail on the next.
                self.shared.begin_generation();
                if std::mem::replace(&mut is_renewed, true) {
                    return result;
                }
            } else if attempt == MOST_ATTEMPTS || !session.is_worth_another_attempt() {
                return result;
            }
            drop(session);
            count_repetition();
            tokio::time::sleep(pause(attempt)).await;
            attempt += 1;
        }
    }

    async fn take(&self, mode: Mode) -> Result<Pooled, StoreError> {
        let patience = if mode.is_short() { None } else { Some(self.permit(&self.patience).await?) };
        let permit = self.permit(&self.permits).await?;
        let permit = Permit { _connection: permit, _patience: patience, _counted: InUse::new() };
        let connection = match self.idle_connection() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        Ok(Pooled { connection: Some(connection), shared: Arc::clone(&self.shared), permit: Some(permit) })
    }

    async fn permit(&self, of: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StoreError> {
        if let Ok(permit) = Arc::clone(of).try_acquire_owned() {
            return Ok(permit);
        }
        let _waiting = Waiting::new();
        match tokio::time::timeout(self.shared.options.wait_limit, Arc::clone(of).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) => Err(StoreError::Closed),
            Err(_) => Err(unavailable(Absence::PoolExhausted)),
        }
    }

    /// The one that was given back last: the others may fall asleep.
    fn idle_connection(&self) -> Option<Connection> {
        let mut idle = self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(connection) = idle.pop() {
            if !connection.is_closed() {
                return Some(connection);
            }
        }
        None
    }

    async fn connect(&self) -> Result<Connection, StoreError> {
        let shared = &self.shared;
        let generation = shared.generation();
        let opening = Connection::open(&shared.address, &shared.tls, &shared.options);
        match tokio::time::timeout(shared.options.connect_limit, opening).await {
            Ok(Ok(connection)) => Ok(connection.of_generation(generation)),
            // A server that refuses us now let us in at start-up: it is restarted, or somebody mends its settings.
            Ok(Err(error)) => Err(Verdict::Lost.into_store_error(&error)),
            Err(_) => Err(unavailable(Absence::ConnectTimeout)),
        }
    }

    /// Lets nobody in any more, waits for who is there, and closes all connections.
    pub(crate) async fn close(&self) {
        self.scanners.close();
        self.patience.close();
        let all = u32::try_from(self.shared.options.pool_size.get()).unwrap_or(u32::MAX);
        // Who has a connection is within the time limit of his statements; the wait for him has one, too.
        let limit = self.shared.options.statement_limit;
        drop(tokio::time::timeout(limit, self.permits.acquire_many(all)).await);
        self.permits.close();
        self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// So many of the connections may be with who is patient: at least one is left to the others, if there is another.
fn patient_of(pool_size: usize) -> usize {
    pool_size.saturating_sub((pool_size / 8).max(1)).max(1)
}

/// Longer with each attempt, and of a random length, so that those who met do not meet again.
fn pause(attempt: u32) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let most = 2_000_u64.saturating_mul(1 << attempt.min(7));
    Duration::from_micros(500 + RandomState::new().hash_one(attempt) % most)
}

#[cfg(test)]
mod tests;
