//! Requests and answers, and the connection that somebody else makes.

mod answer;
mod ask;
mod client;
mod exchange;
mod masking;
mod transport;

pub use exchange::{Exchange, RecordedMessage};
pub use transport::{Request, Response, Transport, TransportError};

pub(crate) use answer::Answer;
pub(crate) use ask::Ask;
pub(crate) use client::Client;
