//! `muster webhook deliveries` and `delivery`.

use clap::Args;
use muster_app::webhooks;
use muster_model::{DeliveryId, DeliveryState};
use muster_store::DeliveryQuery;
use serde_json::{Value, json};

use super::change::Named;
use super::endpoint_of;
use super::words;
use crate::failure::Failure;
use crate::output;

/// List what was and is on its way to an endpoint, the newest first.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster webhook deliveries whe_019a2b3c4d5e7f60718293a4b5c6d7e8 --state failed")]
pub(super) struct Arguments {
    #[command(flatten)]
    named: Named,
    /// Only those in this state: pending, delivered, failed (given up) or parked (the endpoint is disabled).
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Option<DeliveryState>,
    /// Those before that one: for the next page.
    #[arg(long, value_name = "DELIVERY")]
    before: Option<DeliveryId>,
    /// At most so many, up to 100.
    #[arg(long, value_name = "NUMBER", default_value_t = 25)]
    limit: u64,
}

/// Show one delivery: what was sent, and how each sending was answered.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster webhook delivery whe_019a2b3c4d5e7f60718293a4b5c6d7e8 \
                  whd_019a2b3c4d5e7f60718293a4b5c6d7e8")]
pub(super) struct ShowArguments {
    #[command(flatten)]
    named: Named,
    /// The delivery's id, as `muster webhook deliveries` shows it.
    delivery: DeliveryId,
}

fn state(text: &str) -> Result<DeliveryState, String> {
    let found = DeliveryState::ALL.into_iter().find(|state| state.as_str() == text);
    found.ok_or_else(|| "write pending, delivered, failed or parked".to_owned())
}

pub(super) async fn list(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { named: Named { id, tenant, shared }, state, before, limit } = arguments;
    shared
        .with_installation(async |opened| {
            let query = DeliveryQuery { state, before, limit };
            let found = webhooks::list_deliveries(&opened.app, &opened.access, &endpoint_of(tenant, id), query).await?;
            if opened.json {
                return output::print_json(&Value::Array(found.iter().map(words::json_of_delivery).collect()));
            }
            let rows: Vec<_> = found
                .iter()
                .map(|one| {
                    let due = one.due.map_or_else(String::new, |due| due.to_string());
                    let attempts = one.attempts.to_string();
                    [one.id.to_string(), one.event_type.clone(), one.state.as_str().to_owned(), attempts, due]
                })
                .collect();
            output::print(&output::table(["ID", "TYPE", "STATE", "ATTEMPTS", "DUE"], &rows))
        })
        .await
}

pub(super) async fn show(arguments: ShowArguments) -> Result<(), Failure> {
    let ShowArguments { named: Named { id, tenant, shared }, delivery } = arguments;
    shared
        .with_installation(async |opened| {
            let found = webhooks::delivery(&opened.app, &opened.access, &endpoint_of(tenant, id), delivery).await?;
            let body: Value = serde_json::from_str(&found.delivery.body).unwrap_or_default();
            if opened.json {
                let mut document = words::json_of_delivery(&found.delivery);
                if let Some(members) = document.as_object_mut() {
                    members.insert("body".to_owned(), body);
                    let attempts: Vec<_> = found.attempts.iter().map(words::json_of_attempt).collect();
                    members.insert("tries".to_owned(), json!(attempts));
                }
                return output::print_json(&document);
            }
            let mut lines = vec![
                format!("{}  {}  {}", found.delivery.id, found.delivery.event_type, found.delivery.state.as_str()),
                format!("  {body}"),
            ];
            lines.extend(found.attempts.iter().map(words::text_of_attempt));
            lines.extend(found.delivery.due.map(|due| format!("  next attempt {due}")));
            output::print(&lines.join("\n"))
        })
        .await
}
