//! Running Rust's own tests: with cargo-nextest where it is installed, with `cargo test` elsewhere.
//!
//! Names decide what runs when: a test whose name begins with `fuzz_` feeds random input to a parser, one with
//! `property_` or in a module `properties` draws cases, one with `slow_` takes more than a few seconds.

use std::time::Duration;

use crate::command;
use crate::failure::Outcome;

/// How much the property tests do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CampaignSize {
    Reduced,
    Full,
}

/// Proptest's own default is 256.
const FULL_PROPERTY_CASES: &str = "20000";

fn has_nextest() -> bool {
    command::has_cargo_tool("nextest")
}

/// Every unit and integration test, and the examples in the documentation. The fuzz targets are a step of their own.
pub(crate) fn run_all() -> Outcome<()> {
    if !has_nextest() {
        // It runs the documentation's examples too.
        return command::run(command::cargo().args(["test", "--workspace", "--no-fail-fast", "--", "--skip", "fuzz_"]));
    }
    command::run(command::cargo().args(["nextest", "run", "--workspace"]))?;
    command::run(command::cargo().args(["test", "--workspace", "--doc", "--quiet"]))
}

/// What a person waits for before a commit.
pub(crate) fn run_quick() -> Outcome<()> {
    if has_nextest() {
        return command::run(command::cargo().args(["nextest", "run", "--workspace", "--profile", "quick"]));
    }
    let skipped = ["--skip", "fuzz_", "--skip", "property_", "--skip", "slow_"];
    command::run(command::cargo().args(["test", "--workspace", "--tests", "--"]).args(skipped))
}

/// The property tests alone.
pub(crate) fn run_properties(size: CampaignSize) -> Outcome<()> {
    let mut cargo = command::cargo();
    if has_nextest() {
        cargo.args(["nextest", "run", "--workspace", "--profile", "campaign", "-E", "test(/propert(y_|ies::)/)"]);
    } else {
        cargo.args(["test", "--workspace", "--tests", "propert"]);
    }
    if size == CampaignSize::Full {
        cargo.env("MUSTER_CAMPAIGN", "full");
        // What proptest itself reads, where a test names no number of cases.
        cargo.env("PROPTEST_CASES", FULL_PROPERTY_CASES);
    }
    command::run(&mut cargo)
}

/// Fuzz targets in bolero's random mode, all at the same time. The workspace is named so that what the other tests
/// built is used again: one crate alone would be built with other features.
pub(crate) fn run_fuzz_targets(target: Option<&str>, each: Duration) -> Outcome<()> {
    let name = target.map_or_else(|| "fuzz_".to_owned(), ToOwned::to_owned);
    let mut cargo = command::cargo();
    if has_nextest() {
        let targets = format!("test(fuzz_) & test({name})");
        cargo.args(["nextest", "run", "--workspace", "--profile", "fuzz", "-E", &targets]);
    } else {
        cargo.args(["test", "--workspace", "--tests", &name, "--", "--nocapture", "--test-threads", "8"]);
    }
    // Bolero stops at whichever comes first, and a target may name a number of iterations of its own.
    cargo.env("BOLERO_RANDOM_TEST_TIME_MS", each.as_millis().to_string());
    cargo.env("BOLERO_RANDOM_ITERATIONS", usize::MAX.to_string());
    command::run(&mut cargo)
}
