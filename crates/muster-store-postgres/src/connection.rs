//! One connection to the server.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use muster_store_sql::postgresql_text;
use tokio::task::JoinHandle;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::address::Address;
use crate::prepared::Prepared;
use crate::value::Parameter;
use crate::{OpenError, PostgresOptions};

/// An answer that is on its way.
pub(crate) type Answer<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// How long stopping a connection may take: the wish that its work ends, and then the end.
const STOP_LIMIT: Duration = Duration::from_secs(5);

pub(crate) struct Connection {
    client: Arc<Client>,
    tls: MakeRustlsConnect,
    /// Ends when the server has answered everything and was told goodbye.
    task: JoinHandle<()>,
    /// Which generation of the pool's connections it belongs to.
    pub(crate) generation: u64,
    opened: Instant,
    prepared: Mutex<Prepared>,
}

/// How a statement is asked: prepared before, or with its text.
pub(crate) enum Question {
    Prepared(Statement),
    Text(String),
}

impl Connection {
    /// Connects and settles how the server treats this connection.
    pub(crate) async fn open(
        address: &Address,
        tls: &MakeRustlsConnect,
        options: &PostgresOptions,
    ) -> Result<Self, tokio_postgres::Error> {
        let (client, connection) = address.config.connect(tls.clone()).await?;
        // Ends by itself when the client is dropped or the server is gone; the callers hear of it by their answers.
        let task = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(cause = %crate::failure::ServerFault::of(&error), "a database connection ended");
            }
        });
        client.batch_execute(&settings(options)).await?;
        Ok(Self {
            client: Arc::new(client),
            tls: tls.clone(),
            task,
            generation: 0,
            opened: Instant::now(),
            prepared: Mutex::default(),
        })
    }

    pub(crate) fn of_generation(self, generation: u64) -> Self {
        Self { generation, ..self }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub(crate) fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    /// Closes the connection, and asks the server to stop what it works on for it. `permit` is kept until the server has
    /// stopped, so that it never works for more connections than there are permits.
    pub(crate) fn stop(self, permit: impl Send + 'static) {
        let Self { client, tls, mut task, .. } = self;
        let token = client.cancel_token();
        drop(client);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // When it does not arrive, the server's own time limit ends the statement.
                drop(tokio::time::timeout(STOP_LIMIT, token.cancel_query(tls)).await);
                if tokio::time::timeout(STOP_LIMIT, &mut task).await.is_err() {
                    task.abort();
                }
                drop(permit);
            });
        }
    }

    /// What was prepared on this connection.
    pub(crate) fn prepared(&self) -> MutexGuard<'_, Prepared> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The types are those of the first values; what they do not say the server finds out.
    pub(crate) fn prepare(&self, text: &str, types: Vec<Type>) -> Answer<Statement> {
        let (client, text) = (Arc::clone(&self.client), postgresql_text(text));
        tell(&text);
        Box::pin(async move { client.prepare_typed(&text, &types).await })
    }

    pub(crate) fn rows(&self, question: Question, values: Vec<Parameter>) -> Answer<Vec<Row>> {
        let client = Arc::clone(&self.client);
        Box::pin(async move {
            match question {
                Question::Prepared(statement) => client.query(&statement, &references(&values)).await,
                Question::Text(text) => client.query_typed(&text, &typed_references(&values)).await,
            }
        })
    }

    pub(crate) fn execute(&self, question: Question, values: Vec<Parameter>) -> Answer<u64> {
        let client = Arc::clone(&self.client);
        Box::pin(async move {
            match question {
                Question::Prepared(statement) => client.execute(&statement, &references(&values)).await,
                Question::Text(text) => client.execute_typed(&text, &typed_references(&values)).await,
            }
        })
    }

    /// For what has no values: the ends of transactions.
    pub(crate) fn command(&self, command: &'static str) -> Answer<u64> {
        let client = Arc::clone(&self.client);
        Box::pin(async move { client.batch_execute(command).await.map(|()| 0) })
    }

    /// For looking around before any session is made.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }
}

impl Question {
    /// For a statement that is not kept.
    pub(crate) fn of_text(sql: &str) -> Self {
        let text = postgresql_text(sql);
        tell(&text);
        Self::Text(text)
    }
}

/// All texts that go to the server come by here, for who wants to know what the database is asked. Values are bound, so
/// none stands in a text.
fn tell(text: &str) {
    tracing::trace!(target: "muster_store_postgres::statement", { db.statement = text }, "a statement");
}

fn references(values: &[Parameter]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn typed_references(values: &[Parameter]) -> Vec<(&(dyn ToSql + Sync), Type)> {
    values.iter().map(|value| (value as &(dyn ToSql + Sync), value.announced_type())).collect()
}

/// Statements are written to be answered by an index that begins with the tenant, in the order of tables that they name. A
/// planner that guesses otherwise, as it does before the first ANALYZE of a new database, would read whole tables, and a
/// kept plan would go on doing so: therefore the choices that no statement wants are taken away. With them gone the values
/// have nothing to say to the plan, so that one is made once a statement and connection; the planner, which thinks the
/// plan for given values cheaper by a hair, would otherwise make one at each request, which takes longer than the answer.
fn settings(options: &PostgresOptions) -> String {
    let limit = options.statement_limit.as_millis();
    let idle = (options.statement_limit * 2).as_millis();
    format!(
        "SET statement_timeout = {limit}; SET idle_in_transaction_session_timeout = {idle}; \
         SET client_min_messages = warning; SET plan_cache_mode = force_generic_plan; \
         SET jit = off; SET join_collapse_limit = 1; \
         SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_memoize = off"
    )
}

/// Connects within the time limit, for start-up.
pub(crate) async fn first(
    address: &Address,
    tls: &MakeRustlsConnect,
    options: &PostgresOptions,
) -> Result<Connection, OpenError> {
    let opening = Connection::open(address, tls, options);
    match tokio::time::timeout(options.connect_limit, opening).await {
        Ok(opened) => opened.map_err(|error| OpenError::from_server(&address.place, &error)),
        Err(_) => Err(OpenError::Slow { place: address.place.clone(), limit: options.connect_limit }),
    }
}
