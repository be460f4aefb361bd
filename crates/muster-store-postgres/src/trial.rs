//! Databases for the tests of this crate's inside.

use std::num::NonZeroUsize;
use std::time::Duration;

use muster_testkit::postgres::{TestDatabase, database_like};

use crate::pool::Pool;
use crate::{PostgresOptions, open, schema_fingerprint};

/// Small, so that tests meet its bounds.
pub(crate) fn options() -> PostgresOptions {
    PostgresOptions {
        pool_size: NonZeroUsize::new(8).unwrap(),
        statement_limit: Duration::from_secs(20),
        ..PostgresOptions::for_server()
    }
}

/// An opened database with our schema and nothing in it.
pub(crate) async fn database() -> (Pool, TestDatabase) {
    let database = database_like(&schema_fingerprint(), |url| async move { crate::migrate(&url).await.unwrap() }).await;
    (open::open(&database.url, options()).await.unwrap(), database)
}
