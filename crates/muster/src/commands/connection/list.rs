//! `muster connection list`.

use clap::Args;
use muster_app::connections;
use serde_json::{Value, json};

use super::{SharedFlags, words};
use crate::failure::Failure;
use crate::output;

/// List the connections of one tenant or of all.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster connection list --tenant default --json")]
pub(super) struct Arguments {
    /// Only this tenant's.
    #[arg(long)]
    tenant: Option<String>,
    #[command(flatten)]
    shared: SharedFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { tenant, shared } = arguments;
    shared
        .with_installation(async |opened| {
            let found = connections::list(&opened.app, &opened.access, tenant.map(Into::into)).await?;
            if opened.json {
                let documents = found
                    .iter()
                    .map(|(connection, tenant)| Value::Object(words::as_json(opened, connection, tenant)))
                    .collect::<Vec<_>>();
                return output::print_json(&json!({ "connections": documents }));
            }
            if found.is_empty() {
                return output::print(
                    "There are no connections yet; `muster connection create --name NAME` makes one.",
                );
            }
            let rows: Vec<_> = found
                .into_iter()
                .map(|(connection, tenant)| {
                    let (id, created) = (connection.id.to_string(), words::date(Some(connection.created)));
                    [id, tenant.name, connection.name, connection.provider.to_string(), created]
                })
                .collect();
            output::print(&output::table(["ID", "TENANT", "NAME", "PROVIDER", "CREATED"], &rows))
        })
        .await
}
