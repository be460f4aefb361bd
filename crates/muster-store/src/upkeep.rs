//! What a database wants done from time to time, by one node at a time. Each step is small, and is committed only while the
//! lease is its holder's: whoever lost it without noticing changes nothing ([`LeaseError::Lost`]).

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{Lease, TenantId};

use crate::{LeaseError, RequestLogBounds, StoreError};

/// Finding what is to be done needs no lease, so that a node without work writes nothing.
#[async_trait]
pub trait Upkeep: Send + Sync + 'static {
    /// Tenants whose change log has entries without a number. Where entries get their numbers with the change itself there
    /// are none (docs/adr/0002).
    async fn list_tenants_with_unnumbered_changes(&self) -> Result<Vec<TenantId>, StoreError>;

    /// Numbers the oldest of these entries, as a reader of the log would have to, and says how many they were; 0: there are
    /// no more.
    async fn number_changes(&self, tenant: TenantId, lease: &Lease) -> Result<u64, LeaseError>;

    /// Tenants that keep counts of the guard which no longer count then.
    async fn list_tenants_with_past_guard_counts(&self, at: Timestamp) -> Result<Vec<TenantId>, StoreError>;

    /// Removes these counts, and says how many they were. A connection that goes on taking away removes its own; this is for
    /// those that stopped.
    async fn forget_past_guard_counts(&self, tenant: TenantId, at: Timestamp, lease: &Lease)
    -> Result<u64, LeaseError>;

    /// Tenants that keep more of the request log than the bounds allow at that moment.
    async fn list_tenants_with_past_requests(
        &self,
        at: Timestamp,
        bounds: RequestLogBounds,
    ) -> Result<Vec<TenantId>, StoreError>;

    /// Forgets some of the tenant's oldest entries that are beyond the bounds, and says how many they were; 0: there are no
    /// more.
    async fn forget_past_requests(
        &self,
        tenant: TenantId,
        at: Timestamp,
        bounds: RequestLogBounds,
        lease: &Lease,
    ) -> Result<u64, LeaseError>;
}
