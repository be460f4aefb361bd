//! `muster connection token`.

use clap::{Args, Subcommand};
use muster_app::connections;
use muster_model::ConnectionId;

use super::{SharedFlags, words};
use crate::failure::Failure;

/// Replace a connection's token.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster connection token rotate con_019a2b3c4d5e7f60718293a4b5c6d7e8")]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Rotate(RotateArguments),
}

/// Issue a new token, shown this once; the old one is refused from the next request on.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster connection token rotate con_019a2b3c4d5e7f60718293a4b5c6d7e8 --json")]
struct RotateArguments {
    /// The connection's id, as `muster connection list` shows it.
    id: ConnectionId,
    #[command(flatten)]
    shared: SharedFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Action::Rotate(RotateArguments { id, shared }) = arguments.action;
    shared
        .with_installation(async |opened| {
            let created = connections::rotate_token(&opened.app, &opened.access, id).await?;
            words::print_with_token(opened, &created)
        })
        .await
}
