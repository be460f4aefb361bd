use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use muster_store::StoreError;
use muster_store_sql::{Session, Value};
use muster_testkit::postgres::PostgresServer;

use crate::session::PostgresSession;
use crate::trial::{database, options};
use crate::{PostgresOptions, open};

/// Two of these at once make a deadlock, or a serialization failure, which PostgreSQL breaks by failing one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_met_another_transaction_is_done_again() {
    let (pool, _kept) = database().await;
    let pool = Arc::new(pool);
    pool.write(|session| async move {
        for name in ["a", "b"] {
            session.send("INSERT INTO lease VALUES (?1, ?2, 0, 0)", &[Value::from(name), Value::Id([0; 16])]).await?;
        }
        Ok::<_, StoreError>(())
    })
    .await
    .unwrap();
    let attempts = Arc::new(AtomicU32::new(0));
    let tasks = tokio::task::LocalSet::new();
    for number in 0..4 {
        let (pool, attempts) = (Arc::clone(&pool), Arc::clone(&attempts));
        tasks.spawn_local(async move {
            let names = if number % 2 == 0 { ["a", "b"] } else { ["b", "a"] };
            let work = |session: Arc<PostgresSession>| {
                attempts.fetch_add(1, Ordering::Relaxed);
                async move {
                    for name in names {
                        session
                            .execute("UPDATE lease SET fence = fence + 1 WHERE name = ?1", &[Value::from(name)])
                            .await?;
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                    Ok::<_, StoreError>(())
                }
            };
            pool.write(work).await.unwrap();
        });
    }
    tasks.await;
    let fences = |session: Arc<PostgresSession>| async move {
        session.row("SELECT sum(fence)/*pg ::bigint */ FROM lease", &[]).await?.unwrap().take::<i64>(0)
    };
    assert_eq!(pool.look(fences).await.unwrap(), 8);
    assert!(attempts.load(Ordering::Relaxed) > 4, "nothing was in the way of anything");
}

#[tokio::test]
async fn who_waits_too_long_for_a_connection_is_told_so_and_a_closed_pool_says_so() {
    let (_, database) = database().await;
    let few =
        PostgresOptions { pool_size: std::num::NonZeroUsize::MIN, wait_limit: Duration::from_millis(100), ..options() };
    let pool = open::open(&database.url, few).await.unwrap();
    let pool = &pool;
    let inner = pool
        .look(|_| async move {
            Ok::<_, StoreError>(pool.look(|session| async move { session.rows("SELECT 1", &[]).await }).await.map(drop))
        })
        .await
        .unwrap();
    assert!(matches!(inner, Err(StoreError::Unavailable(_))));
    pool.close().await;
    let closed = pool.look(|session| async move { session.rows("SELECT 1", &[]).await }).await;
    assert!(matches!(closed, Err(StoreError::Closed)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_killed_and_started_again_is_used_again() {
    let server = PostgresServer::own(true);
    let pool = open::open(&server.url("postgres"), options()).await.unwrap();
    let purpose = |number: u32| [Value::from(number.to_string()), Value::Bytes(vec![1; 32])];
    let write = async |number: u32| {
        let work = |session: Arc<PostgresSession>| async move {
            session.send("INSERT INTO installation_key (purpose, value) VALUES (?1, ?2)", &purpose(number)).await
        };
        pool.write(work).await
    };
    for number in 0..10 {
        write(number).await.unwrap();
    }
    server.kill();
    for number in 10..13 {
        let failed = write(number).await.unwrap_err();
        assert!(matches!(failed, StoreError::Unavailable(_)), "{failed:?}");
    }
    server.start();
    for number in 20..30 {
        write(number).await.unwrap();
    }
    let count = |session: Arc<PostgresSession>| async move {
        session.row("SELECT count(*) FROM installation_key", &[]).await?.unwrap().take::<i64>(0)
    };
    assert_eq!(pool.look(count).await.unwrap(), 20);
}

/// All connections die at once; nobody hears of it who only reads.
#[tokio::test]
async fn a_read_on_a_connection_that_died_is_asked_again() {
    let (pool, database) = database().await;
    let pid = |session: Arc<PostgresSession>| async move {
        session.row("SELECT pg_backend_pid()", &[]).await?.unwrap().take::<i64>(0)
    };
    let before = pool.look(pid).await.unwrap();
    let name = database.url.rsplit('/').next().unwrap();
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    muster_testkit::postgres::shared_server().sql(&end);
    assert_ne!(pool.look(pid).await.unwrap(), before);
}
