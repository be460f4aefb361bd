//! `cargo xtask bench`: measurements of the release build. A measurement is no test: it prints, and never fails for
//! being slow.

mod membership;
mod plot;
mod report;
mod seeding;
mod statistics;

use crate::failure::Outcome;

#[derive(clap::Args)]
#[command(after_help = "Example:\n  cargo xtask bench membership")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    benchmark: Benchmark,
}

#[derive(clap::Subcommand)]
enum Benchmark {
    /// How long it takes to add one member to groups of different sizes.
    Membership(membership::Arguments),
}

pub(crate) fn bench(arguments: &Arguments) -> Outcome<()> {
    match &arguments.benchmark {
        Benchmark::Membership(arguments) => membership::measure(arguments),
    }
}
