//! `muster backup`: a copy of the database while the server runs.

pub(super) mod partial;
pub(super) mod words;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use muster_config::{Database, Settings};
use muster_store_sqlite::{BackupProgress, FileReport, SqliteStore};
use muster_vault::KEY_FILE_NAME;
use serde_json::json;

use self::partial::PartialFile;
use crate::failure::Failure;
use crate::flags::PlaceFlags;
use crate::progress::Ticker;
use crate::{output, storage, telemetry};

/// Copy the database to a file, also while a server uses it.
///
/// The copy is one consistent state, is checked, and appears under its name only when it is whole. Nobody who writes
/// waits for it. It does not hold the vault key: keep a copy of that file somewhere else, because without it a restored
/// database does not start.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster backup /var/backups/muster-monday.db")]
pub(crate) struct Arguments {
    /// The file to write.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    place: PlaceFlags,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let Arguments { file, force, place, json } = arguments;
    let settings = place.settings()?;
    telemetry::logs::start_for_command(&settings)?;
    let database = sqlite_file(&settings)?;
    if !storage::is_file_started(&database)? {
        let folder = settings.data_dir.value.display();
        return Err(Failure::new(format!("there is no database in {folder}; --data-dir names another folder")));
    }
    refuse_to_replace(file, *force)?;
    if is_same_file(file, &database) {
        return Err(Failure::usage("the backup cannot be the database itself; choose another file"));
    }
    let begun = Instant::now();
    let partial = PartialFile::begin(file)?;
    let mut ticker = Ticker::on_standard_error();
    SqliteStore::back_up(&database, partial.path(), &mut |progress| ticker.tell(|| copied(progress)))?;
    ticker.tell_now("checking the copy");
    let report = checked(partial.path())?;
    let contents = SqliteStore::contents_of(partial.path())?;
    ticker.clear();
    refuse_to_replace(file, *force)?;
    let bytes = partial.finish(file)?;
    let seconds = begun.elapsed().as_secs_f64();
    let key = settings.data_dir.value.join(KEY_FILE_NAME);
    if *json {
        let resources: serde_json::Map<_, _> =
            contents.resources.iter().map(|(name, count)| (name.clone(), json!(count))).collect();
        output::print_json(&json!({
            "file": file.display().to_string(),
            "bytes": bytes,
            "seconds": seconds,
            "schema_version": report.schema_version,
            "tenants": contents.tenants,
            "connections": contents.connections,
            "resources": resources,
            "memberships": contents.memberships,
            "vault_key": key.display().to_string(),
        }))?;
    } else {
        output::print(&format!(
            "backup         {} ({}, {seconds:.1} s)\n{}\nThe copy is sound. It does not hold the vault key, without which \
             it does not start: keep a copy of\n{} somewhere else than the backups.\n",
            file.display(),
            words::size(bytes),
            words::contents(&contents, report.schema_version),
            key.display(),
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The database file that the settings name.
pub(super) fn sqlite_file(settings: &Settings) -> Result<PathBuf, Failure> {
    match &settings.database.value {
        Database::Sqlite(path) => Ok(path.clone()),
        Database::Postgresql(_) => Err(Failure::usage(
            "this is for a database in a file; for PostgreSQL use its own tools, such as pg_dump and pg_restore, or \
             pg_basebackup with an archive of its log",
        )),
    }
}

/// A copy that is fit to be restored, or what is wrong with it.
pub(super) fn checked(copy: &Path) -> Result<FileReport, Failure> {
    let report = SqliteStore::inspect_file(copy)?;
    if report.schema_version == Some(0) {
        return Err(Failure::new("the file is not a Muster database, or has nothing in it"));
    }
    match report.faults() {
        [] => Ok(report),
        faults => Err(Failure::new(format!("the copy is not sound: {}", faults.join("; ")))),
    }
}

fn copied(progress: BackupProgress) -> String {
    format!("{} of {} copied", words::size(progress.copied_bytes), words::size(progress.all_bytes))
}

pub(super) fn refuse_to_replace(file: &Path, force: bool) -> Result<(), Failure> {
    if force || std::fs::symlink_metadata(file).is_err() {
        return Ok(());
    }
    let shown = file.display();
    Err(Failure::usage(format!("{shown} is there already; choose another name, or give --force to replace it")))
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
