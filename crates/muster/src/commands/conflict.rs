//! `muster conflict`: what a connection wanted and somebody has whom it does not see.

mod adopt;
mod ignore;
mod list;
mod show;
mod words;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::failure::Failure;

/// Decide conflicts between connections: one wanted a unique value, such as a userName, that a resource has which it does
/// not see. The identity provider was answered 409.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster conflict list --connection con_019a2b3c4d5e7f60718293a4b5c6d7e8")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(list::Arguments),
    Show(show::Arguments),
    Adopt(adopt::Arguments),
    Ignore(ignore::Arguments),
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.action {
        Action::List(arguments) => list::run(arguments).await,
        Action::Show(arguments) => show::run(arguments).await,
        Action::Adopt(arguments) => adopt::run(arguments).await,
        Action::Ignore(arguments) => ignore::run(arguments).await,
    }?;
    Ok(ExitCode::SUCCESS)
}
