//! What a connection's peer needs. Profiles are data: documents in `profiles/`, one for each provider, that set knobs
//! (docs/adr/0014). Nothing else may ask who the peer is.

mod catalogue;
mod document;
mod knobs;
mod nearest;
mod server_knobs;
mod words;

use muster_model::Connection;
use scim::Leniency;
use scim::projection::Projection;

pub use catalogue::{Catalogue, Effective, NamedProfile};
pub use document::ProfileError;
pub use knobs::{Knob, KnobProblem, KnobRange, check_changes, check_overrides, find_knob, knobs};
use server_knobs::server_knobs;
pub use words::Words;

use crate::ownership::AdoptionPolicy;

// To add a knob of the server: its lines here, its value in profiles/generic.toml, a case in
// crates/muster-scim-server/tests/it/profiles. A knob of the language is a switch of `scim::Leniency`.
server_knobs! {
    /// PATCH of a group answers 204 without a body unless attributes were asked for: cheap for large groups, and what
    /// Entra prefers. Otherwise 200 with the whole group.
    switch group_patch_without_body;
    /// PATCH of anything but a group answers 204 without a body unless attributes were asked for. Otherwise 200 with the
    /// resource.
    switch resource_patch_without_body;
    /// A PUT of a group that does not name `members` leaves them. Otherwise it empties the group.
    switch put_keeps_unnamed_members;
    /// An `id` in the body of a PUT that is not the one of the address is ignored (RFC 7644 section 3.5.1). Otherwise it
    /// is refused as `mutability`.
    switch ignore_other_id_in_put;
    /// Lists of groups show their members. Otherwise only when `attributes` names them.
    switch members_in_lists;
    /// Users show the groups they are in. Otherwise only when `attributes` names them.
    switch groups_of_users;
    /// PUT, PATCH and DELETE without `If-Match` are answered 428 (RFC 6585 section 3).
    switch require_if_match;
    /// SCIM 1.1: a PUT or PATCH without `If-Match` is refused (protocol 1.1, section 3.11).
    switch if_match_required_in_1_1;
    /// SCIM 1.1: `/ResourceTypes`, which only 2.0 defines, is answered; Okta's acceptance test for 1.1 asks for it.
    switch resource_types_in_1_1;
    /// Users have a `password` that can be set. Otherwise the attribute is not there: not in `/Schemas`, and in bodies it
    /// is an unknown one.
    switch accept_passwords;
    /// The connection sees and changes every resource of its tenant, whoever brought it; each stays its owner's. Otherwise it
    /// sees what it brought, and the rest is to it as if it were not there.
    switch sees_whole_tenant;
    /// What becomes of a creation whose unique value, such as `userName`, a resource has that the connection does not see.
    /// `refuse`: 409, and the conflict is recorded. `ask`: the same, and it waits for a person (`muster conflict`).
    /// `adopt`: what has no owner is taken over with its id, and for what has one a person is asked.
    word adoption of AdoptionPolicy;
    /// How many resources a page has when the client does not say.
    number default_page_size 1..=1000;
    /// How many resources a page has at most, announced as `filter.maxResults`.
    number max_page_size 1..=1000;
    /// How many requests a second are answered, and ten times as many at once after a pause; what is beyond is answered 429
    /// with `Retry-After`. 0: without a limit.
    number requests_per_second 0..=1_000_000;
    /// How much of what it provisioned a connection may take away within 24 hours, in percent: resources of each type that
    /// it deactivates or deletes, and memberships. What is beyond is held until an operator releases it. 0: everything.
    number guard_percent 0..=100;
    /// Up to so many resources of each type, and so many memberships, a connection may take away within 24 hours whatever
    /// the percentage.
    number guard_least 0..=1_000_000;
    /// What the guard holds is answered as if it had been done. Otherwise it is refused with 403, and nothing of that request
    /// is done.
    switch held_answered_as_done;
}

impl Profile {
    /// The profile of a connection: its provider's, with its own overrides.
    pub fn of(connection: &Connection) -> Self {
        // The catalogue has a profile for every provider; without one the strictest answers would do the least harm.
        let mut profile = Catalogue::embedded().of(connection.provider).map_or(Self::BLANK, |named| *named.profile());
        for (name, value) in connection.overrides.iter() {
            // They were checked when they were set; what is left is a knob of another release.
            let is_set = find_knob(name).is_some_and(|knob| knob.set(&mut profile, value).is_ok());
            if !is_set {
                tracing::warn!(
                    connection.id = %connection.id,
                    profile.knob = name,
                    "an override of the connection is not understood by this release and is passed over"
                );
            }
        }
        profile
    }

    /// What an answer about one resource may carry.
    #[must_use]
    pub fn shown(&self, projection: Projection) -> Projection {
        if self.groups_of_users { projection } else { projection.only_on_request("groups") }
    }

    /// What a list may carry of each resource.
    #[must_use]
    pub fn shown_in_lists(&self, projection: Projection) -> Projection {
        let projection = self.shown(projection);
        if self.members_in_lists { projection } else { projection.only_on_request("members") }
    }
}

#[cfg(test)]
mod tests;
