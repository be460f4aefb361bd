//! `muster doctor`: looks at everything an installation stands on and says in plain words what is wrong. Creates and
//! changes nothing.

mod check;
mod clock;
mod database;
mod folder;
mod key;
mod port;

use std::process::ExitCode;

use clap::Args;
use muster_config::Settings;
use serde_json::json;

use self::check::Check;
use crate::failure::Failure;
use crate::flags::SettingFlags;
use crate::server::tls;
use crate::system::SystemClock;
use crate::{output, telemetry};

/// Look at configuration, data folder, database, vault key, clock and port, and say what is wrong.
///
/// Works with and without a running server, and creates nothing. Exit code 1 if anything is wrong.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster doctor --data-dir muster-data --json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: SettingFlags,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let checks = match arguments.settings.settings() {
        // Without settings nobody knows where to look.
        Err(failure) => vec![Check::wrong("configuration", failure.words())],
        Ok(settings) => {
            telemetry::logs::start_for_command(&settings)?;
            all(&settings).await
        }
    };
    let is_well = checks.iter().all(|check| check.is_ok);
    if arguments.json {
        let rows = checks.iter().map(|check| json!({"name": check.name, "ok": check.is_ok, "message": check.message}));
        output::print_json(&json!({"ok": is_well, "checks": rows.collect::<Vec<_>>()}))?;
    } else {
        let rows: Vec<_> = checks
            .into_iter()
            .map(|check| {
                let verdict = if check.is_ok { "ok" } else { "WRONG" };
                [verdict.to_owned(), check.name.to_owned(), check.message]
            })
            .collect();
        let summary = if is_well { "Everything is well." } else { "Something is wrong; see the lines marked WRONG." };
        output::print(&format!("{}\n{summary}\n", output::table(["", "CHECK", "FINDING"], &rows)))?;
    }
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn all(settings: &Settings) -> Vec<Check> {
    vec![
        configuration(settings),
        folder::check(settings),
        key::check(settings),
        database::check(settings).await,
        clock::check(settings, &SystemClock),
        port::check(settings),
    ]
}

fn configuration(settings: &Settings) -> Check {
    const NAME: &str = "configuration";
    if let Some(files) = settings.tls()
        && let Err(failure) = tls::check(&files)
    {
        return Check::wrong(NAME, failure.words());
    }
    let file = settings.config_file.as_ref().map_or_else(|| "no file".to_owned(), |path| path.display().to_string());
    let tls = if settings.tls().is_some() { "; the TLS certificate and key are usable" } else { "" };
    Check::ok(NAME, format!("read ({file}){tls}"))
}
