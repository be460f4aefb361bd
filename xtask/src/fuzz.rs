//! `cargo xtask fuzz`: random input for the parsers, in the same build profile as every other test.

use std::time::Duration;

use crate::failure::Outcome;
use crate::test_runner;

#[derive(clap::Args)]
#[command(
    long_about = "Runs the fuzz targets (tests whose names begin with `fuzz_`) in bolero's random mode, all at the \
                  same time. A failure prints the input and the seed that repeats it.",
    after_help = "Examples:\n  cargo xtask fuzz\n  cargo xtask fuzz fuzz_filter --seconds 300"
)]
pub(crate) struct Arguments {
    /// Only targets whose name contains this.
    target: Option<String>,
    /// How long each target runs.
    #[arg(long, default_value_t = 30, value_name = "N")]
    seconds: u64,
}

pub(crate) fn fuzz(arguments: &Arguments) -> Outcome<()> {
    test_runner::run_fuzz_targets(arguments.target.as_deref(), Duration::from_secs(arguments.seconds))
}
