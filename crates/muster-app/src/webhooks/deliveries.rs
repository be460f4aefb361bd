//! Deliveries in the hands of an operator.

use jiff::Timestamp;
use muster_model::{
    Delivery, DeliveryAttempt, DeliveryId, DeliveryState, EventId, ResourceId, Sequence, WebhookEndpoint,
};
use muster_store::DeliveryQuery;
use serde_json::json;

use super::endpoints::{EndpointOf, expect, find};
use crate::events::EventType;
use crate::operator::{Grants, may};
use crate::{App, AppError};

/// In one page.
const MOST_DELIVERIES: u64 = 100;

/// A delivery with what became of each sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryDetails {
    pub delivery: Delivery,
    pub attempts: Vec<DeliveryAttempt>,
}

/// The newest first; `query.limit` is at most 100.
pub async fn list_deliveries(
    app: &App,
    access: &impl Grants<may::ReadWebhooks>,
    of: &EndpointOf,
    query: DeliveryQuery,
) -> Result<Vec<Delivery>, AppError> {
    let endpoint = find(app, access.reach(), of).await?;
    let query = DeliveryQuery { limit: query.limit.clamp(1, MOST_DELIVERIES), ..query };
    Ok(app.store.list_deliveries(endpoint.tenant, of.id, query).await?)
}

pub async fn delivery(
    app: &App,
    access: &impl Grants<may::ReadWebhooks>,
    of: &EndpointOf,
    delivery: DeliveryId,
) -> Result<DeliveryDetails, AppError> {
    let endpoint = find(app, access.reach(), of).await?;
    let found = app.store.find_delivery(endpoint.tenant, of.id, delivery).await?;
    let delivery = found.ok_or(AppError::DeliveryNotFound)?;
    let attempts = app.store.list_attempts(endpoint.tenant, of.id, delivery.id).await?;
    Ok(DeliveryDetails { delivery, attempts })
}

/// Sends a delivery again, whatever became of it, with the id that it had. It waits for nothing else, so it may come out of
/// order.
pub async fn resend(
    app: &App,
    access: &impl Grants<may::ChangeWebhooks>,
    of: &EndpointOf,
    delivery: DeliveryId,
) -> Result<(), AppError> {
    let endpoint = find(app, access.reach(), of).await?;
    expect_active(&endpoint)?;
    if app.store.resend_delivery(endpoint.tenant, of.id, delivery, app.now()).await? {
        return Ok(());
    }
    Err(AppError::DeliveryNotFound)
}

/// Sends again what was given up of what happened from `since` on and before `until`, in order for each resource, and says how
/// many they are.
pub async fn recover(
    app: &App,
    access: &impl Grants<may::ChangeWebhooks>,
    of: &EndpointOf,
    since: Timestamp,
    until: Option<Timestamp>,
) -> Result<u64, AppError> {
    let endpoint = find(app, access.reach(), of).await?;
    expect_active(&endpoint)?;
    let now = app.now();
    Ok(app.store.recover_deliveries(endpoint.tenant, of.id, since, until.unwrap_or(now), now).await?)
}

/// Sends a message that tells of nothing, to see whether it arrives. Waits for no other.
pub async fn send_test(
    app: &App,
    access: &impl Grants<may::ChangeWebhooks>,
    of: &EndpointOf,
) -> Result<DeliveryId, AppError> {
    let endpoint = find(app, access.reach(), of).await?;
    expect_active(&endpoint)?;
    let (now, clock, rng) = (app.now(), app.clock.as_ref(), app.rng.as_ref());
    let event = EventId::new(clock, rng);
    let event_type = EventType::WebhookTest.as_str();
    let body = json!({ "id": event, "type": event_type, "timestamp": now.to_string(), "data": { "endpoint": of.id } });
    let delivery = Delivery {
        id: DeliveryId::new(clock, rng),
        endpoint: of.id,
        event,
        event_type: event_type.to_owned(),
        body: body.to_string(),
        sequence: Sequence::START,
        place: 0,
        // Of nobody, so that it waits for nothing.
        resource: ResourceId::new(clock, rng),
        at: now,
        state: DeliveryState::Pending,
        attempts: 0,
        tries: 0,
        due: Some(now),
        ended: None,
    };
    expect(app.store.add_delivery(endpoint.tenant, &delivery).await?)?;
    Ok(delivery.id)
}

fn expect_active(endpoint: &WebhookEndpoint) -> Result<(), AppError> {
    if endpoint.state.is_active() {
        return Ok(());
    }
    Err(AppError::WebhookDisabled)
}
