//! `muster profile`: what is known of each identity provider's habits.

mod list;
mod show;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use muster_app::profile::{Catalogue, NamedProfile};

use crate::failure::Failure;

/// Show the profiles: how each identity provider speaks, and how Muster answers it.
///
/// A connection takes the profile of its `--provider`; `muster connection set` changes single knobs of it.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster profile show entra")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(list::Arguments),
    Show(show::Arguments),
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let catalogue = Catalogue::embedded();
    match arguments.action {
        Action::List(arguments) => list::run(&arguments, catalogue),
        Action::Show(arguments) => show::run(&arguments, catalogue),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// The knobs that a profile sets otherwise than the root does.
fn number_of_differences(catalogue: &Catalogue, profile: &NamedProfile) -> usize {
    let Some(root) = catalogue.profiles().iter().find(|one| one.inherits().is_none()) else { return 0 };
    profile.effective().zip(root.effective()).filter(|(own, roots)| own.value != roots.value).count()
}
