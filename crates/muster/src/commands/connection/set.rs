//! `muster connection set`.

use clap::Args;
use muster_app::connections;
use muster_model::{ConnectionId, Provider};
use serde_json::Value;

use super::create::provider_parser;
use super::{SharedFlags, words};
use crate::failure::Failure;
use crate::output;

/// Change whom a connection is for, or set knobs otherwise than its provider's profile. The next request is answered
/// accordingly.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  muster connection set con_019a2b3c4d5e7f60718293a4b5c6d7e8 members_in_lists=false\n  \
                  muster connection set con_019a2b3c4d5e7f60718293a4b5c6d7e8 members_in_lists=default"
)]
pub(super) struct Arguments {
    /// The connection's id, as `muster connection list` shows it.
    id: ConnectionId,
    /// Knobs with their values; `default` takes an override back. `muster profile show` lists the knobs.
    #[arg(value_name = "KNOB=VALUE", required_unless_present = "provider")]
    settings: Vec<String>,
    /// Identity provider that calls; its profile takes the place of the former one, and overrides stay.
    #[arg(long, value_parser = provider_parser())]
    provider: Option<Provider>,
    #[command(flatten)]
    shared: SharedFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { id, settings, provider, shared } = arguments;
    let changes = words::knob_changes(&settings)?;
    shared
        .with_installation(async |opened| {
            let details = connections::change_profile(&opened.app, &opened.access, id, provider, &changes).await?;
            if opened.json {
                let document = words::as_json(opened, &details.connection, &details.tenant);
                return output::print_json(&Value::Object(document));
            }
            output::print(&words::as_text(opened, &details.connection, &details.tenant))
        })
        .await
}
