#![doc = include_str!("../README.md")]

mod address;
mod api_tokens;
mod connection;
mod directory;
pub mod distribution;
mod failure;
mod house;
mod inspect;
mod leases;
mod ledger;
mod measure;
mod migrate;
mod open;
mod open_error;
mod options;
mod ownership;
mod pool;
mod prepared;
mod registry;
mod request_log;
mod resources;
mod secrets;
mod sequencer;
mod session;
mod system_log;
mod text;
mod tls;
#[cfg(test)]
mod trial;
mod upkeep;
mod value;
mod webhooks;

use std::sync::Arc;

use async_trait::async_trait;
use muster_model::{SystemEntry, TenantId};
use muster_store::{Directory, Scope, Store, StoreError};
use muster_store_sql::{INVARIANTS, Session, View};

pub use house::PostgresHouse;
pub use migrate::schema_fingerprint;
pub use open_error::OpenError;
pub use options::PostgresOptions;

use directory::PostgresDirectory;
use pool::Pool;
use session::{Mode, PostgresSession};

/// The session of one piece of work.
type Shared = Arc<PostgresSession>;

/// One opened database. Any number of processes may have the same one open.
pub struct PostgresStore {
    pool: Arc<Pool>,
    /// What the next change is committed with.
    entry: Option<Arc<SystemEntry>>,
}

impl PostgresStore {
    /// Connects to the database and brings its schema up to date, or only checks it, as the options say.
    pub async fn open(url: &str, options: PostgresOptions) -> Result<Arc<Self>, OpenError> {
        Ok(Arc::new(Self { pool: Arc::new(open::open(url, options).await?), entry: None }))
    }

    /// As [`Store::inspect`], and tells before each look the how manieth of how many it is. One may take hours.
    pub async fn inspect_telling(&self, mut tell: impl FnMut(usize, usize) + Send) -> Result<Vec<String>, StoreError> {
        let looks: Vec<_> = INVARIANTS.into_iter().chain(inspect::INVARIANTS).collect();
        let mut findings = Vec::new();
        for (place, invariant) in looks.iter().enumerate() {
            tell(place + 1, looks.len());
            let count = move |session: Shared| async move {
                session.row(invariant.sql, &[]).await?.map_or(Ok(0), |mut row| row.take::<i64>(0))
            };
            findings.extend(invariant.finding(self.pool.run(Mode::Inspection, count).await?));
        }
        Ok(findings)
    }
}

#[async_trait]
impl Store for PostgresStore {
    fn noting(&self, entry: SystemEntry) -> Arc<dyn Store> {
        Arc::new(Self { pool: Arc::clone(&self.pool), entry: Some(Arc::new(entry)) })
    }

    fn directory(&self, tenant: TenantId, scope: Scope) -> Arc<dyn Directory> {
        Arc::new(PostgresDirectory { pool: Arc::clone(&self.pool), view: View { tenant, scope } })
    }

    async fn check(&self) -> Result<(), StoreError> {
        let ask =
            |session: Shared| async move { session.rows("SELECT count(*) FROM schema_migration", &[]).await.map(drop) };
        self.pool.run(Mode::Single, ask).await
    }

    async fn inspect(&self) -> Result<Vec<String>, StoreError> {
        self.inspect_telling(|_, _| ()).await
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

/// Brings the schema of a database up to date, for `muster migrate`.
pub async fn migrate(url: &str) -> Result<(), OpenError> {
    open::migrate_only(url).await
}

/// Whether Muster's tables are in the database. Changes nothing.
pub async fn has_schema(url: &str) -> Result<bool, OpenError> {
    open::has_schema(url).await
}

/// Whether a first start has made an installation in the database. Changes nothing.
pub async fn has_installation(url: &str) -> Result<bool, OpenError> {
    open::has_installation(url).await
}
