//! `muster simulate`: plays an identity provider against any SCIM server.

use std::process::ExitCode;

use clap::Args;
use clap::builder::PossibleValuesParser;
use scim_conformance::simulation::{self, Plan, Provider};
use tokio::runtime::Runtime;

use super::conformance::progress::ProgressLine;
use super::conformance::target::TargetFlags;
use crate::failure::Failure;
use crate::output;
use crate::system;

/// Play the life of an identity provider against a SCIM server, and judge every answer as it would.
///
/// Connection test, initial cycle, incremental cycles (profiles change, people are deactivated, come back and are deleted,
/// memberships move), and at the end everything is read back and compared. The people do not exist; they stay on the
/// server unless --clean-up is given. Exit code 1 when anything is not as expected.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  SCIM_TOKEN=… muster simulate entra --base https://scim.example.com/v2 --people 200 --groups 10"
)]
pub(crate) struct Arguments {
    /// Who is played.
    #[arg(value_name = "PROVIDER", value_parser = provider_parser())]
    provider: String,
    /// SCIM base address: what stands before /Users.
    #[arg(long, value_name = "URL")]
    base: String,
    #[command(flatten)]
    target: TargetFlags,
    /// People at the beginning.
    #[arg(long, value_name = "N", default_value_t = 50)]
    people: usize,
    /// Groups at the beginning; everybody is a member of the first.
    #[arg(long, value_name = "N", default_value_t = 5)]
    groups: usize,
    /// Incremental cycles.
    #[arg(long, value_name = "K", default_value_t = 2)]
    changes: usize,
    /// Repeat an earlier life: the same people and the same changes.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Delete everything at the end, although the identity provider would not.
    #[arg(long)]
    clean_up: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn provider_parser() -> PossibleValuesParser {
    PossibleValuesParser::new(Provider::ALL.iter().map(|provider| provider.name()))
}

pub(crate) fn run(arguments: Arguments, runtime: Runtime) -> Result<ExitCode, Failure> {
    let plan = Plan {
        provider: arguments.provider.parse().map_err(|words: String| Failure::usage(words))?,
        base: arguments.base,
        token: arguments.target.token.clone(),
        people: arguments.people,
        groups: arguments.groups,
        changes: arguments.changes,
        seed: arguments.seed.unwrap_or_else(system::random_number),
        clean_up: arguments.clean_up,
    };
    let mut transport = arguments.target.transport(runtime)?;
    let mut line = ProgressLine::new();
    let outcome = simulation::run(&mut transport, &plan, &mut |progress| {
        line.show(progress.done, progress.all, progress.phase);
    });
    line.end();
    if arguments.json {
        output::print_json(&outcome.json())?;
    } else {
        output::print(&outcome.text())?;
    }
    Ok(if outcome.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
