//! The `Authorization` header (RFC 6750).

use http::HeaderMap;
use http::header::AUTHORIZATION;

/// The bearer token, when there is exactly one header with one.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn token_of(values: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_static(value));
        }
        bearer_token(&headers).map(str::to_owned)
    }

    #[test]
    fn only_one_bearer_token_counts() {
        assert_eq!(token_of(&["Bearer abc"]).as_deref(), Some("abc"));
        assert_eq!(token_of(&["bearer  abc "]).as_deref(), Some("abc"));
        assert_eq!(token_of(&["Basic abc"]), None);
        assert_eq!(token_of(&["non-token"]), None);
        assert_eq!(token_of(&[]), None);
        assert_eq!(token_of(&["Bearer a", "Bearer b"]), None);
    }
}
