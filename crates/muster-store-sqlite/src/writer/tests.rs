use std::time::Duration;

use muster_store::StoreError;
use rusqlite::Connection;

use super::Writer;
use crate::failure::store_error;

fn writer(folder: &tempfile::TempDir) -> (Writer, std::path::PathBuf) {
    let path = folder.path().join("test.db");
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA busy_timeout = 50;
             CREATE TABLE t (a UNIQUE)",
        )
        .unwrap();
    (Writer::start(connection).unwrap(), path)
}

fn insert(value: i64) -> impl FnOnce(&Connection) -> Result<(), StoreError> + Send + 'static {
    move |connection| connection.execute("INSERT INTO t VALUES (?1)", [value]).map(drop).map_err(store_error)
}

fn values(path: &std::path::Path) -> Vec<i64> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection.prepare("SELECT a FROM t ORDER BY a").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_job_that_fails_or_panics_leaves_nothing_and_harms_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, path) = writer(&folder);
    let fails = writer.write(|connection| {
        insert(1)(connection)?;
        Err::<(), _>(StoreError::Closed)
    });
    let panics = writer.write(|connection| -> Result<(), StoreError> {
        insert(2)(connection)?;
        panic!("on purpose")
    });
    let (failed, panicked, good) = tokio::join!(fails, panics, writer.write(insert(3)));
    assert!(matches!(failed, Err(StoreError::Closed)));
    assert!(matches!(panicked, Err(StoreError::Failed(_))));
    good.unwrap();
    assert_eq!(values(&path), [3]);
}

/// The first of a transaction is undone with the whole of it, the others by themselves.
#[tokio::test]
async fn a_job_that_fails_among_others_leaves_nothing_and_harms_none_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, path) = writer(&folder);
    let (free, blocked) = std::sync::mpsc::channel::<()>();
    let first = writer.write(move |connection| {
        blocked.recv().ok();
        insert(1)(connection)
    });
    let fails = writer.write(|connection| {
        insert(2)(connection)?;
        Err::<(), _>(StoreError::Closed)
    });
    let panics = writer.write(|connection| -> Result<(), StoreError> {
        insert(3)(connection)?;
        panic!("on purpose")
    });
    let all_wait = async {
        while super::QUEUE_LENGTH - writer.queue.read().unwrap().as_ref().unwrap().capacity() < 3 {
            tokio::task::yield_now().await;
        }
        free.send(()).unwrap();
    };
    let (first, failed, panicked, last, ()) = tokio::join!(first, fails, panics, writer.write(insert(4)), all_wait);
    first.unwrap();
    assert!(matches!(failed, Err(StoreError::Closed)));
    assert!(matches!(panicked, Err(StoreError::Failed(_))));
    last.unwrap();
    assert_eq!(values(&path), [1, 4]);
    assert_eq!(writer.statistics().jobs, 2);
}

#[tokio::test]
async fn waiting_jobs_share_a_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, path) = writer(&folder);
    let writer = std::sync::Arc::new(writer);
    // The first job keeps the writer busy until the others stand in the queue.
    let (free, blocked) = std::sync::mpsc::channel::<()>();
    let mut jobs = tokio::task::JoinSet::new();
    jobs.spawn({
        let writer = std::sync::Arc::clone(&writer);
        async move {
            let held = move |connection: &Connection| {
                blocked.recv().ok();
                // Longer than a group may work, so that the next group has all the others.
                std::thread::sleep(super::GROUP_WORK);
                insert(0)(connection)
            };
            writer.write(held).await
        }
    });
    for value in 1..=100 {
        let writer = std::sync::Arc::clone(&writer);
        jobs.spawn(async move { writer.write(insert(value)).await });
    }
    while super::QUEUE_LENGTH - writer.queue.read().unwrap().as_ref().unwrap().capacity() < 100 {
        tokio::task::yield_now().await;
    }
    free.send(()).unwrap();
    while let Some(done) = jobs.join_next().await {
        done.unwrap().unwrap();
    }
    assert_eq!(values(&path).len(), 101);
    let statistics = writer.statistics();
    assert_eq!(statistics.jobs, 101);
    assert!(statistics.transactions < 20, "{statistics:?}");
}

#[tokio::test]
async fn nobody_waits_for_a_lock_longer_than_agreed_and_everybody_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, path) = writer(&folder);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (one, two) = tokio::join!(writer.write(insert(1)), writer.write(insert(2)));
    assert!(matches!(one, Err(StoreError::Unavailable(_))));
    assert!(matches!(two, Err(StoreError::Unavailable(_))));
    other.execute_batch("ROLLBACK").unwrap();
    writer.write(insert(3)).await.unwrap();
    assert_eq!(values(&path), [3]);
}

#[tokio::test]
async fn what_was_handed_over_is_written_before_closing_and_nothing_after() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, path) = writer(&folder);
    writer.write(insert(1)).await.unwrap();
    writer.close();
    writer.close();
    assert!(!writer.is_open());
    assert!(matches!(writer.write(insert(2)).await, Err(StoreError::Closed)));
    assert_eq!(values(&path), [1]);
}

#[tokio::test]
async fn a_job_whose_caller_went_away_before_it_began_is_not_done() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, path) = writer(&folder);
    let (free, blocked) = std::sync::mpsc::channel::<()>();
    let first = writer.write(move |connection| {
        blocked.recv().ok();
        insert(1)(connection)
    });
    let impatient = async {
        let given_up = tokio::time::timeout(Duration::from_millis(50), writer.write(insert(2))).await;
        assert!(given_up.is_err());
        free.send(()).unwrap();
    };
    let (first, ()) = tokio::join!(first, impatient);
    first.unwrap();
    writer.close();
    assert_eq!(values(&path), [1]);
}
