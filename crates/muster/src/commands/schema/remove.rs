//! `muster schema remove`.

use clap::Args;
use muster_app::schemas;

use super::{TenantFlags, print_changes};
use crate::failure::Failure;

/// Remove a schema or a resource type that was added. Refused while resources use it.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  muster schema remove urn:example:scim:Badge\n  muster schema remove urn:example:scim:Badge --from Group"
)]
pub(super) struct Arguments {
    /// The schema's URN or the resource type's name, as `muster schema list` shows it.
    name: String,
    /// Only make the schema no extension of that resource type any more.
    #[arg(long, value_name = "TYPE")]
    from: Option<String>,
    #[command(flatten)]
    flags: TenantFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { name, from, flags: TenantFlags { tenant, shared } } = arguments;
    shared
        .with_installation(async |opened| {
            let (app, access) = (&opened.app, &opened.access);
            let removed = schemas::remove(app, access, tenant.as_deref(), &name, from.as_deref()).await?;
            print_changes(opened.json, "removed", &removed, "Nothing changed.")
        })
        .await
}
