//! `muster requests tail`: looks into the database again and again, so it works beside any number of servers.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use muster_app::requests::{self, MOST_LISTED};
use muster_app::tenants::TenantName;
use muster_model::{Clock, RequestEntry, RequestEntryId};
use muster_store::RequestQuery;

use super::filters::FilterFlags;
use super::words;
use crate::commands::connection::{Opened, SharedFlags};
use crate::failure::Failure;
use crate::output;
use crate::system::SystemClock;

const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// Servers write what they answered a moment later, each in its own portions, so an entry may come behind a newer one.
const LATE: Duration = Duration::from_secs(10);

/// Show requests as they are answered, until it is interrupted. With --json each is one line.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  muster requests tail --connection con_019a2b3c4d5e7f60718293a4b5c6d7e8 --status failed"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    filters: FilterFlags,
    /// Begin with so many that are there already.
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    lines: usize,
    #[command(flatten)]
    shared: SharedFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { filters, lines, shared } = arguments;
    let query = filters.query(MOST_LISTED);
    shared
        .with_installation(async |opened| {
            let tenant: Option<TenantName> = filters.tenant.clone().map(Into::into);
            let begun = requests::list(&opened.app, &opened.access, tenant.clone(), &query).await?.entries;
            let mut seen: BTreeSet<RequestEntryId> = begun.iter().map(|entry| entry.id).collect();
            let mut newest = begun.first().map_or_else(|| SystemClock.now(), |entry| entry.at);
            let mut fresh: Vec<RequestEntry> = begun.into_iter().take(lines).collect();
            loop {
                fresh.reverse();
                if !fresh.is_empty() && !print(opened, &fresh)? {
                    return Ok(());
                }
                tokio::time::sleep(BETWEEN_LOOKS).await;
                let late = newest.checked_sub(LATE).unwrap_or(Timestamp::UNIX_EPOCH);
                let since = query.since.map_or(late, |wanted| wanted.max(late));
                let query = RequestQuery { since: Some(since), ..query.clone() };
                fresh = requests::list(&opened.app, &opened.access, tenant.clone(), &query).await?.entries;
                fresh.retain(|entry| seen.insert(entry.id));
                newest = fresh.iter().map(|entry| entry.at).fold(newest, Ord::max);
                // What is looked at no more need not be remembered.
                seen = seen.split_off(&RequestEntryId::first_of(since));
            }
        })
        .await
}

/// `false`: nobody reads any more.
fn print(opened: &Opened, entries: &[RequestEntry]) -> Result<bool, Failure> {
    let lines: Vec<String> = entries
        .iter()
        .map(|entry| if opened.json { words::json_of(entry).to_string() } else { words::line(entry) })
        .collect();
    output::print_to_reader(&lines.join("\n"))
}
