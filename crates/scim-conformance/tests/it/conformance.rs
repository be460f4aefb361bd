//! The suite finds nothing where nothing is wrong, finds each fault, and leaves nothing behind.

use scim_conformance::ScimVersion;
use scim_conformance::conformance::{Header, Options, Profile, Report, Severity, run};
use serde_json::json;

use crate::directory::kinds;
use crate::faults::Fault;
use crate::server::{BASE, Server, TOKEN};

fn options(profile: Profile) -> Options {
    Options { base: BASE.to_owned(), token: Some(TOKEN.to_owned()), profile, version: None, only: Vec::new(), seed: 7 }
}

fn checked(server: &mut Server, profile: Profile) -> Report {
    run(server, &options(profile), &mut |_| {})
}

fn of(report: &Report, severity: Severity) -> Vec<String> {
    let findings = report.findings.iter().filter(|finding| finding.severity == severity);
    findings.map(|finding| format!("{}: {}", finding.id, finding.found)).collect()
}

#[test]
fn an_honest_server_is_clean_and_is_left_as_it_was() {
    let mut server = Server::new(None);
    let report = checked(&mut server, Profile::Generic);
    assert_eq!(report.version, ScimVersion::V2_0);
    assert_eq!(of(&report, Severity::Error), Vec::<String>::new());
    assert_eq!(of(&report, Severity::Warning), Vec::<String>::new());
    assert!(report.is_clean() && report.count(Severity::Passed) > 250);
    assert_eq!(server.directory.len(), 0);
}

#[test]
fn what_is_not_announced_is_skipped_and_says_so() {
    let report = checked(&mut Server::new(None), Profile::Generic);
    let skipped = of(&report, Severity::Skipped);
    for feature in ["bulk requests", "sorting", "ETags", "cursor paging"] {
        assert!(skipped.iter().any(|words| words.contains(&format!("does not announce {feature}"))), "{feature}");
    }
}

#[test]
fn each_fault_is_found() {
    for (fault, id) in [
        (Fault::AllowsDuplicates, "lifecycle.create-duplicate"),
        (Fault::StatusIsNumber, "errors.status-text"),
        (Fault::MissIsNotFound, "filter.nothing"),
        (Fault::IgnoresFilters, "filter.eq"),
        (Fault::PatchIsPartial, "patch.all-or-nothing"),
        (Fault::EchoesPassword, "attributes.password-not-in-answer"),
        (Fault::PagesTurn, "paging.walk"),
        (Fault::EmptyCreated, "lifecycle.create"),
        (Fault::HidesInactive, "lifecycle.inactive-visible"),
        (Fault::NeedsNoToken, "errors.no-token"),
    ] {
        let report = checked(&mut Server::new(Some(fault)), Profile::Generic);
        let found = of(&report, Severity::Error);
        assert!(found.iter().any(|words| words.starts_with(&format!("{id}:"))), "{fault:?}: {found:#?}");
        assert!(!report.is_clean());
    }
    let report = checked(&mut Server::new(Some(Fault::DeletedStayMembers)), Profile::Generic);
    assert!(of(&report, Severity::Warning).iter().any(|words| words.starts_with("groups.deleted-user-leaves:")));
}

#[test]
fn what_one_identity_provider_needs_is_a_note_from_nobodys_point_of_view_and_an_error_from_its_own() {
    let fault = Some(Fault::RemovalEmptiesGroup);
    let wanted = |words: &String| words.starts_with("dialect.entra-remove-member:");
    assert!(of(&checked(&mut Server::new(fault), Profile::Generic), Severity::Note).iter().any(wanted));
    assert!(of(&checked(&mut Server::new(fault), Profile::Entra), Severity::Error).iter().any(wanted));
    let report = checked(&mut Server::new(fault), Profile::Okta);
    assert!(!report.findings.iter().any(|finding| finding.id.starts_with("dialect.entra-remove-member")));
}

#[test]
fn an_interrupted_run_cleans_up_and_says_that_it_is_not_whole() {
    for request in [1, 40, 200, 333, 700] {
        let mut server = Server::new(None);
        server.interrupted_at = Some(request);
        let report = checked(&mut server, Profile::Generic);
        assert_eq!(report.aborted.as_deref().map(|reason| reason.contains("interrupted")), Some(true), "{request}");
        assert_eq!(server.directory.len(), 0, "after request {request}");
    }
}

#[test]
fn a_server_that_falls_silent_is_given_up_and_the_leftovers_are_named() {
    let mut server = Server::new(None);
    server.silent_from = Some(203);
    let report = checked(&mut server, Profile::Generic);
    assert!(report.aborted.is_some());
    let left = report.findings.iter().find(|finding| finding.id == "cleanup.leftovers");
    assert_eq!(left.is_some(), server.directory.len() > 0);
    assert!(server.requests < 230, "{}", server.requests);
}

#[test]
fn a_wrong_token_ends_the_run_at_once() {
    let mut server = Server::new(None);
    let wrong = Options { token: Some("other".to_owned()), ..options(Profile::Generic) };
    let report = run(&mut server, &wrong, &mut |_| {});
    assert!(report.aborted.unwrap().contains("refuses the token"));
    assert!(server.requests < 5);
}

#[test]
fn only_what_was_asked_for_is_checked() {
    let chosen = Options { only: vec!["etag".to_owned(), "patch.add".to_owned()], ..options(Profile::Generic) };
    let report = run(&mut Server::new(None), &chosen, &mut |_| {});
    assert!(report.findings.iter().any(|finding| finding.id == "patch.add-single"));
    assert!(
        report.findings.iter().all(|finding| finding.id.starts_with("etag.") || finding.id.starts_with("patch.add"))
    );
}

#[test]
fn a_run_that_checks_nothing_is_not_clean() {
    let chosen = Options { only: vec!["lifecycle.creat3".to_owned()], ..options(Profile::Generic) };
    let report = run(&mut Server::new(None), &chosen, &mut |_| {});
    assert!(report.findings.is_empty() && report.aborted.is_some() && !report.is_clean());
}

#[test]
fn no_token_no_password_and_no_real_person_gets_into_a_report() {
    let mut server = Server::new(Some(Fault::IgnoresFilters));
    let [users, _] = kinds();
    let real = json!({"schemas": [scim::schema::USER], "userName": "real.person@company.example", "title": "Director"});
    server.directory.create(&users, &real, &scim::message::SearchRequest::default());
    let report = checked(&mut server, Profile::Generic);
    assert_eq!(server.directory.len(), 1);
    let header = Header { target: BASE.to_owned(), date: String::new(), program: String::new() };
    for text in [report.json(&header).to_string(), report.html(&header), report.text(&header)] {
        for secret in [TOKEN, "t1meMa$heen", "real.person", "Director"] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
}
