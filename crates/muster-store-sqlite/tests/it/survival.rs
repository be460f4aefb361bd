//! What was answered is there afterwards, however the process ended.

use std::fs;
use std::path::Path;

use muster_store::Store;
use serde_json::json;

use crate::open;
use crate::world::{add_tenant, add_user, count, update};

/// What a kill leaves: the files as they are at this moment, without the memory that processes share.
fn copy_as_after_a_kill(from: &Path, to: &Path) {
    for name in ["muster.db", "muster.db-wal"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let (running, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(running.path());
    let tenant = add_tenant(&store).await;
    for number in 0..50 {
        add_user(&store, tenant, number).await.unwrap();
    }
    copy_as_after_a_kill(running.path(), killed.path());
    let restarted = open(killed.path());
    assert_eq!(count(&restarted, tenant).await, (50, 50));
    assert_eq!(restarted.inspect().await.unwrap(), [] as [&str; 0]);
    add_user(&restarted, tenant, 50).await.unwrap();
}

#[tokio::test]
async fn a_store_that_was_dropped_without_closing_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let tenant = add_tenant(&store).await;
    add_user(&store, tenant, 1).await.unwrap();
    drop(store);
    let store = open(folder.path());
    assert_eq!(count(&store, tenant).await, (1, 1));
    store.close().await;
}

#[tokio::test]
async fn closing_moves_everything_into_the_one_file() {
    let (folder, backup) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    let tenant = add_tenant(&store).await;
    add_user(&store, tenant, 1).await.unwrap();
    store.close().await;
    let wal = fs::metadata(folder.path().join("muster.db-wal")).map_or(0, |metadata| metadata.len());
    assert_eq!(wal, 0);
    fs::copy(folder.path().join("muster.db"), backup.path().join("muster.db")).unwrap();
    let restored = open(backup.path());
    assert_eq!(count(&restored, tenant).await, (1, 1));
}

#[tokio::test]
async fn many_writes_do_not_make_the_wal_grow_without_bound() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let tenant = add_tenant(&store).await;
    add_user(&store, tenant, 1).await.unwrap();
    let padding = "x".repeat(100_000);
    for version in 1..=400 {
        update(&store, tenant, 1, version, json!({"userName": "user1", "title": padding, "version": version})).await;
    }
    // 400 documents of 100 KB went through it.
    let wal = fs::metadata(folder.path().join("muster.db-wal")).unwrap().len();
    assert!(wal < 20 * 1024 * 1024, "{wal} bytes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_that_wait_together_share_a_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let tenant = add_tenant(&store).await;
    let before = store.write_statistics();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..2_000 {
        let store = std::sync::Arc::clone(&store);
        tasks.spawn(async move { add_user(&store, tenant, number).await.map(drop) });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
    let after = store.write_statistics();
    assert_eq!(after.jobs - before.jobs, 2_000);
    let transactions = after.transactions - before.transactions;
    assert!(transactions <= 500, "2,000 commits took {transactions} transactions");
    assert_eq!(count(&store, tenant).await, (2_000, 2_000));
}
