//! Every check there is, by area.

mod attributes;
mod bulk;
mod cursor;
mod deletion;
mod dialect;
mod discovery;
mod errors;
mod etag;
mod filter;
mod groups;
mod lifecycle;
mod paging;
mod patch;
mod replacement;
mod resource_types;
mod schemas;
mod search;
mod sorting;
mod v1;

use super::area::Area;
use super::case::Case;
use super::check::Check;
use super::profile::Profile;
use crate::version::ScimVersion;

/// The checks for a version and a point of view, area by area.
pub(super) fn all(version: ScimVersion, profile: Profile, marker: &str) -> Vec<Check> {
    if version == ScimVersion::V1_1 {
        return v1::checks(profile);
    }
    let of_cases = |area, text| cases(area, text, profile);
    [
        discovery::checks(),
        resource_types::checks(),
        schemas::checks(),
        lifecycle::checks(),
        replacement::checks(),
        deletion::checks(),
        attributes::checks(),
        of_cases(Area::Attributes, include_str!("../../cases/attributes.json")),
        patch::checks(),
        of_cases(Area::Patch, include_str!("../../cases/patch.json")),
        groups::checks(),
        of_cases(Area::Groups, include_str!("../../cases/groups.json")),
        filter::checks(marker),
        paging::checks(),
        cursor::checks(),
        search::checks(),
        sorting::checks(),
        of_cases(Area::Projection, include_str!("../../cases/projection.json")),
        etag::checks(),
        bulk::checks(),
        errors::checks(),
        of_cases(Area::Errors, include_str!("../../cases/errors.json")),
        dialect::checks(profile),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The cases of a file, without those that are asked from another point of view.
fn cases(area: Area, text: &str, profile: Profile) -> Vec<Check> {
    // A test reads every file; a file that is not sound never leaves the workshop.
    let cases = Case::read_all(text).unwrap_or_default();
    let is_asked = |case: &Case| !case.strict || profile == Profile::Strict;
    cases.into_iter().filter(is_asked).map(|case| case.into_check(area, ScimVersion::V2_0, None)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_of_cases_can_be_read() {
        for text in [
            include_str!("../../cases/attributes.json"),
            include_str!("../../cases/patch.json"),
            include_str!("../../cases/groups.json"),
            include_str!("../../cases/projection.json"),
            include_str!("../../cases/errors.json"),
            include_str!("../../cases/dialect.json"),
            include_str!("../../cases/v1.json"),
        ] {
            assert!(!Case::read_all(text).unwrap().is_empty());
        }
    }

    #[test]
    fn ids_are_unique_and_checks_of_an_area_stand_together() {
        for profile in Profile::ALL {
            for version in [ScimVersion::V2_0, ScimVersion::V1_1] {
                let checks = all(version, *profile, "marker");
                let ids: BTreeSet<&str> = checks.iter().map(|check| check.id.as_str()).collect();
                assert_eq!(ids.len(), checks.len(), "{profile} {version}");
                let mut areas: Vec<Area> = checks.iter().map(|check| check.area).collect();
                areas.dedup();
                let tags: BTreeSet<&str> = areas.iter().map(|area| area.tag()).collect();
                assert_eq!(tags.len(), areas.len(), "{areas:?}");
            }
        }
    }

    #[test]
    fn every_check_says_where_it_stands_and_what_to_do() {
        for check in
            all(ScimVersion::V2_0, Profile::Strict, "m").into_iter().chain(all(ScimVersion::V1_1, Profile::Okta11, "m"))
        {
            let has_words = |text: &str| text.len() > 10;
            assert!(
                has_words(&check.section) && has_words(&check.expected) && has_words(&check.remedy),
                "{}",
                check.id
            );
        }
    }
}
