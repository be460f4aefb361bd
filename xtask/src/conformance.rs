//! `muster conformance` against Muster itself, where it must find nothing, and against servers that others wrote, where
//! it must find what is known to be wrong.

mod skips;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;

use serde::Deserialize;

use crate::checkout;
use crate::command;
use crate::failure::{Explain, Failure, Outcome};
use crate::server::Installation;
use crate::third_party;
use skips::ExpectedSkips;

/// Points of view from which Muster must be clean, each with a connection of the same profile.
const OWN_PROFILES: [&str; 14] = [
    "generic",
    "strict",
    "okta",
    "okta-1.1",
    "entra",
    "entra-flag",
    "onelogin",
    "jumpcloud",
    "ping",
    "cyberark",
    "sailpoint",
    "google",
    "rippling",
    "oracle",
];

#[derive(Deserialize)]
struct Report {
    aborted: Option<String>,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    id: String,
    severity: String,
    found: String,
}

/// What must be found from one point of view.
#[derive(Deserialize)]
struct Expectation {
    profile: String,
    faults: BTreeSet<String>,
}

pub(crate) fn run(muster: &Path) -> Outcome<()> {
    let mut failed = Vec::new();
    let skips = ExpectedSkips::read()?;
    for profile in OWN_PROFILES {
        let outcome = checkout::in_run_folder("conformance", |folder| check_own(muster, folder, profile, &skips));
        if let Err(failure) = outcome {
            println!("Muster, {profile}: {failure}");
            failed.push(format!("Muster with {profile}"));
        }
    }
    let path = checkout::root().join("tests").join("third-party").join("expected-faults.json");
    let expected: BTreeMap<String, Vec<Expectation>> = serde_json::from_str(&checkout::read_file(&path)?)
        .explain(|| format!("{} is not as expected", path.display()))?;
    for (server, expectations) in &expected {
        if let Err(failure) = check_third_party(muster, server, expectations) {
            println!("{server}: {failure}");
            failed.push(server.clone());
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("failed: {}", failed.join(", ")))) }
}

fn check_own(muster: &Path, folder: &Path, profile: &str, skips: &ExpectedSkips) -> Outcome<()> {
    let installation = Installation::in_folder(folder, muster);
    let server = installation.serve(0)?;
    let connection = installation.create_unlimited_connection(profile, profile, &server)?;
    let base = if profile == "okta-1.1" { &connection.scim_1_1_base_url } else { &connection.scim_base_url };
    let report = report(muster, base, &connection.token, profile)?;
    let mut wrong: Vec<String> = report
        .findings
        .iter()
        .filter(|finding| ["error", "warning"].contains(&finding.severity.as_str()))
        .map(|finding| format!("{} ({}): {}", finding.id, finding.severity, finding.found))
        .collect();
    let skipped: BTreeMap<&str, &str> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == "skipped")
        .map(|finding| (finding.id.as_str(), finding.found.as_str()))
        .collect();
    wrong.extend(skips.differences(profile, &skipped));
    if !wrong.is_empty() {
        return Err(Failure::new(wrong.join("\n")));
    }
    println!(
        "Muster, {profile}: {} checks, nothing found, {} skipped as expected",
        report.findings.len(),
        skipped.len()
    );
    server.stop()
}

fn check_third_party(muster: &Path, name: &str, expectations: &[Expectation]) -> Outcome<()> {
    for expectation in expectations {
        // A server of its own: what one run leaves behind (a fault may be that it cannot be removed) changes what the
        // next one finds.
        let server = third_party::start(name)?;
        let report = report(muster, &server.base, third_party::TOKEN, &expectation.profile)?;
        let found: BTreeSet<String> = report
            .findings
            .into_iter()
            .filter(|finding| ["error", "warning"].contains(&finding.severity.as_str()))
            .map(|finding| finding.id)
            .collect();
        let missed: Vec<&str> = expectation.faults.difference(&found).map(String::as_str).collect();
        if !missed.is_empty() {
            let profile = &expectation.profile;
            return Err(Failure::new(format!("from the point of view {profile}, not found: {}", missed.join(", "))));
        }
        println!(
            "{name}, {}: {} faults found, the {} known ones among them",
            expectation.profile,
            found.len(),
            expectation.faults.len()
        );
    }
    Ok(())
}

/// Runs the suite. It ends with 1 when it finds errors, so the printed report decides.
fn report(muster: &Path, base: &str, token: &str, profile: &str) -> Outcome<Report> {
    let mut conformance = command::program(muster);
    conformance
        .args(["conformance", base, "--profile", profile, "--json"])
        .env("SCIM_TOKEN", token)
        .stdin(Stdio::null());
    let output = conformance.output().explain(|| "could not start `muster conformance`".to_owned())?;
    let report: Report = serde_json::from_slice(&output.stdout).explain(|| {
        format!(
            "`{}` printed no report\n{}",
            command::shown(&conformance),
            String::from_utf8_lossy(&output.stderr).trim_end()
        )
    })?;
    match report.aborted {
        Some(reason) => Err(Failure::new(format!("the suite stopped before its end: {reason}"))),
        None => Ok(report),
    }
}
