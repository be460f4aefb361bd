//! `muster changes`: the change log of a tenant, for programs that follow it.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use muster_app::changes;
use muster_model::{Change, Sequence, Tenant};
use serde_json::{Value, json};

use super::connection::SharedFlags;
use crate::failure::Failure;
use crate::output;

/// Read at once: more would be held in memory without being shown.
const PORTION: usize = 1_000;
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// Show what has changed in a tenant, in order, and each change once.
///
/// An entry has ids and a version, no values: who acts on it reads the resource. Whoever goes on with --after and the last
/// sequence that he has worked on misses nothing. With --json each entry is one line.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster changes --after 1200 --follow --json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    shared: SharedFlags,
    /// Tenant whose changes are shown.
    #[arg(long, value_name = "NAME", default_value = Tenant::DEFAULT_NAME)]
    tenant: String,
    /// Begin after the entry of this sequence.
    #[arg(long, value_name = "SEQUENCE", default_value_t = 0)]
    after: u64,
    /// Wait for further changes until it is interrupted.
    #[arg(long)]
    follow: bool,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let Arguments { shared, tenant, after, follow } = arguments;
    shared
        .with_installation(async |opened| {
            let mut last = Sequence(after);
            loop {
                let found = changes::list(&opened.app, &opened.access, &tenant, last, PORTION).await?;
                let Some(newest) = found.last() else {
                    if follow {
                        tokio::time::sleep(BETWEEN_LOOKS).await;
                        continue;
                    }
                    return Ok(ExitCode::SUCCESS);
                };
                last = newest.sequence;
                let lines: Vec<_> =
                    found.iter().map(|one| if opened.json { json_of(one).to_string() } else { words(one) }).collect();
                if !output::print_to_reader(&lines.join("\n"))? {
                    return Ok(ExitCode::SUCCESS);
                }
            }
        })
        .await
}

fn json_of(change: &Change) -> Value {
    json!({
        "sequence": change.sequence,
        "kind": change.kind,
        "type": change.resource_type.as_str(),
        "resource": change.resource,
        "version": change.version.0,
        "joined": change.joined,
        "left": change.left,
        "connection": change.connection,
        "at": change.at.to_string(),
        "changed": change.notes.changed,
        "request": change.notes.request,
    })
}

fn words(change: &Change) -> String {
    let Change { sequence, kind, resource_type, resource, version, joined, left, connection, at, notes: _ } = change;
    let members = if joined.is_empty() && left.is_empty() {
        String::new()
    } else {
        format!(", {} joined, {} left", joined.len(), left.len())
    };
    let by = connection.map_or_else(String::new, |connection| format!(", by {connection}"));
    let (sequence, kind, resource_type, version) = (sequence.0, kind.as_str(), resource_type.as_str(), version.0);
    format!("{sequence}  {at}  {kind} {resource_type} {resource}, version {version}{members}{by}")
}
