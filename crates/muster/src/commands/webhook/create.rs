//! `muster webhook create` and `rotate`: what tells a key, once.

use clap::Args;
use muster_app::webhooks::{self, NewEndpoint, NewSigningKey};
use muster_model::{Tenant, WebhookEndpointId, WebhookPayload};
use serde_json::json;

use super::endpoint_of;
use super::words;
use crate::commands::connection::SharedFlags;
use crate::failure::Failure;
use crate::output;

/// Create an endpoint. It gets what happens from now on. The key with which the receiver checks messages is shown this once.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster webhook create --url https://example.com/muster --type 'directory.user.*'")]
pub(super) struct Arguments {
    /// Address that messages are sent to by POST.
    #[arg(long, value_name = "URL")]
    url: String,
    /// Only events of this type, or of those that begin so: directory.user.*. May stand several times.
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// What a message says: thin (ids and names of attributes) or full (also the resource as it is).
    #[arg(long, value_name = "PAYLOAD", default_value = "thin", value_parser = payload)]
    payload: WebhookPayload,
    /// Tenant whose events are sent.
    #[arg(long, value_name = "NAME", default_value = Tenant::DEFAULT_NAME)]
    tenant: String,
    #[command(flatten)]
    shared: SharedFlags,
}

/// Make a new key for an endpoint. The old one signs beside it for a day, or until --complete.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster webhook rotate whe_019a2b3c4d5e7f60718293a4b5c6d7e8")]
pub(super) struct RotateArguments {
    /// The endpoint's id, as `muster webhook list` shows it.
    id: WebhookEndpointId,
    /// End the rotation: from now on only the new key signs.
    #[arg(long)]
    complete: bool,
    /// Tenant of the endpoint.
    #[arg(long, value_name = "NAME", default_value = Tenant::DEFAULT_NAME)]
    tenant: String,
    #[command(flatten)]
    shared: SharedFlags,
}

pub(super) fn payload(text: &str) -> Result<WebhookPayload, String> {
    let found = WebhookPayload::ALL.into_iter().find(|payload| payload.as_str() == text);
    found.ok_or_else(|| "write thin or full".to_owned())
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { url, types, payload, tenant, shared } = arguments;
    shared
        .with_installation(async |opened| {
            let tools = opened.webhook_tools()?;
            let new = NewEndpoint { tenant: Some(tenant.into()), url, event_types: types, payload };
            let created =
                webhooks::create(&opened.app, &opened.access, &opened.access, tools.carrier.as_ref(), new).await?;
            if opened.json {
                let mut document = words::json_of(&created.endpoint);
                if let Some(members) = document.as_object_mut() {
                    members.insert("key".to_owned(), json!(created.key.secret.expose_serialized()));
                }
                return output::print_json(&document);
            }
            output::print(&words::text_of(&created.endpoint))?;
            tell_key(&created.key)
        })
        .await
}

pub(super) async fn rotate(arguments: RotateArguments) -> Result<(), Failure> {
    let RotateArguments { id, complete, tenant, shared } = arguments;
    shared
        .with_installation(async |opened| {
            if complete {
                webhooks::complete_rotation(&opened.app, &opened.access, &endpoint_of(tenant, id)).await?;
                output::note("From now on only the newest key signs.");
                return Ok(());
            }
            let new = webhooks::start_rotation(&opened.app, &opened.access, &endpoint_of(tenant, id)).await?;
            if opened.json {
                return output::print_json(&json!({
                    "version": new.version,
                    "key": new.secret.expose_serialized(),
                    "overlap_ends": new.overlap_ends.map(|ends| ends.to_string()),
                }));
            }
            tell_key(&new)?;
            if let Some(ends) = new.overlap_ends {
                output::note(&format!(
                    "Until {ends} the old key signs, too. End that sooner with `muster webhook rotate {id} --complete`."
                ));
            }
            Ok(())
        })
        .await
}

fn tell_key(key: &NewSigningKey) -> Result<(), Failure> {
    output::print(&format!("\n  signing key  {}\n", key.secret.expose_serialized()))?;
    output::note("The signing key is shown this once. Give it to the receiver; Muster keeps it sealed.");
    Ok(())
}
