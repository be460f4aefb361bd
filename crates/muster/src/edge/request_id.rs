//! The id that joins a request, its log lines and what its sender kept.

use http::{HeaderMap, HeaderName, HeaderValue};
use muster_model::Rng;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST: usize = 64;

/// The sender's id when it is harmless to log and return, else a new one.
pub(crate) fn of(headers: &HeaderMap, rng: &dyn Rng) -> HeaderValue {
    headers.get(REQUEST_ID).filter(|value| is_harmless(value.as_bytes())).cloned().unwrap_or_else(|| {
        let mut random = [0_u8; 16];
        rng.fill(&mut random);
        let text = format!("{:032x}", u128::from_be_bytes(random));
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("none"))
    })
}

fn is_harmless(text: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=LONGEST).contains(&text.len()) && text.iter().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRng;

    #[test]
    fn a_harmless_id_is_kept_and_any_other_replaced() {
        let of = |text: &'static str| {
            let headers = HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_static(text))]);
            super::of(&headers, &SystemRng).to_str().unwrap().to_owned()
        };
        assert_eq!(of("7f3c-A_b.1"), "7f3c-A_b.1");
        for other in ["", "a b", "a@b.example", "{\"a\":1}", &"x".repeat(65).leak()[..]] {
            let made = of(other);
            assert!(made.len() == 32 && made != other, "{made}");
        }
    }
}
