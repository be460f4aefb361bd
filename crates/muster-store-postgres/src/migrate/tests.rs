use super::{KNOWN, MIGRATIONS};
use crate::trial::options;
use crate::{OpenError, PostgresOptions, PostgresStore, migrate};
use muster_testkit::postgres::{empty_database, shared_server};

#[test]
fn migrations_are_numbered_from_one_without_gaps() {
    for (position, migration) in MIGRATIONS.iter().enumerate() {
        assert_eq!(usize::try_from(migration.number), Ok(position + 1), "{}", migration.name);
        assert!((1..=migration.number).contains(&migration.compatible_from), "{}", migration.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_may_migrate_a_new_database_at_once() {
    let database = empty_database();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let url = database.url.clone();
        tasks.spawn(async move { migrate(&url).await.unwrap() });
    }
    tasks.join_all().await;
    let applied = shared_server().sql_in(name(&database.url), "SELECT count(*) FROM schema_migration WHERE number > 0");
    assert_eq!(applied, KNOWN.to_string());
}

#[tokio::test]
async fn without_leave_to_migrate_a_new_database_is_refused() {
    let database = empty_database();
    let only_checked = || PostgresOptions { migrate: false, ..options() };
    let refused = PostgresStore::open(&database.url, only_checked()).await.err().unwrap();
    assert!(matches!(refused, OpenError::NotMigrated { found: 0, .. }), "{refused}");
    migrate(&database.url).await.unwrap();
    PostgresStore::open(&database.url, only_checked()).await.unwrap();
}

#[tokio::test]
async fn a_changed_and_a_foreign_database_are_refused() {
    let changed = empty_database();
    migrate(&changed.url).await.unwrap();
    shared_server().sql_in(name(&changed.url), "UPDATE schema_migration SET checksum = 'x' WHERE number = 1");
    let refused = migrate(&changed.url).await.unwrap_err();
    assert!(matches!(refused, OpenError::ChangedMigration { number: 1, .. }), "{refused}");
    for sql in ["CREATE TABLE somebody_elses (a int)", "CREATE TABLE schema_migration (version int)"] {
        let foreign = empty_database();
        shared_server().sql_in(name(&foreign.url), sql);
        let refused = migrate(&foreign.url).await.unwrap_err();
        assert!(matches!(refused, OpenError::Foreign { .. }), "{refused}");
    }
}

/// Rolling upgrade: the release before goes on beside a schema that only added, and not beside one that took away.
#[tokio::test]
async fn a_newer_schema_is_refused_unless_this_one_may_go_on() {
    let database = empty_database();
    migrate(&database.url).await.unwrap();
    let newer = |compatible_from: i64| {
        let sql = format!(
            "INSERT INTO schema_migration VALUES (999, 'later', 'x', {compatible_from})
             ON CONFLICT (number) DO UPDATE SET compatible_from = excluded.compatible_from"
        );
        shared_server().sql_in(name(&database.url), &sql)
    };
    newer(KNOWN);
    PostgresStore::open(&database.url, options()).await.unwrap();
    newer(KNOWN + 1);
    let refused = PostgresStore::open(&database.url, options()).await.err().unwrap();
    assert!(matches!(refused, OpenError::NewerSchema { found: 999, .. }), "{refused}");
}

fn name(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}
