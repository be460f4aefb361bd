//! The shape of the command line. What each command does is in `commands`.

use clap::{Parser, Subcommand};

use crate::commands::{
    api_token, backup, changes, config, conflict, conformance, connection, doctor, events, export, held, load, migrate,
    migrate_data, profile, requests, restore, schema, serve, simulate, system_log, tenant, vault, webhook,
};

/// Self-hosted SCIM connector: identity providers provision people and groups into it.
#[derive(Debug, Parser)]
#[command(
    version,
    propagate_version = true,
    max_term_width = 110,
    after_help = "Exit codes: 0 done, 1 failed or something is wrong, 2 called or configured wrongly.\n\n\
                  Example:\n  muster serve\n  muster connection create --name okta --provider okta"
)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Serve(serve::Arguments),
    Connection(connection::Arguments),
    Tenant(tenant::Arguments),
    ApiToken(api_token::Arguments),
    Conflict(conflict::Arguments),
    Held(held::Arguments),
    Requests(requests::Arguments),
    SystemLog(system_log::Arguments),
    Profile(profile::Arguments),
    Schema(schema::Arguments),
    Load(load::Arguments),
    Export(export::Arguments),
    Backup(backup::Arguments),
    Restore(restore::Arguments),
    Vault(vault::Arguments),
    Migrate(migrate::Arguments),
    MigrateData(migrate_data::Arguments),
    Doctor(doctor::Arguments),
    Conformance(conformance::Arguments),
    Simulate(simulate::Arguments),
    Changes(changes::Arguments),
    Events(events::Arguments),
    Webhook(webhook::Arguments),
    Config(config::Arguments),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::CommandLine;

    #[test]
    fn the_command_line_is_sound_and_every_command_has_an_example() {
        let mut root = CommandLine::command();
        root.build();
        root.clone().debug_assert();
        let mut open = vec![&root];
        while let Some(command) = open.pop() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example:"), "{} has no example", command.get_name());
            open.extend(command.get_subcommands().filter(|command| command.get_name() != "help"));
        }
    }
}
