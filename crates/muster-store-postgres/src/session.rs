//! A transaction on one connection, as the shared statements see it.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use muster_model::{ResourceId, StoredResource, TenantId, TypeName};
use muster_store::{Include, StoreError};
use muster_store_sql::{Row, Session, Value, View, defect};
use tokio::time::Instant;
use tokio_postgres::types::Type;

use crate::connection::{Answer, Connection, Question};
use crate::failure::{Absence, Verdict, unavailable};
use crate::pool::Pooled;
use crate::prepared::Prepared;
use crate::resources;
use crate::value::{Column, Parameter};

/// How much later than the server's own time limit an answer is given up.
const GRACE: Duration = Duration::from_secs(5);

/// What kind of transaction it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// None: one statement, which the server commits by itself.
    Single,
    Snapshot,
    /// A snapshot with a time limit as a whole.
    Scan,
    /// A snapshot for `muster doctor`, whose statements may take long.
    Inspection,
    Write,
}

impl Mode {
    /// Writers lock the rows that they change, and see with each statement what is committed by then.
    fn begin(self) -> Option<&'static str> {
        match self {
            Self::Single => None,
            Self::Snapshot | Self::Scan => Some("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
            Self::Inspection => {
                Some("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '2h'")
            }
            Self::Write => Some("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"),
        }
    }

    /// How long one statement may take, where others may take `usual`.
    fn limit(self, usual: Duration) -> Duration {
        if self == Self::Inspection { INSPECTION_LIMIT } else { usual }
    }

    /// Whether it looks at few rows and waits for nobody.
    pub(crate) fn is_short(self) -> bool {
        matches!(self, Self::Single | Self::Snapshot)
    }
}

/// As the server is told in [`Mode::begin`].
const INSPECTION_LIMIT: Duration = Duration::from_hours(2);

/// How many statements are on their way before somebody waits for them.
const MOST_SENT: usize = 256;

/// One transaction. Dropped before its end, it leaves nothing: the connection is closed, and the server rolls back.
pub(crate) struct PostgresSession {
    pooled: Pooled,
    mode: Mode,
    limit: Duration,
    deadline: Instant,
    /// What was sent and not waited for, in order.
    sent: Mutex<VecDeque<Answer<u64>>>,
    has_begun: AtomicBool,
    has_ended: AtomicBool,
    /// Found so when the session is dropped, the one who waited is gone.
    is_waiting: AtomicBool,
    is_lost: AtomicBool,
    /// A statement that was prepared on this connection is of no use any more.
    is_stale: AtomicBool,
    is_worth_another_attempt: AtomicBool,
}

impl PostgresSession {
    pub(crate) fn new(pooled: Pooled, mode: Mode, limit: Duration) -> Self {
        let limit = mode.limit(limit);
        Self {
            pooled,
            mode,
            limit,
            deadline: Instant::now() + limit,
            sent: Mutex::default(),
            has_begun: AtomicBool::new(false),
            has_ended: AtomicBool::new(false),
            is_waiting: AtomicBool::new(false),
            is_lost: AtomicBool::new(false),
            is_stale: AtomicBool::new(false),
            is_worth_another_attempt: AtomicBool::new(false),
        }
    }

    /// Whether the same work would meet something else in a new transaction.
    pub(crate) fn is_worth_another_attempt(&self) -> bool {
        self.is_worth_another_attempt.load(Ordering::Relaxed)
    }

    /// Whether the same work would meet something else on a new connection.
    pub(crate) fn is_stale(&self) -> bool {
        self.is_stale.load(Ordering::Relaxed)
    }

    /// Ends the transaction; what was written is there for everybody afterwards.
    pub(crate) async fn finish(&self) -> Result<(), StoreError> {
        let finished = match self.mode {
            Mode::Snapshot | Mode::Scan | Mode::Inspection => {
                self.roll_back();
                Ok(())
            }
            Mode::Single => self.settle().await,
            Mode::Write if self.has_begun.load(Ordering::Relaxed) => self.commit().await,
            Mode::Write => Ok(()),
        };
        if finished.is_err() {
            self.roll_back();
        }
        finished
    }

    async fn commit(&self) -> Result<(), StoreError> {
        let committed = self.wait(self.connection()?.command("COMMIT")).await;
        if committed.is_ok() {
            self.has_ended.store(true, Ordering::Relaxed);
        } else if self.is_lost.load(Ordering::Relaxed) {
            // Nobody knows whether it was committed, so it must not be done again.
            self.is_worth_another_attempt.store(false, Ordering::Relaxed);
        }
        committed.map(drop)
    }

    /// Sends the end of the transaction and does not wait: what the connection is asked next comes after it.
    pub(crate) fn roll_back(&self) {
        if self.is_lost.load(Ordering::Relaxed) || self.has_ended.swap(true, Ordering::Relaxed) {
            return;
        }
        if self.has_begun.load(Ordering::Relaxed)
            && let Ok(connection) = self.connection()
        {
            let mut sending = connection.command("ROLLBACK");
            drop(sending.as_mut().poll(&mut Context::from_waker(Waker::noop())));
        }
    }

    /// All rows of a statement of this driver's own.
    pub(crate) async fn ask(&self, sql: &str, values: Vec<Parameter>) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        self.begin().await?;
        let question = self.question(sql).await?;
        self.wait(self.connection()?.rows(question, values)).await
    }

    /// The same for a statement whose best plan depends on how much there is at the moment: it is planned anew each time.
    pub(crate) async fn ask_anew(
        &self,
        sql: &str,
        values: Vec<Parameter>,
    ) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        self.begin().await?;
        self.wait(self.connection()?.rows(Question::of_text(sql), values)).await
    }

    /// As [`Session::send`], for a statement of this driver's own.
    pub(crate) async fn post(&self, sql: &str, values: Vec<Parameter>) -> Result<(), StoreError> {
        self.begin().await?;
        let question = self.question(sql).await?;
        self.push(self.connection()?.execute(question, values)).await
    }

    fn connection(&self) -> Result<&Connection, StoreError> {
        self.pooled.connection().ok_or_else(|| defect("a session was used without its connection"))
    }

    async fn begin(&self) -> Result<(), StoreError> {
        let Some(command) = self.mode.begin() else { return Ok(()) };
        if self.has_begun.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        self.push(self.connection()?.command(command)).await
    }

    async fn question(&self, sql: &str) -> Result<Question, StoreError> {
        let connection = self.connection()?;
        if let Some(statement) = connection.prepared().find(sql) {
            return Ok(Question::Prepared(statement));
        }
        let statement = self.wait(connection.prepare(sql, Vec::new())).await?;
        connection.prepared().keep(sql, statement.clone());
        Ok(Question::Prepared(statement))
    }

    async fn composed_question(&self, sql: &str, values: &[Parameter]) -> Result<Question, StoreError> {
        if !Prepared::is_worth_keeping(sql) {
            return Ok(Question::of_text(sql));
        }
        let connection = self.connection()?;
        let types: Vec<Type> = values.iter().map(Parameter::announced_type).collect();
        if let Some(statement) = connection.prepared().find_composed(sql, &types) {
            return Ok(Question::Prepared(statement));
        }
        let statement = self.wait(connection.prepare(sql, types.clone())).await?;
        connection.prepared().keep_composed(sql, types, statement.clone());
        Ok(Question::Prepared(statement))
    }

    /// Puts a message on the wire and keeps its answer for later.
    async fn push(&self, mut answer: Answer<u64>) -> Result<(), StoreError> {
        if self.lock_sent().len() >= MOST_SENT {
            self.settle().await?;
        }
        match poll_fn(|context| Poll::Ready(answer.as_mut().poll(context))).await {
            Poll::Pending => self.lock_sent().push_back(answer),
            Poll::Ready(result) => drop(result.map_err(|error| self.judge(&error))?),
        }
        Ok(())
    }

    async fn settle(&self) -> Result<(), StoreError> {
        self.wait(Box::pin(async { Ok(()) })).await
    }

    /// The answer, after those of what was sent before. The first failure is the one that is told: what follows it fails
    /// only because of it.
    async fn wait<T>(&self, mut answer: Answer<T>) -> Result<T, StoreError> {
        self.is_waiting.store(true, Ordering::Relaxed);
        let limit = self.limit + GRACE;
        let answered = tokio::time::timeout(limit, self.in_order(&mut answer)).await;
        self.is_waiting.store(false, Ordering::Relaxed);
        if let Ok(answered) = answered {
            answered.map_err(|error| self.judge(&error))
        } else {
            self.is_lost.store(true, Ordering::Relaxed);
            Err(unavailable(Absence::NoAnswer))
        }
    }

    async fn in_order<T>(&self, answer: &mut Answer<T>) -> Result<T, tokio_postgres::Error> {
        // The message goes out with the first poll. Then its answer has to wait: the connection hands answers over in order,
        // and keeps the next back until this one is taken.
        let sent = poll_fn(|context| Poll::Ready(answer.as_mut().poll(context))).await;
        let earlier = std::mem::take(&mut *self.lock_sent());
        for earlier in earlier {
            earlier.await?;
        }
        match sent {
            Poll::Ready(result) => result,
            Poll::Pending => answer.await,
        }
    }

    fn lock_sent(&self) -> MutexGuard<'_, VecDeque<Answer<u64>>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the caller is to hear, and what becomes of this session.
    fn judge(&self, error: &tokio_postgres::Error) -> StoreError {
        let verdict = Verdict::of(error);
        match verdict {
            Verdict::Cancelled if self.mode == Mode::Scan => return StoreError::TooBroad,
            Verdict::Again => self.is_worth_another_attempt.store(true, Ordering::Relaxed),
            Verdict::Lost => {
                self.is_lost.store(true, Ordering::Relaxed);
                self.is_worth_another_attempt.store(true, Ordering::Relaxed);
            }
            Verdict::Stale => self.is_stale.store(true, Ordering::Relaxed),
            Verdict::Cancelled | Verdict::Later | Verdict::Broken => {}
        }
        verdict.into_store_error(error)
    }
}

impl Drop for PostgresSession {
    fn drop(&mut self) {
        let is_open = *self.has_begun.get_mut() && !*self.has_ended.get_mut();
        if is_open || *self.is_waiting.get_mut() || *self.is_lost.get_mut() {
            self.pooled.throw_away();
        }
    }
}

impl Session for PostgresSession {
    async fn rows(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let rows = self.ask(sql, parameters(values)).await?;
        rows.iter().map(|row| self.columns(row)).collect()
    }

    async fn composed_rows(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.begin().await?;
        let values = parameters(values);
        let question = self.composed_question(sql, &values).await?;
        let rows = self.wait(self.connection()?.rows(question, values)).await?;
        rows.iter().map(|row| self.columns(row)).collect()
    }

    async fn execute(&self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        self.begin().await?;
        let question = self.question(sql).await?;
        self.wait(self.connection()?.execute(question, parameters(values))).await
    }

    async fn send(&self, sql: &str, values: &[Value]) -> Result<(), StoreError> {
        self.post(sql, parameters(values)).await
    }

    /// All are asked before the first answer is waited for.
    async fn row_each(&self, sql: &str, values: &[Vec<Value>]) -> Result<Vec<Option<Row>>, StoreError> {
        self.begin().await?;
        let mut found = Vec::with_capacity(values.len());
        for some in values.chunks(MOST_SENT) {
            let mut asked = Vec::with_capacity(some.len());
            for values in some {
                let question = self.question(sql).await?;
                let mut answer = self.connection()?.rows(question, parameters(values));
                let early = poll_fn(|context| Poll::Ready(answer.as_mut().poll(context))).await;
                asked.push((early, answer));
            }
            self.settle().await?;
            for (early, answer) in asked {
                let rows = match early {
                    Poll::Ready(rows) => rows.map_err(|error| self.judge(&error))?,
                    Poll::Pending => self.wait(answer).await?,
                };
                found.push(rows.first().map(|row| self.columns(row)).transpose()?);
            }
        }
        Ok(found)
    }

    /// The row is locked, and written only once: a condition that is never true keeps the rest from making a version of it.
    async fn lock(&self, view: View, name: &str) -> Result<(), StoreError> {
        self.send(
            "INSERT INTO tenant_lock (tenant, name) VALUES (?1, ?2)
             ON CONFLICT (tenant, name) DO UPDATE SET name = excluded.name WHERE FALSE",
            &[Value::from(view.tenant()), Value::from(name)],
        )
        .await
    }

    async fn forget_lock(&self, tenant: TenantId, name: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM tenant_lock WHERE tenant = ?1 AND name = ?2";
        self.send(sql, &[Value::from(tenant), Value::from(name)]).await
    }

    fn has_many_writers(&self) -> bool {
        true
    }

    async fn resources(
        &self,
        view: View,
        resource_type: &TypeName,
        ids: &[ResourceId],
        include: Include,
    ) -> Result<Vec<StoredResource>, StoreError> {
        resources::find(self, view, resource_type, ids, include).await
    }

    fn check(&self) -> Result<(), StoreError> {
        if self.mode == Mode::Scan && Instant::now() >= self.deadline { Err(StoreError::TooBroad) } else { Ok(()) }
    }
}

impl PostgresSession {
    fn columns(&self, row: &tokio_postgres::Row) -> Result<Row, StoreError> {
        let columns = (0..row.len()).map(|place| row.try_get::<_, Column>(place).map(|column| column.0));
        columns.collect::<Result<Vec<Value>, _>>().map(Row::new).map_err(|error| self.judge(&error))
    }
}

fn parameters(values: &[Value]) -> Vec<Parameter> {
    values.iter().map(Parameter::from).collect()
}

#[cfg(test)]
mod tests;
