//! Leases: rows, whose locks order who takes one and who writes under it. No advisory lock, which a lost connection would
//! give away while its holder goes on working.

use std::time::Duration;

use async_trait::async_trait;
use muster_model::{Lease, NodeId};
use muster_store::{Leases, StoreError};
use muster_store_sql::{Session, damaged, lease};

use crate::PostgresStore;
use crate::session::{Mode, PostgresSession};

/// Microseconds since 1970.
async fn now(session: &PostgresSession) -> Result<i64, StoreError> {
    let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
    session.row(sql, &[]).await?.ok_or_else(|| damaged("clock"))?.take(0)
}

#[async_trait]
impl Leases for PostgresStore {
    async fn take_lease(&self, name: &str, holder: NodeId, term: Duration) -> Result<Option<Lease>, StoreError> {
        let take = move |session: crate::Shared| async move {
            lease::take(&*session, now(&session).await?, name, holder, term).await
        };
        self.pool.run(Mode::Write, take).await
    }

    async fn renew_lease(&self, lease: &Lease, term: Duration) -> Result<bool, StoreError> {
        let renew = move |session: crate::Shared| async move {
            lease::renew(&*session, now(&session).await?, lease, term).await
        };
        self.pool.run(Mode::Write, renew).await
    }

    async fn give_back_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        self.pool.run(Mode::Write, move |session| async move { lease::give_back(&*session, lease).await }).await
    }
}

#[cfg(test)]
mod tests;
