//! `muster conflict`: what a connection wanted and somebody has whom it does not see.

mod decide;
mod list;
mod show;
mod words;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::failure::Failure;
use decide::Decision;

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
    /// Give the resource to the connection that wants it; what it looks up from then on it finds, and it goes on. Whoever owned
    /// it before does not see it any more.
    #[command(after_help = "Example:\n  muster conflict adopt cfl_019a2b3c4d5e7f60718293a4b5c6d7e8")]
    Adopt(decide::Arguments),
    /// Close a conflict without changing anything: the connection goes on being refused, and nobody is asked again.
    #[command(after_help = "Example:\n  muster conflict ignore cfl_019a2b3c4d5e7f60718293a4b5c6d7e8")]
    Ignore(decide::Arguments),
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.action {
        Action::List(arguments) => list::run(arguments).await,
        Action::Show(arguments) => show::run(arguments).await,
        Action::Adopt(arguments) => decide::run(Decision::Adopt, arguments).await,
        Action::Ignore(arguments) => decide::run(Decision::Ignore, arguments).await,
    }?;
    Ok(ExitCode::SUCCESS)
}
