//! `muster connection delete`.

use clap::Args;
use muster_app::connections;
use muster_model::ConnectionId;
use serde_json::json;

use super::SharedFlags;
use crate::failure::Failure;
use crate::output;

/// Delete a connection: its address and tokens stop working at once. The people and groups it brought stay, and nobody owns
/// them.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster connection delete con_019a2b3c4d5e7f60718293a4b5c6d7e8")]
pub(super) struct Arguments {
    /// The connection's id, as `muster connection list` shows it.
    id: ConnectionId,
    #[command(flatten)]
    shared: SharedFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { id, shared } = arguments;
    shared
        .with_installation(async |opened| {
            connections::delete(&opened.app, &opened.access, id).await?;
            if opened.json {
                return output::print_json(&json!({ "id": id.to_string(), "deleted": true }));
            }
            output::print(&format!("{id} is deleted; the people and groups it brought are still there."))
        })
        .await
}
