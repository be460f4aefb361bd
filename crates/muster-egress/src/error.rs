//! Why no answer came back.

use std::time::Duration;

/// No answer: the request was not sent, or what came back could not be read whole.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// The text is no URL that can be called.
    #[error("the address is no http or https URL with a host: {0}")]
    Address(String),
    /// The policy forbids the address.
    #[error("the address {0} may not be called from here")]
    Forbidden(String),
    /// A header or a method has characters that HTTP does not allow.
    #[error("{0} cannot be sent over HTTP")]
    Unsendable(String),
    /// The answer is larger than the limit.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// No whole answer within the limit.
    #[error("no answer within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// The certificate file cannot be used.
    #[error("the certificate authority's file holds no usable certificate")]
    Certificate(#[source] reqwest::Error),
    /// The client could not be made.
    #[error("the HTTP client could not be started")]
    Client(#[source] reqwest::Error),
    /// Name, connection, TLS or HTTP failed.
    #[error("the request failed")]
    Failed(#[source] reqwest::Error),
}
