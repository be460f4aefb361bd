//! The `Accept` header (RFC 7644 section 3.8). Answers are always `application/scim+json`; a client that says it can
//! read no JSON at all is told so.

use http::HeaderMap;
use http::header::ACCEPT;

use crate::failure::Failure;

pub(crate) fn check_accept(headers: &HeaderMap) -> Result<(), Failure> {
    let mut ranges = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|range| range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
        .filter(|range| !range.is_empty())
        .peekable();
    if ranges.peek().is_none() || ranges.any(|range| reads_json(&range)) {
        return Ok(());
    }
    Err(Failure::NotAcceptable)
}

fn reads_json(range: &str) -> bool {
    matches!(range, "*" | "*/*" | "application/*" | "application/json" | "text/json" | "text/*")
        || range.starts_with("application/") && range.ends_with("+json")
}
