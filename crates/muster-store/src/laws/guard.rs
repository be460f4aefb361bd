//! The guard against mass deprovisioning counts and judges in the transaction that takes away (docs/adr/0016).

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use muster_model::{Connection, GuardUse, HeldId, HeldKind, HeldOperation, ResourceId, Version};
use uuid::Uuid;

use super::world::{Kind, World, adjust, create, delete, exactly, group, join, leave, references, replace, user};
use crate::guard::{DirectoryPart, STEP, WINDOW};
use crate::{
    Batch, CommitError, Committed, Guard, GuardLimit, GuardMode, Holding, MembershipDelta, Rest, Store, UnknownMembers,
    Write,
};

/// A connection with people whom it brought, and a group of all of them.
struct Guarded {
    world: World,
    connection: Connection,
    people: Vec<ResourceId>,
    group: ResourceId,
}

impl Guarded {
    async fn new(store: Arc<dyn Store>, people: usize) -> Self {
        let world = World::new(store).await;
        let (connection, _) = world.add_connection("okta").await;
        let mut guarded = Self { group: world.new_id(), world, connection, people: Vec::new() };
        for number in 0..people {
            let id = guarded.world.new_id();
            guarded.people.push(id);
            guarded.bring(create(Kind::User, id, user(&format!("p{number}")))).await;
        }
        let mut write = create(Kind::Group, guarded.group, group("all"));
        if let Write::Create { members, .. } = &mut write {
            *members = Some(join(&guarded.people));
        }
        guarded.bring(write).await;
        guarded
    }

    async fn bring(&self, mut write: Write) {
        if let Write::Create { owner, .. } = &mut write {
            *owner = Some(self.connection.id);
        }
        self.commit(write, Guard::default()).await.unwrap();
    }

    async fn commit(&self, write: Write, guard: Guard) -> Result<Committed, CommitError> {
        self.commit_at(write, guard, self.world.now()).await
    }

    async fn commit_at(&self, write: Write, guard: Guard, at: Timestamp) -> Result<Committed, CommitError> {
        let batch = Batch { writes: vec![write], connection: Some(self.connection.id), request: None, at, guard };
        self.world.directory.commit(batch).await
    }

    async fn used(&self, at: Timestamp) -> Vec<(Option<String>, u64)> {
        let used = self.world.directory.list_guard_use(self.connection.id, at).await.unwrap();
        let name = |one: &GuardUse| one.resource_type.as_ref().map(|name| name.as_str().to_owned());
        used.iter().map(|one| (name(one), one.count)).collect()
    }

    async fn held(&self) -> Vec<HeldOperation> {
        self.world.directory.list_held(Some(self.connection.id)).await.unwrap()
    }

    fn holding(&self, rest: Rest) -> GuardMode {
        let id = HeldId::from_uuid(Uuid::from_bytes(*self.world.new_id().as_uuid().as_bytes()));
        GuardMode::Hold(Holding { id, request: Some("r".to_owned()), rest, measured: Vec::new() })
    }
}

fn limited(percent: u32, least: u32) -> Guard {
    let limit = GuardLimit { percent, least, part: DirectoryPart::Brought };
    Guard { mode: GuardMode::Charge(limit), ..Guard::default() }
}

fn members(group: ResourceId, delta: MembershipDelta) -> Write {
    super::world::change_members(group, delta)
}

fn is_guarded(outcome: &Result<Committed, CommitError>) -> bool {
    matches!(outcome, Err(CommitError::Guarded { .. }))
}

pub async fn what_is_taken_away_is_counted_and_refused_beyond_the_limit(store: Arc<dyn Store>) {
    let world = Guarded::new(store, 10).await;
    let people = &world.people;
    let only = |count| limited(1, count);
    // Members by name, then by leaving them out.
    world.commit(members(world.group, leave(&people[..2])), only(4)).await.unwrap();
    let rest = exactly(references(&people[3..]), UnknownMembers::Refuse);
    world.commit(members(world.group, rest), only(4)).await.unwrap();
    let now = world.world.now();
    assert_eq!(world.used(now).await, [(None, 3)]);
    assert!(is_guarded(&world.commit(members(world.group, leave(&people[3..5])), only(4)).await));
    assert_eq!(world.world.member_ids(world.group).await, people[3..], "nothing of the refused one was done");
    assert!(is_guarded(&world.commit(delete(Kind::Group, world.group), only(4)).await), "its seven members count");
    // Who is absent already takes nothing away.
    world.commit(members(world.group, leave(&people[..2])), only(3)).await.unwrap();

    let mut deactivating = only(2);
    deactivating.deactivates = vec![0];
    let write = replace(Kind::User, people[0], Version(1), user("off"));
    world.commit(write, deactivating.clone()).await.unwrap();
    world.commit(delete(Kind::User, people[1]), only(2)).await.unwrap();
    assert!(is_guarded(&world.commit(delete(Kind::User, people[2]), only(2)).await));
    let write = replace(Kind::User, people[2], Version(1), user("off too"));
    assert!(is_guarded(&world.commit(write.clone(), deactivating).await));
    // The same change that deactivates nobody, and a creation, are nobody's business.
    world.commit(write, only(2)).await.unwrap();
    world.commit(create(Kind::User, world.world.new_id(), user("new")), only(0)).await.unwrap();
    // A person's deletion counts as one, whatever he was a member of.
    world.commit(delete(Kind::User, people[4]), only(3)).await.unwrap();
    assert_eq!(world.used(now).await, [(None, 3), (Some("User".to_owned()), 3)]);
}

pub async fn the_limit_is_of_what_was_there_before(store: Arc<dyn Store>) {
    let world = Guarded::new(store, 20).await;
    let foreign = world.world.add_user("not of this connection").await;
    let mut deleted = 0;
    for person in &world.people {
        if world.commit(delete(Kind::User, *person), limited(25, 0)).await.is_ok() {
            deleted += 1;
        }
    }
    assert_eq!(deleted, 5, "a quarter of twenty, not of what is left");
    // Nineteen memberships were of the twenty; the five deleted took theirs with them.
    let removal = members(world.group, leave(&world.people[5..10]));
    world.commit(removal, limited(25, 0)).await.unwrap();
    let one_more = members(world.group, leave(&world.people[10..11]));
    assert!(is_guarded(&world.commit(one_more, limited(25, 0)).await));
    let whole = GuardLimit { percent: 30, least: 0, part: DirectoryPart::Whole };
    let guard = Guard { mode: GuardMode::Charge(whole), ..Guard::default() };
    world.commit(delete(Kind::User, foreign), guard).await.unwrap();
}

pub async fn each_connection_and_tenant_has_its_own_guard(store: Arc<dyn Store>) {
    let first = Guarded::new(Arc::clone(&store), 3).await;
    let second = Guarded::new(store, 3).await;
    first.commit(delete(Kind::User, first.people[0]), limited(1, 1)).await.unwrap();
    assert!(is_guarded(&first.commit(delete(Kind::User, first.people[1]), limited(1, 1)).await));
    second.commit(delete(Kind::User, second.people[0]), limited(1, 1)).await.unwrap();
    let (other, _) = first.world.add_connection("other").await;
    let batch = Batch {
        writes: vec![delete(Kind::User, first.people[1])],
        connection: Some(other.id),
        request: None,
        at: first.world.now(),
        guard: limited(1, 1),
    };
    first.world.directory.commit(batch).await.unwrap();

    let holding = Guard { mode: first.holding(Rest::Apply), ..Guard::default() };
    first.commit(delete(Kind::User, first.people[2]), holding).await.unwrap();
    let held = first.held().await;
    assert_eq!(held.len(), 1);
    assert_eq!(second.held().await, []);
    assert_eq!(second.world.directory.drop_held(&[held[0].id]).await.unwrap(), 0, "not the other tenant's to forget");
    assert!(!first.world.directory.is_held(other.id, first.people[2]).await.unwrap());
    assert!(first.world.directory.is_held(first.connection.id, first.people[2]).await.unwrap());
    assert!(first.world.store.delete_connection(first.connection.id).await.unwrap());
    assert_eq!(first.held().await, [], "who is gone asks for nothing");
    assert_eq!(first.used(first.world.now()).await, []);
    assert_eq!(first.world.store.inspect().await.unwrap(), [] as [&str; 0]);
}

pub async fn the_window_rolls_on(store: Arc<dyn Store>) {
    let world = Guarded::new(store, 5).await;
    let people = &world.people;
    let start = world.world.now();
    let at = |after: Duration| start + after;
    let half = WINDOW / 2;
    world.commit_at(delete(Kind::User, people[0]), limited(1, 2), at(Duration::ZERO)).await.unwrap();
    world.commit_at(delete(Kind::User, people[1]), limited(1, 2), at(half)).await.unwrap();
    for too_early in [half, Duration::from_hours(23)] {
        let refused = world.commit_at(delete(Kind::User, people[2]), limited(1, 2), at(too_early)).await;
        assert!(is_guarded(&refused), "{too_early:?}");
    }
    world.commit_at(delete(Kind::User, people[2]), limited(1, 2), at(WINDOW + STEP)).await.unwrap();
    let refused = world.commit_at(delete(Kind::User, people[3]), limited(1, 2), at(WINDOW + STEP)).await;
    assert!(is_guarded(&refused), "the second is still in the window");
    assert_eq!(world.used(at(WINDOW + STEP)).await, [(Some("User".to_owned()), 2)]);
    assert_eq!(world.used(at(3 * WINDOW)).await, []);
}

pub async fn a_reset_begins_anew(store: Arc<dyn Store>) {
    let world = Guarded::new(store, 3).await;
    world.commit(delete(Kind::User, world.people[0]), limited(1, 1)).await.unwrap();
    assert!(is_guarded(&world.commit(delete(Kind::User, world.people[1]), limited(1, 1)).await));
    world.world.directory.reset_guard(world.connection.id).await.unwrap();
    world.commit(delete(Kind::User, world.people[1]), limited(1, 1)).await.unwrap();
    assert!(is_guarded(&world.commit(delete(Kind::User, world.people[2]), limited(1, 1)).await));
}

pub async fn many_at_once_take_exactly_what_is_allowed(store: Arc<dyn Store>) {
    let world = Arc::new(Guarded::new(store, 32).await);
    let tasks: Vec<_> = (0..32)
        .map(|number| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                let outcome = world.commit(delete(Kind::User, world.people[number]), limited(25, 3)).await;
                assert!(outcome.is_ok() || is_guarded(&outcome), "{outcome:?}");
                outcome.is_ok()
            })
        })
        .collect();
    let mut deleted = 0;
    for task in tasks {
        deleted += u64::from(task.await.unwrap());
    }
    assert_eq!(deleted, 8);
    assert_eq!(world.world.count(Kind::User).await.0, 24);
}

pub async fn what_is_held_is_not_made_and_the_rest_is(store: Arc<dyn Store>) {
    let world = Guarded::new(store, 4).await;
    let people = &world.people;
    let newcomer = world.world.add_user("newcomer").await;
    let change = || members(world.group, adjust(&people[..2], &[newcomer]));
    let guard = |rest| Guard { mode: world.holding(rest), ..Guard::default() };

    let committed = world.commit(change(), guard(Rest::LeaveOut)).await.unwrap();
    assert_eq!((committed.newly_held, committed.held_members.as_slice()), (2, &people[..2]));
    assert!(!committed.written[0].changed);
    assert_eq!(&world.world.member_ids(world.group).await, people, "nobody came and nobody went");
    let committed = world.commit(change(), guard(Rest::Apply)).await.unwrap();
    assert_eq!((committed.newly_held, committed.held_members.as_slice()), (0, &people[..2]));
    assert!(committed.written[0].changed);
    assert_eq!(world.world.member_ids(world.group).await, [people.as_slice(), &[newcomer]].concat());

    let committed = world.commit(delete(Kind::User, people[3]), guard(Rest::Apply)).await.unwrap();
    assert_eq!((committed.newly_held, committed.written[0].changed), (1, false));
    let mut off = guard(Rest::Apply);
    off.deactivates = vec![0];
    world.commit(replace(Kind::User, people[2], Version(1), user("renamed")), off).await.unwrap();
    assert_eq!(world.world.find(Kind::User, people[2]).await.unwrap().document.read().unwrap()["userName"], "renamed");
    let mut off = guard(Rest::LeaveOut);
    off.deactivates = vec![0];
    world.commit(replace(Kind::User, people[1], Version(1), user("not renamed")), off).await.unwrap();
    assert_eq!(world.world.find(Kind::User, people[1]).await.unwrap().document.read().unwrap()["userName"], "p1");

    let held = world.held().await;
    let told: Vec<_> = held.iter().map(|one| (one.kind, one.resource, one.members.as_slice())).collect();
    assert_eq!(
        told,
        [
            (HeldKind::RemoveMembers, world.group, &people[..2]),
            (HeldKind::Delete, people[3], &[][..]),
            (HeldKind::Deactivate, people[2], &[][..]),
            (HeldKind::Deactivate, people[1], &[][..]),
        ]
    );
    assert_eq!((held[0].label.as_deref(), held[0].request.as_deref()), (Some("all"), Some("r")));
    assert_eq!((held[0].changes(), held[1].changes()), (2, 1));
    assert!(world.world.store.count_held().await.unwrap() >= 5);
    assert_eq!(world.world.store.inspect().await.unwrap(), [] as [&str; 0]);
    assert_eq!(world.world.directory.drop_held(&[held[0].id, held[0].id]).await.unwrap(), 1);
    assert_eq!(world.held().await, held[1..]);
}

pub async fn asking_twice_holds_once_and_asking_otherwise_forgets(store: Arc<dyn Store>) {
    let world = Guarded::new(store, 4).await;
    let people = &world.people;
    let guard = || Guard { mode: world.holding(Rest::Apply), ..Guard::default() };
    for _ in 0..2 {
        world.commit(delete(Kind::User, people[0]), guard()).await.unwrap();
        world.commit(members(world.group, leave(&people[..3])), guard()).await.unwrap();
    }
    assert_eq!(world.held().await.len(), 2, "the second time adds nothing");
    let untouched =
        |id| Write::Update { id, resource_type: Kind::User.name(), expected: None, content: None, members: None };
    world.commit(untouched(people[0]), Guard::default()).await.unwrap();
    assert_eq!(world.held().await.len(), 2, "which says nothing of being there");
    world.commit(untouched(people[0]), Guard { reaffirms: vec![0], ..Guard::default() }).await.unwrap();
    assert_eq!(world.held().await.len(), 1);
    // A member who is added, and one who is in the whole list.
    world.commit(members(world.group, join(&people[..1])), Guard::default()).await.unwrap();
    assert_eq!(world.held().await[0].members, people[1..3]);
    let whole = exactly(references(&[people[0], people[1], people[3]]), UnknownMembers::Refuse);
    world.commit(members(world.group, whole), guard()).await.unwrap();
    assert_eq!(world.held().await[0].members, people[2..3]);
    // Another connection's word is not this one's.
    let write = members(world.group, join(&people[2..3]));
    world.world.commit_one(write).await.unwrap();
    assert_eq!(world.held().await[0].members, people[2..3]);
}

pub async fn what_is_made_or_gone_is_not_held(store: Arc<dyn Store>) {
    let world = Guarded::new(store, 5).await;
    let people = &world.people;
    let guard = || Guard { mode: world.holding(Rest::Apply), ..Guard::default() };
    world.commit(members(world.group, leave(&people[..3])), guard()).await.unwrap();
    world.commit(delete(Kind::User, people[0]), guard()).await.unwrap();
    let mut off = guard();
    off.deactivates = vec![0];
    world.commit(replace(Kind::User, people[4], Version(1), user("p4")), off).await.unwrap();
    assert_eq!(world.held().await.len(), 3);
    // By whomever it is made.
    world.world.commit_one(members(world.group, leave(&people[1..2]))).await.unwrap();
    world.world.commit_one(delete(Kind::User, people[0])).await.unwrap();
    let held = world.held().await;
    assert_eq!((held.len(), held[0].members.as_slice()), (2, &people[2..3]));
    let deactivated = Guard { deactivates: vec![0], ..Guard::default() };
    world.commit(replace(Kind::User, people[4], Version(2), user("p4")), deactivated).await.unwrap();
    assert_eq!(world.held().await.len(), 1);
    world.world.commit_one(delete(Kind::Group, world.group)).await.unwrap();
    assert_eq!(world.held().await, []);
    assert_eq!(world.world.store.inspect().await.unwrap(), [] as [&str; 0]);
}
