//! `muster system-log`: who did what.

use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use muster_app::system_log::{self, SystemLogQuery};
use muster_model::{Reach, SystemEntry};
use serde_json::{Value, json};

use super::connection::SharedFlags;
use crate::failure::Failure;
use crate::output;

/// In one portion.
const PORTION: u64 = 500;

/// Show who did what to the installation, the newest first: with commands, through the management API, and Muster itself.
///
/// An entry is committed together with what it tells of. With --json or --csv a line for each, for programs and for archives.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  muster system-log --action connection.deleted --since 2026-11-01T00:00:00Z\n  muster system-log \
                  --limit 100000 --json > system-log.jsonl"
)]
pub(crate) struct Arguments {
    /// Only what is of this tenant.
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// Only what this one did: the id of an API token, `local_administrator` or `muster`.
    #[arg(long, value_name = "ACTOR")]
    actor: Option<String>,
    /// Only deeds of this name.
    #[arg(long, value_name = "NAME")]
    action: Option<String>,
    /// Only what was done to what has this id.
    #[arg(long, value_name = "ID")]
    target: Option<String>,
    /// Only what was done at that moment or later.
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// Only what was done before that moment.
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: u64,
    /// Print comma-separated values (RFC 4180).
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    #[command(flatten)]
    shared: SharedFlags,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let Arguments { tenant, actor, action, target, since, until, limit, csv, shared } = arguments;
    let mut query =
        SystemLogQuery { since, until, actor, action, target, ..SystemLogQuery::newest(Reach::Environment, limit) };
    shared
        .with_installation(async |opened| {
            let mut left = limit;
            if csv {
                output::print("at,id,tenant,actor,action,target,before,after")?;
            }
            while left > 0 {
                query.limit = left.min(PORTION);
                let tenant = tenant.clone().map(Into::into);
                let page = system_log::list(&opened.app, &opened.access, tenant, &query).await?;
                for entry in &page.entries {
                    let line = if opened.json {
                        json_of(entry).to_string()
                    } else if csv {
                        csv_of(entry)
                    } else {
                        text_of(entry)
                    };
                    if !output::print_to_reader(&line)? {
                        return Ok(());
                    }
                }
                left -= page.entries.len() as u64;
                let Some(next) = page.next else { break };
                query.before = Some(next);
            }
            Ok(())
        })
        .await?;
    Ok(ExitCode::SUCCESS)
}

fn json_of(entry: &SystemEntry) -> Value {
    let state = |text: &Option<String>| text.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    json!({
        "id": entry.id,
        "at": entry.at.to_string(),
        "tenant_id": entry.tenant,
        "actor": entry.actor.to_string(),
        "action": entry.action.as_str(),
        "target": entry.target,
        "before": state(&entry.before),
        "after": state(&entry.after),
    })
}

fn text_of(entry: &SystemEntry) -> String {
    let state = |name: &str, text: &Option<String>| {
        text.as_ref().map_or_else(String::new, |text| {
            format!("\n    {name:<6} {}", text.escape_debug().to_string().replace("\\\"", "\""))
        })
    };
    format!(
        "{:.3}  {}  {}  by {}{}{}",
        entry.at,
        entry.action.as_str(),
        entry.target,
        entry.actor,
        state("before", &entry.before),
        state("after", &entry.after)
    )
}

fn csv_of(entry: &SystemEntry) -> String {
    let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let tenant = entry.tenant.map(|tenant| tenant.to_string()).unwrap_or_default();
    [
        entry.at.to_string().as_str(),
        &entry.id.to_string(),
        &tenant,
        &entry.actor.to_string(),
        entry.action.as_str(),
        &entry.target,
        entry.before.as_deref().unwrap_or_default(),
        entry.after.as_deref().unwrap_or_default(),
    ]
    .map(cell)
    .join(",")
}

#[cfg(test)]
mod tests {
    use muster_model::{Action, Actor, SystemEntryId};

    use super::*;

    #[test]
    fn a_cell_ends_where_it_ends() {
        let entry = SystemEntry {
            id: SystemEntryId::first_of(Timestamp::UNIX_EPOCH),
            at: Timestamp::UNIX_EPOCH,
            tenant: None,
            actor: Actor::Muster,
            action: Action::of("tenant.renamed"),
            target: "ten_1".to_owned(),
            before: Some("{\"name\":\"a, \\\"b\\\"\"}".to_owned()),
            after: None,
        };
        let line = csv_of(&entry);
        assert!(line.ends_with(r#","{""name"":""a, \""b\""""}","""#), "{line}");
        assert_eq!(line.matches('\n').count(), 0);
        assert!(text_of(&entry).contains("by muster"));
    }
}
