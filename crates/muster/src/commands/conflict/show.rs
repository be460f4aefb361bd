//! `muster conflict show`.

use clap::Args;
use muster_app::ownership;
use muster_model::ConflictId;

use super::words;
use crate::commands::connection::SharedFlags;
use crate::failure::Failure;

/// Show one conflict: who wants what of whom, since when, and how often.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster conflict show cfl_019a2b3c4d5e7f60718293a4b5c6d7e8")]
pub(super) struct Arguments {
    /// The conflict's id, as `muster conflict list` shows it.
    id: ConflictId,
    #[command(flatten)]
    shared: SharedFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { id, shared } = arguments;
    shared
        .with_installation(async |opened| {
            words::print(opened, &[ownership::show(&opened.app, &opened.access, id).await?])
        })
        .await
}
