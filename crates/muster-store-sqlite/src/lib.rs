#![doc = include_str!("../README.md")]

mod columns;
mod commit;
mod credential_use;
mod directory;
mod engine;
mod failure;
mod inspect;
mod list;
mod migrate;
mod open;
mod options;
mod pushdown;
mod read;
mod readers;
mod registry;
mod writer;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use muster_model::TenantId;
use muster_store::{Directory, Store, StoreError};

pub use open::OpenError;
pub use options::SqliteOptions;
pub use writer::WriteStatistics;

use directory::SqliteDirectory;
use engine::Engine;
use failure::store_error;

/// One opened database file. Several processes may have the same file open.
pub struct SqliteStore {
    engine: Arc<Engine>,
    closing: tokio::sync::Mutex<()>,
}

impl SqliteStore {
    /// Opens the database, makes it when there is none, and brings its schema up to date. Blocks.
    pub fn open(path: &Path, options: &SqliteOptions) -> Result<Arc<Self>, OpenError> {
        let engine = Arc::new(Engine::start(path, options)?);
        Ok(Arc::new(Self { engine, closing: tokio::sync::Mutex::new(()) }))
    }

    /// How many transactions were needed for how many writes.
    pub fn write_statistics(&self) -> WriteStatistics {
        self.engine.writer.statistics()
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn directory(&self, tenant: TenantId) -> Arc<dyn Directory> {
        Arc::new(SqliteDirectory { engine: Arc::clone(&self.engine), tenant })
    }

    async fn check(&self) -> Result<(), StoreError> {
        if !self.engine.writer.is_open() {
            return Err(StoreError::Closed);
        }
        let ask = |connection: &rusqlite::Connection| {
            connection.query_row("SELECT count(*) FROM schema_migration", [], |_| Ok(())).map_err(store_error)
        };
        self.engine.readers.read(move |connection, _| ask(connection)).await
    }

    async fn inspect(&self) -> Result<Vec<String>, StoreError> {
        self.engine.scanners.read(|connection, _| inspect::inspect(connection)).await
    }

    async fn close(&self) {
        // Who calls second waits until the first is done.
        let _closing = self.closing.lock().await;
        let engine = Arc::clone(&self.engine);
        if tokio::task::spawn_blocking(move || engine.close()).await.is_err() {
            tracing::error!("closing the database panicked");
        }
    }
}
