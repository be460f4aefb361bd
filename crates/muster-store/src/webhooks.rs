//! Addresses that events are sent to, and what is on its way there (docs/adr/0029).
//!
//! Deliveries of one resource are in order: one that is pending and not the first of its resource has no time at which it is
//! due, and gets one when the one before it ends. Whoever writes deliveries of a tenant waits for the others who do.

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{
    Delivery, DeliveryAttempt, DeliveryId, DeliveryState, Lease, Sequence, SigningKey, TenantId, WebhookEndpoint,
    WebhookEndpointId, WebhookHealth, WebhookSettings, WebhookState,
};

use crate::{LeaseError, StoreError};

/// What an attempt leads to, as it is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptOutcome {
    pub attempt: DeliveryAttempt,
    pub state: DeliveryState,
    pub tries: u32,
    /// When it is sent again, if it is still pending.
    pub due: Option<Timestamp>,
    pub health: WebhookHealth,
    /// The endpoint is disabled by what happened, and what is pending is parked.
    pub disabled: Option<WebhookState>,
}

/// Which deliveries of an endpoint are meant; the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryQuery {
    /// `None`: in every state.
    pub state: Option<DeliveryState>,
    /// Those that were made before that one.
    pub before: Option<DeliveryId>,
    pub limit: u64,
}

/// Where the events go that an endpoint missed while it was disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    /// They are delivered, those that were pending first.
    Deliver,
    /// They are left out: it goes on with what comes after that entry, and what was pending counts as failed.
    SkipTo(Sequence),
}

/// What the database knows of webhooks. The tenant stands in every question; what belongs to another is not there.
#[async_trait]
pub trait Webhooks: Send + Sync + 'static {
    async fn create_webhook_endpoint(&self, endpoint: &WebhookEndpoint) -> Result<(), StoreError>;

    async fn find_webhook_endpoint(
        &self,
        tenant: TenantId,
        id: WebhookEndpointId,
    ) -> Result<Option<WebhookEndpoint>, StoreError>;

    /// In order of creation.
    async fn list_webhook_endpoints(&self, tenant: TenantId) -> Result<Vec<WebhookEndpoint>, StoreError>;

    /// Changes what a person chooses; deliveries that are there go to the new address. `false`: there is no such endpoint.
    async fn change_webhook_settings(
        &self,
        tenant: TenantId,
        id: WebhookEndpointId,
        settings: &WebhookSettings,
    ) -> Result<bool, StoreError>;

    /// Sends nothing any more and parks what is pending. `false`: there is no such endpoint.
    async fn disable_webhook_endpoint(
        &self,
        tenant: TenantId,
        id: WebhookEndpointId,
        state: &WebhookState,
    ) -> Result<bool, StoreError>;

    /// Sends again, with a clean record. `false`: there is no such endpoint.
    async fn enable_webhook_endpoint(
        &self,
        tenant: TenantId,
        id: WebhookEndpointId,
        missed: Missed,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Replaces the keys if the newest that is there is of that version, so that of two who rotate at once one is refused.
    /// `false`: it is another one, or there is no such endpoint.
    async fn replace_webhook_keys(
        &self,
        tenant: TenantId,
        id: WebhookEndpointId,
        newest: u32,
        keys: &[SigningKey],
    ) -> Result<bool, StoreError>;

    /// With its keys, deliveries and attempts. `false`: there is no such endpoint.
    async fn delete_webhook_endpoint(&self, tenant: TenantId, id: WebhookEndpointId) -> Result<bool, StoreError>;

    /// Active endpoints that rest no longer and whose tenant's change log went on, or that have something due. Of all
    /// tenants, in the order of their ids.
    async fn list_webhook_work(&self, at: Timestamp) -> Result<Vec<(TenantId, WebhookEndpointId)>, StoreError>;

    /// Makes deliveries of the endpoint's part of the change log behind `from`, which is where it must stand, up to `to`.
    /// Those that are the first of their resource are due at that time. `false`: it stands elsewhere, or is not active, and
    /// nothing was made.
    #[expect(clippy::too_many_arguments, reason = "each is a fact of the step, and a struct would only rename them")]
    async fn schedule_deliveries(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        from: Sequence,
        to: Sequence,
        deliveries: &[Delivery],
        at: Timestamp,
        lease: &Lease,
    ) -> Result<bool, LeaseError>;

    /// Makes a delivery that is of no change. `false`: there is no such endpoint.
    async fn add_delivery(&self, tenant: TenantId, delivery: &Delivery) -> Result<bool, StoreError>;

    /// Those whose time has come, the longest waiting first.
    async fn list_due_deliveries(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        at: Timestamp,
        limit: u64,
    ) -> Result<Vec<Delivery>, StoreError>;

    /// Notes an attempt of a pending delivery. When that ends it, the next of its resource becomes due. Nothing is noted
    /// when the delivery is gone.
    async fn record_attempt(
        &self,
        tenant: TenantId,
        delivery: &Delivery,
        outcome: &AttemptOutcome,
        lease: &Lease,
    ) -> Result<(), LeaseError>;

    async fn list_deliveries(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        query: DeliveryQuery,
    ) -> Result<Vec<Delivery>, StoreError>;

    async fn find_delivery(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        id: DeliveryId,
    ) -> Result<Option<Delivery>, StoreError>;

    /// In their order.
    async fn list_attempts(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        delivery: DeliveryId,
    ) -> Result<Vec<DeliveryAttempt>, StoreError>;

    /// Sends a delivery again, whatever became of it, and whatever else waits. `false`: there is none, or the endpoint is not
    /// active.
    async fn resend_delivery(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        id: DeliveryId,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Sends again what was given up of what happened from `since` on and before `until`, in order for each resource, and
    /// says how many they are. None when the endpoint is not active.
    async fn recover_deliveries(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        since: Timestamp,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<u64, StoreError>;

    /// Tenants with deliveries that ended before that.
    async fn list_tenants_with_old_deliveries(&self, before: Timestamp) -> Result<Vec<TenantId>, StoreError>;

    /// Removes some of these deliveries with their attempts, and says how many.
    async fn forget_old_deliveries(
        &self,
        tenant: TenantId,
        before: Timestamp,
        lease: &Lease,
    ) -> Result<u64, LeaseError>;
}
