//! Keeps one bad request from costing more than itself: a time limit, and an answer in place of a panic.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER};
use muster_scim_server::error_response;

use crate::edge::refusal::refused;

const COME_BACK_AFTER: HeaderValue = HeaderValue::from_static("5");

/// Answers 503 when a request takes too long. What it asked for may have been done.
pub(crate) async fn limit_time(limit: Duration, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if let Ok(response) = tokio::time::timeout(limit, next.run(request)).await {
        return response;
    }
    tracing::warn!(limit_seconds = limit.as_secs_f64(), "the request took too long and was given up");
    let mut response = refused(
        &path,
        StatusCode::SERVICE_UNAVAILABLE,
        "the request took too long and was given up; it may have been carried out, so read before you repeat it",
    );
    response.headers_mut().insert(RETRY_AFTER, COME_BACK_AFTER);
    response
}

/// Answers 500 when the work panics. The log has the rest under the request's id.
pub(crate) async fn answer_panics(work: impl Future<Output = Response>) -> Response {
    let mut work = pin!(work);
    poll_fn(|context| {
        // What panicked is not looked at again: the answer ends the request.
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(polled) => polled,
            Err(_) => Poll::Ready(answer_to_panic()),
        }
    })
    .await
}

/// What a caller sees of a panic: that it was our fault.
fn answer_to_panic() -> Response {
    error_response(
        StatusCode::INTERNAL_SERVER_ERROR,
        None,
        "Muster failed on this request because of a defect of its own; its log says more under this answer's request id",
    )
}
