//! The way out, which the binary brings: what a message is, and how it was received.

use std::time::Duration;

use async_trait::async_trait;

/// A message as it goes out, by POST.
#[derive(Clone, Debug)]
pub struct Message {
    pub url: String,
    /// In this order.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reception {
    Answered {
        status: u16,
        /// From `Retry-After`, in seconds or as a date (RFC 9110 section 10.2.3).
        retry_after: Option<Duration>,
        /// The beginning of the body.
        answer: Option<String>,
    },
    /// Why there was no answer, in one word that says nothing of the address.
    Unreachable { failure: &'static str },
}

/// Why an address will never be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);

/// Sends one message, once, within a time of its own, and follows no redirection.
#[async_trait]
pub trait Carrier: Send + Sync + 'static {
    async fn carry(&self, message: &Message) -> Reception;

    /// Whether the address can be called at all, as far as can be said without asking anybody.
    fn check_address(&self, url: &str) -> Result<(), Refusal>;
}
