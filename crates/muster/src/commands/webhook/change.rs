//! `muster webhook set`, `delete`, `enable` and `disable`.

use clap::Args;
use muster_app::webhooks::{self, EndpointChange};
use muster_model::{Tenant, WebhookEndpointId, WebhookPayload};

use super::create::payload;
use super::endpoint_of;
use super::words;
use crate::commands::connection::SharedFlags;
use crate::failure::Failure;
use crate::output;

/// Which endpoint.
#[derive(Args, Debug)]
pub(super) struct Named {
    /// The endpoint's id, as `muster webhook list` shows it.
    pub(super) id: WebhookEndpointId,
    /// Tenant of the endpoint.
    #[arg(long, value_name = "NAME", default_value = Tenant::DEFAULT_NAME)]
    pub(super) tenant: String,
    #[command(flatten)]
    pub(super) shared: SharedFlags,
}

/// Change an endpoint. What is not named stays; what is on its way goes to the new address.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster webhook set whe_019a2b3c4d5e7f60718293a4b5c6d7e8 --payload full")]
pub(super) struct SetArguments {
    #[command(flatten)]
    named: Named,
    /// Address that messages are sent to by POST.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Only events of this type, or of those that begin so; takes the place of the types that were named before.
    #[arg(long = "type", value_name = "TYPE", conflicts_with = "all_types")]
    types: Vec<String>,
    /// Events of all types.
    #[arg(long)]
    all_types: bool,
    /// What a message says: thin or full.
    #[arg(long, value_name = "PAYLOAD", value_parser = payload)]
    payload: Option<WebhookPayload>,
}

/// Delete an endpoint, with all that is on its way to it.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster webhook delete whe_019a2b3c4d5e7f60718293a4b5c6d7e8")]
pub(super) struct DeleteArguments {
    #[command(flatten)]
    named: Named,
}

/// Send again to an endpoint that was disabled, by a person or because of how it answered. What it missed is delivered, too.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster webhook enable whe_019a2b3c4d5e7f60718293a4b5c6d7e8")]
pub(super) struct EnableArguments {
    #[command(flatten)]
    named: Named,
    /// Leave out what it missed.
    #[arg(long)]
    skip_missed: bool,
}

/// Send nothing to an endpoint until it is enabled. What is on its way is kept.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster webhook disable whe_019a2b3c4d5e7f60718293a4b5c6d7e8")]
pub(super) struct DisableArguments {
    #[command(flatten)]
    named: Named,
}

pub(super) async fn set(arguments: SetArguments) -> Result<(), Failure> {
    let SetArguments { named: Named { id, tenant, shared }, url, types, all_types, payload } = arguments;
    let event_types = (all_types || !types.is_empty()).then_some(types);
    shared
        .with_installation(async |opened| {
            let tools = opened.webhook_tools()?;
            let change = EndpointChange { url, event_types, payload };
            let endpoint = webhooks::update(
                &opened.app,
                &opened.access,
                &opened.access,
                tools.carrier.as_ref(),
                &endpoint_of(tenant, id),
                change,
            )
            .await?;
            if opened.json {
                return output::print_json(&words::json_of(&endpoint));
            }
            output::print(&words::text_of(&endpoint))
        })
        .await
}

pub(super) async fn delete(arguments: DeleteArguments) -> Result<(), Failure> {
    let Named { id, tenant, shared } = arguments.named;
    shared
        .with_installation(async |opened| {
            webhooks::delete(&opened.app, &opened.access, &endpoint_of(tenant, id)).await?;
            output::note(&format!("{id} is deleted."));
            Ok(())
        })
        .await
}

pub(super) async fn enable(arguments: EnableArguments) -> Result<(), Failure> {
    let EnableArguments { named: Named { id, tenant, shared }, skip_missed } = arguments;
    shared
        .with_installation(async |opened| {
            webhooks::enable(&opened.app, &opened.access, &endpoint_of(tenant, id), skip_missed).await?;
            output::note(&format!("{id} is enabled."));
            Ok(())
        })
        .await
}

pub(super) async fn disable(arguments: DisableArguments) -> Result<(), Failure> {
    let Named { id, tenant, shared } = arguments.named;
    shared
        .with_installation(async |opened| {
            webhooks::disable(&opened.app, &opened.access, &endpoint_of(tenant, id)).await?;
            output::note(&format!("{id} is disabled. What is on its way is kept until `muster webhook enable`."));
            Ok(())
        })
        .await
}
