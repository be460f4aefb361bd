//! What becomes of a creation whose unique value a resource has that the connection does not see.

use crate::profile::Words;

/// A knob of the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdoptionPolicy {
    /// It is refused, and the conflict recorded for whoever looks.
    Refuse,
    /// It is refused, and the conflict waits for a person.
    Ask,
    /// What nobody owns is taken over; for what somebody owns a person is asked.
    Adopt,
}

impl AdoptionPolicy {
    /// Whether a conflict that it leads to waits for a person.
    pub(crate) const fn asks(self) -> bool {
        !matches!(self, Self::Refuse)
    }
}

impl Words for AdoptionPolicy {
    const STRICTEST: Self = Self::Refuse;
    const ALL: &'static [(&'static str, Self)] =
        &[("refuse", Self::Refuse), ("ask", Self::Ask), ("adopt", Self::Adopt)];
}
