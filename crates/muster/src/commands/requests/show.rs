//! `muster requests show`.

use clap::Args;
use muster_app::requests;
use muster_model::RequestEntryId;

use super::words;
use crate::commands::connection::SharedFlags;
use crate::failure::Failure;
use crate::output;

/// Show one request with its bodies, what was repaired in it, what it changed, and when it failed, why and what to do.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster requests show req_019a2b3c4d5e7f60718293a4b5c6d7e8")]
pub(super) struct Arguments {
    /// The request's id, as `muster requests list` shows it, or the X-Request-Id of its answer.
    id: String,
    #[command(flatten)]
    shared: SharedFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { id, shared } = arguments;
    shared
        .with_installation(async |opened| {
            let details = match id.parse::<RequestEntryId>() {
                Ok(id) => requests::show(&opened.app, &opened.access, id).await?,
                Err(_) => requests::show_logged(&opened.app, &opened.access, &id).await?,
            };
            if opened.json {
                return output::print_json(&words::json_of_details(&details));
            }
            output::print(&words::text_of_details(&details))
        })
        .await
}
