//! `muster requests`: what identity providers asked, and why it failed.

mod filters;
mod list;
mod show;
mod tail;
mod words;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::failure::Failure;

/// Look at the request log: each call of an identity provider, what it was answered, and when it failed, why and what to do.
///
/// Secrets are never in it, and values in filters are masked; bodies may hold names and addresses of people unless
/// `request_log_bodies` or `request_log_mask` say otherwise.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster requests tail --status failed")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(list::Arguments),
    Show(show::Arguments),
    Tail(tail::Arguments),
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.action {
        Action::List(arguments) => list::run(arguments).await,
        Action::Show(arguments) => show::run(arguments).await,
        Action::Tail(arguments) => tail::run(arguments).await,
    }?;
    Ok(ExitCode::SUCCESS)
}
