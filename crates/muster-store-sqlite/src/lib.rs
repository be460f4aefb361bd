#![doc = include_str!("../README.md")]

mod api_tokens;
mod at_once;
mod backup;
mod directory;
mod engine;
mod failure;
mod fold;
mod house;
mod inspect;
mod inspect_file;
mod leases;
mod look_up;
mod migrate;
mod nesting;
mod open;
mod options;
mod ownership;
mod read;
mod readers;
mod registry;
mod request_log;
mod secrets;
mod session;
#[cfg(test)]
mod shared_tables;
mod system_log;
mod upkeep;
mod watch;
mod webhooks;
mod writer;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use muster_model::{SystemEntry, TenantId};
use muster_store::{Directory, Scope, Store, StoreError};

pub use backup::{BackupError, BackupProgress, Contents};
pub use house::SqliteHouse;
pub use inspect_file::FileReport;
pub use open::OpenError;
pub use options::SqliteOptions;
pub use writer::WriteStatistics;

use directory::SqliteDirectory;
use engine::Engine;
use failure::store_error;
use muster_store_sql::View;

/// One opened database file. Several processes may have the same file open.
pub struct SqliteStore {
    engine: Arc<Engine>,
    closing: Arc<tokio::sync::Mutex<()>>,
    /// What the next change is committed with.
    entry: Option<Arc<SystemEntry>>,
}

impl SqliteStore {
    /// Opens the database, makes it when there is none, and brings its schema up to date. Blocks.
    pub fn open(path: &Path, options: &SqliteOptions) -> Result<Arc<Self>, OpenError> {
        let engine = Arc::new(Engine::start(path, options)?);
        Ok(Arc::new(Self { engine, closing: Arc::default(), entry: None }))
    }

    /// Looks a database file over without writing to it, also while a server has it open. A file that is no Muster
    /// database, a newer schema, missing migrations and damage are findings. Blocks.
    pub fn inspect_file(path: &Path) -> Result<FileReport, OpenError> {
        inspect_file::inspect_file(path)
    }

    /// How many transactions were needed for how many writes.
    pub fn write_statistics(&self) -> WriteStatistics {
        self.engine.writer.statistics()
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn noting(&self, entry: SystemEntry) -> Arc<dyn Store> {
        let (engine, closing) = (Arc::clone(&self.engine), Arc::clone(&self.closing));
        Arc::new(Self { engine, closing, entry: Some(Arc::new(entry)) })
    }

    fn directory(&self, tenant: TenantId, scope: Scope) -> Arc<dyn Directory> {
        Arc::new(SqliteDirectory { engine: Arc::clone(&self.engine), view: View { tenant, scope } })
    }

    async fn check(&self) -> Result<(), StoreError> {
        if !self.engine.writer.is_open() {
            return Err(StoreError::Closed);
        }
        let ask = |connection: &rusqlite::Connection| {
            connection.query_row("SELECT count(*) FROM schema_migration", [], |_| Ok(())).map_err(store_error)
        };
        self.engine.gate.read(move |connection, _| ask(connection)).await
    }

    async fn inspect(&self) -> Result<Vec<String>, StoreError> {
        let mut findings = Vec::new();
        for check in inspect::checks_of_this_schema() {
            // A snapshot each: one that were held for the whole look would make the WAL grow all that time.
            let run = move |connection: &rusqlite::Connection| check.run(connection).map_err(store_error);
            findings.extend(self.engine.scanners.read_without_limit(move |connection, _| run(connection)).await?);
        }
        Ok(findings)
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
