//! What may be chosen when a database is opened.

use std::num::NonZeroUsize;
use std::time::Duration;

/// How a process uses the database server.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// How many connections are open at most. Each is a process of the server.
    pub pool_size: NonZeroUsize,
    /// How many of them may be busy at the same time with reads that look at many rows, so that a few slow filters cannot
    /// hold up everybody else.
    pub scanners: NonZeroUsize,
    /// How long one statement may take. A list that takes longer fails with [`muster_store::StoreError::TooBroad`].
    pub statement_limit: Duration,
    /// How long to wait for a connection that is free.
    pub wait_limit: Duration,
    /// How long to wait for a new connection.
    pub connect_limit: Duration,
    /// How long a connection is used before a new one takes its place. Plans are kept as long as the connection, and one that
    /// was made for an empty table should not outlive a first filling by much.
    pub connection_life: Duration,
    /// What the server calls our connections, unless the URL says otherwise.
    pub application_name: String,
    /// Whether missing migrations are applied; else they are an error.
    pub migrate: bool,
}

impl PostgresOptions {
    /// For a server.
    pub fn for_server() -> Self {
        Self {
            pool_size: NonZeroUsize::MIN.saturating_add(15),
            scanners: NonZeroUsize::MIN.saturating_add(5),
            statement_limit: Duration::from_secs(30),
            wait_limit: Duration::from_secs(10),
            connect_limit: Duration::from_secs(10),
            connection_life: Duration::from_mins(10),
            application_name: "muster".to_owned(),
            migrate: true,
        }
    }

    /// For one command on the command line.
    pub fn for_command() -> Self {
        let few = NonZeroUsize::MIN.saturating_add(1);
        Self { pool_size: few, scanners: few, ..Self::for_server() }
    }
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self::for_server()
    }
}
