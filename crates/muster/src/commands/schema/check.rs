//! `muster schema check`.

use clap::Args;
use muster_app::schemas;

use super::documents::DocumentFlags;
use super::print_changes;
use crate::failure::Failure;

/// Check files as `add` would, beside the built-in schemas alone, and store nothing. Needs no installation.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster schema check badge.json --extends User")]
pub(super) struct Arguments {
    #[command(flatten)]
    documents: DocumentFlags,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: Arguments) -> Result<(), Failure> {
    let good = schemas::check(&arguments.documents.read(false)?)?;
    print_changes(arguments.json, "good", &good, "There is no document in these files.")
}
