//! How identity providers really speak. The requests are in `cases/dialect.json`.

use super::super::area::Area;
use super::super::case::Case;
use super::super::check::Check;
use super::super::finding::Severity;
use super::super::profile::Profile;
use crate::version::ScimVersion;

/// From the point of view of one identity provider, what it sends must work. From nobody's in particular, it is good to
/// know what would not. From that of the standard, it is nobody's business.
pub(super) fn checks(profile: Profile) -> Vec<Check> {
    if profile == Profile::Strict {
        return Vec::new();
    }
    // A test reads the file; one that is not sound never leaves the workshop.
    let cases = Case::read_all(include_str!("../../../cases/dialect.json")).unwrap_or_default();
    let is_asked = |case: &Case| profile == Profile::Generic || case.providers.contains(&profile);
    let severity = (profile == Profile::Generic).then_some(Severity::Note);
    cases.into_iter().filter(is_asked).map(|case| case.into_check(Area::Dialect, ScimVersion::V2_0, severity)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_point_of_view_has_its_own_questions() {
        let ids = |profile| checks(profile).into_iter().map(|check| check.id).collect::<Vec<_>>();
        assert!(ids(Profile::Strict).is_empty());
        assert!(ids(Profile::Entra).contains(&"dialect.entra-boolean-text".to_owned()));
        assert!(!ids(Profile::Okta).contains(&"dialect.entra-boolean-text".to_owned()));
        assert!(ids(Profile::Generic).len() > 35);
        for profile in Profile::ALL.iter().filter(|profile| !matches!(profile, Profile::Strict | Profile::Okta11)) {
            assert!(!ids(*profile).is_empty(), "{profile}");
        }
    }
}
