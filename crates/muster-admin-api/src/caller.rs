//! Who calls.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use muster_app::api_tokens::{self, ApiCaller};

use crate::problem::Problem;
use crate::service::Service;

/// The caller of a handler. It comes first among a handler's parameters, so that nobody learns from an error what is there
/// before he has said who he is.
pub(crate) struct Caller(pub(crate) ApiCaller);

impl FromRequestParts<Arc<Service>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Problem> {
        Ok(Self(api_tokens::authenticate(&service.app, bearer_token(&parts.headers)).await?))
    }
}

/// The bearer token (RFC 6750), when there is exactly one header with one.
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?.to_str().ok()?, values.next()) else { return None };
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
