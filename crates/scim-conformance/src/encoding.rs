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

/// The same with `+` for a space, as forms and some clients write it.
pub(crate) fn form_encoded(text: &str) -> String {
    percent_encoded(text).replace("%20", "+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_survives_the_query() {
        assert_eq!(percent_encoded("userName eq \"a+b@é\""), "userName%20eq%20%22a%2Bb%40%C3%A9%22");
        assert_eq!(form_encoded("a eq \"b+c\""), "a+eq+%22b%2Bc%22");
    }
}
