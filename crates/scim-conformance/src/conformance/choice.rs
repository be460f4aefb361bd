//! Which checks the words of `--only` choose, and what was meant by a word that chooses none.

use std::collections::BTreeSet;

use super::checks;
use super::profile::Profile;
use crate::version::ScimVersion;

/// So many suggestions fit into one sentence.
const MOST_SUGGESTIONS: usize = 3;
/// One typing error in so many letters still lets one see what was meant.
const LETTERS_FOR_ONE_ERROR: usize = 4;

/// A word that chooses no check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownChoice {
    /// The word as it was given.
    pub word: String,
    /// What may have been meant, the nearest first: ids of checks, or an area.
    pub near: Vec<String>,
}

/// The first of the words that names neither an area with checks, nor a check, nor the beginning of one's id, from this
/// point of view. Where the version is still to be found out, a check of either counts.
pub fn unknown_choice(only: &[String], profile: Profile, version: Option<ScimVersion>) -> Option<UnknownChoice> {
    let versions = version.map_or_else(|| vec![ScimVersion::V2_0, ScimVersion::V1_1], |version| vec![version]);
    let all: Vec<_> = versions.into_iter().flat_map(|version| checks::all(version, profile, "")).collect();
    let word = only.iter().find(|word| !all.iter().any(|check| check.is_named_by(std::slice::from_ref(*word))))?;
    let tags = all.iter().map(|check| check.area.tag());
    let known: BTreeSet<&str> = all.iter().map(|check| check.id.as_str()).chain(tags).collect();
    Some(UnknownChoice { word: word.clone(), near: near(word, &known) })
}

fn near(word: &str, known: &BTreeSet<&str>) -> Vec<String> {
    let word = word.to_lowercase();
    let most_errors = (word.chars().count() / LETTERS_FOR_ONE_ERROR).max(1);
    let mut measured: Vec<(usize, &str)> = known.iter().map(|name| (typing_errors(&word, name), *name)).collect();
    measured.retain(|(errors, _)| *errors <= most_errors);
    measured.sort_unstable();
    measured.into_iter().take(MOST_SUGGESTIONS).map(|(_, name)| name.to_owned()).collect()
}

/// How many letters must be typed, deleted or replaced to make one of the other.
fn typing_errors(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (number, letter) in left.chars().enumerate() {
        let mut next = vec![number + 1];
        for ((other, above), pair) in right.chars().zip(row.iter().skip(1)).zip(row.iter()) {
            let before = next.last().copied().unwrap_or(0);
            next.push((above + 1).min(before + 1).min(pair + usize::from(letter != other)));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(only: &[&str], profile: Profile, version: Option<ScimVersion>) -> Option<UnknownChoice> {
        let only: Vec<String> = only.iter().map(|&word| word.to_owned()).collect();
        unknown_choice(&only, profile, version)
    }

    #[test]
    fn areas_ids_and_beginnings_of_ids_choose_something() {
        assert_eq!(asked(&[], Profile::Generic, None), None);
        assert_eq!(asked(&["filter", "lifecycle.create", "patch.add"], Profile::Generic, None), None);
    }

    #[test]
    fn a_misspelt_word_is_named_with_what_may_have_been_meant() {
        let unknown = asked(&["filter", "lifecycle.creat3"], Profile::Generic, None).unwrap();
        assert_eq!(unknown.word, "lifecycle.creat3");
        assert_eq!(unknown.near.first().map(String::as_str), Some("lifecycle.create"));
        assert!(asked(&["flter"], Profile::Generic, None).unwrap().near.contains(&"filter".to_owned()));
        assert!(asked(&["something.else"], Profile::Generic, None).unwrap().near.is_empty());
    }

    #[test]
    fn a_check_of_another_version_or_point_of_view_is_not_there() {
        assert!(asked(&["filter.eq"], Profile::Generic, Some(ScimVersion::V1_1)).is_some());
        assert!(asked(&["attributes.boolean-strict"], Profile::Generic, None).is_some());
        assert_eq!(asked(&["attributes.boolean-strict"], Profile::Strict, None), None);
        assert!(asked(&["cleanup"], Profile::Generic, None).is_some());
    }

    #[test]
    fn typing_errors_are_counted() {
        assert_eq!(typing_errors("abc", "abc"), 0);
        assert_eq!(typing_errors("abc", "axcd"), 2);
        assert_eq!(typing_errors("", "ab"), 2);
    }
}
