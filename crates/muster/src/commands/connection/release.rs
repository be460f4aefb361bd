//! `muster connection release`.

use clap::Args;
use muster_app::ownership;
use muster_model::{ConnectionId, ResourceId};
use serde_json::json;

use super::SharedFlags;
use crate::failure::Failure;
use crate::output;

/// Take resources from a connection, so that nobody owns them and another connection can take them over. They stay in
/// the directory; the connection does not see them any more.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster connection release con_019a2b3c4d5e7f60718293a4b5c6d7e8 \
                  019a2b3c-4d5e-7f60-8182-93a4b5c6d7e8\n  \
                  muster connection release con_019a2b3c4d5e7f60718293a4b5c6d7e8 --all")]
pub(super) struct Arguments {
    /// The connection's id, as `muster connection list` shows it.
    id: ConnectionId,
    /// Ids of people or groups that it owns.
    #[arg(value_name = "RESOURCE", value_parser = parse_resource, required_unless_present = "all")]
    resources: Vec<ResourceId>,
    /// Everything that it owns.
    #[arg(long, conflicts_with = "resources")]
    all: bool,
    #[command(flatten)]
    shared: SharedFlags,
}

fn parse_resource(text: &str) -> Result<ResourceId, String> {
    ResourceId::parse(text).ok_or_else(|| "not the id of a resource; it is a UUID in lower case".to_owned())
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { id, resources, all, shared } = arguments;
    shared
        .with_installation(async |opened| {
            let released = if all {
                ownership::release_all(&opened.app, &opened.access, id).await?
            } else {
                for resource in &resources {
                    ownership::release(&opened.app, &opened.access, id, *resource).await?;
                }
                resources.len() as u64
            };
            if opened.json {
                return output::print_json(&json!({ "id": id.to_string(), "released": released }));
            }
            output::print(&format!("{released} released; nobody owns them now."))
        })
        .await
}
