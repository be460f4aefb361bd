//! The commands, one file each.

pub(crate) mod api_token;
pub(crate) mod backup;
pub(crate) mod changes;
pub(crate) mod config;
pub(crate) mod conflict;
pub(crate) mod conformance;
pub(crate) mod connection;
pub(crate) mod doctor;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod held;
pub(crate) mod load;
pub(crate) mod migrate;
pub(crate) mod migrate_data;
pub(crate) mod profile;
pub(crate) mod requests;
pub(crate) mod restore;
pub(crate) mod schema;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod system_log;
pub(crate) mod tenant;
pub(crate) mod vault;
pub(crate) mod webhook;

use std::process::ExitCode;

use tokio::runtime::{Builder, Runtime};

use crate::cli::{Command, CommandLine};
use crate::failure::Failure;

/// Runs a command to its end.
pub(crate) fn run(line: CommandLine) -> Result<ExitCode, Failure> {
    match line.command {
        Command::Serve(arguments) => {
            let runtime = started(Builder::new_multi_thread())?;
            let result = runtime.block_on(serve::run(arguments));
            // A task that hangs in the system must not keep the process.
            runtime.shutdown_background();
            result
        }
        Command::Connection(arguments) => started(Builder::new_current_thread())?.block_on(connection::run(arguments)),
        Command::Tenant(arguments) => started(Builder::new_current_thread())?.block_on(tenant::run(arguments)),
        Command::ApiToken(arguments) => started(Builder::new_current_thread())?.block_on(api_token::run(arguments)),
        Command::Conflict(arguments) => started(Builder::new_current_thread())?.block_on(conflict::run(arguments)),
        Command::Held(arguments) => started(Builder::new_current_thread())?.block_on(held::run(arguments)),
        Command::Profile(arguments) => profile::run(arguments),
        Command::Schema(arguments) => started(Builder::new_current_thread())?.block_on(schema::run(arguments)),
        Command::Load(arguments) => started(Builder::new_current_thread())?.block_on(load::run(arguments)),
        Command::Export(arguments) => started(Builder::new_current_thread())?.block_on(export::run(arguments)),
        Command::Requests(arguments) => started(Builder::new_current_thread())?.block_on(requests::run(arguments)),
        Command::SystemLog(arguments) => started(Builder::new_current_thread())?.block_on(system_log::run(arguments)),
        Command::Backup(arguments) => backup::run(&arguments),
        Command::Restore(arguments) => restore::run(&arguments),
        Command::Vault(arguments) => started(Builder::new_current_thread())?.block_on(vault::run(arguments)),
        Command::Migrate(arguments) => started(Builder::new_current_thread())?.block_on(migrate::run(arguments)),
        Command::MigrateData(arguments) => {
            started(Builder::new_current_thread())?.block_on(migrate_data::run(arguments))
        }
        Command::Doctor(arguments) => started(Builder::new_current_thread())?.block_on(doctor::run(arguments)),
        Command::Conformance(arguments) => conformance::run(arguments, started(Builder::new_current_thread())?),
        Command::Simulate(arguments) => simulate::run(arguments, started(Builder::new_current_thread())?),
        Command::Changes(arguments) => started(Builder::new_current_thread())?.block_on(changes::run(arguments)),
        Command::Events(arguments) => started(Builder::new_current_thread())?.block_on(events::run(arguments)),
        Command::Webhook(arguments) => started(Builder::new_current_thread())?.block_on(webhook::run(arguments)),
        Command::Config(arguments) => config::run(arguments),
    }
}

fn started(mut builder: Builder) -> Result<Runtime, Failure> {
    builder.enable_all().build().map_err(|error| {
        Failure::new("the system refused the threads that Muster needs; raise its limits").because(error)
    })
}
