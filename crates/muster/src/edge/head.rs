//! Request heads that are too large get an answer that says so. (Beyond twice this, the protocol layer itself answers
//! 431 or 414 with no body: by then nothing of the request was kept.)

use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;

use crate::edge::refusal::refused;

const LARGEST_HEAD_BYTES: usize = 64_000;
const MOST_HEADERS: usize = 100;
/// What surrounds a name and a value on a line: ": " and the line's end.
const LINE_EXTRA: usize = 4;

/// RFC 6585 section 5, and RFC 9110 section 15.5.15 when it is the address that is too long.
pub(crate) fn refusal(request: &Request) -> Option<Response> {
    let address = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    if address > LARGEST_HEAD_BYTES {
        return Some(refused(
            request.uri().path(),
            StatusCode::URI_TOO_LONG,
            "the address is longer than 64,000 bytes; send a search to /.search instead, where the filter is in the body",
        ));
    }
    let lines = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + LINE_EXTRA);
    if request.headers().len() > MOST_HEADERS || address + lines.sum::<usize>() > LARGEST_HEAD_BYTES {
        return Some(refused(
            request.uri().path(),
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "the request's headers are more than 100 or longer than 64,000 bytes together; send fewer of them",
        ));
    }
    None
}
