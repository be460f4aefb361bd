//! `muster profile show`.

use std::fmt::Write as _;

use clap::Args;
use clap::builder::PossibleValuesParser;
use muster_app::profile::Catalogue;
use muster_model::Provider;
use serde_json::json;

use crate::failure::Failure;
use crate::output;

/// Show every knob of a profile: its value, and which profile it comes from.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster profile show entra")]
pub(super) struct Arguments {
    /// The profile's name.
    #[arg(value_parser = PossibleValuesParser::new(Provider::ALL.map(Provider::as_str)))]
    name: String,
    /// Say also what each knob does.
    #[arg(long)]
    explain: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, catalogue: &Catalogue) -> Result<(), Failure> {
    let Some(profile) = catalogue.find(&arguments.name) else {
        return Err(Failure::usage("there is no such profile; `muster profile list` shows them"));
    };
    if arguments.json {
        let knobs = profile.effective().map(|one| {
            json!({
                "name": one.knob.name,
                "value": one.value,
                "from": one.source,
                "takes": one.knob.takes(),
                "describes": one.knob.describes,
            })
        });
        return output::print_json(&json!({
            "name": profile.name(),
            "version": profile.version(),
            "title": profile.title(),
            "inherits": profile.inherits(),
            "description": profile.description(),
            "knobs": knobs.collect::<Vec<_>>(),
        }));
    }
    let mut text = format!(
        "profile   {}\nversion   {}\nfor       {}\ninherits  {}\n\n{}\n\n",
        profile.name(),
        profile.version(),
        profile.title(),
        profile.inherits().unwrap_or("nothing"),
        profile.description(),
    );
    if arguments.explain {
        for one in profile.effective() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{} = {} (from {})\n  {}", one.knob.name, one.value, one.source, one.knob.describes);
        }
    } else {
        let rows: Vec<_> = profile
            .effective()
            .map(|one| {
                let source =
                    if one.source == profile.name() { "here".to_owned() } else { format!("from {}", one.source) };
                [one.knob.name.to_owned(), one.value.to_string(), source]
            })
            .collect();
        text.push_str(&output::table(["KNOB", "VALUE", "SET"], &rows));
    }
    output::print(&text)
}
