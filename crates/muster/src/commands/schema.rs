//! `muster schema`: what a tenant's people, groups and other resources can hold.

mod add;
mod check;
mod documents;
mod list;
mod pack;
mod remove;
mod show;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::connection::SharedFlags;
use crate::failure::Failure;
use crate::output;

/// Extend what a tenant's people, groups and other resources can hold: add, list, show and remove schemas and resource
/// types, enable and disable packs of them.
///
/// These commands work on the database directly, with or without a running server; a running server honours the
/// change from its next request on.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster schema add badge.json --extends User")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(list::Arguments),
    Show(show::Arguments),
    Add(add::Arguments),
    Remove(remove::Arguments),
    Enable(pack::EnableArguments),
    Disable(pack::DisableArguments),
    Check(check::Arguments),
}

/// What every one of these commands takes.
#[derive(Args, Debug)]
struct TenantFlags {
    /// Tenant whose schemas are meant [default: default]
    #[arg(long)]
    tenant: Option<String>,
    #[command(flatten)]
    shared: SharedFlags,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.action {
        Action::List(arguments) => list::run(arguments).await,
        Action::Show(arguments) => show::run(arguments).await,
        Action::Add(arguments) => add::run(arguments).await,
        Action::Remove(arguments) => remove::run(arguments).await,
        Action::Enable(arguments) => pack::enable(arguments).await,
        Action::Disable(arguments) => pack::disable(arguments).await,
        Action::Check(arguments) => check::run(arguments),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// Says what changed: one line each, or one JSON document.
fn print_changes(json: bool, verb: &str, changed: &[String], otherwise: &str) -> Result<(), Failure> {
    if json {
        return output::print_json(&json!({ verb: changed }));
    }
    if changed.is_empty() {
        return output::print(otherwise);
    }
    let lines: Vec<String> = changed.iter().map(|one| format!("{verb}: {one}")).collect();
    output::print(&lines.join("\n"))
}
