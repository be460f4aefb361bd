//! `muster export`: what a connection owns, as lines of JSON.

use std::fmt::Write as _;
use std::io::{self, BufWriter, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use muster_app::export::{self, ExportCounts, ExportError};
use muster_app::load::LONGEST_LINE;
use muster_app::{App, OperatorAccess};
use muster_model::ConnectionId;
use serde_json::json;

use super::backup::partial::PartialFile;
use super::backup::{refuse_to_replace, words};
use crate::failure::Failure;
use crate::flags::PlaceFlags;
use crate::progress::Ticker;
use crate::storage::Purpose;
use crate::{installation, output, telemetry};

const WRITE_BUFFER: usize = 256 * 1024;

/// Write what a connection owns, people and groups, in the form that `muster load` reads.
///
/// One SCIM resource a line, groups first; members and managers are named by "externalId", else by "userName". Not in it are
/// passwords (not even their hashes) and whatever else is never returned, tokens and other credentials, ids, versions and
/// times, members whom other connections brought, and the connection itself with its profile. Works with and
/// without a running server. What changes while it runs may be in it or not: for one exact moment use `muster backup`.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  muster export --connection con_019a2b3c4d5e7f60718293a4b5c6d7e8 --output people.jsonl\n  muster \
                  export --connection con_019a2b3c4d5e7f60718293a4b5c6d7e8 | gzip > people.jsonl.gz"
)]
pub(crate) struct Arguments {
    /// The connection, as `muster connection list` shows it.
    #[arg(long, value_name = "ID")]
    connection: ConnectionId,
    /// The file to write; it appears under its name only when it is whole. Without it the lines go to standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it is there.
    #[arg(long, requires = "output")]
    force: bool,
    #[command(flatten)]
    place: PlaceFlags,
    /// Print the counts as JSON.
    #[arg(long, requires = "output")]
    json: bool,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let Arguments { connection, output: file, force, place, json } = arguments;
    let settings = place.settings()?;
    telemetry::logs::start_for_command(&settings)?;
    let Some(app) = installation::open_existing(&settings, Purpose::Command).await? else {
        return Err(Failure::new(format!(
            "there is no installation in {}; --data-dir names another folder",
            settings.data_dir.value.display()
        )));
    };
    let begun = Instant::now();
    let written = match &file {
        Some(file) => to_file(&app, connection, file, force).await.map(Some),
        None => to_standard_output(&app, connection).await,
    };
    installation::close(&app).await;
    // Whoever closed standard output early has seen enough.
    let Some(counts) = written? else { return Ok(ExitCode::SUCCESS) };
    let summary = as_text(&counts, begun.elapsed());
    match &file {
        None => output::note(&summary),
        Some(file) if json => output::print_json(&as_json(&counts, file, begun.elapsed()))?,
        Some(_) => output::print(&summary)?,
    }
    Ok(if counts.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn to_file(app: &App, connection: ConnectionId, file: &Path, force: bool) -> Result<ExportCounts, Failure> {
    refuse_to_replace(file, force)?;
    let mut partial = PartialFile::begin(file)?;
    let counts = written(app, connection, partial.file()).await?;
    refuse_to_replace(file, force)?;
    partial.finish(file)?;
    Ok(counts)
}

/// `None`: nobody reads any more.
async fn to_standard_output(app: &App, connection: ConnectionId) -> Result<Option<ExportCounts>, Failure> {
    match written(app, connection, io::stdout()).await {
        Err(ExportError::Unwritable(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(None),
        written => Ok(Some(written?)),
    }
}

async fn written(app: &App, connection: ConnectionId, to: impl io::Write + Send) -> Result<ExportCounts, ExportError> {
    let mut lines = BufWriter::with_capacity(WRITE_BUFFER, to);
    let mut ticker = Ticker::on_standard_error();
    let mut progress = |counts: &ExportCounts| ticker.tell(|| progress_of(counts));
    let access = OperatorAccess::of_local_administrator();
    export::export(app, &access, connection, &mut lines, &mut progress).await
}

fn progress_of(counts: &ExportCounts) -> String {
    format!("{} written, {} members", resources(counts), counts.members)
}

fn resources(counts: &ExportCounts) -> String {
    if counts.resources.is_empty() {
        return "no resources".to_owned();
    }
    let resources = counts.resources.iter().map(|(name, count)| format!("{name} {count}"));
    resources.collect::<Vec<_>>().join(", ")
}

fn as_json(counts: &ExportCounts, file: &Path, time: Duration) -> serde_json::Value {
    json!({
        "file": file.display().to_string(),
        "complete": counts.is_complete(),
        "resources": counts.resources,
        "bytes": counts.bytes,
        "members": counts.members,
        "pending_members": counts.pending_members,
        "unnamed_members": counts.unnamed_members,
        "mistakable_names": counts.mistakable,
        "unnamed_managers": counts.unnamed_managers,
        "refusable_lines": counts.refusable,
        "too_long_lines": counts.too_long,
        "seconds": time.as_secs_f64(),
    })
}

fn as_text(counts: &ExportCounts, time: Duration) -> String {
    let mut text = format!(
        "{} and {} members written in {:.1} s ({}). Passwords, tokens, ids and versions are not in it.",
        resources(counts),
        counts.members,
        time.as_secs_f64(),
        words::size(counts.bytes)
    );
    let longest = format!("lines are longer than the {} MiB that a load takes.", LONGEST_LINE >> 20);
    let told = [
        (counts.pending_members, "members that nobody knows are in it under the names that they were given."),
        (
            counts.unnamed_members,
            "members are left out, because no \"externalId\" or \"userName\" means them alone; give them an \"externalId\".",
        ),
        (
            counts.unnamed_managers,
            "managers are in it by an id that means nothing elsewhere, because no \"externalId\" or \"userName\" means them \
             alone; give them an \"externalId\".",
        ),
        (
            counts.mistakable,
            "members or managers are left out: nobody was known by the name that they were given, and somebody else has it as \
             \"externalId\" or \"userName\".",
        ),
        (
            counts.refusable,
            "lines are such that a load refuses them: they have nothing by which it could recognise them, or lack a required \
             attribute that nobody may read.",
        ),
        (counts.too_long, longest.as_str()),
    ];
    for (count, words) in told {
        if count > 0 {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n{count} {words}");
        }
    }
    text
}
