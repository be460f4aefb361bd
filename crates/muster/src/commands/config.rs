//! `muster config`: the settings in force and where each came from.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::flags::SettingFlags;
use crate::output;

/// Show the settings in force and where each value came from.
///
/// A flag wins over a MUSTER_… variable, which wins over the configuration file, which wins over the default. Nothing is
/// started or created.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  MUSTER_LISTEN=0.0.0.0:80 muster config --config /etc/muster.toml")]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: SettingFlags,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let settings = arguments.settings.settings()?;
    let facts = settings.facts();
    if arguments.json {
        let rows = facts.iter().map(|fact| {
            json!({
                "name": fact.setting.key(),
                "value": fact.value,
                "source": fact.source.kind(),
                "place": fact.source.to_string(),
            })
        });
        output::print_json(&json!({
            "config_file": settings.config_file.map(|path| path.display().to_string()),
            "settings": rows.collect::<Vec<_>>(),
        }))?;
    } else {
        let rows: Vec<_> = facts
            .into_iter()
            .map(|fact| {
                let value = fact.value.unwrap_or_else(|| "(not set)".to_owned());
                [fact.setting.key().to_owned(), value, fact.source.to_string()]
            })
            .collect();
        output::print(&output::table(["SETTING", "VALUE", "FROM"], &rows))?;
    }
    Ok(ExitCode::SUCCESS)
}
