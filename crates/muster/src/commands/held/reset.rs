//! `muster held reset`.

use clap::Args;
use muster_app::held;
use muster_model::ConnectionId;
use serde_json::json;

use super::super::connection::SharedFlags;
use crate::failure::Failure;
use crate::output;

/// Let a connection take away as much again as its limit allows, without waiting for the 24 hours to pass. What is held
/// stays held.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster held reset --connection con_019a2b3c4d5e7f60718293a4b5c6d7e8")]
pub(super) struct Arguments {
    /// The connection's id, as `muster connection list` shows it.
    #[arg(long, value_name = "ID")]
    connection: ConnectionId,
    #[command(flatten)]
    shared: SharedFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { connection, shared } = arguments;
    shared
        .with_installation(async |opened| {
            held::reset(&opened.app, &opened.access, connection).await?;
            if opened.json {
                return output::print_json(&json!({ "id": connection.to_string(), "reset": true }));
            }
            output::print(&format!("What {connection} took away in the last 24 hours counts no more."))
        })
        .await
}
