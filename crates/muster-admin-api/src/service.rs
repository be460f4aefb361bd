//! The router of the management API.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{CONTENT_TYPE, HeaderValue};
use muster_app::App;
use muster_app::webhooks::Carrier;
use tokio::sync::Semaphore;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::problem::{Code, Problem};
use crate::{
    api_tokens, conflicts, connections, credentials, events, held_changes, openapi, requests, system_log, tenants,
    webhooks,
};

/// A small part of the requests that a server answers at a time.
const MOST_WAITING: usize = 64;

/// Where the API is.
pub const PREFIX: &str = "/api/v1";

/// What the API must know of the installation.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// What addresses in answers begin with, without a trailing slash.
    pub public_url: String,
    /// Where connections are reached in SCIM 2.0 and 1.1, below the public URL.
    pub scim_prefix: &'static str,
    pub scim_1_1_prefix: &'static str,
}

pub(crate) struct Service {
    pub(crate) app: Arc<App>,
    pub(crate) settings: ApiSettings,
    /// Who waits for events holds a place among all requests; beyond these one is answered at once.
    pub(crate) waiting: Semaphore,
    /// `None`: this server cannot reach out.
    pub(crate) carrier: Option<Arc<dyn Carrier>>,
}

pub(crate) type Shared = State<Arc<Service>>;

/// All routes that the document describes.
pub(crate) fn described() -> (Router<Arc<Service>>, OpenApi) {
    OpenApiRouter::with_openapi(openapi::frame())
        .merge(tenants::routes())
        .merge(connections::routes())
        .merge(credentials::routes())
        .merge(conflicts::routes())
        .merge(held_changes::routes())
        .merge(requests::routes())
        .merge(events::routes())
        .merge(webhooks::routes())
        .merge(system_log::routes())
        .merge(api_tokens::routes())
        .split_for_parts()
}

/// Everything below [`PREFIX`]. Unknown addresses there are answered by problems, too.
/// `carrier` is the way out for webhooks, without which none can be made.
pub fn router(app: Arc<App>, settings: ApiSettings, carrier: Option<Arc<dyn Carrier>>) -> Router {
    let (routes, _) = described();
    let api = routes
        .route("/api/v1/openapi.json", get(openapi::as_json))
        .route("/api/v1/docs", get(openapi::as_page))
        .route("/api/v1/errors/{code}", get(explanation))
        .route("/api/v1", get(nothing_here))
        .route("/api/v1/", get(nothing_here))
        .route("/api/v1/{*rest}", axum::routing::any(nothing_here))
        .method_not_allowed_fallback(method_not_allowed);
    api.with_state(Arc::new(Service { app, settings, waiting: Semaphore::new(MOST_WAITING), carrier }))
}

/// What a `code` means, for whoever opens a problem's `type`.
async fn explanation(axum::extract::Path(code): axum::extract::Path<String>) -> Response {
    match Code::ALL.iter().find(|known| known.as_str() == code) {
        Some(known) => {
            let media_type = HeaderValue::from_static("text/markdown; charset=utf-8");
            ([(CONTENT_TYPE, media_type)], known.page()).into_response()
        }
        None => Problem::new(Code::NotFound, "there is no error of that code").into_response(),
    }
}

async fn nothing_here() -> Problem {
    Problem::new(Code::NotFound, "there is nothing at this address; /api/v1/openapi.json describes what there is")
}

async fn method_not_allowed() -> Problem {
    Problem::new(Code::MethodNotAllowed, "this address does not know the method; see the header Allow")
}
