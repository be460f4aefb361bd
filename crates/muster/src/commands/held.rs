//! `muster held`: what the guard against mass deprovisioning holds, and what becomes of it.

mod decide;
mod list;
mod reset;
mod show;
mod words;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use muster_app::held::Selection;
use muster_model::{ConnectionId, HeldId};

use super::connection::SharedFlags;
use crate::failure::Failure;

/// Decide about what the guard against mass deprovisioning holds: deactivations, deletions and removals of members that a
/// connection asked for beyond its limit.
///
/// A release does now what was asked for; a drop forgets it. Both work with or without a running server. What was
/// released or dropped does not make room for more: the limit counts what was really taken away within 24 hours.
/// To let more through, raise it (`muster connection set ID guard_percent=40`) or begin anew (`muster held reset`).
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  muster held list\n  muster held release --all --connection con_019a2b3c4d5e7f60718293a4b5c6d7e8"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(list::Arguments),
    Show(show::Arguments),
    Release(decide::ReleaseArguments),
    Drop(decide::DropArguments),
    Reset(reset::Arguments),
}

/// Which held changes are meant.
#[derive(Args, Debug)]
struct ScopeFlags {
    /// Only this tenant's.
    #[arg(long)]
    tenant: Option<String>,
    /// Only this connection's.
    #[arg(long, value_name = "ID")]
    connection: Option<ConnectionId>,
}

impl ScopeFlags {
    fn selection(self) -> Selection {
        Selection::All { tenant: self.tenant.map(Into::into), connection: self.connection }
    }
}

/// Some by their ids, or all within a scope: never all by leaving something out.
#[derive(Args, Debug)]
struct ChosenFlags {
    /// Ids of held changes, as `muster held list` shows them.
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    ids: Vec<HeldId>,
    /// All of them; with --tenant or --connection, all of these.
    #[arg(long)]
    all: bool,
    /// Only this tenant's.
    #[arg(long, requires = "all")]
    tenant: Option<String>,
    /// Only this connection's.
    #[arg(long, value_name = "ID", requires = "all")]
    connection: Option<ConnectionId>,
    #[command(flatten)]
    shared: SharedFlags,
}

impl ChosenFlags {
    fn into_parts(self) -> (Selection, SharedFlags) {
        let Self { ids, all, tenant, connection, shared } = self;
        let selection =
            if all { Selection::All { tenant: tenant.map(Into::into), connection } } else { Selection::Ids(ids) };
        (selection, shared)
    }
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.action {
        Action::List(arguments) => list::run(arguments).await.map(|()| ExitCode::SUCCESS),
        Action::Show(arguments) => show::run(arguments).await.map(|()| ExitCode::SUCCESS),
        Action::Release(arguments) => decide::release(arguments).await,
        Action::Drop(arguments) => decide::drop(arguments).await.map(|()| ExitCode::SUCCESS),
        Action::Reset(arguments) => reset::run(arguments).await.map(|()| ExitCode::SUCCESS),
    }
}
