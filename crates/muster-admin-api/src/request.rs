//! Reads what a call brings, strictly: what is unknown is refused with its place and never passed over.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use jiff::Timestamp;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

use crate::problem::{Code, Problem};
use crate::service::Service;

/// No call needs more.
const LARGEST_BODY: usize = 64 * 1024;

/// The query.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Service>> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Service>) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        serde_urlencoded::from_str(query)
            .map(Self)
            .map_err(|error| Problem::new(Code::InvalidRequest, format!("the query is not understood: {error}")))
    }
}

/// Ids in the path. What is no id is as little there as an id that nobody has.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<Service>> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, service).await;
        path.map(|axum::extract::Path(path)| Self(path))
            .map_err(|_| Problem::new(Code::NotFound, "there is nothing with this id"))
    }
}

/// A body of JSON. A call without one brings an empty object.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<Service>> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Arc<Service>) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        check_media_type(&parts)?;
        let collected = Limited::new(body, LARGEST_BODY).collect().await;
        let bytes = collected.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
            Some(_) => Problem::new(Code::BodyTooLarge, format!("a body has at most {LARGEST_BODY} bytes here")),
            None => Problem::new(Code::InvalidRequest, "the body could not be read to its end"),
        })?;
        let bytes = bytes.to_bytes();
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        serde_json::from_slice(text)
            .map(Self)
            .map_err(|error| Problem::new(Code::InvalidRequest, format!("the body is not understood: {error}")))
    }
}

/// A word of a query that is compared as it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Word(pub(crate) String);

impl TryFrom<String> for Word {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        if (1..=64).contains(&text.len()) && text.bytes().all(is_word) {
            Ok(Self(text))
        } else {
            Err("a word has 1 to 64 letters, digits, dots, hyphens and underscores")
        }
    }
}

/// A moment (RFC 3339).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'_, str>::deserialize(deserializer)?;
        let moment = text.parse().map(Self);
        moment.map_err(|_| D::Error::custom("a moment is written like 2026-01-31T13:45:00Z"))
    }
}

/// A whole number; `7.0` is one too, as in JSON Schema.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole(pub(crate) u32);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        let whole = number.as_u64().or_else(|| number.as_f64().and_then(whole));
        let whole = whole.and_then(|number| u32::try_from(number).ok());
        whole.map(Self).ok_or_else(|| D::Error::custom("not a whole number of this size"))
    }
}

fn whole(number: f64) -> Option<u64> {
    let is_whole = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked in the line before")]
    is_whole.then_some(number as u64)
}

fn check_media_type(parts: &Parts) -> Result<(), Problem> {
    let Some(value) = parts.headers.get(CONTENT_TYPE) else { return Ok(()) };
    let value = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if matches!(value.as_str(), "application/json" | "application/merge-patch+json") {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMediaType, "send JSON with Content-Type application/json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one() {
        for text in ["con_1", "connection.deleted", "01a2-b"] {
            assert!(Word::try_from(text.to_owned()).is_ok(), "{text}");
        }
        for text in ["", "a b", "ä", "a\0", &"a".repeat(65)] {
            assert!(Word::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_is_whole_by_its_value_and_not_by_its_writing() {
        for (text, expected) in [("7", 7), ("7.0", 7), ("1e3", 1000), ("0.0", 0)] {
            assert_eq!(serde_json::from_str::<Whole>(text).unwrap().0, expected, "{text}");
        }
        for text in ["7.5", "-1", "-1.0", "4294967296", "1e300", "\"7\"", "true"] {
            assert!(serde_json::from_str::<Whole>(text).is_err(), "{text}");
        }
    }
}
