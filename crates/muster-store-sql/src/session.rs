//! One connection to the database inside one transaction, as the shared statements see it.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use muster_model::{ResourceId, StoredResource, TenantId, TypeName};
use muster_store::{Include, StoreError};

use crate::{Row, Value, View, defect};

/// Every statement of a session sees what the ones before it wrote. For reads the transaction is a snapshot; for writes it
/// sees, with each statement, what others have committed by then.
pub trait Session {
    /// All rows of the answer to a statement, which is prepared once a connection and kept. Statements are in SQLite's
    /// dialect ([`crate::postgresql_text`]), here and below.
    fn rows(&self, sql: &str, values: &[Value]) -> impl Future<Output = Result<Vec<Row>, StoreError>>;

    /// The same for a statement that was put together for one question, and is not kept.
    fn composed_rows(&self, sql: &str, values: &[Value]) -> impl Future<Output = Result<Vec<Row>, StoreError>>;

    /// How many rows were written.
    fn execute(&self, sql: &str, values: &[Value]) -> impl Future<Output = Result<u64, StoreError>>;

    /// Writes without waiting for the answer, where the database is far away. A failure comes out with the next statement
    /// that is waited for, at the latest with the commit.
    fn send(&self, sql: &str, values: &[Value]) -> impl Future<Output = Result<(), StoreError>> {
        async move { self.execute(sql, values).await.map(drop) }
    }

    /// The first row of each answer, for one set of values after another: as if each were asked for by itself, but without
    /// waiting in between where the database is far away.
    fn row_each(&self, sql: &str, values: &[Vec<Value>]) -> impl Future<Output = Result<Vec<Option<Row>>, StoreError>> {
        async move {
            let mut rows = Vec::with_capacity(values.len());
            for values in values {
                rows.push(self.row(sql, values).await?);
            }
            Ok(rows)
        }
    }

    /// Waits until nobody else holds the tenant's lock of that name, and holds it until the transaction ends. Where there is
    /// only one writer it holds it already.
    fn lock(&self, view: View, name: &str) -> impl Future<Output = Result<(), StoreError>>;

    /// Forgets a lock that nobody will ask for any more. Where there is only one writer nothing is remembered of it.
    fn forget_lock(&self, _tenant: TenantId, _name: &str) -> impl Future<Output = Result<(), StoreError>> {
        async move { Ok(()) }
    }

    /// Whether several write at the same time, so that what is read to be changed must be locked by its row.
    fn has_many_writers(&self) -> bool;

    /// The resources of these ids that are there and seen, in the order of the ids.
    fn resources(
        &self,
        view: View,
        resource_type: &TypeName,
        ids: &[ResourceId],
        include: Include,
    ) -> impl Future<Output = Result<Vec<StoredResource>, StoreError>>;

    /// To be asked between two pieces of our own work: fails when nobody waits any more or it has taken too long.
    fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// The first row.
    fn row(&self, sql: &str, values: &[Value]) -> impl Future<Output = Result<Option<Row>, StoreError>> {
        async move { Ok(self.rows(sql, values).await?.into_iter().next()) }
    }

    /// The one truth that a statement like `SELECT EXISTS (…)` tells.
    fn is_true(&self, sql: &str, values: &[Value]) -> impl Future<Output = Result<bool, StoreError>> {
        async move {
            let row = self.row(sql, values).await?;
            row.map_or(Ok(false), |mut row| row.take(0))
        }
    }
}

/// The result of work on a session that answers at once.
pub fn finished<T, E: From<StoreError>>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(defect("a session that answers at once made its caller wait").into()),
    }
}
