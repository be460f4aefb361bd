//! `muster profile list`.

use clap::Args;
use muster_app::profile::Catalogue;
use serde_json::json;

use super::number_of_differences;
use crate::failure::Failure;
use crate::output;

/// List the profiles.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster profile list --json")]
pub(super) struct Arguments {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, catalogue: &Catalogue) -> Result<(), Failure> {
    if arguments.json {
        let profiles = catalogue.profiles().iter().map(|profile| {
            json!({
                "name": profile.name(),
                "version": profile.version(),
                "title": profile.title(),
                "inherits": profile.inherits(),
                "description": profile.description(),
            })
        });
        return output::print_json(&json!({ "profiles": profiles.collect::<Vec<_>>() }));
    }
    let rows: Vec<_> = catalogue
        .profiles()
        .iter()
        .map(|profile| {
            [
                profile.name().to_owned(),
                profile.version().to_string(),
                profile.inherits().unwrap_or("-").to_owned(),
                number_of_differences(catalogue, profile).to_string(),
                profile.title().to_owned(),
            ]
        })
        .collect();
    output::print(&output::table(["PROFILE", "VERSION", "INHERITS", "UNLIKE GENERIC", "FOR"], &rows))
}
