//! What webhook endpoints and deliveries look like from outside.

use muster_app::webhooks::{self, CreatedEndpoint, NewSigningKey};
use muster_model::{Delivery, DeliveryAttempt, DeliveryState, TenantId, WebhookEndpoint, WebhookPayload, WebhookState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::events::EventTypeName;
use crate::request::Moment;

/// How much a message says. `thin`: ids and names of attributes. `full`: the resource, too, as it is when it is sent.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Payload {
    #[default]
    Thin,
    Full,
}

impl From<Payload> for WebhookPayload {
    fn from(payload: Payload) -> Self {
        match payload {
            Payload::Thin => Self::Thin,
            Payload::Full => Self::Full,
        }
    }
}

impl From<WebhookPayload> for Payload {
    fn from(payload: WebhookPayload) -> Self {
        match payload {
            WebhookPayload::Thin => Self::Thin,
            WebhookPayload::Full => Self::Full,
        }
    }
}

pub(super) fn names(names: Vec<EventTypeName>) -> Vec<String> {
    names.into_iter().map(|EventTypeName(name)| name).collect()
}

/// A webhook endpoint to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookRequest {
    /// Whose it is; left out: the token's own tenant, or the tenant `default`.
    #[schema(value_type = Option<String>, pattern = "^ten_[0-9a-f]{32}$")]
    pub(super) tenant_id: Option<TenantId>,
    /// Where messages are sent: an address that the installation may reach.
    #[schema(max_length = 2048, format = "uri")]
    pub(super) url: String,
    /// Which events it gets; left out: all.
    #[serde(default)]
    #[schema(max_items = 64)]
    pub(super) event_types: Vec<EventTypeName>,
    #[serde(default)]
    pub(super) payload: Payload,
}

/// What is to change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookChanges {
    #[schema(max_length = 2048, format = "uri")]
    pub(super) url: Option<String>,
    /// Which events it gets; empty: all.
    #[schema(max_items = 64)]
    pub(super) event_types: Option<Vec<EventTypeName>>,
    pub(super) payload: Option<Payload>,
}

/// How to go on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnableRequest {
    /// Whether what was missed is left out.
    #[serde(default)]
    pub(super) skip_missed: bool,
}

/// An address that events are sent to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(crate) struct WebhookBody {
    /// Always `webhook`.
    object: &'static str,
    #[schema(pattern = "^whe_[0-9a-f]{32}$")]
    id: String,
    #[schema(pattern = "^ten_[0-9a-f]{32}$")]
    tenant_id: String,
    url: String,
    /// Empty: all.
    event_types: Vec<EventTypeName>,
    payload: Payload,
    is_active: bool,
    /// Why it is sent nothing: `by_operator`, `gone` (the receiver answered 410) or `failing` (nothing was accepted for days).
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_because: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    disabled: Option<String>,
    #[schema(format = DateTime)]
    created: String,
    /// The oldest first.
    keys: Vec<KeyBody>,
    /// How many messages were not accepted since the last one that was.
    failures: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    failing_since: Option<String>,
}

/// A key that messages are signed with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookKey)]
struct KeyBody {
    version: u32,
    #[schema(format = DateTime)]
    created: String,
    /// Signs nothing from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    retires: Option<String>,
}

impl From<&WebhookEndpoint> for WebhookBody {
    fn from(endpoint: &WebhookEndpoint) -> Self {
        let (because, since) = match endpoint.state {
            WebhookState::Active => (None, None),
            WebhookState::Disabled { reason, since } => (Some(reason.as_str()), Some(since.to_string())),
        };
        let keys = endpoint.keys.iter().map(|key| KeyBody {
            version: key.version,
            created: key.created.to_string(),
            retires: key.retires.map(|at| at.to_string()),
        });
        Self {
            object: "webhook",
            id: endpoint.id.to_string(),
            tenant_id: endpoint.tenant.to_string(),
            url: endpoint.settings.url.clone(),
            event_types: endpoint.settings.event_types.iter().cloned().map(EventTypeName).collect(),
            payload: endpoint.settings.payload.into(),
            is_active: endpoint.state.is_active(),
            disabled_because: because,
            disabled: since,
            created: endpoint.created.to_string(),
            keys: keys.collect(),
            failures: endpoint.health.failures,
            failing_since: endpoint.health.failing_since.map(|at| at.to_string()),
        }
    }
}

/// A key that cannot be shown again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewKey {
    version: u32,
    /// As Standard Webhooks writes it: `whsec_…`.
    key: String,
    /// Until then the key before it signs, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    overlap_ends: Option<String>,
}

impl From<&NewSigningKey> for NewKey {
    fn from(new: &NewSigningKey) -> Self {
        Self {
            version: new.version,
            key: new.secret.expose_serialized(),
            overlap_ends: new.overlap_ends.map(|at| at.to_string()),
        }
    }
}

/// A new webhook endpoint with its key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedWebhook {
    #[serde(flatten)]
    webhook: WebhookBody,
    /// With which messages are signed; it cannot be shown again.
    key: String,
}

impl CreatedWebhook {
    pub(super) fn of(created: &CreatedEndpoint) -> Self {
        Self { webhook: (&created.endpoint).into(), key: created.key.secret.expose_serialized() }
    }
}

/// `pending`: it is to be sent. `delivered`: the receiver has accepted it. `failed`: it was given up. `parked`: it waits until
/// the endpoint is enabled.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = DeliveryState)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StateName {
    Pending,
    Delivered,
    Failed,
    Parked,
}

impl From<StateName> for DeliveryState {
    fn from(state: StateName) -> Self {
        match state {
            StateName::Pending => Self::Pending,
            StateName::Delivered => Self::Delivered,
            StateName::Failed => Self::Failed,
            StateName::Parked => Self::Parked,
        }
    }
}

impl From<DeliveryState> for StateName {
    fn from(state: DeliveryState) -> Self {
        match state {
            DeliveryState::Pending => Self::Pending,
            DeliveryState::Delivered => Self::Delivered,
            DeliveryState::Failed => Self::Failed,
            DeliveryState::Parked => Self::Parked,
        }
    }
}

/// An event on its way to one endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub(crate) struct DeliveryBody {
    /// Always `webhook_delivery`.
    object: &'static str,
    #[schema(pattern = "^whd_[0-9a-f]{32}$")]
    id: String,
    #[schema(pattern = "^whe_[0-9a-f]{32}$")]
    webhook_id: String,
    #[schema(pattern = "^evt_[0-9a-f]{32}$")]
    event_id: String,
    event_type: String,
    /// When what it tells of happened.
    #[schema(format = DateTime)]
    at: String,
    state: StateName,
    /// How often it was sent.
    attempts: u32,
    /// When it is to be sent; left out: it waits for an earlier one of the same resource, or is not pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    due: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    ended: Option<String>,
}

impl From<&Delivery> for DeliveryBody {
    fn from(delivery: &Delivery) -> Self {
        Self {
            object: "webhook_delivery",
            id: delivery.id.to_string(),
            webhook_id: delivery.endpoint.to_string(),
            event_id: delivery.event.to_string(),
            event_type: delivery.event_type.clone(),
            at: delivery.at.to_string(),
            state: delivery.state.into(),
            attempts: delivery.attempts,
            due: delivery.due.map(|at| at.to_string()),
            ended: delivery.ended.map(|at| at.to_string()),
        }
    }
}

/// A delivery with what became of each sending.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryDetails {
    #[serde(flatten)]
    delivery: DeliveryBody,
    sendings: Vec<Sending>,
}

/// One sending of a delivery.
#[derive(Debug, Serialize, ToSchema)]
struct Sending {
    number: u32,
    #[schema(format = DateTime)]
    at: String,
    milliseconds: u64,
    /// Of the answer, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// Why there was none, in a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    /// The beginning of an answer that says why the message was not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
}

impl From<&webhooks::DeliveryDetails> for DeliveryDetails {
    fn from(found: &webhooks::DeliveryDetails) -> Self {
        let sending = |attempt: &DeliveryAttempt| Sending {
            number: attempt.number,
            at: attempt.at.to_string(),
            milliseconds: attempt.milliseconds,
            status: attempt.status,
            failure: attempt.failure.clone(),
            answer: attempt.answer.clone(),
        };
        Self { delivery: (&found.delivery).into(), sendings: found.attempts.iter().map(sending).collect() }
    }
}

/// The span of time that is meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecoverRequest {
    /// From that moment on
    #[schema(value_type = String, format = DateTime)]
    pub(super) since: Moment,
    /// and before that one; left out: until now.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) until: Option<Moment>,
}

/// What is on its way again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Recovered {
    pub(super) count: u64,
}

/// A test message on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TestDelivery {
    #[schema(pattern = "^whd_[0-9a-f]{32}$")]
    pub(super) delivery_id: String,
}
