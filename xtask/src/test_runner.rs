//! Running Rust's own tests: with cargo-nextest where it is installed, with `cargo test` elsewhere.
//!
//! Names decide what runs when: a test whose name begins with `fuzz_` feeds random input to a parser, one with
//! `property_` or in a module `properties` draws cases, one with `slow_` takes more than a few seconds.

use std::fmt;
use std::process::Command;
use std::time::Duration;

use crate::command;
use crate::failure::Outcome;
use crate::wording;

/// How much the property tests do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CampaignSize {
    Reduced,
    Full,
}

/// How many cases the property tests draw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PropertyCases {
    /// For each property of values; proptest reads the number itself.
    values: u32,
    /// Whole directories that the store's laws make.
    directories: u32,
}

impl CampaignSize {
    pub(crate) const fn property_cases(self) -> PropertyCases {
        match self {
            Self::Reduced => PropertyCases { values: 256, directories: 64 },
            Self::Full => PropertyCases { values: 20_000, directories: 2_000 },
        }
    }
}

impl PropertyCases {
    fn tell(self, cargo: &mut Command) {
        cargo.env("PROPTEST_CASES", self.values.to_string());
        cargo.env("MUSTER_PROPERTY_DIRECTORIES", self.directories.to_string());
    }
}

impl fmt::Display for PropertyCases {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |number| wording::count(usize::try_from(number).unwrap_or(usize::MAX));
        let (values, directories) = (count(self.values), count(self.directories));
        write!(formatter, "{values} cases for each property, {directories} generated directories for the store's laws")
    }
}

fn has_nextest() -> bool {
    command::has_cargo_tool("nextest")
}

/// Every unit and integration test, and the examples in the documentation. The fuzz targets are a step of their own.
pub(crate) fn run_all() -> Outcome<()> {
    let mut cargo = command::cargo();
    CampaignSize::Reduced.property_cases().tell(&mut cargo);
    if !has_nextest() {
        // It runs the documentation's examples too.
        return command::run(cargo.args(["test", "--workspace", "--no-fail-fast", "--", "--skip", "fuzz_"]));
    }
    command::run(cargo.args(["nextest", "run", "--workspace"]))?;
    command::run(command::cargo().args(["test", "--workspace", "--doc", "--quiet"]))
}

/// The tests that go over the port to the database; the drivers' own laws run with the others.
pub(crate) fn run_on_postgresql() -> Outcome<()> {
    let mut cargo = command::cargo();
    CampaignSize::Reduced.property_cases().tell(&mut cargo);
    cargo.env("MUSTER_TEST_DATABASE", "postgresql");
    if has_nextest() {
        return command::run(cargo.args(["nextest", "run", "--package", "muster-scim-server"]));
    }
    command::run(cargo.args(["test", "--package", "muster-scim-server", "--no-fail-fast"]))
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
    size.property_cases().tell(&mut cargo);
    command::run(&mut cargo)
}

/// Two servers on one PostgreSQL for that long, with writers at both while they are killed by turns. The workspace is named
/// so that what the other tests built is used again.
pub(crate) fn run_nodes(time: Duration) -> Outcome<()> {
    let mut cargo = command::cargo();
    if has_nextest() {
        cargo.args(["nextest", "run", "--workspace", "--profile", "campaign", "--run-ignored", "only"]);
        cargo.args(["--success-output", "final", "-E", "test(nodes_campaign)"]);
    } else {
        cargo.args(["test", "--workspace", "--test", "it", "nodes_campaign", "--", "--ignored", "--nocapture"]);
    }
    cargo.env("MUSTER_NODES_SECONDS", time.as_secs().to_string());
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
