//! Endpoints and deliveries, for programs and for people.

use muster_model::{Delivery, DeliveryAttempt, WebhookEndpoint, WebhookState};
use serde_json::{Value, json};

pub(super) fn json_of(endpoint: &WebhookEndpoint) -> Value {
    let (state, since) = match endpoint.state {
        WebhookState::Active => ("active", None),
        WebhookState::Disabled { reason, since } => (reason.as_str(), Some(since.to_string())),
    };
    let keys = endpoint.keys.iter().map(|key| {
        json!({
            "version": key.version,
            "created": key.created.to_string(),
            "retires": key.retires.map(|retires| retires.to_string()),
        })
    });
    json!({
        "id": endpoint.id,
        "url": endpoint.settings.url,
        "event_types": endpoint.settings.event_types,
        "payload": endpoint.settings.payload.as_str(),
        "is_active": endpoint.state.is_active(),
        "state": state,
        "disabled_since": since,
        "created": endpoint.created.to_string(),
        "keys": keys.collect::<Vec<_>>(),
        "scheduled": endpoint.scheduled,
        "failures": endpoint.health.failures,
        "failing_since": endpoint.health.failing_since.map(|since| since.to_string()),
    })
}

/// In a word or two.
pub(super) fn state(endpoint: &WebhookEndpoint) -> String {
    match (endpoint.state, endpoint.health.failing_since) {
        (WebhookState::Disabled { reason, since }, _) => {
            format!("disabled ({}) since {since}", reason.as_str().replace('_', " "))
        }
        (WebhookState::Active, Some(since)) => format!("failing since {since}"),
        (WebhookState::Active, None) => "active".to_owned(),
    }
}

pub(super) fn types(endpoint: &WebhookEndpoint) -> String {
    let types = &endpoint.settings.event_types;
    if types.is_empty() { "all".to_owned() } else { types.join(", ") }
}

pub(super) fn text_of(endpoint: &WebhookEndpoint) -> String {
    let mut lines = vec![
        endpoint.id.to_string(),
        format!("  url      {}", endpoint.settings.url),
        format!("  types    {}", types(endpoint)),
        format!("  payload  {}", endpoint.settings.payload.as_str()),
        format!("  state    {}", state(endpoint)),
        format!("  created  {}", endpoint.created),
    ];
    for key in &endpoint.keys {
        let retires = key.retires.map_or_else(String::new, |retires| format!(", signs until {retires}"));
        lines.push(format!("  key      {} of {}{retires}", key.version, key.created));
    }
    lines.join("\n")
}

pub(super) fn json_of_delivery(delivery: &Delivery) -> Value {
    json!({
        "id": delivery.id,
        "event": delivery.event,
        "type": delivery.event_type,
        "at": delivery.at.to_string(),
        "sequence": delivery.sequence,
        "state": delivery.state.as_str(),
        "attempts": delivery.attempts,
        "due": delivery.due.map(|due| due.to_string()),
        "ended": delivery.ended.map(|ended| ended.to_string()),
    })
}

pub(super) fn json_of_attempt(attempt: &DeliveryAttempt) -> Value {
    json!({
        "number": attempt.number,
        "at": attempt.at.to_string(),
        "milliseconds": attempt.milliseconds,
        "status": attempt.status,
        "failure": attempt.failure,
        "answer": attempt.answer,
    })
}

pub(super) fn text_of_attempt(attempt: &DeliveryAttempt) -> String {
    let outcome = match (attempt.status, &attempt.failure) {
        (Some(status), _) => status.to_string(),
        (None, failure) => failure.clone().unwrap_or_default(),
    };
    let answer = attempt.answer.as_ref().map_or_else(String::new, |answer| format!(": {}", answer.escape_debug()));
    format!("  {}  {}  {outcome} after {} ms{answer}", attempt.number, attempt.at, attempt.milliseconds)
}
