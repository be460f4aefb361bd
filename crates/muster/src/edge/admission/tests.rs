use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get};
use serde_json::Value;
use tokio::sync::Notify;
use tower::ServiceExt;

use super::*;

const MOST_REQUESTS_HERE: usize = 3;
const BUDGET: usize = 10 * STEP;
const LARGEST: usize = 6 * STEP;

/// `/wait` and `/read` (after it has its body) answer when they are told; `/refuse` never looks at its body.
struct World {
    service: Router,
    go_on: Arc<Notify>,
}

fn world() -> World {
    let go_on = Arc::new(Notify::new());
    let (for_wait, for_read) = (Arc::clone(&go_on), Arc::clone(&go_on));
    let admission = Admission::new(MOST_REQUESTS_HERE, BUDGET, LARGEST, Duration::from_millis(100));
    let service = Router::new()
        .route("/wait", get(async move || for_wait.notified().await))
        .route(
            "/read",
            any(async move |body: Body| {
                if to_bytes(body, LARGEST).await.is_err() {
                    return StatusCode::BAD_REQUEST;
                }
                for_read.notified().await;
                StatusCode::OK
            }),
        )
        .route("/refuse", any(async || StatusCode::UNAUTHORIZED))
        .layer(from_fn_with_state(Arc::new(admission), admit));
    World { service, go_on }
}

impl World {
    fn ask(
        &self,
        method: Method,
        path: &str,
        body: Body,
    ) -> tokio::task::JoinHandle<(StatusCode, Option<Value>, Bytes)> {
        let request = Request::builder().method(method).uri(path).body(body).unwrap();
        let service = self.service.clone();
        tokio::spawn(async move {
            let response = service.oneshot(request).await.unwrap();
            let retry = response.headers().get(RETRY_AFTER).map(|after| Value::from(after.to_str().unwrap()));
            (response.status(), retry, to_bytes(response.into_body(), 10_000).await.unwrap())
        })
    }

    /// Lets what was just asked come as far as it can.
    async fn settle(&self) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn of_unknown_length(bytes: usize) -> Body {
    /// Hides the length.
    struct Hidden(Body);
    impl hyper::body::Body for Hidden {
        type Data = Bytes;
        type Error = axum::Error;
        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            context: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
            std::pin::Pin::new(&mut self.0).poll_frame(context)
        }
    }
    Body::new(Hidden(Body::from(vec![b'x'; bytes])))
}

fn is_refusal((status, retry, body): &(StatusCode, Option<Value>, Bytes)) -> bool {
    let told: Value = serde_json::from_slice(body).unwrap_or_default();
    *status == StatusCode::SERVICE_UNAVAILABLE && *retry == Some("5".into()) && told["status"] == "503"
}

/// Ambiguities: A-71
#[tokio::test]
async fn more_requests_than_there_is_room_for_are_told_to_come_back() {
    let world = world();
    let waiting: Vec<_> = (0..MOST_REQUESTS_HERE).map(|_| world.ask(Method::GET, "/wait", Body::empty())).collect();
    world.settle().await;
    let refused = world.ask(Method::GET, "/wait", Body::empty()).await.unwrap();
    assert!(is_refusal(&refused), "{refused:?}");
    world.go_on.notify_waiters();
    for one in waiting {
        assert_eq!(one.await.unwrap().0, StatusCode::OK);
    }
    assert_eq!(world.ask(Method::GET, "/refuse", Body::empty()).await.unwrap().0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn bodies_share_a_budget_that_is_held_until_the_answer() {
    let world = world();
    let body = |steps: usize| Body::from(vec![b'x'; steps * STEP]);
    let first = world.ask(Method::POST, "/read", body(6));
    world.settle().await;
    // A body of unknown length counts as the largest, and six and six are more than ten.
    for too_much in [body(5), of_unknown_length(1)] {
        let refused = world.ask(Method::POST, "/read", too_much).await.unwrap();
        assert!(is_refusal(&refused), "{refused:?}");
    }
    let small = world.ask(Method::POST, "/read", body(4));
    world.settle().await;
    world.go_on.notify_waiters();
    assert_eq!((first.await.unwrap().0, small.await.unwrap().0), (StatusCode::OK, StatusCode::OK));
    // Given back: there is room for the largest again.
    let again = world.ask(Method::POST, "/read", of_unknown_length(LARGEST));
    world.settle().await;
    world.go_on.notify_waiters();
    assert_eq!(again.await.unwrap().0, StatusCode::OK);
}

#[tokio::test]
async fn a_body_waits_a_moment_for_room_and_one_that_nobody_reads_needs_none() {
    let world = world();
    let body = || Body::from(vec![b'x'; LARGEST]);
    let first = world.ask(Method::POST, "/read", body());
    world.settle().await;
    assert_eq!(world.ask(Method::POST, "/refuse", body()).await.unwrap().0, StatusCode::UNAUTHORIZED);
    let second = world.ask(Method::POST, "/read", body());
    world.settle().await;
    world.go_on.notify_waiters();
    assert_eq!(first.await.unwrap().0, StatusCode::OK);
    world.settle().await;
    world.go_on.notify_waiters();
    assert_eq!(second.await.unwrap().0, StatusCode::OK);
}

#[test]
fn even_the_largest_body_fits_when_it_is_alone() {
    let admission = Admission::new(1, 4 * STEP, 100 * STEP, Duration::ZERO);
    assert_eq!(admission.steps(None), 4);
    assert_eq!(admission.steps(Some(1)), 1);
    assert_eq!(admission.steps(Some(u64::MAX)), 4);
}
