//! `cargo xtask bench`: measurements of the build that is shipped. A measurement is no test: it prints, and never fails for
//! being slow.

mod bare;
mod cost;
mod cost_plot;
mod costs;
mod dataset;
mod hammer;
mod load;
mod membership;
mod memory_plot;
mod operations;
mod page;
mod peers;
mod people;
mod pgbench;
mod plot;
mod report;
mod result;
mod scale;
mod sections;
mod seeding;
mod statistics;
mod stolen;

use crate::command;
use crate::failure::Outcome;
use dataset::Database;
use page::Run;

#[derive(clap::Args)]
#[command(
    long_about = "Without a word: every operation on directories of four sizes, then the load, on both databases; compares \
                  with the last committed run. It takes an hour, most of it for filling the directories the first time.",
    after_help = "Examples:\n  cargo xtask bench\n  cargo xtask bench --people 1000,10000 --write-docs\n  cargo xtask bench costs \
                  --only POST"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    benchmark: Option<Benchmark>,
    /// The sizes of the directories.
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000,1000000", value_name = "N,N")]
    people: Vec<usize>,
    /// The databases.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgresql")]
    database: Vec<Database>,
    /// How often each operation is measured; the median counts.
    #[arg(long, default_value_t = 7, value_name = "N")]
    rounds: usize,
    /// Leaves out how much is done at once.
    #[arg(long)]
    costs_only: bool,
    /// Writes the tables and the picture into docs/.
    #[arg(long)]
    write_docs: bool,
}

#[derive(clap::Subcommand)]
enum Benchmark {
    /// What each operation costs, on directories of several sizes and on both databases.
    Costs(costs::Arguments),
    /// How much is done at once, as a share of what the machine and its disk allow.
    Load(load::Arguments),
    /// A first filling, the start, and the memory of a directory of a million people.
    Scale(scale::Arguments),
    /// What the same operations cost SCIM servers that others wrote.
    Peers(peers::Arguments),
    /// What the languages of SCIM cost without a server, by Criterion.
    #[command(after_help = "Example:\n  cargo xtask bench languages")]
    Languages,
    /// How long it takes to add one member to groups of different sizes.
    Membership(membership::Arguments),
}

pub(crate) fn bench(arguments: &Arguments) -> Outcome<()> {
    match &arguments.benchmark {
        None => everything(arguments),
        Some(Benchmark::Costs(arguments)) => {
            let bench = costs::Bench::prepare(&arguments.database)?;
            let run = Run { costs: costs::measure(&bench, arguments)?, load: Vec::new() };
            run.compare();
            Ok(())
        }
        Some(Benchmark::Load(arguments)) => {
            let bench = costs::Bench::prepare(&arguments.database)?;
            load::measure(&bench, arguments).map(drop)
        }
        Some(Benchmark::Peers(arguments)) => peers::measure(arguments),
        Some(Benchmark::Scale(arguments)) => scale::measure(arguments),
        Some(Benchmark::Languages) => command::run(command::cargo().args([
            "bench",
            "--quiet",
            "--package",
            "muster-bench",
            "--bench",
            "languages",
        ])),
        Some(Benchmark::Membership(arguments)) => membership::measure(arguments),
    }
}

fn everything(arguments: &Arguments) -> Outcome<()> {
    let bench = costs::Bench::prepare(&arguments.database)?;
    let of_costs = costs::Arguments {
        people: arguments.people.clone(),
        database: arguments.database.clone(),
        only: None,
        rounds: arguments.rounds,
        fresh: false,
    };
    let costs = costs::measure(&bench, &of_costs)?;
    let people = arguments.people.iter().copied().filter(|people| *people <= 100_000).max().unwrap_or(1_000);
    let of_load = load::Arguments { people, database: arguments.database.clone(), rounds: 5, seconds: 2 };
    let load = if arguments.costs_only { Vec::new() } else { load::measure(&bench, &of_load)? };
    let run = Run { costs, load };
    run.write_json()?;
    run.compare();
    if arguments.write_docs { run.write_docs() } else { Ok(()) }
}
