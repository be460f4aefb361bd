//! `muster schema add`.

use clap::Args;
use muster_app::schemas;

use super::documents::DocumentFlags;
use super::{TenantFlags, print_changes};
use crate::failure::Failure;

/// Add schemas and resource types from files: all of them or, if one cannot be used, none.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  muster schema add badge.json --extends User\n  muster schema add door.json doors.json --tenant acme"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    documents: DocumentFlags,
    /// Put documents in the place of those that are there. What resources use must stay lawful.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    flags: TenantFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { documents, replace, flags: TenantFlags { tenant, shared } } = arguments;
    let new = documents.read(replace)?;
    shared
        .with_installation(async |opened| {
            let added = schemas::add(&opened.app, &opened.access, tenant.as_deref(), &new).await?;
            print_changes(opened.json, "added", &added, "Everything in these files is there already; nothing changed.")
        })
        .await
}
