//! Webhooks: hands each question to a reading thread and each change to the writer.

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{
    Delivery, DeliveryAttempt, DeliveryId, Lease, Sequence, SigningKey, TenantId, WebhookEndpoint, WebhookEndpointId,
    WebhookSettings, WebhookState,
};
use muster_store::{AttemptOutcome, DeliveryQuery, LeaseError, Missed, StoreError, Webhooks};
use muster_store_sql::{finished, lease, webhook};

use crate::SqliteStore;
use crate::session::SqliteSession;

#[async_trait]
impl Webhooks for SqliteStore {
    async fn create_webhook_endpoint(&self, endpoint: &WebhookEndpoint) -> Result<(), StoreError> {
        let endpoint = endpoint.clone();
        self.change(move |database| finished(webhook::create(&SqliteSession::of(database), &endpoint))).await
    }

    async fn find_webhook_endpoint(
        &self,
        tenant: TenantId,
        id: WebhookEndpointId,
    ) -> Result<Option<WebhookEndpoint>, StoreError> {
        self.engine
            .readers
            .read(move |database, watch| finished(webhook::find(&SqliteSession::watched(database, watch), tenant, id)))
            .await
    }

    async fn list_webhook_endpoints(&self, tenant: TenantId) -> Result<Vec<WebhookEndpoint>, StoreError> {
        self.engine
            .readers
            .read(move |database, watch| finished(webhook::list(&SqliteSession::watched(database, watch), tenant)))
            .await
    }

    async fn change_webhook_settings(
        &self,
        tenant: TenantId,
        id: WebhookEndpointId,
        settings: &WebhookSettings,
    ) -> Result<bool, StoreError> {
        let settings = settings.clone();
        self.change(move |database| {
            finished(webhook::change_settings(&SqliteSession::of(database), tenant, id, &settings))
        })
        .await
    }

    async fn disable_webhook_endpoint(
        &self,
        tenant: TenantId,
        id: WebhookEndpointId,
        state: &WebhookState,
    ) -> Result<bool, StoreError> {
        let state = *state;
        self.change(move |database| finished(webhook::disable(&SqliteSession::of(database), tenant, id, &state))).await
    }

    async fn enable_webhook_endpoint(
        &self,
        tenant: TenantId,
        id: WebhookEndpointId,
        missed: Missed,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.change(move |database| finished(webhook::enable(&SqliteSession::of(database), tenant, id, missed, at)))
            .await
    }

    async fn replace_webhook_keys(
        &self,
        tenant: TenantId,
        id: WebhookEndpointId,
        newest: u32,
        keys: &[SigningKey],
    ) -> Result<bool, StoreError> {
        let keys = keys.to_vec();
        self.change(move |database| {
            finished(webhook::replace_keys(&SqliteSession::of(database), tenant, id, newest, &keys))
        })
        .await
    }

    async fn delete_webhook_endpoint(&self, tenant: TenantId, id: WebhookEndpointId) -> Result<bool, StoreError> {
        self.change(move |database| finished(webhook::delete(&SqliteSession::of(database), tenant, id))).await
    }

    async fn list_webhook_work(&self, at: Timestamp) -> Result<Vec<(TenantId, WebhookEndpointId)>, StoreError> {
        self.engine
            .scanners
            .read(move |database, watch| finished(webhook::work(&SqliteSession::watched(database, watch), at)))
            .await
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
        let (deliveries, lease) = (deliveries.to_vec(), lease.clone());
        let work = move |database: &_| {
            let session = SqliteSession::of(database);
            finished(async {
                lease::hold(&session, &lease).await?;
                Ok(webhook::schedule(&session, tenant, endpoint, (from, to), &deliveries, at).await?)
            })
        };
        self.engine.writer.write(work).await
    }

    async fn add_delivery(&self, tenant: TenantId, delivery: &Delivery) -> Result<bool, StoreError> {
        let delivery = delivery.clone();
        self.engine
            .writer
            .write(move |database| finished(webhook::add(&SqliteSession::of(database), tenant, &delivery)))
            .await
    }

    async fn list_due_deliveries(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        at: Timestamp,
        limit: u64,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.engine
            .readers
            .read(move |database, watch| {
                finished(webhook::list_due(&SqliteSession::watched(database, watch), tenant, endpoint, at, limit))
            })
            .await
    }

    async fn record_attempt(
        &self,
        tenant: TenantId,
        delivery: &Delivery,
        outcome: &AttemptOutcome,
        lease: &Lease,
    ) -> Result<(), LeaseError> {
        let (delivery, outcome, lease) = (delivery.clone(), outcome.clone(), lease.clone());
        let work = move |database: &_| {
            let session = SqliteSession::of(database);
            finished(async {
                lease::hold(&session, &lease).await?;
                Ok(webhook::record_attempt(&session, tenant, &delivery, &outcome).await?)
            })
        };
        self.engine.writer.write(work).await
    }

    async fn list_deliveries(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        query: DeliveryQuery,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.engine
            .readers
            .read(move |database, watch| {
                finished(webhook::list_deliveries(&SqliteSession::watched(database, watch), tenant, endpoint, query))
            })
            .await
    }

    async fn find_delivery(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        id: DeliveryId,
    ) -> Result<Option<Delivery>, StoreError> {
        self.engine
            .readers
            .read(move |database, watch| {
                finished(webhook::find_delivery(&SqliteSession::watched(database, watch), tenant, endpoint, id))
            })
            .await
    }

    async fn list_attempts(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        delivery: DeliveryId,
    ) -> Result<Vec<DeliveryAttempt>, StoreError> {
        self.engine
            .readers
            .read(move |database, watch| {
                finished(webhook::list_attempts(&SqliteSession::watched(database, watch), tenant, endpoint, delivery))
            })
            .await
    }

    async fn resend_delivery(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        id: DeliveryId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.engine
            .writer
            .write(move |database| finished(webhook::resend(&SqliteSession::of(database), tenant, endpoint, id, at)))
            .await
    }

    async fn recover_deliveries(
        &self,
        tenant: TenantId,
        endpoint: WebhookEndpointId,
        since: Timestamp,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        self.engine
            .writer
            .write(move |database| {
                finished(webhook::recover(&SqliteSession::of(database), tenant, endpoint, (since, until), at))
            })
            .await
    }

    async fn list_tenants_with_old_deliveries(&self, before: Timestamp) -> Result<Vec<TenantId>, StoreError> {
        self.engine
            .scanners
            .read(move |database, watch| {
                finished(webhook::tenants_with_old(&SqliteSession::watched(database, watch), before))
            })
            .await
    }

    async fn forget_old_deliveries(
        &self,
        tenant: TenantId,
        before: Timestamp,
        lease: &Lease,
    ) -> Result<u64, LeaseError> {
        let lease = lease.clone();
        let work = move |database: &_| {
            let session = SqliteSession::of(database);
            finished(async {
                lease::hold(&session, &lease).await?;
                Ok(webhook::forget_old(&session, tenant, before).await?)
            })
        };
        self.engine.writer.write(work).await
    }
}
