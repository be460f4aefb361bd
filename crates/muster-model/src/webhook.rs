//! Addresses that events are sent to, and events on their way there (Standard Webhooks 1.0.0, docs/adr/0029).

use jiff::Timestamp;
use uuid::Uuid;

use crate::{DeliveryId, EventId, ResourceId, Sequence, TenantId, WebhookEndpointId};

/// An address that a tenant's events are sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookEndpoint {
    pub id: WebhookEndpointId,
    pub tenant: TenantId,
    pub settings: WebhookSettings,
    pub state: WebhookState,
    pub created: Timestamp,
    /// The oldest first; a message is signed by each that has not retired.
    pub keys: Vec<SigningKey>,
    /// Deliveries were made of the change log up to here.
    pub scheduled: Sequence,
    pub health: WebhookHealth,
}

/// What a person chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSettings {
    pub url: String,
    /// Names of event types, or their beginning and `.*`; empty: all.
    pub event_types: Vec<String>,
    pub payload: WebhookPayload,
}

impl WebhookSettings {
    pub fn wants(&self, event_type: &str) -> bool {
        self.event_types.is_empty() || self.event_types.iter().any(|wanted| is_of_type(event_type, wanted))
    }
}

/// Whether the event's type is the named one, or begins as `directory.user.*` says.
pub fn is_of_type(event_type: &str, wanted: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(beginning) => beginning.ends_with('.') && event_type.starts_with(beginning),
        None => event_type == wanted,
    }
}

/// How much a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookPayload {
    /// Ids and names of attributes: who receives it asks for the rest.
    Thin,
    /// Also the resource as it is when the message is sent.
    Full,
}

impl WebhookPayload {
    pub const ALL: [Self; 2] = [Self::Thin, Self::Full];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Thin => "thin",
            Self::Full => "full",
        }
    }
}

/// Whether messages are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookState {
    Active,
    Disabled { reason: DisabledReason, since: Timestamp },
}

impl WebhookState {
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Active)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisabledReason {
    /// A person did it.
    ByOperator,
    /// The receiver answered 410.
    Gone,
    /// Nothing was accepted for days.
    Failing,
}

impl DisabledReason {
    pub const ALL: [Self; 3] = [Self::ByOperator, Self::Gone, Self::Failing];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ByOperator => "by_operator",
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

/// How the receiver has answered lately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebhookHealth {
    /// Since the last message that was accepted.
    pub failures: u64,
    pub failing_since: Option<Timestamp>,
    /// Nothing is sent before.
    pub rests_until: Option<Timestamp>,
}

/// A key that messages are signed with. The key itself is a secret of the endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// From 1, and never twice for one endpoint.
    pub version: u32,
    /// Under which name the endpoint keeps it (`SecretKind::WEBHOOK_KEY`).
    pub secret: Uuid,
    pub created: Timestamp,
    /// Signs nothing from then on.
    pub retires: Option<Timestamp>,
}

impl SigningKey {
    pub fn signs_at(&self, at: Timestamp) -> bool {
        self.retires.is_none_or(|retires| at < retires)
    }
}

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is to be sent, or waits for an earlier one of the same resource.
    Pending,
    /// The receiver has accepted it.
    Delivered,
    /// It was given up after the last attempt.
    Failed,
    /// The endpoint was disabled while it was pending. It is pending again when the endpoint is enabled.
    Parked,
}

impl DeliveryState {
    pub const ALL: [Self; 4] = [Self::Pending, Self::Delivered, Self::Failed, Self::Parked];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Parked => "parked",
        }
    }
}

/// An event on its way to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub endpoint: WebhookEndpointId,
    pub event: EventId,
    pub event_type: String,
    /// The event as JSON, without the resource itself.
    pub body: String,
    /// Where the event stands in the tenant's change log; 0: it is of no change.
    pub sequence: Sequence,
    /// Its place among the events of that entry.
    pub place: u32,
    /// Events of one resource are delivered in their order.
    pub resource: ResourceId,
    /// When what it tells of happened.
    pub at: Timestamp,
    pub state: DeliveryState,
    /// How often it was sent.
    pub attempts: u32,
    /// How often since it was made or sent again by a person: the place in the schedule.
    pub tries: u32,
    /// When it is to be sent; `None`: it waits for an earlier one, or is not pending.
    pub due: Option<Timestamp>,
    pub ended: Option<Timestamp>,
}

/// One sending of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryAttempt {
    /// From 1.
    pub number: u32,
    pub at: Timestamp,
    pub milliseconds: u64,
    /// Of the answer, if there was one.
    pub status: Option<u16>,
    /// Why there was none, in one word.
    pub failure: Option<String>,
    /// The beginning of the answer's body, where it says why the message was not accepted.
    pub answer: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_chosen_by_name_or_by_their_beginning() {
        for (wanted, is_wanted) in [
            ("directory.user.created", true),
            ("directory.user.*", true),
            ("directory.*", true),
            ("directory.user.create", false),
            ("directory.us*", false),
            ("directory.group.*", false),
            ("*", false),
        ] {
            assert_eq!(is_of_type("directory.user.created", wanted), is_wanted, "{wanted}");
        }
    }
}
