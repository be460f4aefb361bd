//! How much is worked on at once. What is more is refused at once, with a time to come back, so that a flood costs
//! answers and not memory.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode};
use hyper::body::Body as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::edge::budgeted_body::{BudgetedBody, Claim};
use crate::edge::refusal::refused;

/// Far beyond what the database answers at once; requests wait for it and hold their memory meanwhile.
const MOST_REQUESTS: usize = 1024;
/// Of request bodies that are being read or worked on. Parsed, a body takes a few times its length, and up to forty times
/// when it is made to: a list of small numbers.
const MOST_BODY_BYTES: usize = 32 << 20;
/// Bodies are counted in steps of so many bytes.
const STEP: usize = 1024;
/// How long a body waits for others to be done.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// RFC 9110 section 10.2.3, in seconds.
const COME_BACK_AFTER: HeaderValue = HeaderValue::from_static("5");

#[derive(Debug)]
pub(crate) struct Admission {
    requests: Arc<Semaphore>,
    body_steps: Arc<Semaphore>,
    all_body_steps: usize,
    largest_body: usize,
    longest_wait: Duration,
}

impl Admission {
    /// For a server that takes bodies of at most `largest_body` bytes.
    pub(crate) fn for_server(largest_body: usize) -> Self {
        Self::new(MOST_REQUESTS, MOST_BODY_BYTES, largest_body, LONGEST_WAIT)
    }

    fn new(requests: usize, body_bytes: usize, largest_body: usize, longest_wait: Duration) -> Self {
        let all_body_steps = body_bytes.div_ceil(STEP);
        Self {
            requests: Arc::new(Semaphore::new(requests)),
            body_steps: Arc::new(Semaphore::new(all_body_steps)),
            all_body_steps,
            largest_body,
            longest_wait,
        }
    }

    /// What a body of that announced length takes of the budget; one of unknown length takes what it may grow to. A
    /// body that is refused for its length before it is read takes nothing, because the claim is made at the first read.
    fn steps(&self, announced: Option<u64>) -> u32 {
        let announced = announced.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(self.largest_body);
        // Even the largest body can be read when it is alone.
        let steps = announced.min(self.largest_body).div_ceil(STEP).min(self.all_body_steps);
        u32::try_from(steps).unwrap_or(u32::MAX)
    }
}

/// Lets a request in or refuses it.
pub(crate) async fn admit(State(admission): State<Arc<Admission>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let Ok(_place) = Arc::clone(&admission.requests).try_acquire_owned() else {
        tracing::warn!(limit = MOST_REQUESTS, "refused: too many requests at once");
        return come_back_later(&path, "the server works on too many requests at once; send this one again later");
    };
    // The claim is made when the body is first read, which is after the caller has proved who it is: a stranger's body
    // takes nothing from the budget. It is given back with the answer.
    let claim = Arc::new(Mutex::new(Claim::NotMade));
    let has_body = request.method() != Method::GET && !request.body().is_end_stream();
    let request = if has_body {
        let steps = admission.steps(request.body().size_hint().upper());
        let budget = Arc::clone(&admission.body_steps);
        request.map(|body| {
            axum::body::Body::new(BudgetedBody::new(body, budget, steps, admission.longest_wait, Arc::clone(&claim)))
        })
    } else {
        request
    };
    let response = next.run(request).await;
    if claim.lock().unwrap_or_else(PoisonError::into_inner).is_refused() {
        tracing::warn!(limit_bytes = MOST_BODY_BYTES, "refused: too many request bodies at once");
        return come_back_later(&path, "the server reads too many request bodies at once; send this one again later");
    }
    response
}

fn come_back_later(path: &str, detail: &str) -> Response {
    let mut response = refused(path, StatusCode::SERVICE_UNAVAILABLE, detail);
    response.headers_mut().insert(RETRY_AFTER, COME_BACK_AFTER);
    response
}

/// The part of the budget that a request holds.
pub(super) type Held = OwnedSemaphorePermit;

#[cfg(test)]
mod tests;
