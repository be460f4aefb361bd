//! Messages go out through the one door, which judges the address, follows no redirection and reads no endless answer.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use muster_app::webhooks::{Carrier, Message, Reception, Refusal};
use muster_egress::{AddressPolicy, Answer, Egress, EgressError, Limits, Outgoing};
use muster_model::Clock;

use crate::system::SystemClock;

/// Standard Webhooks 1.0.0, "Operational considerations": 15 to 30 seconds.
const LIMITS: Limits =
    Limits { connect: Duration::from_secs(5), total: Duration::from_secs(15), max_body_bytes: 1024 * 1024 };

pub(crate) struct EgressCarrier {
    door: Egress,
}

impl EgressCarrier {
    pub(crate) fn new(policy: AddressPolicy) -> Result<Self, EgressError> {
        Ok(Self { door: Egress::new(policy, LIMITS, None)? })
    }
}

#[async_trait]
impl Carrier for EgressCarrier {
    async fn carry(&self, message: &Message) -> Reception {
        let outgoing = Outgoing {
            method: "POST",
            url: &message.url,
            headers: &message.headers,
            body: Some(message.body.as_bytes()),
        };
        match self.door.send(outgoing).await {
            Ok(answer) => received(&answer),
            Err(error) => Reception::Unreachable { failure: word(&error) },
        }
    }

    fn check_address(&self, url: &str) -> Result<(), Refusal> {
        self.door.check_address(url).map_err(|error| {
            Refusal(match error {
                EgressError::Forbidden(_) => "this address may not be called from here; use a public one".to_owned(),
                _ => {
                    "it must be a complete https:// address with a host, and without a user name or password".to_owned()
                }
            })
        })
    }
}

/// In one word: the address itself may be nobody else's business.
fn word(error: &EgressError) -> &'static str {
    match error {
        EgressError::Address(_) => "address",
        EgressError::Forbidden(_) => "forbidden_address",
        EgressError::Unsendable(_) => "unsendable",
        EgressError::TooLarge(_) => "answer_too_large",
        EgressError::TimedOut(_) => "timeout",
        EgressError::Failed(error) if error.is_connect() => "connection",
        _ => "transport",
    }
}

fn received(answer: &Answer) -> Reception {
    let retry_after = answer.headers.iter().find(|(name, _)| name == "retry-after");
    let retry_after = retry_after.and_then(|(_, value)| pause(value, SystemClock.now()));
    let text = String::from_utf8_lossy(&answer.body);
    let text = text.trim();
    Reception::Answered { status: answer.status, retry_after, answer: (!text.is_empty()).then(|| text.to_owned()) }
}

/// Seconds, or a date (RFC 9110 section 10.2.3).
fn pause(value: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    // HTTP writes "GMT", which the form of mail knows, too.
    let date = rfc2822::parse(value.trim()).ok()?.timestamp();
    Duration::try_from(date.duration_since(now)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_says_when_in_seconds_or_as_a_date() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        assert_eq!(pause(" 120 ", now), Some(Duration::from_mins(2)));
        assert_eq!(pause("Sun, 22 Nov 2026 10:00:30 GMT", now), Some(Duration::from_secs(30)));
        for nothing in ["Sun, 22 Nov 2026 09:00:00 GMT", "soon", "-1", ""] {
            assert_eq!(pause(nothing, now), None, "{nothing}");
        }
    }

    #[test]
    fn only_public_addresses_over_tls_are_taken() {
        let carrier = EgressCarrier::new(AddressPolicy::public_only()).unwrap();
        assert!(carrier.check_address("https://example.com/hook?a=1").is_ok());
        for refused in
            ["http://example.com", "https://10.0.0.1/", "https://[::1]/", "https://user:secret@example.com", "x", ""]
        {
            let refusal = carrier.check_address(refused).unwrap_err();
            assert!(!refusal.0.contains("secret"), "{refusal}");
        }
    }
}
