//! How a check ends, and the expectations that end it.

use serde_json::Value;

use crate::likeness::{self, shown};
use crate::wire::{Answer, TransportError};

/// Why a check ended before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It is not as it should be: what was found.
    Fault(String),
    /// It could not be looked at: why.
    Skip(String),
    /// Nothing came back.
    Transport(TransportError),
}

/// What a check returns.
pub(crate) type Verdict<T = ()> = Result<T, Stop>;

impl From<TransportError> for Stop {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

pub(crate) fn fault<T>(found: impl Into<String>) -> Verdict<T> {
    Err(Stop::Fault(found.into()))
}

pub(crate) fn skip<T>(reason: impl Into<String>) -> Verdict<T> {
    Err(Stop::Skip(reason.into()))
}

/// A fault unless the condition holds.
pub(crate) fn ensure(holds: bool, found: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { fault(found()) }
}

/// Status codes in words.
pub(crate) fn statuses(allowed: &[u16]) -> String {
    allowed.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ")
}

impl Answer {
    /// The status is one of these.
    pub(crate) fn expect(&self, allowed: &[u16]) -> Verdict {
        ensure(allowed.contains(&self.status), || format!("status {}, expected {}", self.status, statuses(allowed)))
    }

    /// The request succeeded and brought a JSON object.
    pub(crate) fn expect_object(&self, allowed: &[u16]) -> Verdict {
        self.expect(allowed)?;
        ensure(self.body.is_object(), || "the body is no JSON object".to_owned())
    }

    /// A member equals, in the sense of [`likeness::is_like`].
    pub(crate) fn expect_at(&self, pointer: &str, wanted: &Value) -> Verdict {
        expect_at(&self.body, pointer, wanted)
    }

    /// A success with a list.
    pub(crate) fn expect_list(&self) -> Verdict {
        self.expect_object(&[200])?;
        ensure(self.number_at("/totalResults").is_some(), || "totalResults is missing or no whole number".to_owned())
    }

    /// A refusal whose `scimType` is one of these, if the list is not empty.
    pub(crate) fn expect_refusal(&self, allowed: &[u16], scim_types: &[&str]) -> Verdict {
        self.expect(allowed)?;
        let found = self.text_at("/scimType");
        ensure(scim_types.is_empty() || found.is_some_and(|found| scim_types.contains(&found)), || {
            format!("scimType {}, expected {}", found.unwrap_or("missing"), scim_types.join(" or "))
        })
    }
}

/// A member of a document equals, in the sense of [`likeness::is_like`]; `null` means that it must be absent.
pub(crate) fn expect_at(document: &Value, pointer: &str, wanted: &Value) -> Verdict {
    let found = likeness::member(document, pointer);
    ensure(likeness::is_like(wanted, found), || {
        let place = pointer.trim_start_matches('/');
        format!("{place} is {}, expected {}", shown(found), shown(wanted))
    })
}
