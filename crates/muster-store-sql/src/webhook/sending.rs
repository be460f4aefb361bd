//! Who is due, and what is sent again or forgotten.

use jiff::Timestamp;
use muster_model::{DeliveryId, ResourceId, TenantId, WebhookEndpointId};
use muster_store::StoreError;

use super::lock;
use crate::{Session, values};

/// Removed in one step.
const FORGOTTEN_AT_ONCE: i64 = 500;

/// The first pending delivery of a resource is due, unless it has its time already.
pub(super) async fn release_next<S: Session>(
    session: &S,
    tenant: TenantId,
    endpoint: WebhookEndpointId,
    resource: ResourceId,
    at: Timestamp,
) -> Result<(), StoreError> {
    session
        .send(
            "UPDATE webhook_delivery SET due = ?4
             WHERE tenant = ?1 AND endpoint = ?2 AND due IS NULL AND state = 'pending'
               AND id = (SELECT d.id FROM webhook_delivery AS d
                         WHERE d.tenant = ?1 AND d.endpoint = ?2 AND d.resource = ?3 AND d.state = 'pending'
                         ORDER BY d.sequence, d.place LIMIT 1)",
            values![tenant, endpoint, resource, at],
        )
        .await
}

/// The same for every resource of the endpoint.
pub(super) async fn release_first<S: Session>(
    session: &S,
    tenant: TenantId,
    endpoint: WebhookEndpointId,
    at: Timestamp,
) -> Result<(), StoreError> {
    session
        .send(
            "UPDATE webhook_delivery SET due = ?3
             WHERE tenant = ?1 AND endpoint = ?2 AND due IS NULL AND state = 'pending'
               AND NOT EXISTS (SELECT 1 FROM webhook_delivery AS d
                   WHERE d.tenant = ?1 AND d.endpoint = ?2 AND d.resource = webhook_delivery.resource
                     AND d.state = 'pending'
                     AND (d.sequence, d.place) < (webhook_delivery.sequence, webhook_delivery.place))",
            values![tenant, endpoint, at],
        )
        .await
}

/// Messages are only sent again to who takes any.
async fn is_active<S: Session>(session: &S, tenant: TenantId, endpoint: WebhookEndpointId) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM webhook_endpoint WHERE tenant = ?1 AND id = ?2 AND state = 'active')";
    session.is_true(sql, values![tenant, endpoint]).await
}

/// `false`: there is none, or its endpoint is not active.
pub async fn resend<S: Session>(
    session: &S,
    tenant: TenantId,
    endpoint: WebhookEndpointId,
    id: DeliveryId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    lock(session, tenant).await?;
    if !is_active(session, tenant, endpoint).await? {
        return Ok(false);
    }
    let sql = "UPDATE webhook_delivery SET state = 'pending', tries = 0, due = ?4, ended = NULL
               WHERE tenant = ?1 AND endpoint = ?2 AND id = ?3";
    Ok(session.execute(sql, values![tenant, endpoint, id, at]).await? > 0)
}

/// How many they are.
pub async fn recover<S: Session>(
    session: &S,
    tenant: TenantId,
    endpoint: WebhookEndpointId,
    (since, until): (Timestamp, Timestamp),
    at: Timestamp,
) -> Result<u64, StoreError> {
    lock(session, tenant).await?;
    if !is_active(session, tenant, endpoint).await? {
        return Ok(0);
    }
    let sql = "UPDATE webhook_delivery SET state = 'pending', tries = 0, due = NULL, ended = NULL
               WHERE tenant = ?1 AND endpoint = ?2 AND state = 'failed' AND at >= ?3 AND at < ?4";
    let recovered = session.execute(sql, values![tenant, endpoint, since, until]).await?;
    release_first(session, tenant, endpoint, at).await?;
    Ok(recovered)
}

/// In order of their ids. Asked across tenants, whose endpoints are few.
pub async fn tenants_with_old<S: Session>(session: &S, before: Timestamp) -> Result<Vec<TenantId>, StoreError> {
    let sql = "SELECT DISTINCT e.tenant FROM webhook_endpoint AS e \
               WHERE EXISTS (SELECT 1 FROM webhook_delivery AS d WHERE d.tenant = e.tenant AND d.ended < ?1) \
               ORDER BY e.tenant";
    let rows = session.rows(sql, values![before]).await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// How many deliveries they were.
pub async fn forget_old<S: Session>(session: &S, tenant: TenantId, before: Timestamp) -> Result<u64, StoreError> {
    lock(session, tenant).await?;
    let sql = "SELECT endpoint, id FROM webhook_delivery WHERE tenant = ?1 AND ended < ?2 ORDER BY ended LIMIT ?3";
    let rows = session.rows(sql, values![tenant, before, FORGOTTEN_AT_ONCE]).await?;
    let forgotten = rows.len() as u64;
    for mut row in rows {
        let (endpoint, id): (WebhookEndpointId, DeliveryId) = (row.take(0)?, row.take(1)?);
        let key = values![tenant, endpoint, id];
        session.send("DELETE FROM webhook_attempt WHERE tenant = ?1 AND endpoint = ?2 AND delivery = ?3", key).await?;
        session.send("DELETE FROM webhook_delivery WHERE tenant = ?1 AND endpoint = ?2 AND id = ?3", key).await?;
    }
    Ok(forgotten)
}
