//! Opens the installation: data folder, vault key, database, default tenant. Every command opens it in this one way and
//! makes what is missing, so that it does not matter which of them comes first.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use muster_app::{App, tenants};
use muster_config::{Database, Settings};
use muster_store_sqlite::{OpenError, SqliteOptions, SqliteStore};
use muster_vault::{KEY_FILE_NAME, KeyOrigin, VaultKey};

use crate::failure::Failure;
use crate::progress;
use crate::system::{SystemClock, SystemRng};

pub(crate) struct Installation {
    pub(crate) app: Arc<App>,
    pub(crate) key_origin: KeyOrigin,
}

/// Opens the installation, and makes it at the first start.
pub(crate) async fn open(settings: &Settings, options: SqliteOptions) -> Result<Installation, Failure> {
    create_data_folder(&settings.data_dir.value)?;
    let Database::Sqlite(database) = settings.database.value.clone();
    let (key, key_origin) = open_vault_key(&settings.data_dir.value, &database)?;
    tracing::debug!(vault.key_id = %key.id(), "vault key read");

    let opening = tokio::task::spawn_blocking(move || SqliteStore::open(&database, &options));
    let store = progress::announced("opening the database", opening).await.map_err(|error| {
        Failure::new("the database could not be opened, because the program failed; please report this").because(error)
    })??;
    let app = App::new(store, Arc::new(SystemClock), Arc::new(SystemRng));
    tenants::ensure_default(&app).await?;
    Ok(Installation { app, key_origin })
}

/// Writes everything to its final place.
pub(crate) async fn close(app: &App) {
    progress::announced("closing the database", app.store().close()).await;
}

/// Makes the folder, readable by its owner only: it holds personal data and a key.
pub(crate) fn create_data_folder(folder: &Path) -> Result<(), Failure> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent_made = folder.parent().map_or(Ok(()), fs::create_dir_all);
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match parent_made.and_then(|()| builder.create(folder)) {
        // Another process was a moment faster.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(Failure::new(format!(
            "cannot create the data folder {}; create it yourself and give it to the user that runs Muster, or choose \
             another with --data-dir",
            folder.display()
        ))
        .because(error)),
        Ok(()) => Ok(()),
    }
}

fn open_vault_key(data_folder: &Path, database: &Path) -> Result<(VaultKey, KeyOrigin), Failure> {
    // In this order: the key is always made before the database, so that a database without a key has lost it.
    let database_exists = fs::metadata(database).is_ok_and(|found| found.len() > 0);
    Ok(muster_vault::load_or_create(&data_folder.join(KEY_FILE_NAME), &SystemRng, database_exists)?)
}

/// What went wrong when the database was opened, for `muster doctor`.
pub(crate) fn open_database_only(database: &Path) -> Result<Arc<SqliteStore>, OpenError> {
    SqliteStore::open(database, &SqliteOptions::for_command())
}
