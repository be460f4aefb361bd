//! Leases: several processes may have the file open, and one of them does what is to be done once.

use std::time::Duration;

use async_trait::async_trait;
use muster_model::{Lease, NodeId};
use muster_store::{Leases, StoreError};
use muster_store_sql::{Session, damaged, finished, lease};

use crate::SqliteStore;
use crate::session::SqliteSession;

/// Microseconds since 1970. The clock of the machine, which all processes that have the file open share.
async fn now(session: &SqliteSession<'_>) -> Result<i64, StoreError> {
    let sql = "SELECT CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER)";
    session.row(sql, &[]).await?.ok_or_else(|| damaged("clock"))?.take(0)
}

#[async_trait]
impl Leases for SqliteStore {
    async fn take_lease(&self, name: &str, holder: NodeId, term: Duration) -> Result<Option<Lease>, StoreError> {
        let name = name.to_owned();
        let take = move |database: &_| {
            let session = SqliteSession::of(database);
            finished(async { lease::take(&session, now(&session).await?, &name, holder, term).await })
        };
        self.engine.writer.write(take).await
    }

    async fn renew_lease(&self, lease: &Lease, term: Duration) -> Result<bool, StoreError> {
        let lease = lease.clone();
        let renew = move |database: &_| {
            let session = SqliteSession::of(database);
            finished(async { lease::renew(&session, now(&session).await?, &lease, term).await })
        };
        self.engine.writer.write(renew).await
    }

    async fn give_back_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        let lease = lease.clone();
        let give_back = move |database: &_| finished(lease::give_back(&SqliteSession::of(database), &lease));
        self.engine.writer.write(give_back).await
    }
}
