//! `muster conflict ignore`.

use clap::Args;
use muster_app::ownership;
use muster_model::ConflictId;

use super::words;
use crate::commands::connection::SharedFlags;
use crate::failure::Failure;

/// Close a conflict without changing anything: the connection goes on being refused, and nobody is asked again.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster conflict ignore cfl_019a2b3c4d5e7f60718293a4b5c6d7e8")]
pub(super) struct Arguments {
    /// The conflicts' ids, as `muster conflict list` shows them.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<ConflictId>,
    #[command(flatten)]
    shared: SharedFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { ids, shared } = arguments;
    shared
        .with_installation(async |opened| {
            let mut decided = Vec::with_capacity(ids.len());
            for id in ids {
                decided.push(ownership::ignore(&opened.app, &opened.access, id).await?);
            }
            words::print(opened, &decided)
        })
        .await
}
