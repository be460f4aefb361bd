//! `muster held list`.

use clap::Args;
use muster_app::held;
use muster_model::HeldOperation;
use serde_json::json;

use super::super::connection::{SharedFlags, date};
use super::{ScopeFlags, words};
use crate::failure::Failure;
use crate::output;

/// List what is held, oldest first.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster held list --tenant default --json")]
pub(super) struct Arguments {
    #[command(flatten)]
    scope: ScopeFlags,
    #[command(flatten)]
    shared: SharedFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { scope, shared } = arguments;
    let selection = scope.selection();
    shared
        .with_installation(async |opened| {
            let found = held::list(&opened.app, &opened.access, &selection).await?;
            if opened.json {
                return output::print_json(&json!({ "held": found.iter().map(words::json_of).collect::<Vec<_>>() }));
            }
            if found.is_empty() {
                return output::print("Nothing is held.");
            }
            let changes: u64 = found.iter().map(|one| HeldOperation::changes(&one.operation)).sum();
            let rows: Vec<_> = found
                .iter()
                .map(|one| {
                    let (id, at) = (one.operation.id.to_string(), date(Some(one.operation.at)));
                    [id, one.tenant.name.clone(), words::quoted(&one.connection.name), at, words::what(one)]
                })
                .collect();
            let table = output::table(["ID", "TENANT", "CONNECTION", "HELD SINCE", "WHAT WAS ASKED FOR"], &rows);
            output::print(&format!(
                "{table}\n{changes} changes in {} requests are held. `muster held release` does them, `muster held drop` \
                 forgets them.\n",
                found.len()
            ))
        })
        .await
}
