//! One span and one line for each request, and its metrics.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;
use ipnet::IpNet;
use muster_model::Rng;
use tracing::Instrument;

use crate::edge::client_address::{self, PeerAddress};
use crate::edge::request_id::RequestId;
use crate::edge::route::{self, Route};
use crate::telemetry::metrics::{REQUEST_SECONDS, REQUESTS};

pub(crate) struct AccessContext {
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) trusted_proxies: Vec<IpNet>,
}

/// Surrounds a request with its span, and tells how it went.
pub(crate) async fn observe(
    context: &AccessContext,
    mut request: Request,
    answer: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let id = RequestId::of(request.headers(), context.rng.as_ref());
    let route = Route::of(request.uri().path());
    let peer = request.extensions().get::<PeerAddress>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0);
    let client = client_address::of(peer, request.headers(), &context.trusted_proxies);
    // At the level of errors, so that the lines of an error have their request even when only errors are logged.
    let span = tracing::error_span!(
        "request",
        request.id = id.logged,
        http.method = route::method(request.method()),
        http.route = route.template,
        // Filled in by the SCIM edge when the caller has proved who it is.
        connection.id = tracing::field::Empty,
        resource.id = route.resource.map(tracing::field::display),
    );
    let record = AccessRecord { begun: Instant::now(), kind: route.kind, client, span: span.clone(), status: None };
    request.extensions_mut().insert(muster_scim_server::RequestId(id.logged.clone()));
    request.extensions_mut().insert(muster_scim_server::ClientAddress(client));
    let mut response = answer(request).instrument(span).await;
    id.insert_into(response.headers_mut());
    record.finish(response.status());
    response
}

/// Tells how a request went when it is dropped, so that a request whose client went away is told too.
struct AccessRecord {
    begun: Instant,
    kind: &'static str,
    client: IpAddr,
    span: tracing::Span,
    status: Option<StatusCode>,
}

impl AccessRecord {
    fn finish(mut self, status: StatusCode) {
        self.status = Some(status);
    }
}

impl Drop for AccessRecord {
    fn drop(&mut self) {
        let duration = self.begun.elapsed();
        let _entered = self.span.enter();
        let duration_ms = (duration.as_secs_f64() * 1e6).round() / 1e3;
        let class = self.status.map_or("aborted", route::status_class);
        match self.status {
            Some(status) => {
                tracing::info!(http.status = status.as_u16(), duration_ms, client.address = %self.client, "answered");
            }
            None => {
                tracing::info!(duration_ms, client.address = %self.client, "not answered: the client left or the server stopped");
            }
        }
        metrics::counter!(REQUESTS, "kind" => self.kind, "status" => class).increment(1);
        metrics::histogram!(REQUEST_SECONDS, "kind" => self.kind, "status" => class).record(duration);
    }
}
