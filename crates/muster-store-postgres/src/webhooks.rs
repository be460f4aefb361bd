//! Webhooks.

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{
    Delivery, DeliveryAttempt, DeliveryId, Lease, Sequence, SigningKey, TenantId, WebhookEndpoint, WebhookEndpointId,
    WebhookSettings, WebhookState,
};
use muster_store::{AttemptOutcome, DeliveryQuery, LeaseError, Missed, StoreError, Webhooks};
use muster_store_sql::{lease, webhook};

use crate::PostgresStore;
use crate::session::Mode;

#[async_trait]
impl Webhooks for PostgresStore {
    async fn create_webhook_endpoint(&self, endpoint: &WebhookEndpoint) -> Result<(), StoreError> {
        let work = move |session: crate::Shared| async move { webhook::create(&*session, endpoint).await };
        self.change(work).await
    }

    async fn find_webhook_endpoint(
        &self,
        tenant: TenantId,
        id: WebhookEndpointId,
    ) -> Result<Option<WebhookEndpoint>, StoreError> {
        let work = move |session: crate::Shared| async move { webhook::find(&*session, tenant, id).await };
        self.pool.run(Mode::Snapshot, work).await
    }

    async fn list_webhook_endpoints(&self, tenant: TenantId) -> Result<Vec<WebhookEndpoint>, StoreError> {
        let work = move |session: crate::Shared| async move { webhook::list(&*session, tenant).await };
        self.pool.run(Mode::Snapshot, work).await
    }

    async fn change_webhook_settings(
        &self,
        tenant: TenantId,
        id: WebhookEndpointId,
        settings: &WebhookSettings,
    ) -> Result<bool, StoreError> {
        let work = move |session: crate::Shared| async move {
            webhook::change_settings(&*session, tenant, id, settings).await
        };
        self.change(work).await
    }

    async fn disable_webhook_endpoint(
        &self,
        tenant: TenantId,
        id: WebhookEndpointId,
        state: &WebhookState,
    ) -> Result<bool, StoreError> {
        let work = move |session: crate::Shared| async move { webhook::disable(&*session, tenant, id, state).await };
        self.change(work).await
    }

    async fn enable_webhook_endpoint(
        &self,
        tenant: TenantId,
        id: WebhookEndpointId,
        missed: Missed,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let work =
            move |session: crate::Shared| async move { webhook::enable(&*session, tenant, id, missed, at).await };
        self.change(work).await
    }

    async fn replace_webhook_keys(
        &self,
        tenant: TenantId,
        id: WebhookEndpointId,
        newest: u32,
        keys: &[SigningKey],
    ) -> Result<bool, StoreError> {
        let work = move |session: crate::Shared| async move {
            webhook::replace_keys(&*session, tenant, id, newest, keys).await
        };
        self.change(work).await
    }

    async fn delete_webhook_endpoint(&self, tenant: TenantId, id: WebhookEndpointId) -> Result<bool, StoreError> {
        let work = move |session: crate::Shared| async move { webhook::delete(&*session, tenant, id).await };
        self.change(work).await
    }

    async fn list_webhook_work(&self, at: Timestamp) -> Result<Vec<(TenantId, WebhookEndpointId)>, StoreError> {
        let work = move |session: crate::Shared| async move { webhook::work(&*session, at).await };
        self.pool.run(Mode::Single, work).await
    }

    async fn schedule_deliveries(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        from: Sequence,
        to: Sequence,
        deliveries: &[Delivery],
        at: Timestamp,
        lease: &Lease,
    ) -> Result<bool, LeaseError> {
        let work = move |session: crate::Shared| async move {
            lease::hold(&*session, lease).await?;
            Ok(webhook::schedule(&*session, tenant, endpoint, (from, to), deliveries, at).await?)
        };
        self.pool.run(Mode::Write, work).await
    }

    async fn add_delivery(&self, tenant: TenantId, delivery: &Delivery) -> Result<bool, StoreError> {
        let work = move |session: crate::Shared| async move { webhook::add(&*session, tenant, delivery).await };
        self.pool.run(Mode::Write, work).await
    }

    async fn list_due_deliveries(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        at: Timestamp,
        limit: u64,
    ) -> Result<Vec<Delivery>, StoreError> {
        let work = move |session: crate::Shared| async move {
            webhook::list_due(&*session, tenant, endpoint, at, limit).await
        };
        self.pool.run(Mode::Single, work).await
    }

    async fn record_attempt(
        &self,
        tenant: TenantId,
        delivery: &Delivery,
        outcome: &AttemptOutcome,
        lease: &Lease,
    ) -> Result<(), LeaseError> {
        let work = move |session: crate::Shared| async move {
            lease::hold(&*session, lease).await?;
            Ok(webhook::record_attempt(&*session, tenant, delivery, outcome).await?)
        };
        self.pool.run(Mode::Write, work).await
    }

    async fn list_deliveries(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        query: DeliveryQuery,
    ) -> Result<Vec<Delivery>, StoreError> {
        let work = move |session: crate::Shared| async move {
            webhook::list_deliveries(&*session, tenant, endpoint, query).await
        };
        self.pool.run(Mode::Single, work).await
    }

    async fn find_delivery(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        id: DeliveryId,
    ) -> Result<Option<Delivery>, StoreError> {
        let work =
            move |session: crate::Shared| async move { webhook::find_delivery(&*session, tenant, endpoint, id).await };
        self.pool.run(Mode::Single, work).await
    }

    async fn list_attempts(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        delivery: DeliveryId,
    ) -> Result<Vec<DeliveryAttempt>, StoreError> {
        let work = move |session: crate::Shared| async move {
            webhook::list_attempts(&*session, tenant, endpoint, delivery).await
        };
        self.pool.run(Mode::Single, work).await
    }

    async fn resend_delivery(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        id: DeliveryId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let work =
            move |session: crate::Shared| async move { webhook::resend(&*session, tenant, endpoint, id, at).await };
        self.pool.run(Mode::Write, work).await
    }

    async fn recover_deliveries(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        since: Timestamp,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let work = move |session: crate::Shared| async move {
            webhook::recover(&*session, tenant, endpoint, (since, until), at).await
        };
        self.pool.run(Mode::Write, work).await
    }

    async fn list_tenants_with_old_deliveries(&self, before: Timestamp) -> Result<Vec<TenantId>, StoreError> {
        let work = move |session: crate::Shared| async move { webhook::tenants_with_old(&*session, before).await };
        self.pool.run(Mode::Single, work).await
    }

    async fn forget_old_deliveries(
        &self,
        tenant: TenantId,
        before: Timestamp,
        lease: &Lease,
    ) -> Result<u64, LeaseError> {
        let work = move |session: crate::Shared| async move {
            lease::hold(&*session, lease).await?;
            Ok(webhook::forget_old(&*session, tenant, before).await?)
        };
        self.pool.run(Mode::Write, work).await
    }
}
