//! `muster webhook list` and `show`.

use clap::Args;
use muster_app::webhooks;
use muster_model::{Tenant, WebhookEndpointId};
use serde_json::Value;

use super::endpoint_of;
use super::words;
use crate::commands::connection::SharedFlags;
use crate::failure::Failure;
use crate::output;

/// List a tenant's endpoints.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster webhook list")]
pub(super) struct Arguments {
    /// Tenant whose endpoints are listed.
    #[arg(long, value_name = "NAME", default_value = Tenant::DEFAULT_NAME)]
    tenant: String,
    #[command(flatten)]
    shared: SharedFlags,
}

/// Show an endpoint: where it sends, what, with which keys, and how its receiver answers.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster webhook show whe_019a2b3c4d5e7f60718293a4b5c6d7e8")]
pub(super) struct ShowArguments {
    /// The endpoint's id, as `muster webhook list` shows it.
    id: WebhookEndpointId,
    /// Tenant of the endpoint.
    #[arg(long, value_name = "NAME", default_value = Tenant::DEFAULT_NAME)]
    tenant: String,
    #[command(flatten)]
    shared: SharedFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { tenant, shared } = arguments;
    shared
        .with_installation(async |opened| {
            let endpoints = webhooks::list(&opened.app, &opened.access, Some(tenant.into())).await?;
            if opened.json {
                return output::print_json(&Value::Array(endpoints.iter().map(words::json_of).collect()));
            }
            if endpoints.is_empty() {
                output::note("There are no webhook endpoints; `muster webhook create` makes one.");
                return Ok(());
            }
            let rows: Vec<_> = endpoints
                .iter()
                .map(|one| [one.id.to_string(), words::state(one), words::types(one), one.settings.url.clone()])
                .collect();
            output::print(&output::table(["ID", "STATE", "TYPES", "URL"], &rows))
        })
        .await
}

pub(super) async fn show(arguments: ShowArguments) -> Result<(), Failure> {
    let ShowArguments { id, tenant, shared } = arguments;
    shared
        .with_installation(async |opened| {
            let endpoint = webhooks::show(&opened.app, &opened.access, &endpoint_of(tenant, id)).await?;
            if opened.json {
                return output::print_json(&words::json_of(&endpoint));
            }
            output::print(&words::text_of(&endpoint))
        })
        .await
}
