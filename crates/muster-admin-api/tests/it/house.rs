//! An installation with the API, and clients with tokens.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Request, StatusCode};
use muster_admin_api::ApiSettings;
use muster_app::api_tokens::{self, Lifetime, NewToken};
use muster_app::webhooks::{Carrier, Message, Reception, Refusal};
use muster_app::{OperatorAccess, tenants};
use muster_model::{Permissions, Reach, Tenant};
use muster_testkit::TestHub;
use serde_json::Value;
use tower::ServiceExt;

pub(crate) struct House {
    pub(crate) hub: TestHub,
    router: Router,
}

/// One who calls, or nobody.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) router: Router,
    pub(crate) token: Option<String>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// `null` when there is none.
    pub(crate) body: Value,
}

/// These tests send nothing: what is sent, and to which addresses, is tested where the way out is.
struct NoWayOut;

#[async_trait]
impl Carrier for NoWayOut {
    async fn carry(&self, _message: &Message) -> Reception {
        Reception::Unreachable { failure: "test" }
    }

    fn check_address(&self, url: &str) -> Result<(), Refusal> {
        if url.starts_with("https://") { Ok(()) } else { Err(Refusal("only https".to_owned())) }
    }
}

impl House {
    pub(crate) async fn new() -> Self {
        let hub = TestHub::start().await;
        let settings = ApiSettings {
            public_url: "https://muster.test".to_owned(),
            scim_prefix: "/directory/resources/scim/v2.0",
            scim_1_1_prefix: "/scim/v1",
        };
        let router = muster_admin_api::router(Arc::clone(&hub.app), settings, Some(Arc::new(NoWayOut)));
        Self { hub, router }
    }

    pub(crate) async fn tenant(&self, name: &str) -> Tenant {
        tenants::create(&self.hub.app, &OperatorAccess::of_local_administrator(), name).await.unwrap()
    }

    /// Somebody who may do everything everywhere.
    pub(crate) async fn owner(&self) -> Client {
        self.client(Reach::Environment, Permissions::all()).await
    }

    pub(crate) async fn client(&self, reach: Reach, permissions: Permissions) -> Client {
        let new = NewToken { name: "test".to_owned(), reach, permissions, lifetime: Lifetime::Usual };
        let issued = api_tokens::issue(&self.hub.app, &OperatorAccess::of_local_administrator(), new).await.unwrap();
        Client { router: self.router.clone(), token: Some(issued.token.expose().to_owned()) }
    }

    pub(crate) fn stranger(&self) -> Client {
        Client { router: self.router.clone(), token: None }
    }
}

impl Client {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let text = body.map(Value::to_string).unwrap_or_default();
        self.send(Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json"), text).await
    }

    pub(crate) async fn send(&self, mut request: http::request::Builder, body: String) -> Answer {
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap_or(Value::Null) };
        Answer { status, headers, body }
    }
}

impl Answer {
    /// The body of an answer that must be a success.
    pub(crate) fn done(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// The code of an answer that must be a problem.
    pub(crate) fn problem(&self) -> &str {
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json", "{}", self.body);
        assert_eq!(self.body["status"], self.status.as_u16());
        assert_eq!(self.body["type"], format!("/api/v1/errors/{}", self.body["code"].as_str().unwrap()));
        self.body["code"].as_str().unwrap()
    }
}

/// The text of a member.
pub(crate) fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}"))
}
