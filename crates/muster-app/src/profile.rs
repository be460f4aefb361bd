//! What a connection's peer needs. Profiles are data; nothing else may ask who the peer is.

use muster_model::Provider;
use scim::Leniency;

/// The abilities and quirks of one kind of peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    pub leniency: Leniency,
    /// PATCH of a group answers 204 without a body unless attributes were asked for: cheap for large groups, and what
    /// Entra prefers. Otherwise 200 with the whole group.
    pub group_patch_without_body: bool,
}

impl Profile {
    /// The profile of a provider. The tolerant answers satisfy all of them at once, so only `strict` differs so far.
    pub fn of(provider: Provider) -> Self {
        let leniency = match provider {
            Provider::Strict => Leniency::STRICT,
            _ => Leniency::TOLERANT,
        };
        Self { leniency, group_patch_without_body: true }
    }
}
