//! Answers: status, headers, body. What the versions say differently is in `wire`.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_LOCATION, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION};
use scim::ScimType;
use serde_json::Value;

use crate::wire::Wire;

/// An answer with a JSON body. Directory data belongs in no shared cache.
pub(crate) fn json(status: StatusCode, body: &Value, media_type: HeaderValue) -> Response {
    json_text(status, body.to_string().into(), media_type)
}

/// The text of an answer, as an extension of it: a body cannot be looked into without being taken.
#[derive(Clone, Debug)]
pub(crate) struct AnswerText(pub(crate) Bytes);

/// The same of a body that is text already.
pub(crate) fn json_text(status: StatusCode, body: Bytes, media_type: HeaderValue) -> Response {
    let mut response = json_stream(status, Body::from(body.clone()), media_type);
    response.extensions_mut().insert(AnswerText(body));
    response
}

/// The same of a body that is written while the client takes it.
pub(crate) fn json_stream(status: StatusCode, body: Body, media_type: HeaderValue) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Adds the resource's address and tag. `Location` and `Content-Location` both: the RFCs' text and their samples
/// disagree on which (RFC 7643 section 3.1, RFC 7644 section 3.3).
pub(crate) fn with_address(mut response: Response, location: &str, etag: &str) -> Response {
    insert(&mut response, LOCATION, location);
    insert(&mut response, CONTENT_LOCATION, location);
    insert(&mut response, ETAG, etag);
    response
}

/// A SCIM error (RFC 7644 section 3.12). `detail` is shown to the client; it names no values.
pub fn error_response(status: StatusCode, scim_type: Option<ScimType>, detail: &str) -> Response {
    Wire::V2.error(status, scim_type, detail)
}

/// The same in the version that the address at `path` speaks (protocol 1.1, section 3.9).
pub fn error_response_at(path: &str, status: StatusCode, scim_type: Option<ScimType>, detail: &str) -> Response {
    Wire::of(path).error(status, scim_type, detail)
}

fn insert(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
