//! `muster restore`: puts a backup in the place of the database.

mod aside;

use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use muster_store_sqlite::SqliteStore;
use muster_vault::KEY_FILE_NAME;
use serde_json::json;

use super::backup::partial::PartialFile;
use super::backup::{checked, sqlite_file, words};
use crate::failure::Failure;
use crate::flags::PlaceFlags;
use crate::progress::Ticker;
use crate::running::ServeLock;
use crate::{installation, output, storage, telemetry};

/// Make a backup the database of the data folder.
///
/// The server must be stopped. The file is checked first: that it is a Muster database, whole, and not of a newer Muster;
/// one of an older Muster is updated by the next start. The vault key of the installation that was backed up must be in the
/// data folder before the next start.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster restore /var/backups/muster-monday.db --replace")]
pub(crate) struct Arguments {
    /// What `muster backup` has written.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Put the present database aside, under a name with the time in it, and take the backup.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    place: PlaceFlags,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let Arguments { file, replace, place, json } = arguments;
    let settings = place.settings()?;
    telemetry::logs::start_for_command(&settings)?;
    let database = sqlite_file(&settings)?;
    let folder = &settings.data_dir.value;
    let mut backup = opened(file)?;
    installation::create_data_folder(folder)?;
    // Held to the end, so that no server starts on a database that is about to go.
    let _lock = ServeLock::take(folder)?;
    let is_there = storage::is_file_started(&database)?;
    if is_there && !replace {
        let shown = database.display();
        return Err(Failure::usage(format!(
            "{shown} is there already; give --replace to put it aside and take the backup"
        )));
    }
    let mut partial = PartialFile::begin(&database)?;
    let mut ticker = Ticker::on_standard_error();
    ticker.tell_now("copying the backup");
    io::copy(&mut backup, partial.file()).map_err(|error| {
        Failure::new(format!("{} cannot be copied to {}", file.display(), folder.display())).because(error)
    })?;
    ticker.tell_now("checking the copy");
    let report = checked(partial.path())
        .map_err(|failure| Failure::new(format!("{} cannot be restored; {}", file.display(), failure.words())))?;
    let contents = SqliteStore::contents_of(partial.path())?;
    ticker.clear();
    // Whole and on the disk before anything is done to the present one.
    partial.make_last(&database)?;
    let aside = aside::put_aside(&database)?;
    partial.finish(&database)?;
    let key = folder.join(KEY_FILE_NAME);
    if *json {
        return output::print_json(&json!({
            "database": database.display().to_string(),
            "put_aside": aside.map(|path| path.display().to_string()),
            "schema_version": report.schema_version,
            "missing_migrations": report.missing_migrations,
            "vault_key": key.display().to_string(),
            "vault_key_is_there": key.exists(),
        }))
        .map(|()| ExitCode::SUCCESS);
    }
    let contents = words::contents(&contents, report.schema_version);
    let mut text = format!("restored       {}\n{contents}", database.display());
    // Writing to a String cannot fail.
    if let Some(aside) = aside {
        let _ = writeln!(text, "put aside      {}", aside.display());
    }
    if !key.exists() {
        let _ = writeln!(
            text,
            "\nThe vault key is missing, and without it the server does not start: put your copy of it at\n{}",
            key.display()
        );
    }
    output::print(&text).map(|()| ExitCode::SUCCESS)
}

fn opened(file: &Path) -> Result<File, Failure> {
    let shown = file.display();
    if with_suffix(file, "-wal").exists() {
        return Err(Failure::usage(format!(
            "{shown} is a database in use or that was not closed, because there is a file with -wal behind its name; \
             restore what `muster backup` writes"
        )));
    }
    File::open(file).map_err(|error| Failure::usage(format!("{shown} cannot be read")).because(error))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
