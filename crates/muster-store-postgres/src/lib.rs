#![doc = include_str!("../README.md")]

mod address;
mod connection;
mod dialect;
mod directory;
mod engine;
mod failure;
mod ledger;
mod migrate;
mod open;
mod open_error;
mod options;
mod pool;
mod resources;
mod sequencer;
mod session;
mod tls;
#[cfg(test)]
mod trial;
mod value;

use std::sync::Arc;

pub use directory::PostgresDirectory;
pub use migrate::schema_fingerprint;
pub use open_error::OpenError;
pub use options::PostgresOptions;

use engine::Engine;
use muster_model::TenantId;
use muster_store::{Scope, StoreError};
use muster_store_sql::{Session, View};
use session::{Mode, PostgresSession};

/// One opened database. Any number of processes may have the same one open.
pub struct PostgresStore {
    engine: Arc<Engine>,
}

impl PostgresStore {
    /// Connects to the database and brings its schema up to date, or only checks it, as the options say.
    pub async fn open(url: &str, options: PostgresOptions) -> Result<Arc<Self>, OpenError> {
        let engine = Arc::new(Engine::start(open::open(url, options).await?)?);
        Ok(Arc::new(Self { engine }))
    }

    /// The handle through which one tenant's resources are read and written.
    pub fn directory(&self, tenant: TenantId, scope: Scope) -> PostgresDirectory {
        PostgresDirectory { engine: Arc::clone(&self.engine), view: View { tenant, scope } }
    }

    /// Answers a trivial question from the database, for `/readyz`.
    pub async fn check(&self) -> Result<(), StoreError> {
        let ask = |session: Arc<PostgresSession>| async move {
            session.rows("SELECT count(*) FROM schema_migration", &[]).await.map(drop)
        };
        self.engine.run(Mode::Single, ask).await
    }

    /// Waits for what was begun and closes all connections. Later calls fail with [`StoreError::Closed`].
    pub async fn close(&self) {
        self.engine.close().await;
    }
}

/// Brings the schema of a database up to date, for `muster migrate`.
pub async fn migrate(url: &str) -> Result<(), OpenError> {
    open::migrate_only(url).await
}
