//! `muster migrate`: brings the tables up to date without starting the server.

mod distribute;

use std::process::ExitCode;

use clap::Args;
use muster_config::Database;
use serde_json::json;

use crate::failure::Failure;
use crate::flags::PlaceFlags;
use crate::storage::{self, Purpose};
use crate::{output, telemetry};

/// Bring the tables of the database up to date, for servers that run with --no-migrate.
///
/// Servers of the release before may go on serving meanwhile. A database that is up to date is left as it is.
///
/// With --distribute the tables are also declared to Citus, which spreads them by tenant over the servers of its cluster. Stop the
/// servers of Muster for that when the tables have rows already, and run it again after each release that has a new table. What
/// is declared already stays as it is. docs/scaling.md has the whole way.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster migrate --database-url postgres://muster@db.example.com/muster\n  \
                        muster migrate --distribute --dry-run\n  \
                        muster migrate --distribute --database-url postgres://muster@coordinator.example.com/muster")]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: PlaceFlags,
    /// Spread the tables over the servers of a Citus cluster; needs the extension citus in the database.
    #[arg(long)]
    distribute: bool,
    /// Print the statements that --distribute runs, and change nothing.
    #[arg(long, requires = "distribute")]
    dry_run: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    if arguments.dry_run {
        return distribute::print_statements(arguments.json);
    }
    let settings = arguments.place.settings()?;
    telemetry::logs::start_for_command(&settings)?;
    let database = &settings.database.value;
    if arguments.distribute {
        return distribute::run(database, arguments.json).await;
    }
    if let Database::Sqlite(path) = database
        && !storage::is_file_started(path)?
    {
        let shown = path.display();
        return Err(Failure::new(format!("there is no database at {shown} yet; `muster serve` makes it with its key")));
    }
    let store = storage::open(database, Purpose::Command, true).await?;
    store.close().await;
    let shown = database.display();
    if arguments.json {
        output::print_json(&json!({ "database": shown, "up_to_date": true }))?;
    } else {
        output::print(&format!("The tables of {shown} are up to date.\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}
