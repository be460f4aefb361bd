use std::sync::Arc;
use std::time::Duration;

use muster_model::{ChangeKind, ResourceId, TenantId, TypeName, Version};
use muster_store::StoreError;
use muster_store_sql::columns::IdColumn;
use muster_store_sql::{Entry, Ledger, Session, Value};
use uuid::Uuid;

use super::{has_pending, move_visible};
use crate::pool::Pool;
use crate::session::PostgresSession;
use crate::trial::database;

fn tenant() -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(1))
}

fn entry(resource: u128, version: u64, kind: ChangeKind) -> Entry {
    Entry {
        kind,
        resource_type: TypeName::new("User"),
        resource: ResourceId::from_uuid(Uuid::from_u128(resource)),
        version: Version(version),
        joined: Vec::new(),
        left: Vec::new(),
        notes: muster_model::ChangeNotes::default(),
    }
}

async fn write(pool: &Pool, entries: &[Entry]) {
    let work = |session: Arc<PostgresSession>| async move { session.log(tenant().bytes(), None, 0, entries).await };
    pool.write(work).await.unwrap();
}

async fn move_all(pool: &Pool) -> u64 {
    move_for(pool, usize::MAX).await
}

async fn move_for(pool: &Pool, read: usize) -> u64 {
    pool.write(|session| async move { move_visible(&session, tenant(), read).await }).await.unwrap()
}

/// Sequence, the resource's last byte, version.
async fn log(pool: &Pool) -> Vec<(i64, u8, i64)> {
    let read = |session: Arc<PostgresSession>| async move {
        let rows = session.rows("SELECT sequence, resource, version FROM change ORDER BY sequence", &[]).await?;
        let read = |mut row: muster_store_sql::Row| Ok((row.take(0)?, row.take::<[u8; 16]>(1)?[15], row.take(2)?));
        rows.into_iter().map(read).collect::<Result<Vec<_>, StoreError>>()
    };
    pool.look(read).await.unwrap()
}

#[tokio::test]
async fn entries_are_numbered_in_their_order_and_a_deletion_comes_last() {
    let (pool, _kept) = database().await;
    // The second resource comes first, although its id is higher.
    write(&pool, &[entry(2, 1, ChangeKind::Created), entry(1, 1, ChangeKind::Created)]).await;
    write(&pool, &[entry(1, 2, ChangeKind::Updated), entry(1, 2, ChangeKind::Deleted)]).await;
    assert!(pool.look(|session| async move { has_pending(&session, tenant()).await }).await.unwrap());
    assert_eq!(move_all(&pool).await, 4);
    assert_eq!(log(&pool).await, [(1, 2, 1), (2, 1, 1), (3, 1, 2), (4, 1, 2)]);
    assert_eq!(move_all(&pool).await, 0);
    write(&pool, &[entry(2, 2, ChangeKind::Updated)]).await;
    assert_eq!(move_all(&pool).await, 1);
    assert_eq!(log(&pool).await.last(), Some(&(5, 2, 2)));
}

#[tokio::test]
async fn what_is_committed_late_gets_a_later_number_and_is_not_passed_over() {
    tokio::task::LocalSet::new().run_until(commit_late()).await;
}

async fn commit_late() {
    let (pool, _kept) = database().await;
    let pool = Arc::new(pool);
    let (written, wait_written) = tokio::sync::oneshot::channel();
    let (go_on, wait_go_on) = tokio::sync::oneshot::channel();
    let signals = Arc::new(std::sync::Mutex::new(Some((written, wait_go_on))));
    let late = {
        let pool = Arc::clone(&pool);
        tokio::task::spawn_local(async move {
            let work = |session: Arc<PostgresSession>| {
                let (written, wait_go_on) = signals.lock().unwrap().take().unwrap();
                async move {
                    session.log(tenant().bytes(), None, 0, &[entry(1, 1, ChangeKind::Created)]).await?;
                    session.rows("SELECT 1", &[]).await?;
                    written.send(()).unwrap();
                    wait_go_on.await.unwrap();
                    Ok::<_, StoreError>(())
                }
            };
            pool.write(work).await.unwrap();
        })
    };
    wait_written.await.unwrap();
    write(&pool, &[entry(2, 1, ChangeKind::Created)]).await;
    // Neither the writer nor the one who gives numbers waits for the one who has not committed.
    let moved = tokio::time::timeout(Duration::from_secs(5), move_all(&pool)).await.unwrap();
    assert_eq!((moved, log(&pool).await), (1, vec![(1, 2, 1)]));
    go_on.send(()).unwrap();
    late.await.unwrap();
    assert_eq!(move_all(&pool).await, 1);
    assert_eq!(log(&pool).await, [(1, 2, 1), (2, 1, 1)]);
}

/// The clock that notes was set back between the two versions, and more is pending than one move takes.
#[tokio::test]
async fn a_version_never_goes_before_an_earlier_one() {
    let (pool, _kept) = database().await;
    write(&pool, &[entry(1, 1, ChangeKind::Created)]).await;
    let many: Vec<Entry> = (0..10_000).map(|number| entry(0x100 + number * 0x100, 1, ChangeKind::Created)).collect();
    write(&pool, &many).await;
    write(&pool, &[entry(1, 2, ChangeKind::Updated)]).await;
    let set_back = |session: Arc<PostgresSession>| async move {
        session
            .execute(
                "UPDATE change_pending SET noted = noted + ?1 WHERE version = 1 AND resource = ?2",
                &[Value::Integer(3_600_000_000), Value::Id(ResourceId::from_uuid(Uuid::from_u128(1)).bytes())],
            )
            .await?;
        session.execute("UPDATE change_pending SET noted = 0 WHERE version = 2", &[]).await
    };
    assert_eq!(pool.write(set_back).await.unwrap(), 1);
    assert_eq!(move_all(&pool).await, 10_001);
    let ours: Vec<i64> = log(&pool).await.into_iter().filter(|row| row.1 == 1).map(|row| row.2).collect();
    assert_eq!(ours, [1, 2]);
    assert_eq!(move_all(&pool).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_give_numbers_at_once_give_each_once() {
    let (pool, _kept) = database().await;
    let pool = Arc::new(pool);
    let tasks = tokio::task::LocalSet::new();
    for number in 1..=4 {
        let pool = Arc::clone(&pool);
        tasks.spawn_local(async move {
            for version in 1..=25 {
                write(&pool, &[entry(number, version, ChangeKind::Updated)]).await;
                move_all(&pool).await;
            }
        });
    }
    tasks.await;
    move_all(&pool).await;
    let log = log(&pool).await;
    assert!(log.iter().map(|row| row.0).eq(1..=100));
    for resource in 1..=4 {
        assert!(log.iter().filter(|row| row.1 == resource).map(|row| row.2).eq(1..=25));
    }
}

/// Many wait for a number before PostgreSQL knows anything of the table: a move costs what it moves.
#[tokio::test]
async fn a_move_costs_what_it_moves() {
    let (pool, _kept) = database().await;
    let pend = async |number: u32, first: u32| {
        let fill = move |session: Arc<PostgresSession>| async move {
            let sql = format!(
                "INSERT INTO change_pending (tenant, resource, version, is_last, noted, kind, type, at)
                 SELECT '{}', ('0199b6f0-5c3e-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, false, n,
                        'created', 'User', 0 FROM generate_series({first}, {first} + {number} - 1) AS n",
                tenant().as_uuid()
            );
            session.execute(&sql, &[]).await
        };
        pool.write(fill).await.unwrap();
    };
    let timed = async || {
        let begun = std::time::Instant::now();
        (move_all(&pool).await, begun.elapsed())
    };
    pend(500, 1).await;
    let (few, of_few) = timed().await;
    pend(25_000, 1_001).await;
    let (most, of_most) = timed().await;
    println!("{few} in {of_few:?}, {most} in {of_most:?}");
    assert_eq!((few, most), (500, 10_000));
    assert!(of_most < of_few * 80, "{of_most:?} where 500 take {of_few:?}");
    // Who reads a small page does not wait for the whole backlog.
    assert_eq!((move_for(&pool, 1).await, move_for(&pool, 2_000).await), (1_000, 2_000));
    assert_eq!((move_all(&pool).await, move_all(&pool).await, move_all(&pool).await), (10_000, 2_000, 0));
    let log = log(&pool).await;
    assert!(log.iter().map(|row| row.0).eq(1..=25_500));
}
