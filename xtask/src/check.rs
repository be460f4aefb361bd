//! `cargo xtask check`: the fast part of `cargo xtask test`.

use crate::command;
use crate::failure::Outcome;
use crate::test_runner;
use crate::tidy;

#[derive(clap::Args)]
#[command(
    long_about = "Runs formatting, clippy, tidy and the tests that are not slow, and stops at the first that fails. \
                  `cargo xtask test` runs everything.",
    after_help = "Example:\n  cargo xtask check && git commit"
)]
pub(crate) struct Arguments {}

pub(crate) fn check(_: &Arguments) -> Outcome<()> {
    check_format()?;
    tidy::tidy(&tidy::Arguments::default())?;
    check_lints()?;
    test_runner::run_quick()
}

pub(crate) fn check_format() -> Outcome<()> {
    command::run(command::cargo().args(["fmt", "--all", "--check"]))
}

pub(crate) fn check_lints() -> Outcome<()> {
    command::run(command::cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "--deny",
        "warnings",
    ]))
}
