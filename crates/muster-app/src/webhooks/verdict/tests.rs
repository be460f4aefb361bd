use muster_model::{
    DeliveryId, EventId, ResourceId, Sequence, TenantId, WebhookEndpointId, WebhookPayload, WebhookSettings,
};
use uuid::Uuid;

use super::*;

const NOBODY: Uuid = Uuid::nil();

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn endpoint() -> WebhookEndpoint {
    let settings = WebhookSettings { url: String::new(), event_types: Vec::new(), payload: WebhookPayload::Thin };
    WebhookEndpoint {
        id: WebhookEndpointId::from_uuid(NOBODY),
        tenant: TenantId::from_uuid(NOBODY),
        settings,
        state: WebhookState::Active,
        created: start(),
        keys: Vec::new(),
        scheduled: Sequence::START,
        health: WebhookHealth::default(),
    }
}

fn delivery(tries: u32) -> Delivery {
    Delivery {
        id: DeliveryId::from_uuid(NOBODY),
        endpoint: WebhookEndpointId::from_uuid(NOBODY),
        event: EventId::from_uuid(NOBODY),
        event_type: String::new(),
        body: String::new(),
        sequence: Sequence(1),
        place: 0,
        resource: ResourceId::from_uuid(NOBODY),
        at: start(),
        state: DeliveryState::Pending,
        attempts: tries + 3,
        tries,
        due: Some(start()),
        ended: None,
    }
}

fn answered(status: u16) -> Reception {
    Reception::Answered { status, retry_after: None, answer: Some("because".to_owned()) }
}

fn after(tries: u32, health: WebhookHealth, reception: Reception, at: Timestamp, chance: Chance) -> AttemptOutcome {
    let (endpoint, delivery) = (endpoint(), delivery(tries));
    judge(Attempted {
        endpoint: &endpoint,
        health,
        delivery: &delivery,
        reception,
        at,
        took: Duration::from_millis(7),
        chance,
    })
}

fn fresh(reception: Reception) -> AttemptOutcome {
    after(0, WebhookHealth::default(), reception, start(), 0)
}

fn seconds_until(time: Option<Timestamp>) -> Option<i64> {
    time.map(|time| time.duration_since(start()).as_secs())
}

#[test]
fn only_2xx_is_success() {
    for status in [200, 201, 204, 299] {
        let outcome = fresh(answered(status));
        assert_eq!((outcome.state, outcome.health), (DeliveryState::Delivered, WebhookHealth::default()), "{status}");
        assert_eq!((outcome.due, outcome.attempt.answer), (None, None));
    }
    for status in [100, 199, 300, 301, 302, 307, 400, 404, 500, 503] {
        let outcome = fresh(answered(status));
        assert_eq!((outcome.state, outcome.health.failures), (DeliveryState::Pending, 1), "{status}");
        assert_eq!(outcome.attempt.answer.as_deref(), Some("because"));
        assert_eq!(outcome.disabled, None);
    }
    let outcome = fresh(Reception::Unreachable { failure: "timeout" });
    assert_eq!((outcome.attempt.status, outcome.attempt.failure.as_deref()), (None, Some("timeout")));
    assert_eq!((outcome.attempt.number, outcome.attempt.milliseconds, outcome.tries), (4, 7, 1));
}

#[test]
fn a_message_is_sent_ten_times_over_three_days_and_given_up() {
    let wanted = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
    for (tries, seconds) in (0..).zip(wanted) {
        let least = after(tries, WebhookHealth::default(), answered(500), start(), 0);
        assert_eq!(seconds_until(least.due), Some(seconds));
        let most = after(tries, WebhookHealth::default(), answered(500), start(), 255);
        assert_eq!(seconds_until(most.due), Some(seconds + seconds / 5));
    }
    let last = after(9, WebhookHealth::default(), answered(500), start(), 0);
    assert_eq!((last.state, last.due), (DeliveryState::Failed, None));
}

#[test]
fn a_receiver_may_ask_for_more_time_but_not_for_ever() {
    let asks = |status, seconds| {
        let retry_after = Some(Duration::from_secs(seconds));
        fresh(Reception::Answered { status, retry_after, answer: None })
    };
    let outcome = asks(429, 90);
    assert_eq!((seconds_until(outcome.due), seconds_until(outcome.health.rests_until)), (Some(90), Some(90)));
    // Of this message only.
    let outcome = asks(500, 90);
    assert_eq!((seconds_until(outcome.due), outcome.health.rests_until), (Some(90), None));
    assert_eq!(seconds_until(asks(429, 10_000_000).due), Some(86_400));
    for status in [502, 503, 504] {
        assert_eq!(seconds_until(asks(status, 0).health.rests_until), Some(10));
    }
}

#[test]
fn an_endpoint_that_fails_again_and_again_rests_longer_and_longer() {
    let rests = |failures| {
        let health = WebhookHealth { failures, failing_since: Some(start()), rests_until: None };
        seconds_until(after(0, health, answered(500), start(), 0).health.rests_until)
    };
    assert_eq!([0, 3, 4, 5, 6, 7].map(rests), [None, None, Some(5), Some(10), Some(20), Some(40)]);
    assert_eq!(rests(1_000_000), Some(300));
}

#[test]
fn gone_disables_at_once_and_five_days_of_failures_do() {
    let outcome = fresh(answered(410));
    let gone = WebhookState::Disabled { reason: DisabledReason::Gone, since: start() };
    assert_eq!((outcome.disabled, outcome.state), (Some(gone), DeliveryState::Pending));

    let failing = WebhookHealth { failures: 9, failing_since: Some(start()), rests_until: None };
    let days = |days: i64| start() + SignedDuration::from_hours(24 * days);
    assert_eq!(after(1, failing, answered(500), days(4), 0).disabled, None);
    let since = days(5);
    let outcome = after(9, failing, answered(500), since, 0);
    assert_eq!(outcome.disabled, Some(WebhookState::Disabled { reason: DisabledReason::Failing, since }));
    assert_eq!(outcome.state, DeliveryState::Pending, "it is parked, not lost");
    // One failure now and one long ago are no days of failures.
    let seldom = WebhookHealth { failures: 1, ..failing };
    assert_eq!(after(1, seldom, answered(500), days(9), 0).disabled, None);
}

#[test]
fn of_a_long_answer_only_the_beginning_is_kept() {
    let answer = Some("ä".repeat(2_000));
    let outcome = fresh(Reception::Answered { status: 500, retry_after: None, answer });
    assert_eq!(outcome.attempt.answer.unwrap(), "ä".repeat(512));
}
