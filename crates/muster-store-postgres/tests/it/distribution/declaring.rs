//! `distribute` on a real PostgreSQL with a stand-in for Citus (`citus_stand_in.sql`).

use std::error::Error as _;

use muster_store_postgres::distribution::{DistributionError, Placement, TABLES, distribute};
use muster_store_postgres::migrate;
use muster_testkit::postgres::{TestDatabase, empty_database, shared_server};

const STAND_IN: &str = include_str!("citus_stand_in.sql");

pub(super) fn sql(database: &TestDatabase, statements: &str) -> String {
    let name = database.url.rsplit('/').next().unwrap();
    shared_server().sql_in(name, statements)
}

/// An empty database where Citus seems to be.
fn on_a_cluster() -> TestDatabase {
    let database = empty_database();
    sql(&database, STAND_IN);
    database
}

async fn refused(database: &TestDatabase) -> DistributionError {
    distribute(&database.url, |_| {}).await.unwrap_err()
}

#[tokio::test]
async fn every_table_is_declared_once_and_said() {
    let database = on_a_cluster();
    let mut told = Vec::new();
    let steps = distribute(&database.url, |step| told.push(step)).await.unwrap();
    assert_eq!(told, steps);
    assert!(steps.iter().all(|step| !step.is_found), "{steps:?}");
    let wanted: Vec<_> =
        TABLES.iter().filter(|table| table.placement != Placement::Local).map(|table| table.name).collect();
    assert_eq!(steps.iter().map(|step| step.table).collect::<Vec<_>>(), wanted);
    // All tables of tenants are neighbours.
    let groups = sql(
        &database,
        "SELECT partmethod, repmodel, count(*), count(DISTINCT colocationid) FROM pg_dist_partition GROUP BY 1, 2 ORDER BY 1",
    );
    assert_eq!(groups, "h|s|23|1\nn|t|8|1");

    let again = distribute(&database.url, |_| {}).await.unwrap();
    assert!(again.iter().all(|step| step.is_found), "{again:?}");
}

#[tokio::test]
async fn who_was_interrupted_goes_on() {
    let database = on_a_cluster();
    migrate(&database.url).await.unwrap();
    sql(&database, "ALTER TABLE membership ADD UNIQUE (member_id)");
    let error = refused(&database).await;
    assert!(matches!(error, DistributionError::Refused { table: "membership", .. }), "{error}");
    assert!(error.source().unwrap().to_string().contains("membership_member_id_key"), "{error:?}");
    sql(&database, "ALTER TABLE membership DROP CONSTRAINT membership_member_id_key");
    let steps = distribute(&database.url, |_| {}).await.unwrap();
    let made: Vec<_> = steps.iter().filter(|step| !step.is_found).map(|step| step.table).collect();
    assert_eq!(made.first(), Some(&"membership"));
    assert_eq!(made.len(), 19, "{made:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_may_declare_at_once() {
    let database = on_a_cluster();
    migrate(&database.url).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let url = database.url.clone();
        tasks.spawn(async move { distribute(&url, |_| {}).await.unwrap() });
    }
    let made = tasks.join_all().await.into_iter().flatten().filter(|step| !step.is_found).count();
    assert_eq!(made, 31);
}

#[tokio::test]
async fn a_table_that_is_spread_otherwise_is_named() {
    for (declared, found) in [
        (
            "create_distributed_table('resource', 'tenant'), create_distributed_table('change', 'tenant')",
            "apart from resource",
        ),
        ("create_distributed_table('resource', 'id')", "by the column id"),
        ("create_reference_table('conflict')", "as a reference table"),
        ("create_distributed_table('installation_key', 'purpose')", "not as a reference table"),
    ] {
        let database = on_a_cluster();
        migrate(&database.url).await.unwrap();
        sql(&database, &format!("SELECT {declared}"));
        let error = refused(&database).await;
        assert!(matches!(error, DistributionError::Otherwise { .. }), "{error:?}");
        assert!(error.to_string().contains(found), "{error}");
    }
}

#[tokio::test]
async fn without_citus_nothing_is_touched_and_the_way_is_told() {
    let database = empty_database();
    let error = refused(&database).await;
    assert!(matches!(error, DistributionError::NotInstalled { .. }), "{error:?}");
    assert!(error.to_string().contains("CREATE EXTENSION citus"), "{error}");
    assert_eq!(sql(&database, "SELECT count(*) FROM pg_class WHERE relname = 'tenant'"), "0");
}
