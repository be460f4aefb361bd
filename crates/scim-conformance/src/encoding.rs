//! Percent-encoding (RFC 3986 section 2).

use std::fmt::Write as _;

/// Encodes what is not unreserved, for a value in a query or one segment of a path.
pub(crate) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The path of one resource below an endpoint. An id is any text (RFC 7643 section 3.1), so it is encoded as one segment.
pub(crate) fn resource_path(endpoint: &str, id: &str) -> String {
    format!("{endpoint}/{}", percent_encoded(id))
}

/// `/Users/id` of an address that ends so; what is encoded in the address stays so.
pub(crate) fn located_path(location: &str) -> Option<String> {
    let mut segments = location.trim_end_matches('/').rsplit('/');
    let (id, endpoint) = (segments.next()?, segments.next()?);
    (!id.is_empty() && !endpoint.is_empty()).then(|| format!("/{endpoint}/{id}"))
}

/// The same with `+` for a space, as forms and some clients write it.
pub(crate) fn form_encoded(text: &str) -> String {
    percent_encoded(text).replace("%20", "+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_segment_of_a_path() {
        assert_eq!(resource_path("/Users", "a/b c?é"), "/Users/a%2Fb%20c%3F%C3%A9");
        assert_eq!(resource_path("/Users", "2819c223-7f76-453a"), "/Users/2819c223-7f76-453a");
    }

    #[test]
    fn a_location_becomes_a_path_below_the_base_address() {
        assert_eq!(located_path("https://x/scim/v2/Users/7").as_deref(), Some("/Users/7"));
        assert_eq!(located_path("/Groups/a/").as_deref(), Some("/Groups/a"));
        assert_eq!(located_path("nothing"), None);
    }

    #[test]
    fn a_filter_survives_the_query() {
        assert_eq!(percent_encoded("userName eq \"a+b@é\""), "userName%20eq%20%22a%2Bb%40%C3%A9%22");
        assert_eq!(form_encoded("a eq \"b+c\""), "a+eq+%22b%2Bc%22");
    }
}
