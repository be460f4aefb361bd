//! The profiles that come with the program, and what is said of documents that are wrong.

mod pages;

use muster_model::{Connection, KnobValue, OverrideChanges, Overrides, Provider};
use scim::Leniency;

use super::document::ProfileDocument;
use super::*;

fn connection(provider: Provider, settings: &[&str]) -> Connection {
    let mut overrides = Overrides::default();
    overrides.change(&check_changes(settings.iter().copied()).unwrap());
    Connection {
        id: muster_model::ConnectionId::from_uuid(uuid::Uuid::nil()),
        tenant: muster_model::TenantId::from_uuid(uuid::Uuid::nil()),
        name: "x".to_owned(),
        provider,
        overrides,
        created: jiff::Timestamp::UNIX_EPOCH,
        revision: Connection::FIRST_REVISION,
        suspended: None,
    }
}

#[test]
fn there_is_one_profile_for_each_provider_and_no_other() {
    let names: Vec<_> = Catalogue::embedded().profiles().iter().map(NamedProfile::name).collect();
    assert_eq!(names.len(), Provider::ALL.len());
    for provider in Provider::ALL {
        assert_eq!(Catalogue::embedded().of(provider).map(NamedProfile::name), Some(provider.as_str()));
    }
}

#[test]
fn generic_and_strict_are_the_two_leniencies_of_the_language() {
    let leniency = |provider| Profile::of(&connection(provider, &[])).leniency;
    assert_eq!(leniency(Provider::Generic), Leniency::TOLERANT);
    assert_eq!(leniency(Provider::Strict), Leniency::STRICT);
}

#[test]
fn a_value_says_which_profile_it_comes_from() {
    let source = |profile: &str, knob: &str| {
        let found = Catalogue::embedded().find(profile).unwrap();
        found.effective().find(|one| one.knob.name == knob).unwrap().source
    };
    assert_eq!(source("generic", "accept_passwords"), "generic");
    assert_eq!(source("entra", "accept_passwords"), "entra");
    assert_eq!(source("entra-flag", "accept_passwords"), "entra");
    assert_eq!(source("entra-flag", "bare_words"), "generic");
    assert_eq!(source("strict", "bare_words"), "strict");
}

#[test]
fn inherited_values_are_the_parents_until_they_are_set() {
    let of = |provider| Profile::of(&connection(provider, &[]));
    assert!(!of(Provider::EntraFlag).accept_passwords);
    assert!(of(Provider::Okta).accept_passwords);
    assert!(of(Provider::Oracle).leniency.bare_patch_operation);
    assert!(!of(Provider::Generic).leniency.bare_patch_operation);
}

#[test]
fn overrides_win_over_the_profile() {
    let profile = Profile::of(&connection(Provider::Entra, &["accept_passwords=true", "default_page_size=7"]));
    assert!(profile.accept_passwords);
    assert_eq!(profile.default_page_size, 7);
    assert_eq!(profile.max_page_size, 1000);
}

#[test]
fn an_override_of_another_release_is_passed_over() {
    let mut changes = OverrideChanges::default();
    changes.set("knob_of_next_year", Some(KnobValue::Switch(true)));
    changes.set("max_page_size", Some(KnobValue::Switch(true)));
    changes.set("bare_words", Some(KnobValue::Switch(false)));
    let mut of_next_year = connection(Provider::Generic, &[]);
    of_next_year.overrides.change(&changes);
    let profile = Profile::of(&of_next_year);
    assert!(!profile.leniency.bare_words);
    assert_eq!(profile.max_page_size, 1000);
}

fn word(text: &str) -> KnobValue {
    KnobValue::Word(muster_model::KnobWord::new(text).unwrap())
}

#[test]
fn every_knob_is_read_back_as_it_was_set() {
    for knob in knobs() {
        let mut profile = Profile::BLANK;
        let (one, other) = match knob.value(&profile) {
            KnobValue::Switch(_) => (KnobValue::Switch(false), KnobValue::Switch(true)),
            KnobValue::Number(_) => (KnobValue::Number(3), KnobValue::Number(4)),
            KnobValue::Word(_) => (word("refuse"), word("adopt")),
        };
        knob.set(&mut profile, one).unwrap();
        let before = profile;
        knob.set(&mut profile, other).unwrap();
        assert_eq!(knob.value(&profile), other, "{}", knob.name);
        for unchanged in knobs().iter().filter(|unchanged| unchanged.name != knob.name) {
            assert_eq!(unchanged.value(&profile), unchanged.value(&before), "{} moved {}", knob.name, unchanged.name);
        }
        assert!(knob.describes.ends_with('.'), "{}", knob.name);
    }
}

#[test]
fn settings_that_are_wrong_are_told_with_what_is_near() {
    for (setting, said) in [
        ("acept_passwords=true", "did you mean accept_passwords?"),
        ("Bare-Words=false", "did you mean bare_words?"),
        ("zebra=1", "there is no knob \"zebra\"; `muster profile show generic`"),
        ("bare_words=yes", "bare_words takes true or false"),
        ("bare_words=1", "bare_words takes true or false"),
        ("default_page_size=0", "default_page_size takes a number from 1 to 1000"),
        ("default_page_size=1001", "from 1 to 1000"),
        ("default_page_size=true", "from 1 to 1000"),
        ("adoption=perhaps", "adoption takes one of refuse, ask, adopt"),
        ("adoption=true", "adoption takes one of"),
        ("bare_words", "write knob=value"),
    ] {
        let problem = check_changes([setting]).unwrap_err().to_string();
        assert!(problem.contains(said), "{setting}: {problem}");
    }
    let changes = check_changes(["bare_words=default", "max_page_size = 5"]).unwrap();
    assert_eq!(
        changes.iter().collect::<Vec<_>>(),
        [("bare_words", None), ("max_page_size", Some(KnobValue::Number(5)))]
    );
}

#[test]
fn documents_that_are_wrong_are_told_with_file_and_key() {
    let head = "name = \"x\"\nversion = 1\ntitle = \"X\"\ndescription = \"D\"\n";
    for (text, said) in [
        (format!("{head}inherit = \"generic\""), "there is no key \"inherit\"; did you mean inherits?"),
        (format!("{head}[knobs]\nbare_word = true"), "did you mean bare_words?"),
        (format!("{head}[knobs]\nbare_words = \"true\""), "bare_words takes true or false"),
        (format!("{head}[knobs]\nmax_page_size = -1"), "max_page_size takes a number from 1 to 1000"),
        (head.replace("version = 1", "version = 0"), "version must be"),
        (head.replace("title = \"X\"", ""), "title must be"),
        ("name = ".to_owned(), ""),
    ] {
        let error = ProfileDocument::parse("profiles/x.toml", &text).unwrap_err().to_string();
        assert!(error.starts_with("profiles/x.toml: ") && error.contains(said), "{text}: {error}");
    }
    let generic = ("profiles/generic.toml", include_str!("../../profiles/generic.toml"));
    for (text, said) in [
        (format!("{head}inherits = \"nobody\""), "inherits nobody"),
        (head.replace("\"x\"", "\"generic\""), "there is a profile named generic already"),
        (head.to_owned(), "is not set; the root sets every knob"),
    ] {
        let error = Catalogue::of_documents([generic, ("profiles/x.toml", text.as_str())]).unwrap_err().to_string();
        assert!(error.starts_with("profiles/x.toml: ") && error.contains(said), "{text}: {error}");
    }
}
