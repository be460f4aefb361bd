//! The system log, and changes that are committed with their entry.

use async_trait::async_trait;
use muster_model::SystemEntry;
use muster_store::{StoreError, SystemLog, SystemLogQuery};
use muster_store_sql::system_log::Outcome;
use muster_store_sql::{finished, system_log};
use rusqlite::Connection;

use crate::SqliteStore;
use crate::session::SqliteSession;

impl SqliteStore {
    /// A change of what the management plane keeps, together with the entry of whoever notes it.
    pub(crate) async fn change<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Outcome + Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let entry = self.entry.clone();
        self.engine
            .writer
            .write(move |database| {
                let outcome = work(database)?;
                if let Some(entry) = entry.filter(|_| outcome.is_done()) {
                    finished(system_log::insert(&SqliteSession::of(database), &entry))?;
                }
                Ok(outcome)
            })
            .await
    }
}

#[async_trait]
impl SystemLog for SqliteStore {
    async fn record_system_entry(&self, entry: &SystemEntry) -> Result<(), StoreError> {
        let entry = entry.clone();
        let record = move |database: &_| finished(system_log::insert(&SqliteSession::of(database), &entry));
        self.engine.writer.write(record).await
    }

    async fn list_system_entries(&self, query: &SystemLogQuery) -> Result<Vec<SystemEntry>, StoreError> {
        let query = query.clone();
        self.engine
            .readers
            .read(move |database, watch| finished(system_log::list(&SqliteSession::watched(database, watch), &query)))
            .await
    }
}
