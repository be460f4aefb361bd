//! Puts the layers around the routes.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use ipnet::IpNet;
use metrics_exporter_prometheus::PrometheusHandle;
use muster_admin_api::ApiSettings;
use muster_app::App;
use muster_app::webhooks::Carrier;
use muster_model::Rng;
use muster_scim_server::ScimSettings;

use crate::edge::access::{self, AccessContext};
use crate::edge::admission::{self, Admission};
use crate::edge::{guards, head, lingering_body, operations};

pub(crate) struct EdgeSettings {
    pub(crate) scim: ScimSettings,
    pub(crate) request_timeout: Duration,
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// The way out for webhooks, if there is one.
    pub(crate) carrier: Option<Arc<dyn Carrier>>,
}

/// The whole server as one service.
pub(crate) fn router(app: Arc<App>, settings: EdgeSettings, metrics: PrometheusHandle, rng: Arc<dyn Rng>) -> Router {
    let access = AccessContext { rng, trusted_proxies: settings.trusted_proxies };
    let ours = for_operators(&app, metrics).route("/", get(operations::welcome));
    let admission = Arc::new(Admission::for_server(settings.scim.max_body_bytes));
    // The addresses for operators are outside: under a flood, a server that is well must not look dead.
    let [scim_prefix, _] = muster_scim_server::SCIM_PREFIXES;
    let api = ApiSettings {
        public_url: settings.scim.public_url.clone(),
        scim_prefix,
        scim_1_1_prefix: muster_scim_server::SCIM_1_1_PREFIX,
    };
    let routes = muster_scim_server::router(Arc::clone(&app), settings.scim)
        .merge(muster_admin_api::router(app, api, settings.carrier))
        .layer(from_fn_with_state(admission, admission::admit))
        .merge(ours)
        .fallback(operations::nothing_here)
        .method_not_allowed_fallback(operations::method_not_allowed);
    surrounded(routes, settings.request_timeout, access)
}

/// A server that does background work only. Whoever sends it SCIM is told to come back, because 404 would mean to an identity
/// provider that somebody is gone.
pub(crate) fn router_of_worker(
    app: &App,
    settings: EdgeSettings,
    metrics: PrometheusHandle,
    rng: Arc<dyn Rng>,
) -> Router {
    let access = AccessContext { rng, trusted_proxies: settings.trusted_proxies };
    let routes = for_operators(app, metrics)
        .fallback(operations::no_requests_here)
        .method_not_allowed_fallback(operations::method_not_allowed);
    surrounded(routes, settings.request_timeout, access)
}

fn for_operators(app: &App, metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/healthz", get(operations::is_alive))
        .route("/readyz", get(operations::is_ready).with_state(Arc::clone(app.store())))
        .route("/metrics", get(operations::metrics).with_state(metrics))
}

struct Surroundings {
    request_timeout: Duration,
    access: AccessContext,
}

fn surrounded(routes: Router, request_timeout: Duration, access: AccessContext) -> Router {
    routes.layer(from_fn_with_state(Arc::new(Surroundings { request_timeout, access }), surround))
}

/// One layer and not five, each of which would cost every request two boxes and a copy of all that is below it. What panics
/// or is refused has its id, its line and its count like any other answer.
async fn surround(State(surroundings): State<Arc<Surroundings>>, request: Request, next: Next) -> Response {
    let request = lingering_body::let_clients_finish(request);
    let limit = surroundings.request_timeout;
    let answer = async |request: Request| match head::refusal(&request) {
        Some(refusal) => refusal,
        None => guards::limit_time(limit, request, next).await,
    };
    access::observe(&surroundings.access, request, async |request| guards::answer_panics(answer(request)).await).await
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use http::{Request, StatusCode};
    use serde_json::Value;
    use tower::ServiceExt;

    use super::*;
    use crate::system::SystemRng;

    async fn panics() -> &'static str {
        panic!("canary: a defect")
    }

    async fn ask(path: &str) -> (StatusCode, Option<String>, String) {
        let routes = Router::new()
            .route("/panic", get(panics))
            .route("/slow", get(std::future::pending::<()>))
            .route("/quick", get(async || "done"));
        let access = AccessContext { rng: Arc::new(SystemRng), trusted_proxies: Vec::new() };
        let service = surrounded(routes, Duration::from_millis(50), access);
        let response = service.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let id = response.headers().get("x-request-id").map(|id| id.to_str().unwrap().to_owned());
        let status = response.status();
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, id, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_panic_becomes_a_scim_error_that_does_not_tell_its_text() {
        let (status, id, body) = ask("/panic").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(id.is_some() && !body.contains("canary"), "{body}");
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["status"], "500");
    }

    #[tokio::test]
    async fn a_slow_answer_becomes_a_scim_error() {
        let (status, id, body) = ask("/slow").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(id.is_some());
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["status"], "503");
        assert_eq!(ask("/quick").await.2, "done");
    }
}
