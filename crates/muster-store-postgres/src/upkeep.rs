//! What one node does for all of them.

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{Lease, TenantId};
use muster_store::{LeaseError, RequestLogBounds, StoreError, Upkeep};
use muster_store_sql::{Session, lease, request_log, upkeep};

use crate::PostgresStore;
use crate::sequencer;
use crate::session::{Mode, PostgresSession};

/// Asked across tenants, and answered from an index over what waits for its number: little, as long as somebody asks this.
async fn tenants_with_pending_changes(session: &PostgresSession) -> Result<Vec<TenantId>, StoreError> {
    let rows = session.rows("SELECT DISTINCT tenant FROM change_pending ORDER BY tenant", &[]).await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

#[async_trait]
impl Upkeep for PostgresStore {
    async fn list_tenants_with_unnumbered_changes(&self) -> Result<Vec<TenantId>, StoreError> {
        self.pool.run(Mode::Single, |session| async move { tenants_with_pending_changes(&session).await }).await
    }

    async fn number_changes(&self, tenant: TenantId, lease: &Lease) -> Result<u64, LeaseError> {
        let number = move |session: crate::Shared| async move {
            lease::hold(&*session, lease).await?;
            Ok(sequencer::move_visible(&session, tenant, usize::MAX).await?)
        };
        self.pool.run(Mode::Write, number).await
    }

    async fn list_tenants_with_past_guard_counts(&self, at: Timestamp) -> Result<Vec<TenantId>, StoreError> {
        let list =
            move |session: crate::Shared| async move { upkeep::tenants_with_past_guard_counts(&*session, at).await };
        self.pool.run(Mode::Single, list).await
    }

    async fn forget_past_guard_counts(
        &self,
        tenant: TenantId,
        at: Timestamp,
        lease: &Lease,
    ) -> Result<u64, LeaseError> {
        let forget = move |session: crate::Shared| async move {
            lease::hold(&*session, lease).await?;
            Ok(upkeep::forget_past_guard_counts(&*session, tenant, at).await?)
        };
        self.pool.run(Mode::Write, forget).await
    }

    async fn list_tenants_with_past_requests(
        &self,
        at: Timestamp,
        bounds: RequestLogBounds,
    ) -> Result<Vec<TenantId>, StoreError> {
        let list =
            move |session: crate::Shared| async move { request_log::tenants_beyond(&*session, at, bounds).await };
        self.pool.run(Mode::Snapshot, list).await
    }

    async fn forget_past_requests(
        &self,
        tenant: TenantId,
        at: Timestamp,
        bounds: RequestLogBounds,
        lease: &Lease,
    ) -> Result<u64, LeaseError> {
        let forget = move |session: crate::Shared| async move {
            lease::hold(&*session, lease).await?;
            Ok(request_log::forget(&*session, tenant, at, bounds).await?)
        };
        self.pool.run(Mode::Write, forget).await
    }
}
