//! `cargo xtask campaign`: the long tests in their full size. `cargo xtask test` runs each in a reduced size.

use std::path::Path;
use std::time::Duration;

use crate::binary::{self, Profile, Selection};
use crate::crash;
use crate::edge_fuzz;
use crate::failure::{Failure, Outcome};
use crate::test_runner::{self, CampaignSize};

#[derive(clap::Args)]
#[command(
    long_about = "Runs the long tests in their full size: all of them, or the one that is named. `cargo xtask test` \
                  runs each in a reduced size.",
    after_help = "Examples:\n  cargo xtask campaign --list\n  cargo xtask campaign crash --seed 42"
)]
pub(crate) struct Arguments {
    /// One campaign; all of them if none is named.
    #[arg(value_enum)]
    name: Option<Name>,
    /// Shows the campaigns and their sizes, and runs none.
    #[arg(long)]
    list: bool,
    /// Repeats the random choices of an earlier run of `crash` or `edge`, which printed it.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Name {
    /// The server is killed in the middle of writes; no acknowledged write may be lost.
    Crash,
    /// Random requests for the running server.
    Edge,
    /// Random input for the parsers.
    Fuzz,
    /// Two servers on one PostgreSQL, killed by turns under load.
    Nodes,
    /// Property tests with many more cases.
    Properties,
}

const ALL: [Name; 5] = [Name::Crash, Name::Edge, Name::Fuzz, Name::Nodes, Name::Properties];
const NODES_FULL: Duration = Duration::from_mins(5);
const NODES_REDUCED: Duration = Duration::from_secs(30);
const FUZZ_FULL: Duration = Duration::from_mins(10);
const FUZZ_REDUCED: Duration = Duration::from_secs(30);

impl Name {
    fn shown(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Edge => "edge",
            Self::Fuzz => "fuzz",
            Self::Nodes => "nodes",
            Self::Properties => "properties",
        }
    }

    /// What one run of that size does.
    pub(crate) fn describe(self, size: CampaignSize) -> String {
        match (self, size) {
            (Self::Crash, CampaignSize::Full) => crash::FULL.to_string(),
            (Self::Crash, CampaignSize::Reduced) => crash::REDUCED.to_string(),
            (Self::Edge, CampaignSize::Full) => edge_fuzz::FULL.to_string(),
            (Self::Edge, CampaignSize::Reduced) => edge_fuzz::REDUCED.to_string(),
            (Self::Fuzz, CampaignSize::Full) => format!("{} s for each target", FUZZ_FULL.as_secs()),
            (Self::Fuzz, CampaignSize::Reduced) => format!("{} s for each target", FUZZ_REDUCED.as_secs()),
            (Self::Nodes, CampaignSize::Full) => describe_nodes(NODES_FULL),
            (Self::Nodes, CampaignSize::Reduced) => describe_nodes(NODES_REDUCED),
            (Self::Properties, size) => size.property_cases().to_string(),
        }
    }
}

fn describe_nodes(time: Duration) -> String {
    format!(
        "16 writers on one person and one group through two servers, one killed every few seconds, for {} s",
        time.as_secs()
    )
}

pub(crate) fn campaign(arguments: &Arguments) -> Outcome<()> {
    if arguments.list {
        for name in ALL {
            println!("{:<11} full: {}", name.shown(), name.describe(CampaignSize::Full));
            println!("{:<11} in `cargo xtask test`: {}", "", name.describe(CampaignSize::Reduced));
        }
        return Ok(());
    }
    if arguments.seed.is_some() && !matches!(arguments.name, Some(Name::Crash | Name::Edge)) {
        return Err(Failure::new(
            "--seed repeats the choices of one campaign: `cargo xtask campaign crash --seed N`, or `edge`. Fuzz targets \
             and property tests print with a failure how it is repeated",
        ));
    }
    let chosen: Vec<Name> = ALL.into_iter().filter(|name| arguments.name.is_none_or(|only| only == *name)).collect();
    let mut failed = Vec::new();
    for name in chosen {
        println!("── campaign {}: {}", name.shown(), name.describe(CampaignSize::Full));
        match run_full(name, arguments.seed) {
            Ok(()) => println!("── campaign {}: passed", name.shown()),
            Err(failure) => {
                println!("── campaign {}: failed: {failure}", name.shown());
                failed.push(name.shown());
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("failed: {}", failed.join(", ")))) }
}

fn run_full(name: Name, seed: Option<u64>) -> Outcome<()> {
    match name {
        Name::Crash => {
            let muster = binary::build(Selection::Muster, Profile::Dev)?;
            crash::run(&crash::FULL, &muster, seed)
        }
        Name::Edge => {
            let muster = binary::build(Selection::Muster, Profile::Dev)?;
            edge_fuzz::run(edge_fuzz::FULL, &muster, seed)
        }
        Name::Fuzz => test_runner::run_fuzz_targets(None, FUZZ_FULL),
        Name::Nodes => test_runner::run_nodes(NODES_FULL),
        Name::Properties => test_runner::run_properties(CampaignSize::Full),
    }
}

pub(crate) fn run_crash_reduced(muster: &Path) -> Outcome<()> {
    println!("size: {}", Name::Crash.describe(CampaignSize::Reduced));
    crash::run(&crash::REDUCED, muster, None)
}

pub(crate) fn run_edge_reduced(muster: &Path) -> Outcome<()> {
    println!("size: {}", Name::Edge.describe(CampaignSize::Reduced));
    edge_fuzz::run(edge_fuzz::REDUCED, muster, None)
}

pub(crate) fn run_nodes_reduced() -> Outcome<()> {
    println!("size: {}", Name::Nodes.describe(CampaignSize::Reduced));
    test_runner::run_nodes(NODES_REDUCED)
}

pub(crate) fn run_fuzz_reduced() -> Outcome<()> {
    println!("size: {}", Name::Fuzz.describe(CampaignSize::Reduced));
    test_runner::run_fuzz_targets(None, FUZZ_REDUCED)
}
