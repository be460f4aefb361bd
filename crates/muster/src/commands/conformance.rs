//! `muster conformance`: checks any SCIM server.

pub(crate) mod progress;
pub(crate) mod target;
pub(crate) mod transport;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use scim_conformance::ScimVersion;
use scim_conformance::conformance::{self, Area, Header, Options, Profile, Report, UnknownChoice};
use tokio::runtime::Runtime;

use self::progress::ProgressLine;
use self::target::TargetFlags;
use crate::failure::Failure;
use crate::output;
use crate::system::{self, SystemClock};

/// Check any SCIM 2.0 or 1.1 server against the standard and against how identity providers speak.
///
/// The checks make users and groups whose names nobody else has, and delete them again. What the server does not announce
/// is not held against it. Exit code 1 if there are errors.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  SCIM_TOKEN=… muster conformance https://scim.example.com/v2 --profile entra --html report.html"
)]
pub(crate) struct Arguments {
    /// SCIM base address: what stands before /Users.
    #[arg(value_name = "URL")]
    base: String,
    #[command(flatten)]
    target: TargetFlags,
    /// From whose point of view: "generic" is the standard with notes on all identity providers, "strict" the standard to
    /// the letter, the others are what one of them needs.
    #[arg(long, default_value = Profile::Generic.name(), value_parser = profile_parser(), value_name = "PROFILE")]
    profile: String,
    /// Version to speak.
    #[arg(long, value_enum, default_value_t = VersionChoice::Auto)]
    scim_version: VersionChoice,
    /// Check one area, or the checks whose id begins so (may be repeated).
    #[arg(long, value_name = "TAG", num_args = 1..)]
    only: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Also write the report to this file, as one page that needs nothing else.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Repeat the names of an earlier run.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum VersionChoice {
    /// Find out.
    Auto,
    #[value(name = "2.0")]
    V2_0,
    #[value(name = "1.1")]
    V1_1,
}

fn profile_parser() -> PossibleValuesParser {
    PossibleValuesParser::new(Profile::ALL.iter().map(|profile| profile.name()))
}

pub(crate) fn run(arguments: Arguments, runtime: Runtime) -> Result<ExitCode, Failure> {
    let options = Options {
        base: arguments.base.clone(),
        token: arguments.target.token.clone(),
        profile: arguments.profile.parse().map_err(|words: String| Failure::usage(words))?,
        version: match arguments.scim_version {
            VersionChoice::Auto => None,
            VersionChoice::V2_0 => Some(ScimVersion::V2_0),
            VersionChoice::V1_1 => Some(ScimVersion::V1_1),
        },
        only: arguments.only,
        seed: arguments.seed.unwrap_or_else(system::random_number),
    };
    if let Some(unknown) = conformance::unknown_choice(&options.only, options.profile, options.version) {
        return Err(nothing_chosen(&unknown, options.profile));
    }
    let mut transport = arguments.target.transport(runtime)?;
    let mut line = ProgressLine::new();
    let report = conformance::run(&mut transport, &options, &mut |progress| {
        line.show(progress.done, progress.all, progress.area.title());
    });
    line.end();
    let header = header(&arguments.base);
    tell(&report, &header, arguments.json)?;
    if let Some(path) = arguments.html {
        std::fs::write(&path, report.html(&header))
            .map_err(|error| Failure::new(format!("cannot write {}", path.display())).because(error))?;
        output::note(&format!("The report is in {}.", path.display()));
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A run that checks nothing would end as if all were well.
fn nothing_chosen(unknown: &UnknownChoice, profile: Profile) -> Failure {
    let areas = Area::ALL.iter().filter(|area| **area != Area::Cleanup).map(|area| area.tag());
    let hint = match unknown.near.as_slice() {
        [] => format!("choose one of the areas {}, or a check in one of them", areas.collect::<Vec<_>>().join(", ")),
        near => format!("did you mean {}?", near.join(" or ")),
    };
    Failure::usage(format!("--only {}: from the point of view {profile} no check is named so; {hint}", unknown.word))
}

fn tell(report: &Report, header: &Header, is_json: bool) -> Result<(), Failure> {
    if is_json { output::print_json(&report.json(header)) } else { output::print(&report.text(header)) }
}

fn header(base: &str) -> Header {
    use muster_model::Clock as _;

    Header {
        target: base.to_owned(),
        date: SystemClock.now().strftime("%Y-%m-%d %H:%M UTC").to_string(),
        program: format!("Muster {}", env!("CARGO_PKG_VERSION")),
    }
}
