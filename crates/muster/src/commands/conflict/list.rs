//! `muster conflict list`.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use muster_app::ownership::{self, ConflictFilter};
use muster_model::{ConflictState, ConnectionId};
use serde_json::json;

use super::words;
use crate::commands::connection::{SharedFlags, date};
use crate::failure::Failure;
use crate::output;

/// List the conflicts of one connection, one tenant or all; those that wait for a person unless told otherwise.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster conflict list --tenant default --state all --json")]
pub(super) struct Arguments {
    /// Only this tenant's.
    #[arg(long)]
    tenant: Option<String>,
    /// Only those in which this connection was refused.
    #[arg(long)]
    connection: Option<ConnectionId>,
    /// Which of them.
    #[arg(long, default_value = "open", value_parser = state_parser())]
    state: Wanted,
    /// At most so many of each tenant, the oldest first.
    #[arg(long, default_value_t = 100)]
    limit: u64,
    #[command(flatten)]
    shared: SharedFlags,
}

#[derive(Clone, Copy, Debug)]
enum Wanted {
    All,
    In(ConflictState),
}

fn state_parser() -> impl TypedValueParser<Value = Wanted> {
    let names = ConflictState::ALL.map(ConflictState::as_str).into_iter().chain(["all"]);
    PossibleValuesParser::new(names).map(|name| ConflictState::parse(&name).map_or(Wanted::All, Wanted::In))
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { tenant, connection, state, limit, shared } = arguments;
    let state = match state {
        Wanted::All => None,
        Wanted::In(state) => Some(state),
    };
    let filter = ConflictFilter { tenant: tenant.map(Into::into), connection, state, limit };
    shared
        .with_installation(async |opened| {
            let found = ownership::list(&opened.app, &opened.access, &filter).await?;
            if opened.json {
                let documents = found.iter().map(words::as_json).collect::<Vec<_>>();
                return output::print_json(&json!({ "conflicts": documents }));
            }
            if found.is_empty() {
                return output::print("There are no such conflicts.");
            }
            let rows: Vec<_> = found
                .iter()
                .map(|details| {
                    let conflict = &details.conflict;
                    [
                        conflict.id.to_string(),
                        words::wanted_by(details),
                        format!("{} {}", conflict.resource_type, conflict.resource),
                        words::owned_by(details),
                        conflict.count.to_string(),
                        date(Some(conflict.last_seen)),
                        conflict.state.as_str().to_owned(),
                    ]
                })
                .collect();
            let headings = ["ID", "WANTED BY", "RESOURCE", "OWNED BY", "TIMES", "LAST", "STATE"];
            output::print(&output::table(headings, &rows))
        })
        .await
}
