//! Runs the checks in their order, and leaves the server as it was found.

use std::collections::BTreeSet;

use serde_json::{Map, json};

use super::announced::Announced;
use super::area::Area;
use super::check::Check;
use super::checks;
use super::finding::{Finding, Severity};
use super::profile::Profile;
use super::report::Report;
use super::session::Session;
use super::verdict::Stop;
use crate::likeness::member;
use crate::version::ScimVersion;
use crate::wire::{Ask, Client, Exchange, Transport, TransportError};

/// A server that gives no answer so many times in a row is gone.
const MOST_SILENT_CHECKS: usize = 3;
/// Exchanges of a check that passed: the decisive one is enough.
const KEPT_WHEN_PASSED: usize = 1;

/// What to check, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The SCIM base address.
    pub base: String,
    /// The bearer token, if the server wants one.
    pub token: Option<String>,
    /// From whose point of view.
    pub profile: Profile,
    /// `None` finds out.
    pub version: Option<ScimVersion>,
    /// Areas, ids, or beginnings of ids; all if empty.
    pub only: Vec<String>,
    /// For names that nobody else has. Two runs at the same time need two seeds.
    pub seed: u64,
}

/// A sign of life.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'p> {
    /// Checks that are done.
    pub done: usize,
    /// Checks there are.
    pub all: usize,
    /// What comes next.
    pub area: Area,
    /// The id of the check that comes next.
    pub check: &'p str,
}

/// Checks the server and cleans up, also when it had to stop in the middle.
pub fn run(transport: &mut dyn Transport, options: &Options, progress: &mut dyn FnMut(Progress<'_>)) -> Report {
    let guess = options.version.unwrap_or(ScimVersion::V2_0);
    let mut client = Client::new(transport, &options.base, options.token.as_deref(), guess.media_type());
    let version = match options.version {
        Some(version) => Ok(version),
        None => detect(&mut client),
    };
    let version = match version {
        Ok(version) => version,
        Err(error) => return Report::of_nothing(guess, options.profile, error.to_string()),
    };
    client.always("Accept", version.media_type());
    client.speak(version.media_type());
    let mut session = Session::new(client, version, options.profile, options.seed);
    session.client.show_only_what_holds(&session.marker);
    let mut findings = Vec::new();
    let aborted = match prepare(&mut session) {
        Ok(()) => perform(&mut session, &options.only, &mut findings, progress),
        Err(reason) => Some(reason),
    };
    clean_up(&mut session, &mut findings);
    Report { version, profile: options.profile, findings, aborted, requests: session.client.sent }
}

/// SCIM 2.0 servers have `/ServiceProviderConfig`, SCIM 1.1 servers `/ServiceProviderConfigs`; where neither answers,
/// the address decides.
fn detect(client: &mut Client<'_>) -> Result<ScimVersion, TransportError> {
    for version in [ScimVersion::V2_0, ScimVersion::V1_1] {
        let ask = Ask::get(version.config_endpoint()).header("Accept", version.media_type());
        let answer = client.send(&ask)?;
        if answer.status != 200 {
            continue;
        }
        let schemas = answer.body.to_string();
        if schemas.contains("urn:scim:schemas:core:1.0") {
            return Ok(ScimVersion::V1_1);
        }
        if schemas.contains(scim::schema::SERVICE_PROVIDER_CONFIG) {
            return Ok(ScimVersion::V2_0);
        }
    }
    let says_v1 = client.base().split('/').any(|segment| segment == "v1" || segment == "v1.1");
    Ok(if says_v1 { ScimVersion::V1_1 } else { ScimVersion::V2_0 })
}

/// Finds out whether there is anything to talk to, and what a user must have here.
fn prepare(session: &mut Session<'_>) -> Result<(), String> {
    let words = |error: TransportError| error.to_string();
    let answer = session.client.send(&Ask::get("/Users").query("count", "1")).map_err(words)?;
    match answer.status {
        401 | 403 => {
            return Err(format!("the server refuses the token: GET /Users was answered with {}", answer.status));
        }
        404 => return Err("there is no SCIM server here: GET /Users was answered with 404".to_owned()),
        _ => {}
    }
    session.announced = Announced::read(&mut session.client, session.version).map_err(words)?;
    // RFC 7643 asks for userName only. Where a server asks for more, the other checks give it.
    let more = json!({
        "name": {"givenName": "Given", "familyName": "Family", "formatted": "Given Family"},
        "displayName": "Given Family",
        "emails": [{"value": format!("{}@conformance.example", session.marker), "type": "work", "primary": true}],
        "active": true,
    });
    for demanded in [Map::new(), more.as_object().cloned().unwrap_or_default()] {
        session.demanded = demanded;
        match session.user(&json!({})) {
            Ok(_) => break,
            Err(Stop::Transport(error)) => return Err(words(error)),
            Err(_) => {}
        }
    }
    session.clear().map_err(words)?;
    session.client.take_exchanges();
    Ok(())
}

/// Gives the reason for which it had to stop, if it had to.
fn perform(
    session: &mut Session<'_>,
    only: &[String],
    findings: &mut Vec<Finding>,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Option<String> {
    let all: Vec<Check> = checks::all(session.version, session.profile, &session.marker);
    let chosen: Vec<Check> = all.into_iter().filter(|check| check.is_named_by(only)).collect();
    if chosen.is_empty() {
        // Nothing checked is nothing proved. The version may have been unknown when the words were looked at.
        return Some(format!("SCIM {} has no check that is named so", session.version));
    }
    let mut silent = 0;
    for (done, check) in chosen.iter().enumerate() {
        progress(Progress { done, all: chosen.len(), area: check.area, check: &check.id });
        let outcome = ask(session, check);
        let is_silent = matches!(outcome, Err(Stop::Transport(_)));
        let was_interrupted = matches!(outcome, Err(Stop::Transport(TransportError::Interrupted)));
        if !was_interrupted {
            findings.push(judged(check, outcome, session.client.take_exchanges()));
        }
        if was_interrupted {
            return Some("it was interrupted".to_owned());
        }
        silent = if is_silent { silent + 1 } else { 0 };
        if silent == MOST_SILENT_CHECKS {
            return Some("the server gave no answer several times in a row".to_owned());
        }
        let is_last_of_area = chosen.get(done + 1).is_none_or(|next| next.area != check.area);
        let cleared = if is_last_of_area { session.clear_all() } else { session.clear() };
        if cleared == Err(TransportError::Interrupted) {
            return Some("it was interrupted".to_owned());
        }
        session.client.take_exchanges();
    }
    None
}

fn ask(session: &mut Session<'_>, check: &Check) -> Result<(), Stop> {
    if let Some(missing) = check.needs.iter().find(|feature| !session.announced.has(**feature)) {
        return Err(Stop::Skip(format!("the server does not announce {}", missing.words())));
    }
    (check.question)(session)
}

fn judged(check: &Check, outcome: Result<(), Stop>, mut exchanges: Vec<Exchange>) -> Finding {
    let (severity, found) = match outcome {
        Ok(()) => (Severity::Passed, String::new()),
        Err(Stop::Skip(reason)) => (Severity::Skipped, reason),
        Err(Stop::Fault(found)) => (check.severity, found),
        Err(Stop::Transport(error)) => (Severity::Error, error.to_string()),
    };
    if matches!(severity, Severity::Passed | Severity::Skipped) {
        exchanges.drain(..exchanges.len().saturating_sub(KEPT_WHEN_PASSED));
    }
    Finding {
        id: check.id.clone(),
        area: check.area,
        severity,
        section: check.section.clone(),
        expected: check.expected.clone(),
        found,
        remedy: check.remedy.clone(),
        exchanges,
    }
}

fn clean_up(session: &mut Session<'_>, findings: &mut Vec<Finding>) {
    if session.clear_all().is_err() && session.clear_all().is_err() {
        session.abandon();
    }
    let exchanges = session.client.take_exchanges();
    let left: BTreeSet<&String> = session.leftovers.iter().collect();
    if left.is_empty() {
        return;
    }
    let names: Vec<&str> = left.iter().map(|path| path.as_str()).collect();
    findings.push(Finding {
        id: "cleanup.leftovers".to_owned(),
        area: Area::Cleanup,
        severity: Severity::Warning,
        section: "RFC 7644 section 3.6".to_owned(),
        expected: "Everything that this run made can be deleted again".to_owned(),
        found: format!("still there: {}", names.join(", ")),
        remedy: format!("Delete them by hand; their names hold {}.", session.marker),
        exchanges,
    });
}

/// Whether a published schema knows the attribute. A schema that is not published knows everything.
pub(super) fn knows(session: &Session<'_>, urn: &str, attribute: &str) -> bool {
    if matches!(attribute, "id" | "externalId" | "meta" | "schemas") {
        return true;
    }
    if attribute.starts_with("urn:") {
        return session.announced.schemas.is_empty()
            || session.announced.schemas.iter().any(|schema| member(schema, "/id").as_str() == Some(attribute));
    }
    session.announced.attributes(urn).is_none_or(|known| known.contains(&attribute.to_lowercase()))
}
