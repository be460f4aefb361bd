//! The addresses for those who run Muster: is it alive, is it ready, what did it count; and a word for lost visitors.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use metrics_exporter_prometheus::PrometheusHandle;
use muster_scim_server::error_response;
use muster_store::Store;

use crate::failure::causes;

/// Until somebody has mended where requests are sent.
const COME_BACK_AFTER: HeaderValue = HeaderValue::from_static("30");

const WELCOME: &str = "\
This is Muster, a SCIM connector: identity providers provision people and groups into it.

SCIM 2.0 is at /directory/resources/scim/v2.0/{connection} and /scim/v2/{connection}, SCIM 1.1 at /scim/v1/{connection}.
`muster connection create` makes a connection and prints its address and token.
";

pub(crate) async fn welcome() -> &'static str {
    WELCOME
}

/// `/healthz`: the process answers. Says nothing about the database, because restarting would not mend that.
pub(crate) async fn is_alive() -> &'static str {
    "ok"
}

/// `/readyz`: requests can be served.
pub(crate) async fn is_ready(State(store): State<Arc<dyn Store>>) -> Response {
    match store.check().await {
        Ok(()) => "ready".into_response(),
        Err(error) => {
            tracing::warn!(causes = causes(&error).join(": "), "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready: the database does not answer; the log says more\n")
                .into_response()
        }
    }
}

/// `/metrics`, for Prometheus. It holds no names, but how busy a service is need not be public: a proxy in front should
/// not pass it on.
pub(crate) async fn metrics(State(handle): State<PrometheusHandle>) -> Response {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response()
}

/// Any other address. A SCIM client with a wrong base URL is the likeliest visitor, so the answer is a SCIM error.
pub(crate) async fn nothing_here() -> Response {
    error_response(
        StatusCode::NOT_FOUND,
        None,
        "there is nothing at this address; the SCIM base URL is /directory/resources/scim/v2.0/{connection}, and \
         `muster connection list` shows it",
    )
}

/// Any other address of a server that does background work only.
pub(crate) async fn no_requests_here() -> Response {
    let mut response = error_response(
        StatusCode::SERVICE_UNAVAILABLE,
        None,
        "this server does background work only (role = worker); send requests to one whose role is all or web",
    );
    response.headers_mut().insert(RETRY_AFTER, COME_BACK_AFTER);
    response
}

pub(crate) async fn method_not_allowed() -> Response {
    error_response(StatusCode::METHOD_NOT_ALLOWED, None, "this address does not know this method")
}
