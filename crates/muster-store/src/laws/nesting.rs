//! Groups in groups, and references between people.

use std::sync::Arc;

use muster_model::ResourceId;
use serde_json::json;

use super::world::{
    Kind, World, adjust, change_members, content, create, delete, exactly, group, hold, join, query, references,
};
use crate::{CommitError, Store, UnknownMembers, Write};

/// The ids of the groups that somebody is in, and whether directly, in order.
async fn groups_of(world: &World, kind: Kind, id: ResourceId) -> Vec<(ResourceId, bool)> {
    let groups = world.find(kind, id).await.unwrap().groups.unwrap();
    groups.iter().map(|group| (group.id, group.is_direct)).collect()
}

fn is_cycle<T: std::fmt::Debug>(result: &Result<T, CommitError>) -> bool {
    matches!(result, Err(CommitError::GroupCycle { .. }))
}

pub async fn a_group_is_no_member_of_itself(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let person = world.add_user("person").await;
    let inner = world.add_group("inner", &[person]).await;
    let middle = world.add_group("middle", &[inner]).await;
    let outer = world.add_group("outer", &[middle]).await;
    let before = (world.member_ids(inner).await, world.changes().await);
    for ancestor in [inner, middle, outer] {
        for delta in [
            join(&[ancestor]),
            hold(vec![], references(&[ancestor])),
            exactly(references(&[person, ancestor]), UnknownMembers::Hold),
        ] {
            let refused = world.commit_one(change_members(inner, delta)).await;
            assert!(is_cycle(&refused), "{refused:?}");
        }
    }
    assert_eq!(before, (world.member_ids(inner).await, world.changes().await));
    assert_eq!(world.pending(inner).await, [] as [&str; 0]);
    // What closes no circle any more is no circle: first out, then in.
    world.commit_one(change_members(outer, adjust(&[middle], &[]))).await.unwrap();
    world.commit_one(change_members(inner, join(&[outer]))).await.unwrap();
    assert_eq!(groups_of(&world, Kind::Group, outer).await, [(inner, true), (middle, false)]);
    // Within one batch each write sees what the earlier ones did.
    let refused =
        world.commit(vec![change_members(middle, adjust(&[], &[])), change_members(outer, join(&[middle]))]).await;
    assert!(matches!(refused, Err(CommitError::GroupCycle { write: 1 })), "{refused:?}");
    let (one, two) = (world.new_id(), world.new_id());
    let with = |id, name: &str, member| {
        let mut write = create(Kind::Group, id, group(name));
        if let Write::Create { members, .. } = &mut write {
            *members = Some(member);
        }
        write
    };
    let refused = world
        .commit(vec![with(one, "one", join(&[])), with(two, "two", join(&[one])), change_members(one, join(&[two]))])
        .await;
    assert!(matches!(refused, Err(CommitError::GroupCycle { write: 2 })), "{refused:?}");
}

pub async fn indirect_memberships_follow_every_change(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let person = world.add_user("person").await;
    let inner = world.add_group("inner", &[person]).await;
    let middle = world.add_group("middle", &[inner]).await;
    // Two ways lead to the outer one, and one of them is direct.
    let outer = world.add_group("outer", &[middle, person]).await;
    let version = world.version(Kind::User, person).await;
    assert_eq!(groups_of(&world, Kind::User, person).await, [(inner, true), (middle, false), (outer, true)]);
    assert_eq!(groups_of(&world, Kind::Group, inner).await, [(middle, true), (outer, false)]);

    world.commit_one(change_members(outer, adjust(&[person], &[]))).await.unwrap();
    assert_eq!(groups_of(&world, Kind::User, person).await, [(inner, true), (middle, false), (outer, false)]);
    let found = world.directory.list_resources(&query(Kind::User, Some(&format!("groups.value eq \"{outer}\"")))).await;
    assert_eq!(found.unwrap().resources.len(), 1, "who is inside indirectly is found by it");

    world.commit_one(delete(Kind::Group, middle)).await.unwrap();
    assert_eq!(groups_of(&world, Kind::User, person).await, [(inner, true)]);
    assert_eq!(world.version(Kind::User, person).await, version, "a membership is the group's, not the person's");
}

pub async fn circles_are_refused_among_concurrent_writers(store: Arc<dyn Store>) {
    const GROUPS: usize = 8;
    let world = Arc::new(World::new(store).await);
    let mut groups = Vec::new();
    for number in 0..GROUPS {
        groups.push(world.add_group(&format!("g{number}"), &[]).await);
    }
    // Each puts the next one into its group; together they would close one large circle.
    let mut tasks = tokio::task::JoinSet::new();
    for place in 0..GROUPS {
        let (world, own, next) = (Arc::clone(&world), groups[place], groups[(place + 1) % GROUPS]);
        tasks.spawn(async move { world.commit_one(change_members(own, join(&[next]))).await });
    }
    let mut refused = 0;
    while let Some(done) = tasks.join_next().await {
        match done.unwrap() {
            Ok(written) => assert!(written.changed),
            other => {
                assert!(is_cycle(&other), "{other:?}");
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 1, "whoever comes last is refused, and nobody else");
}

pub async fn labels_are_listed_for_those_who_are_there(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let person = world.add_user("person").await;
    let team = world.add_group("team", &[]).await;
    let found = world.directory.list_labels(&[team, world.new_id(), person]).await.unwrap();
    let mut found: Vec<_> = found
        .iter()
        .map(|member| (member.id, member.resource_type.as_str(), member.display.as_deref().unwrap()))
        .collect();
    found.sort_unstable();
    assert_eq!(found, [(person, "User", "person"), (team, "Group", "team")]);
    assert_eq!(world.directory.list_labels(&[]).await.unwrap(), []);
    // However many there are, and whatever is said twice: each who is there once.
    let mut many: Vec<_> = (0..600).map(|_| world.new_id()).collect();
    many.insert(0, team);
    many.extend([person, person]);
    let found = world.directory.list_labels(&many).await.unwrap();
    let mut found: Vec<_> = found.iter().map(|member| member.id).collect();
    found.sort_unstable();
    assert_eq!(found, [person, team]);
}

pub async fn who_has_a_manager_is_found_by_it(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let manager = world.add_user("manager").await;
    let report = world.new_id();
    let document = json!({
        "userName": "report",
        (scim::schema::ENTERPRISE_USER): { "manager": { "value": manager.to_string() } },
    });
    world.commit_one(create(Kind::User, report, content(Kind::User, document))).await.unwrap();
    let filter = format!("{} eq \"{manager}\"", crate::keys::MANAGER);
    let page = world.directory.list_resources(&query(Kind::User, Some(&filter))).await.unwrap();
    let found: Vec<ResourceId> = page.resources.iter().map(|resource| resource.id).collect();
    assert_eq!(found, [report]);
}
