//! `muster connection show`.

use std::fmt::Write as _;

use clap::Args;
use muster_app::connections;
use muster_model::{ConnectionId, GuardUse, RepairCount};
use serde_json::{Map, Value, json};

use super::{SharedFlags, words};
use crate::failure::Failure;
use crate::output;

/// Show one connection: its tokens' last four characters, expiry and last use, its overrides, how often its messages had
/// to be repaired, how much it owns, how many conflicts wait for a decision, what it took away lately, and how much the
/// guard holds.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster connection show con_019a2b3c4d5e7f60718293a4b5c6d7e8")]
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
            let details = connections::show(&opened.app, &opened.access, id).await?;
            if opened.json {
                let credentials = details.credentials.iter().map(|(credential, last_used)| {
                    json!({
                        "id": credential.id.to_string(),
                        "last_four": credential.last_four,
                        "created": credential.created.to_string(),
                        "expires": credential.expires.map(|at| at.to_string()),
                        "last_used": last_used.map(|at| at.to_string()),
                    })
                });
                let credentials = credentials.collect::<Vec<_>>();
                let mut document = words::as_json(opened, &details.connection, &details.tenant);
                document.insert("credentials".to_owned(), json!(credentials));
                document
                    .insert("repairs".to_owned(), json!(details.repairs.iter().map(repair_json).collect::<Vec<_>>()));
                let owned: Map<String, Value> =
                    details.owned.iter().map(|(kind, count)| (kind.to_string(), json!(count))).collect();
                document.insert("owned".to_owned(), Value::Object(owned));
                document.insert("open_conflicts".to_owned(), json!(details.open_conflicts));
                document.insert("held".to_owned(), json!(details.held));
                document.insert(
                    "taken_away_in_24_hours".to_owned(),
                    Value::Object(details.guard_use.iter().map(|used| (kind_of(used), json!(used.count))).collect()),
                );
                return output::print_json(&Value::Object(document));
            }
            let mut text = words::as_text(opened, &details.connection, &details.tenant);
            for (credential, last_used) in &details.credentials {
                // Writing to a String cannot fail.
                let _ = writeln!(
                    text,
                    "token          …{}, expires {}, last used {}",
                    credential.last_four,
                    words::date(credential.expires),
                    words::date(*last_used),
                );
            }
            let owned = details.owned.iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>();
            let owned = if owned.is_empty() { "nothing".to_owned() } else { owned.join(", ") };
            let _ = writeln!(text, "owns           {owned}");
            if details.open_conflicts > 0 {
                let _ = writeln!(
                    text,
                    "conflicts      {} wait for a decision: muster conflict list --connection {id}",
                    details.open_conflicts
                );
            }
            for repair in &details.repairs {
                let _ = writeln!(
                    text,
                    "repaired       {} times: {}, last seen {}",
                    repair.count,
                    repair.kind.replace('_', " "),
                    words::date(Some(repair.last_seen)),
                );
            }
            for used in &details.guard_use {
                let _ = writeln!(text, "taken away     {} {} within 24 hours", used.count, words_of(used));
            }
            if details.held > 0 {
                let _ = writeln!(text, "held           {} changes; `muster held list` shows them", details.held);
            }
            output::print(&text)
        })
        .await
}

fn kind_of(used: &GuardUse) -> String {
    used.resource_type.as_ref().map_or_else(|| "memberships".to_owned(), ToString::to_string)
}

fn words_of(used: &GuardUse) -> String {
    used.resource_type.as_ref().map_or_else(|| "memberships".to_owned(), |name| format!("of type {name}"))
}

fn repair_json(repair: &RepairCount) -> Value {
    json!({ "kind": repair.kind, "count": repair.count, "last_seen": repair.last_seen.to_string() })
}
