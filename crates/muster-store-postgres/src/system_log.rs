//! The system log, and changes that are committed with their entry.

use async_trait::async_trait;
use muster_model::SystemEntry;
use muster_store::{StoreError, SystemLog, SystemLogQuery};
use muster_store_sql::system_log;
use muster_store_sql::system_log::Outcome;

use crate::session::Mode;
use crate::{PostgresStore, Shared};

impl PostgresStore {
    /// A change of what the management plane keeps, together with the entry of whoever notes it.
    pub(crate) async fn change<T, E, F>(&self, work: impl Fn(Shared) -> F) -> Result<T, E>
    where
        T: Outcome,
        E: From<StoreError>,
        F: Future<Output = Result<T, E>>,
    {
        let noted = |session: Shared| {
            let working = work(Shared::clone(&session));
            async move {
                let outcome = working.await?;
                if let Some(entry) = self.entry.as_deref().filter(|_| outcome.is_done()) {
                    system_log::insert(&*session, entry).await?;
                }
                Ok(outcome)
            }
        };
        self.pool.run(Mode::Write, noted).await
    }
}

#[async_trait]
impl SystemLog for PostgresStore {
    async fn record_system_entry(&self, entry: &SystemEntry) -> Result<(), StoreError> {
        self.pool.run(Mode::Write, move |session| async move { system_log::insert(&*session, entry).await }).await
    }

    async fn list_system_entries(&self, query: &SystemLogQuery) -> Result<Vec<SystemEntry>, StoreError> {
        self.pool.run(Mode::Single, move |session| async move { system_log::list(&*session, query).await }).await
    }
}
