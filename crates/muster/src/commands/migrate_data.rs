//! `muster migrate-data`: moves an installation into another database.

mod words;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use muster_config::Database;
use muster_model::Rng;
use muster_store_postgres::PostgresHouse;
use muster_store_sql::transfer::{Moved, Progress, TransferError, move_house};
use muster_store_sqlite::SqliteHouse;

use crate::failure::Failure;
use crate::flags;
use crate::progress::Ticker;
use crate::running::ServeLock;
use crate::system::SystemRng;
use crate::{installation, storage, telemetry};

/// Move an installation into another database: every tenant, connection, token digest, person, group and change.
///
/// Stop every server first. The target must be empty. What is moved is compared at the end, by a digest of each table and
/// tenant on both sides; until then no server starts on the target. A move that was broken off, however it was, is simply
/// started again and goes on where it was. The source stays as it is. The vault key is no part of a database: keep the data
/// folder, or copy its vault.key.
#[derive(Args, Debug)]
#[expect(clippy::doc_markdown, reason = "clap shows these comments to people as they are")]
#[command(after_help = "Example:\n  muster migrate-data --from sqlite:/srv/muster/muster.db --to \
                  postgres://muster:PASSWORD@db.example.com/muster\n  TO_DATABASE_URL=postgres://… muster migrate-data --from \
                  sqlite:/srv/muster/muster.db --json")]
pub(crate) struct Arguments {
    /// The database to move from: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE.
    #[arg(long, value_name = "URL", env = "FROM_DATABASE_URL", hide_env_values = true)]
    from: String,
    /// The database to move into, which must be empty.
    #[arg(long, value_name = "URL", env = "TO_DATABASE_URL", hide_env_values = true)]
    to: String,
    /// Configuration file, of which only the logging counts [default: muster.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let Arguments { from, to, config, json } = arguments;
    telemetry::logs::start_for_command(&flags::settings_of_file(config)?)?;
    let (from, to) = (database("--from", &from)?, database("--to", &to)?);
    if from == to {
        return Err(Failure::usage("--from and --to are the same database"));
    }
    let begun = Instant::now();
    let mut ticker = Ticker::on_standard_error();
    let mut told = |progress: Progress| ticker.tell(|| words::progress(progress));
    // Held to the end: no server starts on a file that is moved.
    let _locks = serve_locks([&from, &to])?;
    let moved = moved(&from, &to, &mut told).await;
    ticker.clear();
    words::print(&moved?, &from.display(), &to.display(), begun.elapsed(), json)?;
    Ok(ExitCode::SUCCESS)
}

fn database(flag: &str, text: &str) -> Result<Database, Failure> {
    let folder = std::env::current_dir()
        .map_err(|error| Failure::new("the working folder is gone; start Muster in one that exists").because(error))?;
    Database::parse(text, &folder).map_err(|problem| Failure::usage(format!("{flag} is wrong: {problem}")))
}

/// The locks of the data folders that files are in; one where both are in the same.
fn serve_locks(databases: [&Database; 2]) -> Result<Vec<ServeLock>, Failure> {
    let mut folders: Vec<PathBuf> = Vec::new();
    for folder in databases.into_iter().filter_map(Database::folder) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        installation::create_data_folder(folder)?;
        folders.push(folder.canonicalize().unwrap_or_else(|_| folder.to_owned()));
    }
    folders.dedup();
    folders.iter().map(|folder| ServeLock::take(folder)).collect()
}

async fn moved(from: &Database, to: &Database, told: &mut dyn FnMut(Progress)) -> Result<Moved, Failure> {
    let source = from.display();
    let mut run = [0; 16];
    SystemRng.fill(&mut run);
    let run = words::hexadecimal(&run);
    match (from, to) {
        (Database::Sqlite(from), Database::Sqlite(to)) => {
            ended(move_house(&sqlite_source(from)?, &SqliteHouse::of_target(to)?, &source, &run, told).await)
        }
        (Database::Sqlite(from), Database::Postgresql(to)) => {
            let from = sqlite_source(from)?;
            ended(move_house(&from, &PostgresHouse::of_target(to.expose()).await?, &source, &run, told).await)
        }
        (Database::Postgresql(from), Database::Sqlite(to)) => {
            let from = PostgresHouse::of_source(from.expose()).await?;
            ended(move_house(&from, &SqliteHouse::of_target(to)?, &source, &run, told).await)
        }
        (Database::Postgresql(from), Database::Postgresql(to)) => {
            let from = PostgresHouse::of_source(from.expose()).await?;
            ended(move_house(&from, &PostgresHouse::of_target(to.expose()).await?, &source, &run, told).await)
        }
    }
}

fn ended(moved: Result<Moved, TransferError>) -> Result<Moved, Failure> {
    moved.map_err(Failure::from)
}

/// A file that is not there is no installation, and is not made.
fn sqlite_source(path: &Path) -> Result<SqliteHouse, Failure> {
    if !storage::is_file_started(path)? {
        return Err(Failure::new(format!("there is no database at {}", path.display())));
    }
    Ok(SqliteHouse::of_source(path)?)
}
