//! `muster simulate`: every identity provider that can be played, each against a server of its own.

use std::fmt;
use std::path::Path;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Instant;

use crate::checkout;
use crate::command;
use crate::failure::{Explain, Failure, Outcome};
use crate::server::Installation;
use crate::wording;

/// The longest lives first: two are played at a time, and hashing the passwords of Okta's people takes longest.
const PROVIDERS: [&str; 8] = ["okta", "okta-1.1", "generic", "entra", "entra-flag", "onelogin", "jumpcloud", "ping"];
const AT_A_TIME: usize = 2;
/// A failure is repeated with the same people and the same changes.
const SEED: &str = "2026";

#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    people: u32,
    groups: u32,
    cycles: u32,
}

pub(crate) const FULL: Size = Size { people: 2_000, groups: 100, cycles: 5 };

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { people, groups, cycles } = self;
        let count = PROVIDERS.len();
        write!(formatter, "{count} identity providers with {people} people, {groups} groups and {cycles} cycles each")
    }
}

pub(crate) fn run(size: &Size, muster: &Path) -> Outcome<()> {
    println!("size: {size}");
    let waiting = Mutex::new(PROVIDERS.iter().rev().copied().collect::<Vec<_>>());
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(provider) = waiting.lock().ok().and_then(|mut waiting| waiting.pop()) {
                    let begun = Instant::now();
                    let outcome = checkout::in_run_folder("simulators", |folder| play(size, muster, folder, provider));
                    match outcome {
                        Ok(summary) => println!("{summary} ({})", wording::elapsed(begun.elapsed())),
                        Err(failure) => {
                            println!("{provider}: {failure}");
                            if let Ok(mut failed) = failed.lock() {
                                failed.push(provider);
                            }
                        }
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_default();
    if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("failed: {}", failed.join(", ")))) }
}

/// Plays one life; gives the line that sums it up.
fn play(size: &Size, muster: &Path, folder: &Path, provider: &str) -> Outcome<String> {
    let installation = Installation::in_folder(folder, muster);
    let server = installation.serve(0)?;
    let connection = installation.create_connection_of(provider, provider, &server)?;
    let base = if provider == "okta-1.1" { &connection.scim_1_1_base_url } else { &connection.scim_base_url };
    let counts = [size.people, size.groups, size.cycles].map(|count| count.to_string());
    let [people, groups, cycles] = counts;
    let mut simulate = command::program(muster);
    simulate
        .args(["simulate", provider, "--base", base, "--people", &people, "--groups", &groups, "--changes", &cycles])
        .args(["--seed", SEED])
        .env("SCIM_TOKEN", &connection.token)
        .stdin(Stdio::null());
    let output = simulate.output().explain(|| "could not start `muster simulate`".to_owned())?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("`{}` failed\n{printed}{complaint}", command::shown(&simulate))));
    }
    server.stop()?;
    let summary = printed.lines().find(|line| line.starts_with(provider)).unwrap_or(provider);
    Ok(summary.to_owned())
}
