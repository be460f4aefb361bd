//! Opens the installation: data folder, vault key, database, default tenant. `serve` and `connection create` make what is
//! missing, so that it does not matter which of them comes first; other commands make nothing.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use muster_app::requests::RequestLogSettings;
use muster_app::secrets::{self, VaultError};
use muster_app::{App, AppSettings, tenants};
use muster_config::Settings;
use muster_store::{RequestLogBounds, Store};
use muster_vault::{KEY_FILE_NAME, KeyError, KeyOrigin, SealError, VaultKey};

use crate::failure::Failure;
use crate::progress;
use crate::storage::{self, Purpose};
use crate::system::{SystemClock, SystemRng};

pub(crate) struct Installation {
    pub(crate) app: Arc<App>,
    pub(crate) key_origin: KeyOrigin,
}

/// Opens the installation with its key, and makes it at the first start. Tables are brought up to date when that is allowed,
/// and by a command that makes the installation.
pub(crate) async fn open(settings: &Settings, purpose: Purpose, may_migrate: bool) -> Result<Installation, Failure> {
    create_data_folder(&settings.data_dir.value)?;
    let database = &settings.database.value;
    // In this order: the key is always made before the database, so that a database without a key has lost it.
    let database_exists = storage::is_started(database).await?;
    let is_made_by_command = purpose == Purpose::Command && !database_exists;
    let path = settings.data_dir.value.join(KEY_FILE_NAME);
    let (key, key_origin) = muster_vault::load_or_create(&path, &SystemRng, database_exists)?;
    tracing::debug!(vault.key_id = %key.id(), "vault key read");
    let store = storage::open(database, purpose, may_migrate || is_made_by_command).await?;
    let app = start(settings, store, Ok(key));
    tenants::ensure_default(&app).await?;
    secrets::check(&app).await.map_err(|error| refused(&path, error))?;
    Ok(Installation { app, key_origin })
}

/// Opens the database of an installation that is there. Commands that seal and open nothing may so run where the key is not:
/// what is wrong with it is told to who needs it. `None`: there is no installation.
pub(crate) async fn open_existing(settings: &Settings, purpose: Purpose) -> Result<Option<Arc<App>>, Failure> {
    let database = &settings.database.value;
    if !storage::is_started(database).await? {
        return Ok(None);
    }
    let key = muster_vault::load(&settings.data_dir.value.join(KEY_FILE_NAME));
    storage::open(database, purpose, false).await.map(|store| Some(start(settings, store, key)))
}

fn start(settings: &Settings, store: Arc<dyn Store>, vault_key: Result<VaultKey, KeyError>) -> Arc<App> {
    let settings = AppSettings { vault_key, request_log: request_log(settings) };
    App::with_settings(store, Arc::new(SystemClock), Arc::new(SystemRng), settings)
}

fn request_log(settings: &Settings) -> RequestLogSettings {
    RequestLogSettings {
        bounds: RequestLogBounds {
            days: settings.request_log_days.value,
            bytes: settings.request_log_mib.value.saturating_mul(1 << 20),
        },
        keeps_bodies: settings.request_log_bodies.value,
        masked: settings.request_log_mask.value.clone(),
    }
}

/// A start with a key that does not go with what is kept: what is wrong, where, and what to do. Nothing was sealed with it.
fn refused(path: &Path, error: VaultError) -> Failure {
    let shown = path.display();
    match error {
        VaultError::OtherVaultKey { .. } | VaultError::Seal(SealError::WrongVaultKey { .. }) => Failure::new(format!(
            "{shown} is not the vault key of this installation: the database was made with another one; copy {KEY_FILE_NAME} \
             from the machine that was started first, or from its backup"
        ))
        .because(error),
        VaultError::Seal(SealError::Damaged(_) | SealError::NotForThisPlace(_)) => Failure::new(
            "what the database keeps sealed cannot be opened by its own vault key; nothing was changed, see \
             `muster vault status`",
        )
        .because(error),
        error => error.into(),
    }
}

/// Writes everything to its final place.
pub(crate) async fn close(app: &App) {
    app.settle().await;
    progress::announced("closing the database", app.store().close()).await;
}

/// Makes the folder, readable by its owner only: it holds personal data and a key.
pub(crate) fn create_data_folder(folder: &Path) -> Result<(), Failure> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folders_to_synchronize(folder);
    let parent_made = folder.parent().map_or(Ok(()), fs::create_dir_all);
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = parent_made.and_then(|()| builder.create(folder));
    match made.and_then(|()| above.iter().try_for_each(|folder| synchronize(folder))) {
        // Another process was a moment faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(Failure::new(format!(
            "cannot create the data folder {}; create it yourself and give it to the user that runs Muster, or choose \
             another with --data-dir",
            folder.display()
        ))
        .because(error)),
        Ok(()) => Ok(()),
    }
}

/// The folders in which making `folder` leaves a new name, from the inside out. Such a name outlives a loss of power only
/// when its folder was written; without that, a whole installation could vanish that had answered already.
fn folders_to_synchronize(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for above in folder.ancestors().skip(1) {
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        found.push(above.to_owned());
        if above.is_dir() {
            break;
        }
    }
    found
}

#[cfg(unix)]
pub(crate) fn synchronize(folder: &Path) -> std::io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// This system does not let folders be opened for that.
#[cfg(not(unix))]
pub(crate) fn synchronize(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_that_gets_a_new_name_is_synchronized() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        assert_eq!(folders_to_synchronize(&root.join("a")), [root]);
        assert_eq!(folders_to_synchronize(&root.join("a/b/c")), [root.join("a/b"), root.join("a"), root.to_owned()]);
        assert_eq!(folders_to_synchronize(Path::new("a")), [Path::new(".")]);
        create_data_folder(&root.join("a/b/c")).unwrap();
        assert!(root.join("a/b/c").is_dir());
    }
}
