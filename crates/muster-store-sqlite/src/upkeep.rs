//! What one process does for all that have the file open.

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{Lease, TenantId};
use muster_store::{LeaseError, RequestLogBounds, StoreError, Upkeep};
use muster_store_sql::{finished, lease, request_log, upkeep};

use crate::SqliteStore;
use crate::session::SqliteSession;

#[async_trait]
impl Upkeep for SqliteStore {
    /// Entries get their numbers with the change itself.
    async fn list_tenants_with_unnumbered_changes(&self) -> Result<Vec<TenantId>, StoreError> {
        Ok(Vec::new())
    }

    async fn number_changes(&self, _: TenantId, lease: &Lease) -> Result<u64, LeaseError> {
        let lease = lease.clone();
        let hold = move |database: &_| finished(lease::hold(&SqliteSession::of(database), &lease));
        self.engine.writer.write(hold).await.map(|()| 0)
    }

    async fn list_tenants_with_past_guard_counts(&self, at: Timestamp) -> Result<Vec<TenantId>, StoreError> {
        self.engine
            .scanners
            .read(move |database, watch| {
                finished(upkeep::tenants_with_past_guard_counts(&SqliteSession::watched(database, watch), at))
            })
            .await
    }

    async fn forget_past_guard_counts(
        &self,
        tenant: TenantId,
        at: Timestamp,
        lease: &Lease,
    ) -> Result<u64, LeaseError> {
        let lease = lease.clone();
        let forget = move |database: &_| {
            let session = SqliteSession::of(database);
            finished(async {
                lease::hold(&session, &lease).await?;
                Ok(upkeep::forget_past_guard_counts(&session, tenant, at).await?)
            })
        };
        self.engine.writer.write(forget).await
    }

    async fn list_tenants_with_past_requests(
        &self,
        at: Timestamp,
        bounds: RequestLogBounds,
    ) -> Result<Vec<TenantId>, StoreError> {
        let list = move |database: &_, watch: &_| {
            finished(request_log::tenants_beyond(&SqliteSession::watched(database, watch), at, bounds))
        };
        self.engine.scanners.read(list).await
    }

    async fn forget_past_requests(
        &self,
        tenant: TenantId,
        at: Timestamp,
        bounds: RequestLogBounds,
        lease: &Lease,
    ) -> Result<u64, LeaseError> {
        let lease = lease.clone();
        let forget = move |database: &_| {
            let session = SqliteSession::of(database);
            finished(async {
                lease::hold(&session, &lease).await?;
                Ok(request_log::forget(&session, tenant, at, bounds).await?)
            })
        };
        self.engine.writer.write(forget).await
    }
}
