//! Servers that are honest but otherwise: large, with odd ids, demanding, or with addresses in another form.

use scim_conformance::conformance::{Options, Profile, Report, Severity, run};
use scim_conformance::simulation::{self, Plan, Provider};
use serde_json::json;

use crate::directory::kinds;
use crate::server::{BASE, Server, TOKEN};

fn checked(server: &mut Server, only: &[&str]) -> Report {
    let options = Options {
        base: BASE.to_owned(),
        token: Some(TOKEN.to_owned()),
        profile: Profile::Generic,
        version: None,
        only: only.iter().map(|&word| word.to_owned()).collect(),
        seed: 7,
    };
    run(server, &options, &mut |_| {})
}

fn wrong(report: &Report) -> Vec<String> {
    let findings = report.findings.iter().filter(|one| [Severity::Error, Severity::Warning].contains(&one.severity));
    findings.map(|finding| format!("{}: {}", finding.id, finding.found)).collect()
}

fn severity(report: &Report, id: &str) -> Severity {
    report.findings.iter().find(|finding| finding.id == id).unwrap().severity
}

/// Puts people there who are no business of the run, before everybody whom it makes.
fn populate(server: &mut Server, people: usize) {
    let [users, _] = kinds();
    for number in 0..people {
        let user = json!({"schemas": [scim::schema::USER], "userName": format!("somebody.{number}"), "title": "Clerk",
            "active": false, "name": {"familyName": "Jensen"}});
        let (status, _) = server.directory.create(&users, &user, &scim::message::SearchRequest::default());
        assert_eq!(status, 201);
    }
}

#[test]
fn a_filter_that_too_many_match_is_no_fault_of_the_server() {
    let mut server = Server::new(None);
    server.directory.habits.most_per_page = 1;
    populate(&mut server, 25);
    let report = checked(&mut server, &["filter"]);
    assert_eq!(wrong(&report), Vec::<String>::new());
    for id in ["filter.pr", "filter.boolean", "filter.ne", "filter.date-time"] {
        assert_eq!(severity(&report, id), Severity::Skipped, "{id}");
    }
    assert_eq!(severity(&report, "filter.eq"), Severity::Passed);
}

#[test]
fn a_directory_that_is_too_large_to_be_walked_by_cursor_is_no_fault_of_the_server() {
    let mut server = Server::new(None);
    server.announces = json!({"pagination": {"cursor": true, "index": true}});
    let walks = ["paging.cursor-walk", "paging.cursor-stable"];
    let report = checked(&mut server, &walks);
    assert_eq!(walks.map(|id| severity(&report, id)), [Severity::Passed; 2], "{:?}", wrong(&report));
    server.directory.habits.most_per_page = 1;
    populate(&mut server, 210);
    let report = checked(&mut server, &walks);
    assert_eq!(walks.map(|id| severity(&report, id)), [Severity::Skipped; 2], "{:?}", wrong(&report));
}

#[test]
fn a_cursor_that_leads_round_in_a_circle_is_a_fault() {
    let mut server = Server::new(None);
    server.announces = json!({"pagination": {"cursor": true, "index": true}});
    server.directory.habits.cursors_circle = true;
    let report = checked(&mut server, &["paging.cursor-walk"]);
    assert_eq!(severity(&report, "paging.cursor-walk"), Severity::Error);
}

#[test]
fn no_bulk_request_names_a_resource_that_could_be_somebodys() {
    let mut server = Server::new(None);
    server.announces = json!({"bulk": {"supported": true, "maxOperations": 3, "maxPayloadSize": 2000}});
    checked(&mut server, &["bulk.max"]);
    let sent: Vec<String> = server
        .asked
        .iter()
        .filter(|request| request.url.ends_with("/Bulk"))
        .map(|request| String::from_utf8(request.body.clone().unwrap()).unwrap())
        .collect();
    assert_eq!(sent.len(), 2);
    for body in sent {
        assert!(body.contains("\"DELETE\"") && body.contains("/Users/00000000-0000-4000-8"), "{body}");
        assert!(!body.contains("/Users/0\""), "{body}");
    }
}

#[test]
fn what_the_server_demands_is_in_every_replacement() {
    let mut server = Server::new(None);
    server.announces = json!({"etag": {"supported": true}});
    server.directory.habits.demands_family_name = true;
    let report = checked(&mut server, &["etag"]);
    assert_eq!(wrong(&report), Vec::<String>::new());
    assert_eq!(severity(&report, "etag.if-match-current"), Severity::Passed);
    assert_eq!(server.directory.len(), 0);
}

#[test]
fn ids_are_encoded_wherever_they_stand_in_a_path() {
    let mut server = Server::new(None);
    server.announces = json!({"etag": {"supported": true}});
    server.directory.habits.has_odd_ids = true;
    let report = checked(&mut server, &[]);
    assert_eq!(wrong(&report), Vec::<String>::new());
    assert_eq!(server.directory.len(), 0);
    for provider in Provider::ALL.into_iter().filter(|provider| *provider != Provider::Okta11) {
        let plan = Plan {
            provider,
            base: BASE.to_owned(),
            token: Some(TOKEN.to_owned()),
            people: 20,
            groups: 3,
            changes: 3,
            seed: 11,
            clean_up: true,
        };
        let outcome = simulation::run(&mut server, &plan, &mut |_| {});
        assert!(outcome.is_clean(), "{}", outcome.text());
        assert_eq!(server.directory.len(), 0, "{provider}");
    }
}

#[test]
fn groups_are_checked_where_their_address_is_announced_in_full() {
    let mut server = Server::new(None);
    server.announces_absolute_endpoints = true;
    let report = checked(&mut server, &["groups"]);
    assert_eq!(wrong(&report), Vec::<String>::new());
    assert_eq!(severity(&report, "groups.create"), Severity::Passed);
}
