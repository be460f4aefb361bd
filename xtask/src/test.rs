//! `cargo xtask test`: everything that must hold. One build profile serves every step.

mod steps;
mod summary;

use std::time::Instant;

use crate::failure::{Failure, Outcome};
use crate::wording;
use steps::{Ending, Step, Workbench};
use summary::Record;

#[derive(clap::Args)]
#[command(
    long_about = "Runs everything that must hold before a change is accepted: formatting, lints, rules of the house, \
                  licences, unit and integration tests, fuzz targets, real clients against the built binary, and \
                  the crash campaign in its reduced size. Installs what it needs inside the checkout. The last line \
                  counts the steps.",
    after_help = "Examples:\n  cargo xtask test\n  cargo xtask test --list\n  cargo xtask test --only real-clients"
)]
pub(crate) struct Arguments {
    /// One step (may be repeated).
    #[arg(long, value_enum, value_name = "STEP")]
    only: Vec<Step>,
    /// Shows the steps and runs none.
    #[arg(long)]
    list: bool,
}

pub(crate) fn test(arguments: &Arguments) -> Outcome<()> {
    if arguments.list {
        for step in steps::ALL {
            println!("{:<14} {}", step.name(), step.purpose());
        }
        return Ok(());
    }
    let mut workbench = Workbench::default();
    let mut records = Vec::new();
    for step in steps::ALL.into_iter().filter(|step| arguments.only.is_empty() || arguments.only.contains(step)) {
        records.push(perform(step, &mut workbench));
    }
    println!("{}", summary::table(&records));
    println!("{}", summary::last_line(&records));
    if records.iter().any(|record| matches!(record.ending, Ending::Failed(_))) {
        // The counting line must stay the last one.
        return Err(Failure::told());
    }
    Ok(())
}

fn perform(step: Step, workbench: &mut Workbench) -> Record {
    println!("\n── {}: {}", step.name(), step.purpose());
    let started = Instant::now();
    let ending = workbench.run(step);
    let took = started.elapsed();
    println!("── {} {} after {}", step.name(), summary::verdict(&ending), wording::elapsed(took));
    Record { step, ending, took }
}
