//! `muster conflict adopt` and `muster conflict ignore`: the two ways in which a conflict is decided.

use clap::Args;
use muster_app::ownership;
use muster_model::ConflictId;

use super::words;
use crate::commands::connection::SharedFlags;
use crate::failure::Failure;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The conflicts' ids, as `muster conflict list` shows them.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<ConflictId>,
    #[command(flatten)]
    shared: SharedFlags,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Decision {
    Adopt,
    Ignore,
}

pub(super) async fn run(decision: Decision, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { ids, shared } = arguments;
    shared
        .with_installation(async |opened| {
            let mut decided = Vec::with_capacity(ids.len());
            for id in ids {
                decided.push(match decision {
                    Decision::Adopt => ownership::adopt(&opened.app, &opened.access, id).await?,
                    Decision::Ignore => ownership::ignore(&opened.app, &opened.access, id).await?,
                });
            }
            words::print(opened, &decided)
        })
        .await
}
