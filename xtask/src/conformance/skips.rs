//! The checks that the suite skips against Muster itself. One more would be a check that looks at nothing any more, for
//! instance because Muster forgot to announce what it can.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::failure::{Explain, Outcome};

const TEXT: &str = include_str!("expected-skips.json");

/// Ids of checks by profile; a profile that is missing skips nothing.
#[derive(Debug, Deserialize)]
pub(super) struct ExpectedSkips(BTreeMap<String, BTreeSet<String>>);

impl ExpectedSkips {
    pub(super) fn read() -> Outcome<Self> {
        serde_json::from_str(TEXT).explain(|| "expected-skips.json is not as expected".to_owned())
    }

    /// What was skipped unexpectedly, with the reason, and what should have been skipped and was not.
    pub(super) fn differences(&self, profile: &str, skipped: &BTreeMap<&str, &str>) -> Vec<String> {
        let own = self.0.get(profile);
        let is_expected = |id: &str| own.is_some_and(|own| own.contains(id));
        let unexpected = skipped
            .iter()
            .filter(|(id, _)| !is_expected(id))
            .map(|(id, reason)| format!("{id} was skipped unexpectedly: {reason}"));
        let outdated = own.into_iter().flatten().filter(|id| !skipped.contains_key(id.as_str())).map(|id| {
            format!("{id} is not skipped any more; take it out of xtask/src/conformance/expected-skips.json")
        });
        unexpected.chain(outdated).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_difference_is_told() {
        let own = BTreeSet::from(["a.one".to_owned(), "a.two".to_owned()]);
        let expected = ExpectedSkips(BTreeMap::from([("okta".to_owned(), own)]));
        let skipped = |ids: &[&'static str]| ids.iter().map(|id| (*id, "not announced")).collect::<BTreeMap<_, _>>();
        assert_eq!(expected.differences("okta", &skipped(&["a.one", "a.two"])), Vec::<String>::new());
        let told = expected.differences("okta", &skipped(&["a.one", "bulk.create"]));
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("bulk.create was skipped unexpectedly: not announced"));
        assert!(told[1].starts_with("a.two is not skipped any more"));
        assert_eq!(expected.differences("entra", &skipped(&["a.two"])).len(), 1);
    }

    #[test]
    fn the_list_can_be_read_and_names_real_points_of_view() {
        let expected = ExpectedSkips::read().unwrap();
        for profile in expected.0.keys() {
            assert!(super::super::OWN_PROFILES.contains(&profile.as_str()), "{profile}");
        }
    }
}
