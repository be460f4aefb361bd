//! `muster requests list`.

use clap::Args;
use muster_app::requests;
use muster_model::RequestEntryId;
use serde_json::json;

use super::filters::FilterFlags;
use super::words;
use crate::commands::connection::SharedFlags;
use crate::failure::Failure;
use crate::output;

/// List requests, the newest first.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  muster requests list --status failed --since 2h\n  muster requests list --connection \
                  con_019a2b3c4d5e7f60718293a4b5c6d7e8 --code uniqueness --json"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    filters: FilterFlags,
    /// Go on behind this request, as the end of the list before says.
    #[arg(long, value_name = "ID")]
    before: Option<RequestEntryId>,
    /// At most so many, 1000 at most.
    #[arg(long, default_value_t = 50)]
    limit: u64,
    #[command(flatten)]
    shared: SharedFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { filters, before, limit, shared } = arguments;
    let mut query = filters.query(limit);
    query.before = before;
    shared
        .with_installation(async |opened| {
            let tenant = filters.tenant.clone().map(Into::into);
            let page = requests::list(&opened.app, &opened.access, tenant, &query).await?;
            if opened.json {
                let entries: Vec<_> = page.entries.iter().map(words::json_of).collect();
                return output::print_json(&json!({
                    "tenant": page.tenant.name,
                    "requests": entries,
                    "next": page.next.map(|next| next.to_string()),
                }));
            }
            if page.entries.is_empty() {
                return output::print("There are no such requests.");
            }
            let rows: Vec<_> = page.entries.iter().map(words::row).collect();
            let mut text = output::table(words::HEADINGS, &rows);
            text.push_str(&words::explained(&page.entries));
            if let Some(next) = page.next {
                text.extend(["\nThere are more; go on with --before ", &next.to_string(), "\n"]);
            }
            output::print(&text)
        })
        .await
}
