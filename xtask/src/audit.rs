//! `cargo xtask audit`: what the dependencies bring along, judged by `deny.toml`.

use crate::command;
use crate::failure::Outcome;

#[derive(clap::Args)]
#[command(
    long_about = "Runs cargo-deny with deny.toml over licences, sources, bans and known vulnerabilities. Builds \
                  cargo-deny first if it is missing, which takes some minutes; the list of known vulnerabilities \
                  is fetched from the network.",
    after_help = "Example:\n  cargo xtask audit"
)]
pub(crate) struct Arguments {}

pub(crate) fn audit(_: &Arguments) -> Outcome<()> {
    if !command::has_cargo_tool("deny") {
        eprintln!("cargo-deny is not installed: building it once, which takes some minutes.");
        command::run(command::cargo().args(["install", "--locked", "cargo-deny"]))?;
    }
    let lasting = check_lasting();
    // The list of vulnerabilities may be out of reach; what can be said without it is said first.
    command::run(command::cargo().args(["deny", "check", "--hide-inclusion-graph", "advisories"]))?;
    lasting
}

/// The part of the audit that needs no list of vulnerabilities, for `cargo xtask test`. `None`: cargo-deny is not
/// installed.
pub(crate) fn audit_offline() -> Option<Outcome<()>> {
    command::has_cargo_tool("deny").then(check_lasting)
}

/// What changes only when the dependencies change.
fn check_lasting() -> Outcome<()> {
    // The graph covers other platforms too, whose crates no build on this one has downloaded.
    command::run(command::cargo().args(["fetch", "--quiet"]))?;
    let parts = ["bans", "licenses", "sources"];
    command::run(command::cargo().args(["deny", "--offline", "check", "--hide-inclusion-graph"]).args(parts))
}
