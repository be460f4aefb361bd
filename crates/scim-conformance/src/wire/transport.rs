//! What this crate asks of a connection to the server: one request out, one answer in.

use std::time::Duration;

/// A request, complete.
#[derive(Debug, Clone)]
pub struct Request {
    /// An HTTP method.
    pub method: &'static str,
    /// An absolute URL.
    pub url: String,
    /// Name and value, in this order.
    pub headers: Vec<(String, String)>,
    /// The body, if there is one.
    pub body: Option<Vec<u8>>,
}

/// An answer, complete.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body, decoded from its transfer.
    pub body: Vec<u8>,
    /// How long the server took. The clock belongs to the transport.
    pub elapsed: Duration,
}

/// No answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The person wants it to end. Said once; what is sent afterwards is cleaning up.
    #[error("interrupted")]
    Interrupted,
    /// Nothing came back, and why.
    #[error("no answer: {0}")]
    NoAnswer(String),
}

/// Carries requests to one server, and knows the time.
pub trait Transport {
    /// Sends the request and reads the whole answer. Nothing is repeated and no redirect followed.
    fn send(&mut self, request: &Request) -> Result<Response, TransportError>;

    /// Waits, because the server asked for it.
    fn pause(&mut self, duration: Duration);
}
