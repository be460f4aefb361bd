//! Request bodies: media type, size, JSON.

use axum::body::Body;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use muster_app::requests::RequestTrace;
use serde_json::Value;

use crate::failure::Failure;

/// Reads a JSON body of at most `limit` bytes, and notes it for the request log.
pub(crate) async fn read_json(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    trace: &RequestTrace,
) -> Result<Value, Failure> {
    check_media_type(headers)?;
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(Failure::TooLarge { limit });
    }
    let bytes = Limited::new(body, limit)
        .collect()
        .await
        .map_err(|error| match error.downcast_ref::<LengthLimitError>() {
            Some(_) => Failure::TooLarge { limit },
            None => Failure::BodyBroken,
        })?
        .to_bytes();
    trace.note_body(&bytes);
    // serde_json's own limit of 128 levels keeps nested input from growing the stack.
    serde_json::from_slice(&bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let what = match error.classify() {
            serde_json::error::Category::Eof => "ends too early",
            _ => "is not valid JSON",
        };
        Failure::from(scim::Error::invalid_syntax(format!("the request body {what} ({place})")))
    })
}

/// RFC 7644 section 3.8; many clients send `application/json`, some send nothing.
fn check_media_type(headers: &HeaderMap) -> Result<(), Failure> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let media_type =
        value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = media_type == "application/json"
        || media_type == "text/json"
        || media_type.starts_with("application/") && media_type.ends_with("+json");
    if is_json { Ok(()) } else { Err(Failure::UnsupportedMediaType) }
}
