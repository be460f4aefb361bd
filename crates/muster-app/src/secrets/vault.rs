//! The keys of a running process: the vault key, and the data keys that it has unwrapped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use muster_model::{DataKeyId, SealedSecret, WrappedDataKey};
use muster_store::{InstallationKey, StoreError};
use muster_vault::{DataKey, InstallationId, KeyError, SealError, SecretValue, VaultKey};
use tokio::sync::OnceCell;

use super::{VaultError, kept};
use crate::App;

/// The number of the first data key.
const FIRST: u64 = 1;

pub(crate) struct Vault {
    key: Result<VaultKey, Arc<KeyError>>,
    installation: OnceCell<InstallationId>,
    /// Those that were needed. What is in here is used as long as the process lives, and found by id only: which of them
    /// seals is asked of the database each time.
    data_keys: Mutex<HashMap<DataKeyId, Arc<DataKey>>>,
}

impl Vault {
    pub(crate) fn new(key: Result<VaultKey, KeyError>) -> Self {
        Self { key: key.map_err(Arc::new), installation: OnceCell::new(), data_keys: Mutex::default() }
    }

    /// The vault key; fails where there is none that can be used.
    pub(super) fn key(&self) -> Result<&VaultKey, VaultError> {
        self.key.as_ref().map_err(|error| VaultError::Sealed(Arc::clone(error)))
    }

    /// Which installation it is, for all processes and for as long as its database lives.
    pub(super) async fn installation(&self, app: &App) -> Result<&InstallationId, StoreError> {
        let find = || async {
            let mut candidate = [0; InstallationKey::LENGTH];
            app.rng.fill(&mut candidate);
            let candidate = InstallationKey::from_bytes(candidate);
            let found = app.store.find_or_create_installation_key("installation", candidate).await?;
            Ok(InstallationId::from_bytes(*found.as_bytes()))
        };
        self.installation.get_or_try_init(find).await
    }

    /// The data key that seals at present; the first one is made when something is sealed for the first time.
    pub(super) async fn sealing_key(&self, app: &App) -> Result<Arc<DataKey>, VaultError> {
        // Before anything is asked, so that a process without a key says only that.
        self.key()?;
        let mut rows = app.store.list_data_keys().await?;
        if rows.is_empty() {
            self.make_first(app).await?;
            rows = app.store.list_data_keys().await?;
        }
        let present = rows.iter().max_by_key(|row| row.number);
        let present = present.ok_or_else(|| StoreError::Failed("the first data key has vanished".into()))?;
        self.unwrapped(app, present).await
    }

    pub(super) async fn open(&self, app: &App, secret: &SealedSecret) -> Result<SecretValue, VaultError> {
        let key = match self.known(secret.data_key) {
            Some(known) => known,
            None => self.look_up(app, secret.data_key).await?,
        };
        Ok(key.open(secret, self.installation(app).await?)?)
    }

    /// A data key, out of the database's row.
    pub(super) async fn unwrapped(&self, app: &App, row: &WrappedDataKey) -> Result<Arc<DataKey>, VaultError> {
        let vault_key = self.key()?;
        if let Some(known) = self.known(row.id) {
            return Ok(known);
        }
        let key = Arc::new(DataKey::from_wrapped(row, vault_key, self.installation(app).await?)?);
        self.data_keys.lock().unwrap_or_else(PoisonError::into_inner).insert(row.id, Arc::clone(&key));
        Ok(key)
    }

    async fn look_up(&self, app: &App, id: DataKeyId) -> Result<Arc<DataKey>, VaultError> {
        self.key()?;
        let rows = app.store.list_data_keys().await?;
        let row = rows.iter().find(|row| row.id == id).ok_or(SealError::MissingDataKey(id))?;
        self.unwrapped(app, row).await
    }

    fn known(&self, id: DataKeyId) -> Option<Arc<DataKey>> {
        self.data_keys.lock().unwrap_or_else(PoisonError::into_inner).get(&id).map(Arc::clone)
    }

    /// Of several nodes that do so at the same moment, one makes it and all of them use it. None does whose vault key is not
    /// that of the installation: what it would seal, nobody else could open.
    async fn make_first(&self, app: &App) -> Result<(), VaultError> {
        let vault_key = self.key()?;
        kept::expect_same_key(app, vault_key).await?;
        let installation = self.installation(app).await?;
        let key = DataKey::new(DataKeyId::new(app.clock.as_ref(), app.rng.as_ref()), app.rng.as_ref());
        let row = key.wrapped(FIRST, app.now(), vault_key, installation, app.rng.as_ref())?;
        if app.store.add_data_key(&row).await? {
            tracing::info!(data_key.id = %key.id(), vault.key_id = %vault_key.id(), "the first data key was made");
        }
        Ok(())
    }
}
