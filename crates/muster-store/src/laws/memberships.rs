//! Memberships: joining, leaving, pending members, and what a deletion does.

use std::sync::Arc;

use muster_model::{ChangeKind, MemberReference, ResourceId, Version};
use serde_json::json;

use super::world::{
    Kind, World, adjust, change_members, create, delete, exactly, group, hold, join, leave, references, replace, user,
};
use crate::batch::MembershipChange;
use crate::{CommitError, MembershipDelta, Store, UnknownMembers, Write};

async fn people<const N: usize>(world: &World) -> [ResourceId; N] {
    let mut ids = Vec::new();
    for number in 0..N {
        ids.push(world.add_user(&format!("person{number}")).await);
    }
    ids.try_into().unwrap()
}

fn unknown(text: &str) -> MemberReference {
    MemberReference::parse(text)
}

pub async fn members_join_in_order_and_leave(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let [a, b, c, d] = people(&world).await;
    let team = world.add_group("team", &[d, a]).await;
    let written = world.commit_one(change_members(team, join(&[c, b]))).await.unwrap();
    assert_eq!((written.version, written.changed), (Version(2), true));
    assert_eq!(world.member_ids(team).await, [d, a, c, b], "in the order of joining");
    world.commit_one(change_members(team, adjust(&[a], &[]))).await.unwrap();
    world.commit_one(change_members(team, adjust(&[d], &[a]))).await.unwrap();
    assert_eq!(world.member_ids(team).await, [c, b, a]);

    let found = world.find(Kind::Group, team).await.unwrap();
    assert_eq!((found.version, found.last_modified > found.created), (Version(4), true));
    let members = found.members.unwrap();
    let member = members.get(0).unwrap();
    assert_eq!((member.resource_type.as_str(), member.display), ("User", Some("person2")));
    let person = world.find(Kind::User, c).await.unwrap();
    assert_eq!(person.version, Version(1), "a membership is the group's, not the person's");
    let groups = person.groups.unwrap();
    assert_eq!((groups.len(), groups[0].id, groups[0].display.as_deref()), (1, team, Some("team")));
    assert_eq!(groups[0].resource_type.as_str(), "Group");

    // Groups in groups.
    let outer = world.add_group("outer", &[team]).await;
    assert_eq!(world.find(Kind::Group, team).await.unwrap().groups.unwrap()[0].id, outer);
    let of_c = world.find(Kind::User, c).await.unwrap().groups.unwrap();
    let of_c: Vec<_> = of_c.iter().map(|group| (group.id, group.display.as_deref(), group.is_direct)).collect();
    assert_eq!(of_c, [(team, Some("team"), true), (outer, Some("outer"), false)]);
}

pub async fn a_change_without_effect_makes_no_version(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let [a, b, c] = people(&world).await;
    let team = world.add_group("team", &[a, b]).await;
    let before = (world.find(Kind::Group, team).await, world.changes().await);
    for delta in [
        join(&[a]),
        join(&[b, a, a]),
        leave(&[c]),
        adjust(&[a], &[a]),
        adjust(&[c], &[]),
        adjust(&[], &[]),
        exactly(references(&[b, a]), UnknownMembers::Refuse),
    ] {
        let written = world.commit_one(change_members(team, delta.clone())).await.unwrap();
        assert_eq!((written.version, written.changed), (Version(1), false), "{delta:?}");
    }
    assert_eq!(before, (world.find(Kind::Group, team).await, world.changes().await));
    // One who joins twice in one request is one member.
    world.commit_one(change_members(team, join(&[c, c]))).await.unwrap();
    assert_eq!(world.member_ids(team).await, [a, b, c]);
    assert_eq!(world.changes().await.last().unwrap().joined, [c]);
}

pub async fn replacing_members_logs_the_difference(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let [a, b, c, d] = people(&world).await;
    let team = world.add_group("team", &[a, b, c]).await;
    world.commit_one(change_members(team, exactly(references(&[d, c]), UnknownMembers::Refuse))).await.unwrap();
    assert_eq!(world.member_ids(team).await, [c, d], "who stays keeps the place");
    let change = world.changes().await.pop().unwrap();
    let mut left = change.left.clone();
    left.sort_unstable();
    assert_eq!((change.kind, change.joined, left), (ChangeKind::MembersChanged, vec![d], vec![a, b]));
    world.commit_one(change_members(team, exactly(vec![], UnknownMembers::Refuse))).await.unwrap();
    assert_eq!(world.member_ids(team).await, []);
}

pub async fn unknown_members_are_held_as_pending(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let [a] = people(&world).await;
    let nobody = world.new_id();
    let team = world.add_group("team", &[]).await;
    let asked = hold(vec![], vec![unknown("second@example.com"), MemberReference::Id(a), MemberReference::Id(nobody)]);
    let written = world.commit_one(change_members(team, asked.clone())).await.unwrap();
    assert_eq!(written.version, Version(2));
    assert_eq!(world.member_ids(team).await, [a], "pending members are not shown");
    assert_eq!(world.pending(team).await, ["second@example.com".to_owned(), nobody.to_string()]);

    // Only to wait makes no version, and waits once.
    let seen = world.changes().await.len();
    let more = hold(vec![], vec![unknown("third"), unknown("second@example.com")]);
    let written = world.commit_one(change_members(team, more)).await.unwrap();
    assert_eq!((written.version, written.changed), (Version(2), false));
    assert_eq!(world.pending(team).await.len(), 3);
    assert_eq!(world.pending(team).await[2], "third");
    assert_eq!(world.changes_after(seen).await, []);

    // Replacing means the pending ones, too.
    let kept = exactly(vec![unknown("third"), unknown("fourth")], UnknownMembers::Hold);
    world.commit_one(change_members(team, kept)).await.unwrap();
    assert_eq!(world.pending(team).await, ["third", "fourth"]);
    assert_eq!(world.member_ids(team).await, []);

    // A creation may name unknown ones as well.
    let other = world.new_id();
    let mut write = create(Kind::Group, other, group("other"));
    if let Write::Create { members, .. } = &mut write {
        *members = Some(asked);
    }
    world.commit_one(write).await.unwrap();
    assert_eq!(world.pending(other).await.len(), 2);
}

pub async fn a_pending_member_can_leave(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let nobody = world.new_id();
    let team = world.add_group("team", &[]).await;
    let all = vec![unknown("x"), MemberReference::Id(nobody), unknown("y")];
    world.commit_one(change_members(team, hold(vec![], all))).await.unwrap();
    let going = vec![unknown("x"), MemberReference::Id(nobody), unknown("never named")];
    let written = world.commit_one(change_members(team, hold(going, vec![]))).await.unwrap();
    assert!(!written.changed);
    assert_eq!(world.pending(team).await, ["y"]);
    // Who was awaited and comes is no longer pending.
    world.commit_one(change_members(team, hold(vec![], vec![MemberReference::Id(nobody)]))).await.unwrap();
    world.commit_one(create(Kind::User, nobody, user("late"))).await.unwrap();
    world.commit_one(change_members(team, join(&[nobody]))).await.unwrap();
    assert_eq!(world.pending(team).await, ["y"]);
    assert_eq!(world.member_ids(team).await, [nobody]);
}

pub async fn unknown_members_are_refused_all_at_once(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let [a] = people(&world).await;
    let nobody = world.new_id();
    let team = world.add_group("team", &[]).await;
    let before = (world.find(Kind::Group, team).await, world.changes().await);
    let asked = vec![unknown("X"), MemberReference::Id(a), MemberReference::Id(nobody), unknown("X")];
    for change in [MembershipChange::Adjust { leave: vec![], join: asked.clone() }, MembershipChange::Replace(asked)] {
        let delta = MembershipDelta { change, unknown: UnknownMembers::Refuse };
        match world.commit_one(change_members(team, delta)).await {
            Err(CommitError::UnknownMembers { write: 0, members }) => {
                assert_eq!(members, ["X".to_owned(), nobody.to_string()]);
            }
            other => panic!("unknown members were not refused: {other:?}"),
        }
    }
    assert_eq!(before, (world.find(Kind::Group, team).await, world.changes().await));
    assert_eq!(world.pending(team).await, [] as [&str; 0]);
}

pub async fn a_deleted_member_leaves_its_groups(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let [a, b] = people(&world).await;
    let one = world.add_group("one", &[a, b]).await;
    let two = world.add_group("two", &[a]).await;
    let three = world.add_group("three", &[b]).await;
    let seen = world.changes().await.len();
    world.commit_one(delete(Kind::User, a)).await.unwrap();
    assert_eq!(world.member_ids(one).await, [b]);
    assert_eq!(world.member_ids(two).await, []);
    for (group, version) in [(one, 2), (two, 2), (three, 1)] {
        assert_eq!(world.version(Kind::Group, group).await, Version(version));
    }
    let changes = world.changes_after(seen).await;
    let mut entries: Vec<_> = changes.iter().map(|change| (change.kind, change.resource, change.version)).collect();
    entries.sort_unstable_by_key(|(_, resource, _)| *resource);
    assert_eq!(
        entries,
        [
            (ChangeKind::Deleted, a, Version(1)),
            (ChangeKind::MembersChanged, one, Version(2)),
            (ChangeKind::MembersChanged, two, Version(2)),
        ]
    );
    for change in changes.iter().filter(|change| change.kind == ChangeKind::MembersChanged) {
        assert_eq!((change.left.as_slice(), change.joined.as_slice()), ([a].as_slice(), [].as_slice()));
    }
}

pub async fn a_deleted_group_leaves_nothing_behind(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let [a] = people(&world).await;
    let inner = world.add_group("inner", &[a]).await;
    let outer = world.add_group("outer", &[inner]).await;
    world.commit_one(change_members(inner, hold(vec![], vec![unknown("x")]))).await.unwrap();
    world.commit_one(delete(Kind::Group, inner)).await.unwrap();
    assert_eq!(world.find(Kind::User, a).await.unwrap().groups, Some(vec![]));
    assert_eq!(world.version(Kind::User, a).await, Version(1));
    assert_eq!(world.member_ids(outer).await, []);
    assert_eq!(world.pending(inner).await, [] as [&str; 0]);
    // Both ends in one batch, in either order.
    let inner = world.add_group("inner", &[a]).await;
    world.commit(vec![delete(Kind::Group, inner), delete(Kind::User, a)]).await.unwrap();
    assert_eq!(world.count(Kind::Group).await, (1, 1));
}

pub async fn a_renamed_member_is_shown_by_its_new_name(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let [a] = people(&world).await;
    let team = world.add_group("team", &[a]).await;
    world.commit_one(replace(Kind::User, a, Version(1), user("renamed"))).await.unwrap();
    let found = world.find(Kind::Group, team).await.unwrap();
    assert_eq!(found.members.unwrap().get(0).unwrap().display, Some("renamed"));
    assert_eq!(found.version, Version(1));
}

pub async fn document_and_members_change_in_one_version(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let [a, b] = people(&world).await;
    let team = world.add_group("team", &[a]).await;
    let seen = world.changes().await.len();
    let write = |expected, name: &str, members| Write::Update {
        id: team,
        resource_type: Kind::Group.name(),
        expected: Some(expected),
        content: Some(group(name)),
        members: Some(members),
    };
    let written = world.commit_one(write(Version(1), "crew", adjust(&[a], &[b]))).await.unwrap();
    assert_eq!(written.version, Version(2));
    let found = world.find(Kind::Group, team).await.unwrap();
    assert_eq!((found.version, &found.document.read().unwrap()["displayName"]), (Version(2), &json!("crew")));
    assert_eq!(world.member_ids(team).await, [b]);
    let changes = world.changes_after(seen).await;
    assert_eq!(changes.len(), 1);
    assert_eq!(
        (changes[0].kind, changes[0].joined.as_slice(), changes[0].left.as_slice()),
        (ChangeKind::Updated, [b].as_slice(), [a].as_slice())
    );
    // The document alone changes the version, also when the members stay.
    assert_eq!(world.commit_one(write(Version(2), "crew", join(&[b]))).await.unwrap().version, Version(3));
    // Unknown members stop the document, too.
    let refused = world.commit_one(write(Version(3), "lost", join(&[world.new_id()]))).await;
    assert!(matches!(refused, Err(CommitError::UnknownMembers { .. })));
    assert_eq!(world.find(Kind::Group, team).await.unwrap().document.read().unwrap()["displayName"], "crew");
}
