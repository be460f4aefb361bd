//! Notes each call for the request log when it is over, also when its client did not wait for the end. What is taken along is
//! shared with the request or small; nothing is looked into here.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::response::Response;
use http::header::USER_AGENT;
use http::{HeaderValue, Method, Uri};
use http_body::Body as _;
use muster_app::App;
use muster_app::requests::{self, AnswerBody, ErrorCode, FinishedCall, RequestTrace};
use muster_model::ScimVersion;

use crate::respond::AnswerText;
use crate::service::{ClientAddress, RequestId, Service};
use crate::target;
use crate::wire::Wire;

/// A call that is worked on.
pub(crate) struct Recording {
    app: Arc<App>,
    trace: Arc<RequestTrace>,
    begun: Instant,
    method: Method,
    uri: Uri,
    wire: Wire,
    agent: Option<HeaderValue>,
    request: Option<RequestId>,
    client: Option<ClientAddress>,
    is_over: bool,
}

impl Recording {
    /// `None`: the address names no connection, so it is nobody's call.
    pub(crate) fn begin(service: &Service, request: &Request, wire: Wire, trace: &Arc<RequestTrace>) -> Option<Self> {
        target::divide(request.uri().path())?;
        let extensions = request.extensions();
        Some(Self {
            app: Arc::clone(&service.app),
            trace: Arc::clone(trace),
            begun: Instant::now(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            wire,
            agent: request.headers().get(USER_AGENT).cloned(),
            request: extensions.get::<RequestId>().cloned(),
            client: extensions.get::<ClientAddress>().copied(),
            is_over: false,
        })
    }

    /// `code`: why it is refused.
    pub(crate) fn finish(mut self, response: &mut Response, code: Option<ErrorCode>) {
        let answer = match response.extensions_mut().remove::<AnswerText>() {
            Some(AnswerText(text)) => AnswerBody::whole(&text),
            None if response.body().is_end_stream() => AnswerBody::None,
            None => AnswerBody::Streamed(response.body().size_hint().exact()),
        };
        self.end(Some(response.status().as_u16()), code, answer);
    }

    fn end(&mut self, status: Option<u16>, code: Option<ErrorCode>, answer: AnswerBody) {
        self.is_over = true;
        let whole = self.uri.path_and_query().map_or("", |address| address.as_str());
        let Some((_, address)) = target::divide(whole) else { return };
        let call = FinishedCall {
            trace: Arc::clone(&self.trace),
            duration: self.begun.elapsed(),
            method: self.method.as_str().to_owned(),
            address: address.to_owned(),
            version: match self.wire {
                Wire::V2 => ScimVersion::V2_0,
                Wire::V1 => ScimVersion::V1_1,
            },
            status,
            code,
            request: self.request.take().map(|id| id.0),
            client: self.client.map(|client| client.0),
            // Few agents are no ASCII; what cannot be read is no name.
            agent: self.agent.as_ref().and_then(|agent| agent.to_str().ok()).map(str::to_owned),
            answer,
        };
        requests::note(&self.app, call);
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        // Whoever surrounds us answers a defect with 500, and nobody a client that went away.
        let (status, code) =
            if std::thread::panicking() { (Some(500), ErrorCode::Internal) } else { (None, ErrorCode::NotAnswered) };
        self.end(status, Some(code), AnswerBody::None);
    }
}
