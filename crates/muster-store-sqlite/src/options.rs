//! What may be chosen when a database is opened.

use std::num::NonZeroUsize;
use std::time::Duration;

/// How a process uses the database file.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// Connections for reads that are done where the caller is, without a thread of ours: as many as the runtime has
    /// workers.
    pub at_once: NonZeroUsize,
    /// Threads for reads that an index answers.
    pub readers: NonZeroUsize,
    /// Threads for reads that may look at many rows. Apart from the others, so that a few slow filters cannot hold up
    /// the reads of everybody else.
    pub scanners: NonZeroUsize,
    /// How long one of those may take; then it fails with [`muster_store::StoreError::TooBroad`].
    pub scan_limit: Duration,
    /// How long to wait for a lock that another process holds.
    pub busy_timeout: Duration,
    /// Whether migrations that a database lacks are applied; else they are an error. A new database is made either way.
    pub migrate: bool,
}

impl SqliteOptions {
    /// For a server.
    pub fn for_server() -> Self {
        Self {
            at_once: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            readers: NonZeroUsize::MIN.saturating_add(3),
            scanners: NonZeroUsize::MIN.saturating_add(1),
            scan_limit: Duration::from_secs(30),
            busy_timeout: Duration::from_secs(10),
            migrate: true,
        }
    }

    /// For one command on the command line: cheap to open.
    pub fn for_command() -> Self {
        Self {
            at_once: NonZeroUsize::MIN,
            readers: NonZeroUsize::MIN,
            scanners: NonZeroUsize::MIN,
            ..Self::for_server()
        }
    }
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self::for_server()
    }
}
