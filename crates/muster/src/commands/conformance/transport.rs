//! The connection that `scim-conformance` asks for: through the door, one request after another, with an ear for Ctrl-C.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use muster_egress::{Answer, Egress, EgressError, Outgoing};
use scim_conformance::wire::{Request, Response, Transport, TransportError};
use tokio::runtime::Runtime;

use crate::failure::causes;

type Interrupt = Pin<Box<dyn Future<Output = io::Result<()>>>>;

/// How long a request that is on its way is waited for after a Ctrl-C. What it makes must be known, or nobody removes it.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct EgressTransport {
    runtime: Runtime,
    egress: Egress,
    /// Kept between requests, so that a Ctrl-C between two of them is heard by the next.
    interrupt: Interrupt,
    is_interrupted: bool,
}

impl EgressTransport {
    pub(crate) fn new(runtime: Runtime, egress: Egress) -> Self {
        Self { runtime, egress, interrupt: interrupt(), is_interrupted: false }
    }
}

fn interrupt() -> Interrupt {
    Box::pin(tokio::signal::ctrl_c())
}

/// Sends, and listens. `None`: the person does not want to wait for the answer.
async fn exchange(
    egress: &Egress,
    outgoing: Outgoing<'_>,
    listening: &mut Interrupt,
    is_interrupted: &mut bool,
) -> Option<Result<Answer, EgressError>> {
    let mut flight = std::pin::pin!(egress.send(outgoing));
    tokio::select! {
        outcome = &mut flight => return Some(outcome),
        _ = listening.as_mut() => {
            *is_interrupted = true;
            *listening = interrupt();
        }
    }
    tokio::select! {
        outcome = flight => Some(outcome),
        _ = listening.as_mut() => None,
        () = tokio::time::sleep(PATIENCE) => None,
    }
}

/// Waits, and listens.
async fn is_interrupted_within(duration: Duration, listening: &mut Interrupt) -> bool {
    tokio::select! {
        () = tokio::time::sleep(duration) => false,
        _ = listening.as_mut() => {
            *listening = interrupt();
            true
        }
    }
}

impl Transport for EgressTransport {
    fn send(&mut self, request: &Request) -> Result<Response, TransportError> {
        // Said once; what is sent afterwards is cleaning up.
        if std::mem::take(&mut self.is_interrupted) {
            return Err(TransportError::Interrupted);
        }
        let Self { runtime, egress, interrupt, is_interrupted } = self;
        let outgoing = Outgoing {
            method: request.method,
            url: &request.url,
            headers: &request.headers,
            body: request.body.as_deref(),
        };
        match runtime.block_on(exchange(egress, outgoing, interrupt, is_interrupted)) {
            None => {
                self.is_interrupted = false;
                Err(TransportError::Interrupted)
            }
            Some(Ok(answer)) => Ok(Response {
                status: answer.status,
                headers: answer.headers,
                body: answer.body,
                elapsed: answer.elapsed,
            }),
            Some(Err(error)) => Err(TransportError::NoAnswer(words(&error))),
        }
    }

    fn pause(&mut self, duration: Duration) {
        // Whoever said that it should end does not wait for what the server asks.
        if !self.is_interrupted {
            self.is_interrupted = self.runtime.block_on(is_interrupted_within(duration, &mut self.interrupt));
        }
    }
}

fn words(error: &EgressError) -> String {
    causes(error as &(dyn Error + 'static)).join(": ")
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn a_person_who_wants_it_to_end_does_not_wait_for_a_busy_server() {
        let begun = Instant::now();
        let mut said: Interrupt = Box::pin(async { Ok(()) });
        assert!(is_interrupted_within(Duration::from_mins(2), &mut said).await);
        assert!(begun.elapsed() < Duration::from_secs(10));
    }

    #[tokio::test]
    async fn a_pause_ends_when_its_time_is_over() {
        let mut silent: Interrupt = Box::pin(std::future::pending());
        assert!(!is_interrupted_within(Duration::from_millis(5), &mut silent).await);
    }
}
