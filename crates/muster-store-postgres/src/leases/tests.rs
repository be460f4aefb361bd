use std::sync::Arc;
use std::time::Duration;

use muster_model::{Fence, NodeId};
use muster_store::{LeaseError, StoreError};
use muster_store_sql::lease;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::now;
use crate::pool::Pool;
use crate::trial::database;

const PAUSE: Duration = Duration::from_millis(300);

async fn take(pool: &Pool, holder: u128, term: Duration) -> Option<muster_model::Lease> {
    let holder = NodeId::from_uuid(Uuid::from_u128(holder));
    let take = move |session: crate::Shared| async move {
        lease::take(&*session, now(&session).await?, "work", holder, term).await
    };
    pool.write(take).await.unwrap()
}

/// The holder is paused between the judgement of its lease and its commit: who takes over waits for that commit, and then no
/// transaction under the old fence is begun any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_takes_over_in_the_middle_of_a_write() {
    let (pool, _kept) = database().await;
    let pool = Arc::new(pool);
    let old = take(&pool, 1, Duration::ZERO).await.unwrap();
    let (began, has_begun) = oneshot::channel();
    let began = Arc::new(std::sync::Mutex::new(Some(began)));
    let writing = {
        let (pool, old) = (Arc::clone(&pool), old.clone());
        tokio::spawn(async move {
            let (old, began) = (&old, &began);
            let write = move |session: crate::Shared| async move {
                lease::hold(&*session, old).await?;
                if let Some(began) = began.lock().unwrap().take() {
                    began.send(()).unwrap();
                }
                tokio::time::sleep(PAUSE).await;
                Ok::<_, LeaseError>(std::time::Instant::now())
            };
            pool.write(write).await.unwrap()
        })
    };
    has_begun.await.unwrap();
    let new = take(&pool, 2, Duration::from_mins(1)).await.unwrap();
    let taken = std::time::Instant::now();
    assert!(taken >= writing.await.unwrap(), "the lease was taken over while a write went on under it");
    assert_eq!(new.fence, Fence(old.fence.0 + 1));
    let late = |session: crate::Shared| {
        let old = old.clone();
        async move { lease::hold(&*session, &old).await }
    };
    assert!(matches!(pool.write(late).await, Err(LeaseError::Lost)));
    let present = |session: crate::Shared| {
        let new = new.clone();
        async move { lease::hold(&*session, &new).await }
    };
    pool.write(present).await.unwrap();
}

#[tokio::test]
async fn the_clock_is_the_database_s() {
    let (pool, _kept) = database().await;
    let read =
        |session: crate::Shared| async move { Ok::<_, StoreError>((now(&session).await?, now(&session).await?)) };
    let (earlier, later) = pool.write(read).await.unwrap();
    assert!(later > earlier, "it moves within a transaction");
}
