//! `muster events`: what happened in a tenant, as events, for programs that follow it.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use muster_app::events::{self, Event, FeedQuery, LONGEST_WAIT, MOST_EVENTS, MOST_SNAPSHOT_EVENTS, Start};
use muster_app::tenants::TenantName;
use muster_model::{Sequence, Tenant};

use super::connection::{Opened, SharedFlags};
use crate::failure::Failure;
use crate::output;

/// Show the events of a tenant, in order: people and groups that come, change and go.
///
/// An event names what differs and carries no values; --objects adds the resource as it is now. Whoever goes on with
/// --cursor and what this command says at its end misses nothing. With --json each event is one line. docs/events.md tells
/// how to follow a directory.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster events --snapshot --follow --objects --json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    shared: SharedFlags,
    /// Tenant whose events are shown.
    #[arg(long, value_name = "NAME", default_value = Tenant::DEFAULT_NAME)]
    tenant: String,
    /// Begin behind the entry of the change log with this sequence.
    #[arg(long, value_name = "SEQUENCE", conflicts_with_all = ["cursor", "snapshot"])]
    after: Option<u64>,
    /// Go on where an earlier call ended.
    #[arg(long, value_name = "CURSOR", conflicts_with = "snapshot")]
    cursor: Option<String>,
    /// Begin with the directory as it is now: everybody is created, and joins his groups.
    #[arg(long)]
    snapshot: bool,
    /// Only events of this type, or of those that begin so: directory.user.*. May stand several times.
    #[arg(long = "type", value_name = "TYPE", conflicts_with = "snapshot")]
    types: Vec<String>,
    /// Show each resource as it is now, too.
    #[arg(long)]
    objects: bool,
    /// Wait for further events until it is interrupted.
    #[arg(long)]
    follow: bool,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let Arguments { shared, tenant, after, cursor, snapshot, types, objects, follow } = arguments;
    shared
        .with_installation(async |opened| {
            let start = if snapshot {
                match show_snapshot(opened, TenantName::Name(tenant.clone()), objects).await? {
                    Some(cursor) => Start::Cursor(cursor),
                    None => return Ok(ExitCode::SUCCESS),
                }
            } else {
                match (after, cursor) {
                    (_, Some(cursor)) => Start::Cursor(cursor),
                    (Some(sequence), None) => Start::After(Sequence(sequence)),
                    (None, None) => Start::Beginning,
                }
            };
            let wait = if follow { LONGEST_WAIT } else { Duration::ZERO };
            let query = FeedQuery { tenant: Some(tenant.into()), start, types, limit: MOST_EVENTS, wait, objects };
            show_feed(opened, query, follow).await
        })
        .await
}

/// Where the feed goes on; `None`: nobody reads any more.
async fn show_snapshot(opened: &Opened, tenant: TenantName, objects: bool) -> Result<Option<String>, Failure> {
    let mut cursor: Option<String> = None;
    loop {
        let (app, access) = (&opened.app, &opened.access);
        let mut page =
            events::snapshot(app, access, Some(tenant.clone()), cursor.as_deref(), MOST_SNAPSHOT_EVENTS).await?;
        if !objects {
            page.events.iter_mut().for_each(|event| event.object = None);
        }
        if !print(opened, &page.events)? {
            return Ok(None);
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(Some(page.feed)),
        }
    }
}

async fn show_feed(opened: &Opened, mut query: FeedQuery, follow: bool) -> Result<ExitCode, Failure> {
    loop {
        let page = events::list(&opened.app, &opened.access, &query).await?;
        if !print(opened, &page.events)? {
            return Ok(ExitCode::SUCCESS);
        }
        if !follow && !page.has_more {
            output::note(&format!("Go on with --cursor {}", page.next));
            return Ok(ExitCode::SUCCESS);
        }
        query.start = Start::Cursor(page.next);
    }
}

/// `false`: nobody reads any more.
fn print(opened: &Opened, events: &[Event]) -> Result<bool, Failure> {
    if events.is_empty() {
        return Ok(true);
    }
    let line = |event: &Event| if opened.json { event.to_json().to_string() } else { words(event) };
    output::print_to_reader(&events.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn words(event: &Event) -> String {
    let Event { timestamp, event_type, sequence, resource_type, resource, changed, members, object, .. } = event;
    let mut text = format!("{}  {timestamp}  {} {resource_type} {resource}", sequence.0, event_type.as_str());
    if let Some(changed) = changed.as_ref().filter(|changed| !changed.is_empty()) {
        text.extend([": ", &changed.join(", ")]);
    }
    if !members.is_empty() {
        text.extend([", ", &members.len().to_string(), " members"]);
    }
    if let Some(object) = object {
        text.extend(["\n    ", &object.to_string()]);
    }
    text
}
