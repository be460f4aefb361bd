//! `ETag` and `If-Match` of settings (RFC 9110 sections 8.8.3 and 13.1.1): the number of their revision.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, ETAG, HeaderValue, IF_MATCH};
use http::request::Parts;
use utoipa::IntoParams;

use crate::problem::{Code, Problem};
use crate::service::Service;

/// How [`Expected`] is described.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct IfMatch {
    /// The `ETag` of the settings that are to be changed; left out: whichever they are.
    #[param(rename = "If-Match", required = false, pattern = r#"^(\*|"[0-9]{1,15}")$"#)]
    #[expect(dead_code, reason = "it is only described")]
    if_match: String,
}

/// The revision that the caller wants to change; `None`: whichever it is.
pub(crate) struct Expected(pub(crate) Option<u64>);

impl FromRequestParts<Arc<Service>> for Expected {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Service>) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(IF_MATCH) else { return Ok(Self(None)) };
        let value = value.to_str().unwrap_or_default().trim();
        if value == "*" {
            return Ok(Self(None));
        }
        let is_weak = value.starts_with("W/");
        let quoted = value.strip_prefix("W/").unwrap_or(value);
        let Some(tag) = quoted.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')) else {
            return Err(Problem::new(Code::InvalidRequest, "If-Match is one ETag in quotes, or *"));
        };
        // A weak one never matches (RFC 9110 section 13.1.1).
        let number = tag.parse().ok().filter(|_| !is_weak);
        number.map(|number| Self(Some(number))).ok_or_else(|| {
            Problem::new(Code::SettingsChanged, "If-Match names no revision of this; take the ETag of a fresh answer")
        })
    }
}

/// An answer that names its revision.
pub(crate) struct Revised<T>(pub(crate) u64, pub(crate) T);

impl<T: IntoResponse> IntoResponse for Revised<T> {
    fn into_response(self) -> Response {
        let mut response = self.1.into_response();
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", self.0)) {
            response.headers_mut().insert(ETAG, tag);
        }
        response
    }
}

/// An answer that no cache keeps, because it shows a secret or may soon be wrong.
pub(crate) struct Fresh<T>(pub(crate) T);

impl<T: IntoResponse> IntoResponse for Fresh<T> {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}
