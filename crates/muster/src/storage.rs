//! The database that the settings name. The one place that knows which kinds there are.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use muster_config::Database;
use muster_store::Store;
use muster_store_postgres::{PostgresOptions, PostgresStore};
use muster_store_sqlite::{SqliteOptions, SqliteStore};

use crate::failure::Failure;
use crate::progress;

/// What a database is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To answer requests for a long time.
    Server,
    /// One command on the command line: cheap to open.
    Command,
}

/// Opens the database. Without `migrates`, missing migrations are a failure; only a command that opens an SQLite file brings
/// it up to date nevertheless.
pub(crate) async fn open(database: &Database, purpose: Purpose, migrates: bool) -> Result<Arc<dyn Store>, Failure> {
    match database {
        Database::Sqlite(path) => {
            let options = match purpose {
                Purpose::Server => SqliteOptions::for_server(),
                Purpose::Command => SqliteOptions::for_command(),
            };
            // A command is the first to open a file after an update as often as a server is.
            let options = SqliteOptions { migrate: migrates || purpose == Purpose::Command, ..options };
            let path = path.clone();
            let opening = tokio::task::spawn_blocking(move || SqliteStore::open(&path, &options));
            let opened = progress::announced("opening the database", opening).await.map_err(|error| {
                Failure::new("the database could not be opened, because the program failed; please report this")
                    .because(error)
            })?;
            Ok(opened?)
        }
        Database::Postgresql(url) => {
            let options = match purpose {
                Purpose::Server => PostgresOptions::for_server(),
                Purpose::Command => PostgresOptions::for_command(),
            };
            let options = PostgresOptions { migrate: migrates, ..options };
            Ok(progress::announced("opening the database", PostgresStore::open(url.expose(), options)).await?)
        }
    }
}

/// Whether a first start has made the installation.
pub(crate) async fn is_started(database: &Database) -> Result<bool, Failure> {
    match database {
        Database::Sqlite(path) => is_file_started(path),
        Database::Postgresql(url) => Ok(muster_store_postgres::has_installation(url.expose()).await?),
    }
}

/// An empty file is what a first start has left that was killed in its first moment.
pub(crate) fn is_file_started(path: &Path) -> Result<bool, Failure> {
    match fs::metadata(path) {
        Ok(found) => Ok(found.len() > 0),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        Err(error) => {
            let shown = path.display();
            Err(Failure::new(format!("{shown} cannot be looked at; run Muster as the user it belongs to"))
                .because(error))
        }
    }
}
