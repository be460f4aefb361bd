use std::sync::Arc;
use std::time::Duration;

use muster_model::TenantId;
use muster_store::{Scope, StoreError};
use muster_store_sql::{Session, Value, View};
use uuid::Uuid;

use crate::session::PostgresSession;
use crate::trial::database;

const ID: [u8; 16] = [7; 16];

async fn said(session: &PostgresSession, sql: &'static str, value: &Value) -> Value {
    let mut row = session.row(sql, std::slice::from_ref(value)).await.unwrap().unwrap();
    match value {
        Value::Null => row.take::<Option<String>>(0).unwrap().map_or(Value::Null, Value::Text),
        Value::Boolean(_) => Value::Boolean(row.take(0).unwrap()),
        Value::Integer(_) => Value::Integer(row.take(0).unwrap()),
        Value::Text(_) => Value::Text(row.take(0).unwrap()),
        Value::Bytes(_) => Value::Bytes(row.take(0).unwrap()),
        Value::Id(_) => Value::Id(row.take(0).unwrap()),
    }
}

#[tokio::test]
async fn every_value_comes_back_as_it_went() {
    let (pool, _kept) = database().await;
    pool.look(|session| async move {
        for (sql, value) in [
            ("SELECT ?1/*pg ::text */", Value::Null),
            ("SELECT ?1/*pg ::boolean */", Value::Boolean(true)),
            ("SELECT ?1/*pg ::bigint */", Value::Integer(i64::MIN)),
            ("SELECT ?1/*pg ::text */", Value::Text("Zoë 🦀".to_owned())),
            ("SELECT ?1/*pg ::text */", Value::Text("a\0b\u{1}c".to_owned())),
            ("SELECT ?1/*pg ::bytea */", Value::Bytes(vec![0, 255])),
            ("SELECT ?1/*pg ::uuid */", Value::Id(ID)),
            ("SELECT ?1/*pg ::bytea */", Value::Id(ID)),
        ] {
            // Twice: prepared now, and prepared before.
            assert_eq!(said(&session, sql, &value).await, value, "{sql}");
            assert_eq!(said(&session, sql, &value).await, value, "{sql}");
        }
        let text = "SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE TRUE".to_owned();
        let values = [
            Value::Null,
            Value::Boolean(false),
            Value::Integer(5),
            Value::Text("a".to_owned()),
            Value::Bytes(vec![1]),
            Value::Id(ID),
        ];
        let mut row = session.composed_rows(&text, &values).await.unwrap().remove(0);
        assert_eq!(row.take::<Option<String>>(0).unwrap(), None);
        assert!(!row.take::<bool>(1).unwrap());
        assert_eq!(row.take::<i64>(2).unwrap(), 5);
        assert_eq!(row.take::<String>(3).unwrap(), "a");
        assert_eq!(row.take::<Vec<u8>>(4).unwrap(), [1]);
        assert_eq!(row.take::<[u8; 16]>(5).unwrap(), ID);
        Ok::<_, StoreError>(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_value_of_another_kind_is_refused_without_being_shown() {
    let (pool, _kept) = database().await;
    let failed = pool
        .look(
            |session| async move { session.rows("SELECT ?1/*pg ::uuid */", &[Value::Text("canary".to_owned())]).await },
        )
        .await
        .unwrap_err();
    let StoreError::Failed(source) = &failed else { panic!("{failed:?}") };
    assert!(!format!("{failed:?} {source}").contains("canary"), "{failed:?}");
}

const NEW_KEY: &str = "INSERT INTO installation_key (purpose, value) VALUES (?1, ?2)";
const COUNT: &str = "SELECT count(*) FROM installation_key";

async fn count(session: &PostgresSession) -> i64 {
    session.row(COUNT, &[]).await.unwrap().unwrap().take(0).unwrap()
}

fn new_key(purpose: &str) -> [Value; 2] {
    [Value::from(purpose), Value::Bytes(vec![1; 32])]
}

#[tokio::test]
async fn what_was_sent_is_seen_by_what_comes_after_it() {
    let (pool, _kept) = database().await;
    pool.write(|session| async move {
        for number in 0..1_000 {
            session.send(NEW_KEY, &new_key(&number.to_string())).await?;
        }
        assert_eq!(count(&session).await, 1_000);
        session.send("DELETE FROM installation_key WHERE purpose = ?1", &[Value::from("3")]).await
    })
    .await
    .unwrap();
    pool.look(|session| async move {
        assert_eq!(count(&session).await, 999);
        Ok::<_, StoreError>(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn many_questions_are_answered_each_by_itself() {
    let (pool, _kept) = database().await;
    pool.write(|session| async move {
        session.send(NEW_KEY, &new_key("2")).await?;
        let asked: Vec<Vec<Value>> = (0..600).map(|number| vec![Value::from(number.to_string())]).collect();
        let found = session.row_each("SELECT purpose FROM installation_key WHERE purpose = ?1", &asked).await?;
        let there: Vec<usize> = (0..found.len()).filter(|place| found[*place].is_some()).collect();
        assert_eq!((found.len(), there), (600, vec![2]));
        Ok::<_, StoreError>(())
    })
    .await
    .unwrap();
}

/// The second statement that fails, and the commit, fail only because of the first.
#[tokio::test]
async fn the_first_failure_is_the_one_that_is_told() {
    let (pool, _kept) = database().await;
    let failed = pool
        .write(|session| async move {
            session
                .send("INSERT INTO installation_key (purpose, value) VALUES (?1, '\\x00')", &[Value::from("a")])
                .await?;
            session.send(NEW_KEY, &new_key("b")).await
        })
        .await
        .unwrap_err();
    let StoreError::Failed(source) = failed else { panic!("{failed:?}") };
    assert!(source.to_string().contains("23514"), "{source}");
    let left = pool.look(|session| async move { Ok::<_, StoreError>(count(&session).await) }).await;
    assert_eq!(left.unwrap(), 0);
}

#[tokio::test]
async fn who_is_gone_leaves_nothing_and_no_dirty_connection() {
    let (pool, _kept) = database().await;
    for _ in 0..20 {
        let work = pool.write(|session| async move {
            session.send(NEW_KEY, &new_key("half")).await?;
            session.rows("SELECT pg_sleep(30)::text", &[]).await.map(drop)
        });
        assert!(tokio::time::timeout(Duration::from_millis(30), work).await.is_err());
    }
    // The eight connections of the pool are free again, and know nothing of it.
    let counted = pool.write(|session| async move { Ok::<_, StoreError>(count(&session).await) });
    assert_eq!(tokio::time::timeout(Duration::from_secs(5), counted).await.unwrap().unwrap(), 0);
}

#[tokio::test]
async fn a_snapshot_does_not_change_and_cannot_write() {
    let (pool, _kept) = database().await;
    let pool = Arc::new(pool);
    let writing = Arc::clone(&pool);
    pool.read(|session| {
        let writing = Arc::clone(&writing);
        async move {
            assert_eq!(count(&session).await, 0);
            let write = |session: Arc<PostgresSession>| async move { session.send(NEW_KEY, &new_key("a")).await };
            writing.write(write).await?;
            assert_eq!(count(&session).await, 0);
            Ok::<_, StoreError>(())
        }
    })
    .await
    .unwrap();
    assert!(pool.read(|session| async move { session.execute(NEW_KEY, &new_key("b")).await }).await.is_err());
}

#[tokio::test]
async fn a_lock_is_waited_for_and_ends_with_its_transaction() {
    let (pool, _kept) = database().await;
    let pool = Arc::new(pool);
    let view = View { tenant: TenantId::from_uuid(Uuid::from_u128(1)), scope: Scope::Tenant };
    let tasks = tokio::task::LocalSet::new();
    for _ in 0..6 {
        let pool = Arc::clone(&pool);
        tasks.spawn_local(async move {
            let add = |session: Arc<PostgresSession>| async move {
                session.lock(view, "test").await?;
                let there = count(&session).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
                session.execute(NEW_KEY, &new_key(&there.to_string())).await
            };
            pool.write(add).await.unwrap();
        });
    }
    tasks.await;
    assert_eq!(pool.look(|session| async move { Ok::<_, StoreError>(count(&session).await) }).await.unwrap(), 6);
}

#[tokio::test]
async fn a_scan_ends_at_its_time_limit() {
    let (_, database) = database().await;
    let options = crate::PostgresOptions { statement_limit: Duration::from_millis(300), ..crate::trial::options() };
    let pool = crate::open::open(&database.url, options).await.unwrap();
    let sleep =
        |session: Arc<PostgresSession>| async move { session.rows("SELECT pg_sleep(30)::text", &[]).await.map(drop) };
    assert!(matches!(pool.scan(sleep).await, Err(StoreError::TooBroad)));
    assert!(matches!(pool.look(sleep).await, Err(StoreError::Unavailable(_))));
    let work = |session: Arc<PostgresSession>| async move {
        tokio::time::sleep(Duration::from_millis(400)).await;
        session.check()
    };
    assert!(matches!(pool.scan(work).await, Err(StoreError::TooBroad)));
}

/// What is put together for a question is prepared once, and the connection does not remember without end.
#[tokio::test]
async fn composed_statements_are_kept_up_to_a_number() {
    let (pool, _kept) = database().await;
    pool.read(|session| async move {
        let ask = async |number: usize, value: Value| {
            session.composed_rows(&format!("SELECT ?1, {number}"), &[value]).await.unwrap().remove(0)
        };
        let kept = async || {
            let sql = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1, %'";
            session.row(sql, &[]).await.unwrap().unwrap().take::<i64>(0).unwrap()
        };
        // The same text with a value of another type is another statement.
        for number in [7, 7, 8] {
            assert_eq!(ask(0, Value::Integer(number)).await.take::<i64>(0).unwrap(), number);
            assert_eq!(kept().await, 1);
            assert_eq!(ask(0, Value::Text("seven".to_owned())).await.take::<String>(0).unwrap(), "seven");
            assert_eq!(kept().await, 1);
        }
        for number in 1..300 {
            ask(number, Value::Boolean(true)).await;
        }
        assert!((1..=128).contains(&kept().await), "{}", kept().await);
        Ok::<_, StoreError>(())
    })
    .await
    .unwrap();
}
