//! The router: all addresses of a connection lead to one dispatcher.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use muster_app::App;

use crate::dispatch;

/// Where connections are reached. The first is the canonical one.
pub const SCIM_PREFIXES: [&str; 2] = ["/directory/resources/scim/v2.0", "/scim/v2"];

/// Where a connection is reached in SCIM 1.1.
pub const SCIM_1_1_PREFIX: &str = "/scim/v1";

/// The id under which the log has a request, as an extension of it, so that what is kept of the request can name it. Who
/// sets it answers for there being nothing personal in it.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Who is calling, as an extension of the request: the peer, or what a proxy that is trusted says. For the request log only.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// What the edge must know of the installation.
#[derive(Clone, Debug)]
pub struct ScimSettings {
    /// What addresses in answers begin with, without a trailing slash: `https://muster.example.com`. Never taken from
    /// the request's `Host`, which a stranger chooses.
    pub public_url: String,
    /// Larger bodies are answered 413.
    pub max_body_bytes: usize,
    pub bulk: BulkLimits,
}

/// What `/ServiceProviderConfig` announces of bulk, and what is enforced (RFC 7644 section 3.7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkLimits {
    pub max_operations: usize,
    pub max_payload_bytes: usize,
}

impl Default for BulkLimits {
    fn default() -> Self {
        Self { max_operations: 1000, max_payload_bytes: 1 << 20 }
    }
}

impl ScimSettings {
    /// The limits of bulk as they really are: no body at all is larger than `max_body_bytes`.
    pub(crate) fn bulk_limits(&self) -> BulkLimits {
        BulkLimits { max_payload_bytes: self.bulk.max_payload_bytes.min(self.max_body_bytes), ..self.bulk }
    }
}

pub(crate) struct Service {
    pub(crate) app: Arc<App>,
    pub(crate) settings: ScimSettings,
}

/// Everything below the SCIM prefixes. Unknown addresses there are answered by SCIM errors too.
pub fn router(app: Arc<App>, settings: ScimSettings) -> Router {
    let service = Arc::new(Service { app, settings });
    let mut router = Router::new();
    for prefix in SCIM_PREFIXES {
        router = router
            .route(prefix, any(handle))
            .route(&format!("{prefix}/"), any(handle))
            .route(&format!("{prefix}/{{*rest}}"), any(handle));
    }
    for prefix in ["/scim", "/directory"] {
        router = router.route(prefix, any(handle)).route(&format!("{prefix}/{{*rest}}"), any(handle));
    }
    router.with_state(service)
}

async fn handle(State(service): State<Arc<Service>>, request: Request) -> Response {
    dispatch::dispatch(&service, request).await
}
