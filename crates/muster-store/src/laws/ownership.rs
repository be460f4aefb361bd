//! Owners: who is one, how one becomes one, and what becomes of conflicts.

use std::sync::Arc;

use muster_model::{ChangeKind, Conflict, ConflictId, ConflictState, ConnectionId, ResourceId, TypeName, Version};
use uuid::Uuid;

use super::scopes::{Scoped, owned};
use super::world::{Kind, World, content, create, delete, group, query, replace, user};
use crate::{CommitError, ConflictQuery, NewConflict, Scope, Store, StoreError, Write};

fn change_owner(id: ResourceId, owner: Option<ConnectionId>, expected: Option<Version>) -> Write {
    Write::ChangeOwner { id, resource_type: Kind::User.name(), owner, expected }
}

async fn counts(world: &World, connection: ConnectionId) -> Vec<(TypeName, u64)> {
    world.directory.count_owned(connection).await.unwrap()
}

pub async fn an_owner_changes_with_a_version(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let Scoped { ours, theirs, .. } = Scoped::of(&world).await;
    let person = world.new_id();
    world.commit_one(owned(Kind::User, person, Some(ours.connection), user("anna"))).await.unwrap();
    let seen = world.changes().await.len();

    let refused = world.commit_one(change_owner(person, Some(theirs.connection), Some(Version(7)))).await;
    assert!(matches!(refused, Err(CommitError::VersionMismatch { current: Version(1), .. })), "{refused:?}");
    let nobody = ConnectionId::from_uuid(Uuid::from_u128(7));
    let refused = world.commit_one(change_owner(person, Some(nobody), None)).await;
    assert!(matches!(refused, Err(CommitError::NotFound { .. })), "{refused:?}");

    let written = world.commit_one(change_owner(person, Some(theirs.connection), Some(Version(1)))).await.unwrap();
    assert_eq!((written.version, written.changed), (Version(2), true));
    assert_eq!(world.find(Kind::User, person).await.unwrap().owner, Some(theirs.connection));
    assert!(ours.find(Kind::User, person).await.is_none());
    assert!(theirs.find(Kind::User, person).await.is_some());
    assert_eq!(counts(&world, ours.connection).await, []);
    assert_eq!(counts(&world, theirs.connection).await, [(Kind::User.name(), 1)]);
    let again = world.commit_one(change_owner(person, Some(theirs.connection), None)).await.unwrap();
    assert_eq!((again.version, again.changed), (Version(2), false), "it was his already");
    let entries = world.changes_after(seen).await;
    let logged: Vec<_> = entries.iter().map(|entry| (entry.kind, entry.resource, entry.version)).collect();
    assert_eq!(logged, [(ChangeKind::Updated, person, Version(2))]);

    world.commit_one(change_owner(person, None, None)).await.unwrap();
    assert_eq!(world.find(Kind::User, person).await.unwrap().owner, None);
    assert_eq!(counts(&world, theirs.connection).await, []);
    assert_eq!(world.store.inspect().await.unwrap(), [] as [&str; 0]);
}

pub async fn a_connection_takes_only_what_nobody_owns(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let Scoped { ours, theirs, .. } = Scoped::of(&world).await;
    let (gone, _) = world.add_connection("gone").await;
    let (of_theirs, of_nobody, of_gone) = (world.new_id(), world.new_id(), world.new_id());
    for (id, owner, name) in
        [(of_theirs, Some(theirs.connection), "a"), (of_nobody, None, "b"), (of_gone, Some(gone.id), "c")]
    {
        world.commit_one(owned(Kind::User, id, owner, user(name))).await.unwrap();
    }
    let taken = ours.commit(vec![change_owner(of_gone, Some(ours.connection), None)]).await;
    assert!(matches!(taken, Err(CommitError::NotFound { .. })), "its owner is still there: {taken:?}");
    assert!(world.store.delete_connection(gone.id).await.unwrap());
    for id in [of_nobody, of_gone] {
        // Taken and changed in one batch, as a use case does it.
        let change = replace(Kind::User, id, Version(2), user(&format!("taken {id}")));
        ours.commit(vec![change_owner(id, Some(ours.connection), Some(Version(1))), change]).await.unwrap();
        assert_eq!(ours.find(Kind::User, id).await.unwrap().version, Version(3));
    }
    for (id, owner) in [(of_theirs, Some(ours.connection)), (of_nobody, None), (of_nobody, Some(theirs.connection))] {
        let refused = ours.commit(vec![change_owner(id, owner, None)]).await;
        assert!(matches!(refused, Err(CommitError::NotFound { .. })), "{refused:?}");
    }
    assert_eq!(counts(&world, ours.connection).await, [(Kind::User.name(), 2)]);
    assert_eq!(world.store.inspect().await.unwrap(), [] as [&str; 0]);
}

pub async fn a_new_owner_has_unique_names_of_his_own(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let Scoped { ours, theirs, .. } = Scoped::of(&world).await;
    let (team, other) = (world.new_id(), world.new_id());
    world.commit_one(owned(Kind::Group, team, Some(theirs.connection), group("Sales"))).await.unwrap();
    world.commit_one(owned(Kind::Group, other, Some(ours.connection), group("Other"))).await.unwrap();
    let give = |id, owner| Write::ChangeOwner { id, resource_type: Kind::Group.name(), owner, expected: None };
    world.commit_one(give(team, Some(ours.connection))).await.unwrap();
    let refused = ours.commit(vec![replace(Kind::Group, other, Version(1), group("sales"))]).await;
    assert!(matches!(refused, Err(CommitError::NotUnique { hidden: None, .. })), "{refused:?}");
    // The former owner may have the name again, and getting it back then is nobody's fault.
    let again = world.new_id();
    theirs.commit(vec![owned(Kind::Group, again, Some(theirs.connection), group("Sales"))]).await.unwrap();
    world.commit_one(give(team, Some(theirs.connection))).await.unwrap();
    ours.commit(vec![replace(Kind::Group, other, Version(1), group("sales"))]).await.unwrap();
    assert_eq!(world.store.inspect().await.unwrap(), [] as [&str; 0]);
}

pub(super) fn met(
    world: &World,
    number: u128,
    connection: ConnectionId,
    resource: ResourceId,
    waits: bool,
) -> NewConflict {
    NewConflict {
        id: ConflictId::from_uuid(Uuid::from_u128(number)),
        connection,
        resource_type: Kind::User.name(),
        resource,
        attribute: "userName".to_owned(),
        waits_for_person: waits,
        at: world.now(),
    }
}

async fn conflicts(world: &World) -> Vec<Conflict> {
    let query = ConflictQuery { connection: None, state: None, limit: 100 };
    world.directory.list_conflicts(&query).await.unwrap()
}

pub async fn a_connection_and_a_resource_have_one_conflict(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let Scoped { ours, theirs, .. } = Scoped::of(&world).await;
    let person = world.new_id();
    world.commit_one(owned(Kind::User, person, Some(theirs.connection), user("anna"))).await.unwrap();
    // The refusal names who is in the way, to whom it concerns: nobody who sees him anyway.
    let wanted = owned(Kind::User, world.new_id(), Some(ours.connection), user("Anna"));
    match ours.commit(vec![wanted]).await {
        Err(CommitError::NotUnique { hidden, .. }) => assert_eq!(hidden, Some(person)),
        other => panic!("refused: {other:?}"),
    }
    let refused = world.commit_one(create(Kind::User, world.new_id(), user("ANNA"))).await;
    assert!(matches!(refused, Err(CommitError::NotUnique { hidden: None, .. })), "{refused:?}");

    let first = met(&world, 1, ours.connection, person, true);
    ours.directory.record_conflict(&first).await.unwrap();
    let second = met(&world, 2, ours.connection, person, true);
    ours.directory.record_conflict(&second).await.unwrap();
    let expected = Conflict {
        id: first.id,
        connection: ours.connection,
        resource_type: Kind::User.name(),
        resource: person,
        attribute: "userName".to_owned(),
        first_seen: first.at,
        last_seen: second.at,
        count: 2,
        state: ConflictState::Open,
    };
    assert_eq!(conflicts(&world).await, std::slice::from_ref(&expected));
    assert_eq!(world.directory.find_conflict(first.id).await.unwrap(), Some(expected));
    assert_eq!(world.directory.count_conflicts(ours.connection, ConflictState::Open).await.unwrap(), 1);
    let of = |connection, state| ConflictQuery { connection, state, limit: 100 };
    for (query, found) in [
        (of(Some(ours.connection), Some(ConflictState::Open)), 1),
        (of(Some(theirs.connection), None), 0),
        (of(None, Some(ConflictState::Ignored)), 0),
        (ConflictQuery { limit: 0, ..of(None, None) }, 0),
    ] {
        assert_eq!(world.directory.list_conflicts(&query).await.unwrap().len(), found, "{query:?}");
    }
    // It is no business of a connection, and another tenant knows nothing of it.
    assert!(matches!(ours.directory.find_conflict(first.id).await, Err(StoreError::Failed(_))));
    let other = World::new(store).await;
    assert_eq!(other.directory.find_conflict(first.id).await.unwrap(), None);
    assert!(!other.directory.change_conflict_state(first.id, ConflictState::Ignored).await.unwrap());
    other.directory.record_conflict(&met(&other, 9, ours.connection, person, true)).await.unwrap();
    assert_eq!((conflicts(&other).await, conflicts(&world).await[0].count), (Vec::new(), 2));
}

pub async fn a_decided_conflict_stays_decided(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let Scoped { ours, theirs, .. } = Scoped::of(&world).await;
    let person = world.new_id();
    world.commit_one(owned(Kind::User, person, Some(theirs.connection), user("anna"))).await.unwrap();
    let record = async |waits| {
        ours.directory.record_conflict(&met(&world, 1, ours.connection, person, waits)).await.unwrap();
        conflicts(&world).await[0].state
    };
    assert_eq!(record(false).await, ConflictState::Refused);
    assert_eq!(record(true).await, ConflictState::Open, "the policy asks now");
    assert_eq!(record(false).await, ConflictState::Open, "somebody was asked already");
    let id = conflicts(&world).await[0].id;
    assert!(world.directory.change_conflict_state(id, ConflictState::Ignored).await.unwrap());
    assert_eq!(record(true).await, ConflictState::Ignored);
    world.commit_one(change_owner(person, Some(ours.connection), None)).await.unwrap();
    assert_eq!(conflicts(&world).await[0].state, ConflictState::Adopted);
    world.commit_one(change_owner(person, Some(theirs.connection), None)).await.unwrap();
    assert_eq!(record(true).await, ConflictState::Open, "it changed hands again");
}

pub async fn a_conflict_goes_with_its_cause(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let Scoped { ours, theirs, .. } = Scoped::of(&world).await;
    let person = world.new_id();
    world.commit_one(owned(Kind::User, person, Some(theirs.connection), user("anna"))).await.unwrap();
    let record = async |number| {
        world.directory.record_conflict(&met(&world, number, ours.connection, person, true)).await.unwrap();
        assert_eq!(conflicts(&world).await.len(), 1);
    };
    record(1).await;
    let titled = content(Kind::User, serde_json::json!({"userName": "ANNA", "title": "x"}));
    world.commit_one(replace(Kind::User, person, Version(1), titled)).await.unwrap();
    assert_eq!(conflicts(&world).await.len(), 1, "she has the name still");
    world.commit_one(replace(Kind::User, person, Version(2), user("bea"))).await.unwrap();
    assert_eq!(conflicts(&world).await, [], "the name is free");
    record(2).await;
    world.commit_one(delete(Kind::User, person)).await.unwrap();
    assert_eq!(conflicts(&world).await, []);
    // What is recorded late, of a resource or a connection that is gone, is not recorded.
    world.directory.record_conflict(&met(&world, 3, ours.connection, person, true)).await.unwrap();
    assert_eq!(conflicts(&world).await, []);
    let last = world.new_id();
    world.commit_one(owned(Kind::User, last, Some(theirs.connection), user("last"))).await.unwrap();
    world.directory.record_conflict(&met(&world, 4, ours.connection, last, true)).await.unwrap();
    assert!(world.store.delete_connection(ours.connection).await.unwrap());
    assert_eq!(conflicts(&world).await, []);
    assert_eq!(world.store.inspect().await.unwrap(), [] as [&str; 0]);
}

pub async fn what_a_connection_owns_is_counted_and_listed(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let Scoped { ours, theirs, .. } = Scoped::of(&world).await;
    let mut people = Vec::new();
    for number in 0..5 {
        let id = world.new_id();
        let owner = [Some(ours.connection), Some(theirs.connection), None][number % 3];
        world.commit_one(owned(Kind::User, id, owner, user(&format!("u{number}")))).await.unwrap();
        people.push(id);
    }
    let team = world.new_id();
    ours.commit(vec![owned(Kind::Group, team, Some(ours.connection), group("team"))]).await.unwrap();
    assert_eq!(counts(&world, ours.connection).await, [(Kind::Group.name(), 1), (Kind::User.name(), 2)]);
    assert_eq!(world.count(Kind::User).await, (5, 5));
    ours.commit(vec![delete(Kind::User, people[0])]).await.unwrap();
    assert_eq!(counts(&world, ours.connection).await, [(Kind::Group.name(), 1), (Kind::User.name(), 1)]);
    let mut listed = world.directory.list_owned(ours.connection, 10).await.unwrap();
    listed.sort();
    assert_eq!(listed, [(people[3], Kind::User.name()), (team, Kind::Group.name())]);
    assert_eq!(world.directory.list_owned(ours.connection, 1).await.unwrap().len(), 1);
    assert_eq!(ours.directory.list_resources(&query(Kind::User, None)).await.unwrap().total, Some(1));
    assert!(matches!(ours.directory.count_owned(ours.connection).await, Err(StoreError::Failed(_))));
    let batch = crate::Batch { connection: None, ..world.batch(vec![create(Kind::User, world.new_id(), user("x"))]) };
    let nobodys = world.store.directory(world.tenant.id, Scope::Connection(ours.connection)).commit(batch).await;
    assert!(nobodys.is_err(), "what its creator would not see is not created");
    assert_eq!(world.store.inspect().await.unwrap(), [] as [&str; 0]);
}
