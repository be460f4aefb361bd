//! Every identity provider is content with an honest server, and notices what would hurt it.

use scim_conformance::simulation::{Outcome, Plan, Provider, run};

use crate::faults::Fault;
use crate::server::{BASE, Server, TOKEN};

fn plan(provider: Provider) -> Plan {
    Plan {
        provider,
        base: BASE.to_owned(),
        token: Some(TOKEN.to_owned()),
        people: 60,
        groups: 8,
        changes: 6,
        seed: 11,
        clean_up: false,
    }
}

fn played(provider: Provider, fault: Option<Fault>) -> Outcome {
    run(&mut Server::new(fault), &plan(provider), &mut |_| {})
}

/// Those who speak SCIM 2.0; the small server does not speak 1.1.
fn speakers() -> impl Iterator<Item = Provider> {
    Provider::ALL.into_iter().filter(|provider| *provider != Provider::Okta11)
}

#[test]
fn every_life_is_clean_against_an_honest_server() {
    for provider in speakers() {
        let outcome = played(provider, None);
        assert!(outcome.is_clean(), "{}", outcome.text());
        assert!(outcome.people >= 60 && outcome.groups == 8 && outcome.memberships > 60, "{}", outcome.text());
    }
}

#[test]
fn each_notices_what_would_hurt_it() {
    for (provider, fault) in [
        (Provider::Okta, Fault::EmptyCreated),
        (Provider::Okta, Fault::EchoesPassword),
        (Provider::Okta, Fault::StatusIsNumber),
        (Provider::Okta, Fault::HidesInactive),
        (Provider::Okta, Fault::NullKeeps),
        (Provider::Entra, Fault::MissIsNotFound),
        (Provider::Entra, Fault::RemovalEmptiesGroup),
        (Provider::Entra, Fault::IgnoresFilters),
        (Provider::EntraFlag, Fault::MissIsNotFound),
        (Provider::OneLogin, Fault::ForgetsMembers),
        (Provider::JumpCloud, Fault::RemovalEmptiesGroup),
        (Provider::Ping, Fault::ForgetsMembers),
        (Provider::Generic, Fault::AllowsDuplicates),
        (Provider::Generic, Fault::PagesTurn),
        (Provider::Generic, Fault::DeletedStayMembers),
    ] {
        let outcome = played(provider, Some(fault));
        assert!(outcome.complaints > 0, "{provider} did not notice {fault:?}");
        assert!(!outcome.is_clean());
    }
}

#[test]
fn the_same_seed_plays_the_same_life() {
    let requests = |seed| run(&mut Server::new(None), &Plan { seed, ..plan(Provider::Entra) }, &mut |_| {}).requests;
    assert_eq!(requests(5), requests(5));
    assert_ne!(requests(5), requests(6));
}

#[test]
fn cleaning_up_leaves_nothing() {
    let mut server = Server::new(None);
    let outcome = run(&mut server, &Plan { clean_up: true, ..plan(Provider::JumpCloud) }, &mut |_| {});
    assert!(outcome.is_clean(), "{}", outcome.text());
    assert_eq!(server.directory.len(), 0);
}

#[test]
fn a_life_that_is_interrupted_is_cleaned_up_all_the_same() {
    for provider in speakers() {
        for request in [3, 5, 90, 163, 220] {
            let mut server = Server::new(None);
            server.interrupted_at = Some(request);
            let outcome = run(&mut server, &Plan { clean_up: true, ..plan(provider) }, &mut |_| {});
            assert_eq!(outcome.aborted.as_deref(), Some("interrupted"), "{provider}");
            assert_eq!(server.directory.len(), 0, "{provider}, request {request}");
        }
    }
}

#[test]
fn whoever_interrupts_the_cleaning_up_is_told_what_is_left() {
    let mut server = Server::new(None);
    let whole = Plan { clean_up: true, ..plan(Provider::Ping) };
    let requests = run(&mut server, &whole, &mut |_| {}).requests;
    let mut server = Server::new(None);
    server.interrupted_at = usize::try_from(requests).ok().map(|requests| requests - 3);
    let outcome = run(&mut server, &whole, &mut |_| {});
    let left = server.directory.len();
    assert_eq!(left, 4);
    assert!(outcome.aborted.unwrap().contains("4 resources"));
}

#[test]
fn what_was_made_without_an_id_in_the_answer_is_cleaned_up_by_its_location() {
    let mut server = Server::new(Some(Fault::EmptyCreated));
    run(&mut server, &Plan { clean_up: true, ..plan(Provider::Okta) }, &mut |_| {});
    assert_eq!(server.directory.len(), 0);
}

#[test]
fn a_silent_server_ends_the_life() {
    let mut server = Server::new(None);
    server.silent_from = Some(50);
    let outcome = run(&mut server, &plan(Provider::Okta), &mut |_| {});
    assert!(outcome.aborted.is_some() && !outcome.is_clean());
}

#[test]
fn no_token_and_no_password_is_told() {
    let outcome = played(Provider::Okta, Some(Fault::EmptyCreated));
    let text = format!("{}{}", outcome.text(), outcome.json());
    assert!(!text.contains(TOKEN) && !text.contains("1mz050nq"), "{text}");
}
