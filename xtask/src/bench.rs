//! `cargo xtask bench`: measurements of the release build. A measurement is no test: it prints, and never fails for
//! being slow.

mod bare;
mod cost;
mod costs;
mod dataset;
mod hammer;
mod load;
mod membership;
mod operations;
mod people;
mod pgbench;
mod plot;
mod report;
mod result;
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
    /// What each operation costs, on directories of several sizes and on both databases.
    Costs(costs::Arguments),
    /// How much is done at once, as a share of what the machine and its disk allow.
    Load(load::Arguments),
    /// How long it takes to add one member to groups of different sizes.
    Membership(membership::Arguments),
}

pub(crate) fn bench(arguments: &Arguments) -> Outcome<()> {
    match &arguments.benchmark {
        Benchmark::Costs(arguments) => {
            let bench = costs::Bench::prepare(&arguments.database)?;
            costs::measure(&bench, arguments)?;
            Ok(())
        }
        Benchmark::Load(arguments) => {
            let bench = costs::Bench::prepare(&arguments.database)?;
            load::measure(&bench, arguments)?;
            Ok(())
        }
        Benchmark::Membership(arguments) => membership::measure(arguments),
    }
}
