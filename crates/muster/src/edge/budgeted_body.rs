//! A request body that takes its share of a common budget before its first byte is read.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};
use tokio::sync::Semaphore;

use crate::edge::admission::Held;

/// What became of the share. Kept beside the body, because the memory is in use for longer than the body lives: what
/// was read from it is parsed and worked on.
#[derive(Debug)]
pub(super) enum Claim {
    NotMade,
    Held {
        #[expect(dead_code, reason = "holding it is its whole use; dropping it gives the share back")]
        share: Held,
    },
    Refused,
}

impl Claim {
    pub(super) const fn is_refused(&self) -> bool {
        matches!(self, Self::Refused)
    }
}

type Wait = Pin<Box<dyn Future<Output = Option<Held>> + Send>>;

pub(super) struct BudgetedBody {
    body: Body,
    /// Until the share is there.
    wait: Option<Wait>,
    claim: Arc<Mutex<Claim>>,
}

impl BudgetedBody {
    pub(super) fn new(
        body: Body,
        budget: Arc<Semaphore>,
        steps: u32,
        longest_wait: Duration,
        claim: Arc<Mutex<Claim>>,
    ) -> Self {
        let wait = async move { tokio::time::timeout(longest_wait, budget.acquire_many_owned(steps)).await.ok()?.ok() };
        Self { body, wait: Some(Box::pin(wait)), claim }
    }
}

impl hyper::body::Body for BudgetedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(wait) = self.wait.as_mut() {
            let share = ready!(wait.as_mut().poll(context));
            self.wait = None;
            let made = share.map_or(Claim::Refused, |share| Claim::Held { share });
            *self.claim.lock().unwrap_or_else(PoisonError::into_inner) = made;
        }
        if self.claim.lock().unwrap_or_else(PoisonError::into_inner).is_refused() {
            let reason = std::io::Error::other("there is no room for another request body");
            return Poll::Ready(Some(Err(axum::Error::new(reason))));
        }
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
