//! `muster vault`: the vault key, and what is sealed under it.

mod status;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::failure::Failure;

/// Look at the vault: the key file, and the secrets in the database that only this key opens.
///
/// Muster seals what it has to be able to read again, such as the key that signs what a webhook endpoint is sent. Tokens and
/// passwords are not among it: of those it keeps digests only.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster vault status --json")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Status(status::Arguments),
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.action {
        Action::Status(arguments) => status::run(arguments).await,
    }
}
