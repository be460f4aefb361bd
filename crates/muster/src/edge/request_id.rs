//! The id that joins a request, its log lines and what its sender kept.

use http::{HeaderMap, HeaderName, HeaderValue};
use muster_model::Rng;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Our own id, in answers to senders whose id we do not use.
pub(crate) const MUSTER_REQUEST_ID: HeaderName = HeaderName::from_static("x-muster-request-id");
/// Shorter digits may be a telephone or personnel number.
const SHORTEST: usize = 16;
const LONGEST: usize = 64;
const LONGEST_RETURNED: usize = 256;
/// Where a UUID has its dashes (RFC 9562 section 4).
const UUID_LENGTH: usize = 36;
const UUID_DASHES: [usize; 4] = [8, 13, 18, 23];

/// The ids of one request.
pub(crate) struct RequestId {
    /// What log lines carry: the sender's when nothing but an id can be in it, else a new one.
    pub(crate) logged: String,
    /// What the sender wrote and gets back, although it is not used here: it may hold a name or an address.
    pub(crate) returned: Option<HeaderValue>,
}

impl RequestId {
    pub(crate) fn of(headers: &HeaderMap, rng: &dyn Rng) -> Self {
        let sent = headers.get(REQUEST_ID);
        if let Some(text) = sent.and_then(|sent| sent.to_str().ok()).filter(|text| is_nothing_but_an_id(text)) {
            return Self { logged: text.to_owned(), returned: None };
        }
        let mut random = [0_u8; 16];
        rng.fill(&mut random);
        let logged = format!("{:032x}", u128::from_be_bytes(random));
        let returned = sent.filter(|sent| (1..=LONGEST_RETURNED).contains(&sent.len())).cloned();
        Self { logged, returned }
    }

    /// Puts the ids into the answer's headers.
    pub(crate) fn insert_into(self, headers: &mut HeaderMap) {
        let Ok(ours) = HeaderValue::from_str(&self.logged) else { return };
        if let Some(theirs) = self.returned {
            headers.insert(REQUEST_ID, theirs);
            headers.insert(MUSTER_REQUEST_ID, ours);
        } else {
            headers.insert(REQUEST_ID, ours);
        }
    }
}

fn is_nothing_but_an_id(text: &str) -> bool {
    let is_hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_uuid = || {
        text.len() == UUID_LENGTH
            && text.bytes().enumerate().all(|(position, byte)| {
                if UUID_DASHES.contains(&position) { byte == b'-' } else { byte.is_ascii_hexdigit() }
            })
    };
    (SHORTEST..=LONGEST).contains(&text.len()) && is_hexadecimal(text) || is_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRng;

    fn answered(sent: Option<&'static str>) -> (String, HeaderMap) {
        let headers = sent.map(|sent| (REQUEST_ID, HeaderValue::from_static(sent)));
        let id = RequestId::of(&HeaderMap::from_iter(headers), &SystemRng);
        let logged = id.logged.clone();
        let mut answer = HeaderMap::new();
        id.insert_into(&mut answer);
        (logged, answer)
    }

    #[test]
    fn an_id_that_is_nothing_else_is_used() {
        for sent in ["0af7651916cd43dd8448eb211c80319c", "0AF7651916CD43DD", "6F9619FF-8B86-D011-B42D-00C04FC964FF"] {
            let (logged, answer) = answered(Some(sent));
            assert_eq!((logged.as_str(), answer[REQUEST_ID].to_str().unwrap()), (sent, sent));
            assert!(!answer.contains_key(MUSTER_REQUEST_ID));
        }
    }

    #[test]
    fn whatever_could_be_something_else_is_returned_and_not_logged() {
        for sent in [
            "7f3c-A_b.1",
            "anna.smith",
            "anna@example.com",
            "15551234567",
            "--------------------",
            "6F9619FF-8B86-D011-B42D-00C04FC964F-",
            &"a".repeat(65).leak()[..],
        ] {
            let (logged, answer) = answered(Some(sent));
            assert!(logged.len() == 32 && logged != sent, "{logged}");
            assert_eq!(answer[REQUEST_ID].to_str().unwrap(), sent);
            assert_eq!(answer[MUSTER_REQUEST_ID].to_str().unwrap(), logged);
        }
    }

    #[test]
    fn without_an_id_there_is_a_new_one() {
        for sent in [None, Some(""), Some(&"x".repeat(257).leak()[..])] {
            let (logged, answer) = answered(sent);
            assert_eq!(answer[REQUEST_ID].to_str().unwrap(), logged);
        }
    }
}
