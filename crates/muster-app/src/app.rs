//! What every use case works with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use muster_model::{Clock, CredentialId, Rng};
use muster_store::Store;
use muster_vault::{KeyError, VaultKey};

use crate::cursor::Cursors;
use crate::password::PasswordHasher;
use crate::queue::KeyedQueue;
use crate::rate::Rates;
use crate::repairs::RepairLedger;
use crate::requests::{Recorder, RequestLogSettings};
use crate::schemas::SchemaCache;
use crate::secrets::Vault;

/// What differs between installations.
pub struct AppSettings {
    /// The vault key, or why there is none: then the vault is sealed, and whatever needs no secret goes on.
    pub vault_key: Result<VaultKey, KeyError>,
    /// What is kept of requests.
    pub request_log: RequestLogSettings,
}

impl Default for AppSettings {
    fn default() -> Self {
        Self { vault_key: Err(KeyError::NotGiven), request_log: RequestLogSettings::default() }
    }
}

/// The assembled application: the store and the sources of time and randomness. Shared by all requests.
pub struct App {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) passwords: PasswordHasher,
    /// Writers that lost a race for one document wait here for their turn.
    pub(crate) contended: KeyedQueue,
    /// The minute for which a credential's use was last recorded, so that it is recorded once a minute.
    pub(crate) recorded_uses: Mutex<HashMap<CredentialId, i64>>,
    pub(crate) repairs: Arc<RepairLedger>,
    pub(crate) cursors: Cursors,
    pub(crate) rates: Rates,
    pub(crate) schemas: SchemaCache,
    pub(crate) vault: Vault,
    pub(crate) requests: Arc<Recorder>,
}

impl App {
    /// Without a vault key, for those who seal and open nothing.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Arc<Self> {
        Self::with_settings(store, clock, rng, AppSettings::default())
    }

    pub fn with_settings(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        settings: AppSettings,
    ) -> Arc<Self> {
        let passwords = PasswordHasher::new(Arc::clone(&rng));
        Arc::new(Self {
            store,
            clock,
            rng,
            passwords,
            contended: KeyedQueue::new(),
            recorded_uses: Mutex::new(HashMap::new()),
            repairs: Arc::new(RepairLedger::default()),
            cursors: Cursors::new(),
            rates: Rates::default(),
            schemas: SchemaCache::new(),
            vault: Vault::new(settings.vault_key),
            requests: Recorder::new(&settings.request_log),
        })
    }

    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Writes what was only counted in memory so far. To be called before the store is closed.
    pub async fn settle(&self) {
        self.repairs.write_all(self.store.as_ref(), self.clock.as_ref()).await;
        self.requests.settle(self.store.as_ref(), self.rng.as_ref()).await;
    }
}
