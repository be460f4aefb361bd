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

/// As many as the pool has connections, and more, wait for one who holds a row.
#[tokio::test]
async fn writers_who_wait_leave_a_connection_to_readers() {
    tokio::task::LocalSet::new().run_until(wait_for_a_row()).await;
}

async fn wait_for_a_row() {
    const BUMP: &str = "UPDATE lease SET fence = fence + 1 WHERE name = ?1";
    let (pool, _kept) = database().await;
    let pool = Arc::new(pool);
    let begin = |session: Arc<PostgresSession>| async move {
        session.send("INSERT INTO lease VALUES (?1, ?2, 0, 0)", &[Value::from("a"), Value::Id([0; 16])]).await
    };
    pool.write(begin).await.unwrap();
    let pool = &pool;
    pool.write(|session: Arc<PostgresSession>| async move {
        session.execute(BUMP, &[Value::from("a")]).await?;
        for _ in 0..12 {
            let pool = Arc::clone(pool);
            tokio::task::spawn_local(async move {
                let bump =
                    |session: Arc<PostgresSession>| async move { session.execute(BUMP, &[Value::from("a")]).await };
                drop(pool.write(bump).await);
            });
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        let read = pool.look(|session: Arc<PostgresSession>| async move { session.rows("SELECT 1", &[]).await });
        let read = tokio::time::timeout(Duration::from_secs(3), read).await;
        assert!(matches!(read, Ok(Ok(_))), "{:?}", read.map(|read| read.map(|rows| rows.len())));
        Ok::<_, StoreError>(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn who_is_gone_gives_his_permit_back_when_the_server_has_stopped() {
    let (pool, _kept) = database().await;
    let all = pool.permits.available_permits();
    for mode in [crate::session::Mode::Single, crate::session::Mode::Write] {
        let sleep = |session: Arc<PostgresSession>| async move { session.rows("SELECT pg_sleep(30)::text", &[]).await };
        assert!(tokio::time::timeout(Duration::from_millis(200), pool.run(mode, sleep)).await.is_err());
        assert_eq!(pool.permits.available_permits(), all - 1, "the server works still");
        let begun = std::time::Instant::now();
        while pool.permits.available_permits() < all {
            assert!(begun.elapsed() < Duration::from_secs(8), "the permit does not come back");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let count = |session: Arc<PostgresSession>| async move {
            let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
                       AND query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()";
            session.row(sql, &[]).await?.unwrap().take::<i64>(0)
        };
        assert_eq!(pool.look(count).await.unwrap(), 0);
    }
}

/// More connections have it prepared than there are attempts.
#[tokio::test]
async fn statements_are_prepared_anew_after_a_migration() {
    let (_, database) = database().await;
    let many = std::num::NonZeroUsize::new(24).unwrap();
    let pool = open::open(&database.url, PostgresOptions { pool_size: many, ..options() }).await.unwrap();
    let ask = |session: Arc<PostgresSession>| async move {
        session.rows("SELECT * FROM installation_key", &[]).await?;
        session.rows("SELECT pg_sleep(0.3)::text", &[]).await
    };
    let (pool, ask) = (Arc::new(pool), &ask);
    let everywhere = async || {
        let asked = (0..24).map(|_| async { pool.look(ask).await.map(drop) });
        futures_of(asked.collect()).await
    };
    assert!(everywhere().await.iter().all(Result::is_ok));
    let change = |session: Arc<PostgresSession>| async move {
        session.execute("ALTER TABLE installation_key ADD COLUMN more bigint", &[]).await
    };
    pool.write(change).await.unwrap();
    pool.look(ask).await.unwrap();
    assert!(everywhere().await.iter().all(Result::is_ok));
    // The other reason: the server has forgotten what was prepared.
    let forget = |session: Arc<PostgresSession>| async move { session.rows("DEALLOCATE ALL", &[]).await };
    pool.look(ask).await.unwrap();
    drop(pool.look(forget).await);
    pool.look(ask).await.unwrap();
}

async fn futures_of<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut found: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, found) in futures.iter_mut().zip(&mut found) {
            if found.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *found = Some(value);
            }
        }
        if found.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    found.into_iter().flatten().collect()
}

async fn process_of(pool: &crate::pool::Pool) -> i64 {
    let ask = |session: Arc<PostgresSession>| async move {
        session.row("SELECT pg_backend_pid()/*pg ::bigint */", &[]).await?.unwrap().take::<i64>(0)
    };
    pool.look(ask).await.unwrap()
}

/// Plans are kept as long as the connection.
#[tokio::test]
async fn a_connection_that_is_old_is_not_used_again() {
    let (young, database) = database().await;
    assert_eq!(process_of(&young).await, process_of(&young).await);
    let old =
        open::open(&database.url, PostgresOptions { connection_life: Duration::ZERO, ..options() }).await.unwrap();
    assert_ne!(process_of(&old).await, process_of(&old).await);
}
