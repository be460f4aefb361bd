//! A SCIM client without a socket.

use axum::Router;
use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt;
use muster_model::ConnectionId;
use serde_json::Value;
use tower::ServiceExt;

/// Speaks to one connection with its token.
#[derive(Clone)]
pub struct TestClient {
    router: Router,
    pub connection: ConnectionId,
    pub token: String,
    prefix: &'static str,
    headers: HeaderMap,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct TestResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// `Null` when there is no body.
    pub body: Value,
}

impl TestResponse {
    /// A member of the body as text; empty when it is not there.
    pub fn text(&self, name: &str) -> String {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    pub fn id(&self) -> String {
        self.text("id")
    }

    pub fn etag(&self) -> String {
        self.header(&ETAG)
    }

    pub fn location(&self) -> String {
        self.header(&LOCATION)
    }

    pub fn header(&self, name: &HeaderName) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }
}

#[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a test helper may stop the test")]
impl TestClient {
    pub(crate) fn new(router: Router, connection: ConnectionId, token: String) -> Self {
        Self { router, connection, token, prefix: muster_scim_server::SCIM_PREFIXES[0], headers: HeaderMap::new() }
    }

    /// The same client with one more header on each request.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.insert(name, HeaderValue::from_str(value).expect("a header value"));
        self
    }

    /// The same client with another token, or none.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        token.clone_into(&mut self.token);
        self
    }

    /// The same client calling the other of the two addresses.
    #[must_use]
    pub fn at_short_address(mut self) -> Self {
        self.prefix = muster_scim_server::SCIM_PREFIXES[1];
        self
    }

    /// The same client speaking SCIM 1.1.
    #[must_use]
    pub fn at_1_1_address(mut self) -> Self {
        self.prefix = muster_scim_server::SCIM_1_1_PREFIX;
        self.with_header(CONTENT_TYPE, "application/json")
    }

    pub async fn get(&self, path: &str) -> TestResponse {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> TestResponse {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> TestResponse {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, operations: Value) -> TestResponse {
        let body = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": operations,
        });
        self.send(Method::PATCH, path, Some(&body)).await
    }

    pub async fn delete(&self, path: &str) -> TestResponse {
        self.send(Method::DELETE, path, None).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> TestResponse {
        self.send_raw(method, path, body.map_or_else(Vec::new, |body| body.to_string().into_bytes())).await
    }

    /// Sends bytes as they are. `path` is what follows the connection: `/Users`.
    pub async fn send_raw(&self, method: Method, path: &str, body: Vec<u8>) -> TestResponse {
        let mut request = Request::builder().method(method).uri(format!("{}/{}{path}", self.prefix, self.connection));
        if !self.token.is_empty() {
            request = request.header(AUTHORIZATION, format!("Bearer {}", self.token));
        }
        if !body.is_empty() && !self.headers.contains_key(CONTENT_TYPE) {
            request = request.header(CONTENT_TYPE, "application/scim+json");
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        self.call(request.body(Body::from(body)).expect("a request")).await
    }

    /// Sends a whole request, whatever its address.
    pub async fn call(&self, request: Request<Body>) -> TestResponse {
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole answer").to_bytes();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).expect("JSON") };
        TestResponse { status: parts.status, headers: parts.headers, body }
    }
}
