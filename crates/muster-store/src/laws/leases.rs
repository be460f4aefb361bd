//! Background work has one worker at a time, and whoever lost it without noticing changes nothing.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use muster_model::{ConnectionId, Fence, Lease, NodeId};
use tokio::task::JoinSet;

use super::world::{Kind, World, create, delete, user};
use crate::guard::{DirectoryPart, WINDOW};
use crate::{Batch, Guard, GuardLimit, GuardMode, LeaseError, Store, Write};

const NODES: usize = 8;
const LONG: Duration = Duration::from_mins(10);
/// Runs out while a law looks on. The clock is the database's, so no fake one can be moved.
const SHORT: Duration = Duration::from_millis(150);

/// Laws may share a database, so each has leases of its own.
fn name(world: &World) -> String {
    format!("law-{}", world.tenant.id)
}

fn node(world: &World) -> NodeId {
    NodeId::from_uuid(*world.new_id().as_uuid())
}

async fn take(world: &World, holder: NodeId, term: Duration) -> Option<Lease> {
    world.store.take_lease(&name(world), holder, term).await.unwrap()
}

/// A connection that took away somebody whom it had brought, which its guard has counted.
async fn take_away(world: &World) -> ConnectionId {
    let (connection, _) = world.add_connection("okta").await;
    let id = world.new_id();
    let mut made = create(Kind::User, id, user("leaver"));
    if let Write::Create { owner, .. } = &mut made {
        *owner = Some(connection.id);
    }
    let limit = GuardLimit { percent: 100, least: 50, part: DirectoryPart::Brought };
    for write in [made, delete(Kind::User, id)] {
        let guard = Guard { mode: GuardMode::Charge(limit), ..Guard::default() };
        let batch =
            Batch { writes: vec![write], connection: Some(connection.id), request: None, at: world.now(), guard };
        world.directory.commit(batch).await.unwrap();
    }
    connection.id
}

/// Waits until another node gets the lease.
async fn taken_over(world: &World, holder: NodeId) -> Lease {
    for _ in 0..200 {
        if let Some(lease) = take(world, holder, LONG).await {
            return lease;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("a lease that has run out is not free");
}

pub async fn one_of_many_gets_a_lease(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let mut taking = JoinSet::new();
    for _ in 0..NODES {
        let (store, name, node) = (Arc::clone(&store), name(&world), node(&world));
        taking.spawn(async move { store.take_lease(&name, node, LONG).await.unwrap() });
    }
    let taken: Vec<Lease> = taking.join_all().await.into_iter().flatten().collect();
    assert_eq!(taken.len(), 1, "{taken:?}");
    assert_eq!(taken[0].fence, Fence(1));
    // Another lease is another matter.
    let other = store.take_lease(&format!("{}-other", name(&world)), node(&world), LONG).await.unwrap();
    assert!(other.is_some());
    // A node that does not know of its lease, because the answer never came, gets it anew, and its old fence is void.
    let again = take(&world, taken[0].holder, LONG).await.unwrap();
    assert_eq!(again.fence, Fence(2));
    assert!(!store.renew_lease(&taken[0], LONG).await.unwrap());
}

pub async fn a_lease_lasts_as_long_as_it_is_renewed(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (first, second) = (node(&world), node(&world));
    let lease = take(&world, first, SHORT).await.unwrap();
    assert!(world.store.renew_lease(&lease, LONG).await.unwrap());
    tokio::time::sleep(SHORT * 2).await;
    assert_eq!(take(&world, second, LONG).await, None);
    // It has run out and nobody took it: still its holder's.
    assert!(world.store.renew_lease(&lease, Duration::ZERO).await.unwrap());
    assert!(world.store.renew_lease(&lease, Duration::ZERO).await.unwrap());
    let next = taken_over(&world, second).await;
    assert_eq!((next.holder, next.fence), (second, Fence(lease.fence.0 + 1)));
    assert!(!world.store.renew_lease(&lease, LONG).await.unwrap());
    assert!(world.store.renew_lease(&next, LONG).await.unwrap());
}

pub async fn a_lease_that_was_given_back_is_free(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (first, second) = (node(&world), node(&world));
    let lease = take(&world, first, LONG).await.unwrap();
    world.store.give_back_lease(&lease).await.unwrap();
    assert!(!world.store.renew_lease(&lease, LONG).await.unwrap(), "it was given back");
    let next = take(&world, second, LONG).await.unwrap();
    assert!(next.fence > lease.fence);
    // Giving back what somebody else has takes nothing from him.
    world.store.give_back_lease(&lease).await.unwrap();
    assert_eq!(take(&world, first, LONG).await, None);
}

/// The holder is paused, by a suspended machine for example, and goes on after another node has taken over.
pub async fn who_lost_a_lease_writes_nothing(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    take_away(&world).await;
    let late = world.now() + WINDOW * 4;
    let tenant = world.tenant.id;
    let counts = async || {
        let tenants = world.store.list_tenants_with_past_guard_counts(late).await.unwrap();
        tenants.iter().filter(|one| **one == tenant).count()
    };
    let paused = take(&world, node(&world), SHORT).await.unwrap();
    let present = taken_over(&world, node(&world)).await;
    for lost in [paused, Lease { fence: Fence(present.fence.0 + 1), ..present.clone() }] {
        let forgotten = world.store.forget_past_guard_counts(tenant, late, &lost).await;
        assert!(matches!(forgotten, Err(LeaseError::Lost)), "{forgotten:?}");
        let numbered = world.store.number_changes(tenant, &lost).await;
        assert!(matches!(numbered, Err(LeaseError::Lost)), "{numbered:?}");
    }
    assert_eq!(counts().await, 1, "a lost lease took something away");
    assert!(world.store.forget_past_guard_counts(tenant, late, &present).await.unwrap() > 0);
    assert_eq!(counts().await, 0);
    world.store.give_back_lease(&present).await.unwrap();
    let forgotten = world.store.forget_past_guard_counts(tenant, late, &present).await;
    assert!(matches!(forgotten, Err(LeaseError::Lost)), "{forgotten:?}");
}

pub async fn upkeep_takes_away_only_what_no_longer_counts(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let connection = take_away(&world).await;
    let lease = take(&world, node(&world), LONG).await.unwrap();
    let tenant = world.tenant.id;
    let used = async |at: Timestamp| world.directory.list_guard_use(connection, at).await.unwrap().len();
    let now = world.now();
    assert_eq!(used(now).await, 1);
    // Also not for a node whose clock is ahead by nearly a window.
    for ahead in [Duration::ZERO, WINDOW] {
        assert_eq!(world.store.forget_past_guard_counts(tenant, now + ahead, &lease).await.unwrap(), 0);
    }
    assert_eq!(used(now).await, 1);

    // Whatever of the log has no number yet gets one, once, and the log is what it was.
    let mut unnumbered = 0;
    loop {
        match world.store.number_changes(tenant, &lease).await.unwrap() {
            0 => break,
            some => unnumbered += some,
        }
    }
    assert!(!world.store.list_tenants_with_unnumbered_changes().await.unwrap().contains(&tenant));
    let changes = world.changes().await;
    assert!(unnumbered <= changes.len() as u64);
    assert!(changes.len() >= 2, "what was made and what was taken away");
    assert_eq!(world.store.number_changes(tenant, &lease).await.unwrap(), 0);
}
