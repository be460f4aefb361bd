//! The laws that every driver passes, on a database of each test's own.

use std::sync::Arc;

use muster_store::Store;
use muster_store_postgres::{PostgresOptions, PostgresStore, migrate, schema_fingerprint};
use muster_testkit::postgres::{TestDatabase, database_like};

async fn on_a_database_of_its_own() -> (Arc<dyn Store>, TestDatabase) {
    let database = database_like(&schema_fingerprint(), |url| async move { migrate(&url).await.unwrap() }).await;
    let store = PostgresStore::open(&database.url, PostgresOptions::for_server()).await.unwrap();
    (store, database)
}

muster_store::law_suite!(on_a_database_of_its_own().await);
