//! `muster load`: a first filling from lines of JSON.

mod surroundings;
mod words;

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use muster_app::OperatorAccess;
use muster_app::load::{self, LoadReport, LoadRequest};
use muster_model::ConnectionId;

use self::surroundings::Surroundings;
use crate::failure::Failure;
use crate::flags::PlaceFlags;
use crate::storage::Purpose;
use crate::{installation, running, telemetry};

/// Between two commits while a server runs, so that its writers get their turn.
const PAUSE_FOR_A_SERVER: Duration = Duration::from_millis(30);
const READ_BUFFER: usize = 1024 * 1024;

/// Fill a connection for the first time: people and groups from a file with one SCIM resource a line.
///
/// Each line is checked and repaired exactly as if the connection's identity provider had sent it with POST, and belongs to
/// the connection afterwards. Members and managers are named by "externalId", by "userName", or by id; they may stand
/// anywhere in the file. What the connection has already is left as it is, so that a load which was broken off is simply
/// started again. Works with and without a running server.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  muster load people.jsonl --connection con_019a2b3c4d5e7f60718293a4b5c6d7e8\n  zcat people.jsonl.gz | muster \
                  load - --connection con_019a2b3c4d5e7f60718293a4b5c6d7e8 --skip-bad-lines --rejected bad.jsonl"
)]
pub(crate) struct Arguments {
    /// The file, or - for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The connection that will own what is loaded, as `muster connection list` shows it.
    #[arg(long, value_name = "ID")]
    connection: ConnectionId,
    /// Leave bad lines out and go on. Without it the first bad line ends the load.
    #[arg(long)]
    skip_bad_lines: bool,
    /// Write bad lines to this file, to be mended and loaded afterwards.
    #[arg(long, value_name = "FILE")]
    rejected: Option<PathBuf>,
    #[command(flatten)]
    place: PlaceFlags,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let Arguments { file, connection, skip_bad_lines, rejected, place, json } = arguments;
    let settings = place.settings()?;
    telemetry::logs::start_for_command(&settings)?;
    let folder = &settings.data_dir.value;
    let (lines, bytes) = opened(&file)?;
    let Some(app) = installation::open_existing(&settings, Purpose::Command).await? else {
        return Err(Failure::new(format!(
            "there is no installation in {}; `muster connection create` makes one, and --data-dir names another folder",
            folder.display()
        )));
    };
    let begun = Instant::now();
    let result = async {
        // Where the database is elsewhere, this may be the first command on this machine; what is put aside needs a place.
        installation::create_data_folder(folder)?;
        let mut surroundings = Surroundings::new(folder.clone(), rejected.as_deref(), bytes)?;
        let pause = if running::find_running(folder).is_some() { PAUSE_FOR_A_SERVER } else { Duration::ZERO };
        let request = LoadRequest { connection, lines, skips_bad_lines: skip_bad_lines, pause };
        let access = OperatorAccess::of_local_administrator();
        let report = load::load(&app, &access, request, &mut surroundings).await?;
        surroundings.finish()?;
        Ok::<LoadReport, Failure>(report)
    }
    .await;
    installation::close(&app).await;
    let report = result?;
    words::print(&report, begun.elapsed(), rejected.as_deref(), json)?;
    let is_well = report.is_complete && report.counts.bad == 0;
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

type Opened = (Box<dyn BufRead + Send>, Option<u64>);

/// The lines, and how many bytes they are where that is known.
fn opened(file: &Path) -> Result<Opened, Failure> {
    if file == Path::new("-") {
        return Ok((Box::new(BufReader::with_capacity(READ_BUFFER, io::stdin())), None));
    }
    let unreadable = |error| Failure::usage(format!("{} cannot be read", file.display())).because(error);
    let opened = File::open(file).map_err(unreadable)?;
    let metadata = opened.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(Failure::usage(format!("{} is a folder; name a file", file.display())));
    }
    let bytes = metadata.is_file().then_some(metadata.len());
    Ok((Box::new(BufReader::with_capacity(READ_BUFFER, opened)), bytes))
}
