//! What an attempt leads to: the schedule, and when an endpoint rests or is disabled. Pure, with time and chance as
//! parameters.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use muster_model::{
    Delivery, DeliveryAttempt, DeliveryState, DisabledReason, WebhookEndpoint, WebhookHealth, WebhookState,
};
use muster_store::AttemptOutcome;

use super::Reception;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
/// Seconds before each attempt (Standard Webhooks 1.0.0, "Retry schedule"): three days and some hours in all.
const SCHEDULE: [u64; 10] =
    [0, 5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
/// A receiver cannot put a message off for longer than the schedule would.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * HOUR);
/// Nothing accepted for so long, in so many attempts, disables an endpoint.
const FAILING_FOR: SignedDuration = SignedDuration::from_hours(5 * 24);
const FAILURES_TO_DISABLE: u64 = 10;
/// So many failures one after another are not about one message: the endpoint rests, each time longer.
const FAILURES_TO_REST: u64 = 5;
const SHORTEST_REST: Duration = Duration::from_secs(5);
const LONGEST_REST: Duration = Duration::from_secs(5 * MINUTE);
/// What is noted of an answer.
pub(super) const MOST_ANSWER_BYTES: usize = 1024;

/// A part of one, for spreading times: `0` is none of it, `255` almost all.
pub(super) type Chance = u8;

/// One attempt, as it is judged.
pub(super) struct Attempted<'a> {
    pub(super) endpoint: &'a WebhookEndpoint,
    /// As the attempts before this one have left it.
    pub(super) health: WebhookHealth,
    pub(super) delivery: &'a Delivery,
    pub(super) reception: Reception,
    pub(super) at: Timestamp,
    pub(super) took: Duration,
    pub(super) chance: Chance,
}

pub(super) fn judge(attempted: Attempted<'_>) -> AttemptOutcome {
    let Attempted { endpoint, health, delivery, reception, at, took, chance } = attempted;
    let (status, failure, retry_after, answer) = match reception {
        Reception::Answered { status, retry_after, answer } => (Some(status), None, retry_after, answer),
        Reception::Unreachable { failure } => (None, Some(failure.to_owned()), None, None),
    };
    let is_accepted = status.is_some_and(|status| (200..300).contains(&status));
    let attempt = DeliveryAttempt {
        number: delivery.attempts.saturating_add(1),
        at,
        milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        status,
        failure,
        answer: answer.filter(|_| !is_accepted).map(beginning),
    };
    let tries = delivery.tries.saturating_add(1);
    if is_accepted {
        let (state, health) = (DeliveryState::Delivered, WebhookHealth::default());
        return AttemptOutcome { attempt, state, tries, due: None, health, disabled: None };
    }
    let retry_after = retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER);
    let failures = health.failures.saturating_add(1);
    let failing_since = health.failing_since.unwrap_or(at);
    let rest = rest(status, failures, retry_after);
    let rests_until = (!rest.is_zero()).then(|| later(at, rest)).max(health.rests_until);
    let health = WebhookHealth { failures, failing_since: Some(failing_since), rests_until };
    let disabled = reason_to_disable(status, failures, at.duration_since(failing_since))
        .filter(|_| endpoint.state.is_active())
        .map(|reason| WebhookState::Disabled { reason, since: at });
    let next = SCHEDULE.get(tries as usize);
    let (state, due) = match next {
        Some(seconds) => {
            (DeliveryState::Pending, Some(later(at, spread(Duration::from_secs(*seconds), chance).max(retry_after))))
        }
        // Given up by the schedule; but what an endpoint that is disabled misses waits for it.
        None if disabled.is_some() => (DeliveryState::Pending, Some(at)),
        None => (DeliveryState::Failed, None),
    };
    AttemptOutcome { attempt, state, tries, due, health, disabled }
}

/// How long nothing at all is sent. 429, 502, 503 and 504 ask for it; otherwise many failures do.
fn rest(status: Option<u16>, failures: u64, retry_after: Duration) -> Duration {
    let doubled = |times: u64| {
        let factor = 1_u32.checked_shl(u32::try_from(times).unwrap_or(u32::MAX)).unwrap_or(u32::MAX);
        SHORTEST_REST.saturating_mul(factor).min(LONGEST_REST)
    };
    match status {
        Some(429 | 502 | 503 | 504) => doubled(failures.min(10)).max(retry_after),
        _ if failures >= FAILURES_TO_REST => doubled((failures - FAILURES_TO_REST).min(10)),
        _ => Duration::ZERO,
    }
}

fn reason_to_disable(status: Option<u16>, failures: u64, failing_for: SignedDuration) -> Option<DisabledReason> {
    if status == Some(410) {
        return Some(DisabledReason::Gone);
    }
    (failures >= FAILURES_TO_DISABLE && failing_for >= FAILING_FOR).then_some(DisabledReason::Failing)
}

/// Up to a fifth more, so that what failed together does not come again together.
fn spread(pause: Duration, chance: Chance) -> Duration {
    pause + pause / 5 * u32::from(chance) / 255
}

fn later(at: Timestamp, pause: Duration) -> Timestamp {
    SignedDuration::try_from(pause).ok().and_then(|pause| at.checked_add(pause).ok()).unwrap_or(at)
}

fn beginning(mut text: String) -> String {
    if text.len() > MOST_ANSWER_BYTES {
        let end = (0..=MOST_ANSWER_BYTES).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0);
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests;
