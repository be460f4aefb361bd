//! In the scope of a connection, what others brought is as if it were not there.

use std::sync::Arc;

use muster_model::{ConnectionId, MemberReference, ResourceId, Sequence, StoredResource, Version};
use scim::sort::{Sort, SortOrder};
use serde_json::json;

use super::world::{
    EVERYTHING, Kind, World, change_members, content, create, delete, exactly, group, hold, join, query, replace, user,
};
use crate::{
    CommitError, Committed, Directory, NewDocument, PageStart, ResourceQuery, Scope, Store, StoreError, UnknownMembers,
    Write,
};

/// One connection with its own handle.
pub(super) struct Side {
    pub(super) connection: ConnectionId,
    pub(super) directory: Arc<dyn Directory>,
    at: jiff::Timestamp,
}

impl Side {
    pub(super) async fn find(&self, kind: Kind, id: ResourceId) -> Option<StoredResource> {
        self.directory.find_resource(&kind.name(), id, EVERYTHING).await.unwrap()
    }

    pub(super) async fn commit(&self, writes: Vec<Write>) -> Result<Committed, CommitError> {
        let batch = crate::Batch {
            writes,
            connection: Some(self.connection),
            request: None,
            at: self.at,
            guard: crate::Guard::default(),
        };
        self.directory.commit(batch).await
    }

    async fn total(&self, question: &ResourceQuery) -> (Option<u64>, usize) {
        let page = self.directory.list_resources(question).await.unwrap();
        (page.total, page.resources.len())
    }
}

/// Two connections of one tenant.
pub(super) struct Scoped {
    pub(super) ours: Side,
    pub(super) theirs: Side,
}

impl Scoped {
    pub(super) async fn of(world: &World) -> Self {
        let side = async |name| {
            let connection = world.add_connection(name).await.0.id;
            let directory = world.store.directory(world.tenant.id, Scope::Connection(connection));
            Side { connection, directory, at: world.now() }
        };
        Self { ours: side("ours").await, theirs: side("theirs").await }
    }
}

pub(super) fn owned(kind: Kind, id: ResourceId, owner: Option<ConnectionId>, content: NewDocument) -> Write {
    match create(kind, id, content) {
        Write::Create { id, resource_type, content, members, .. } => {
            Write::Create { id, resource_type, owner, content, members }
        }
        other => other,
    }
}

/// Everything that can be asked about a person and a group of somebody else.
async fn assert_unknown(side: &Side, person: ResourceId, team: ResourceId) {
    for (kind, id) in [(Kind::User, person), (Kind::Group, team), (Kind::User, team)] {
        assert!(side.find(kind, id).await.is_none());
    }
    assert_eq!(side.directory.list_labels(&[person, team]).await.unwrap(), []);
    assert_eq!(side.directory.list_pending_members(team).await.unwrap(), [] as [&str; 0]);
    assert!(matches!(side.directory.list_changes(Sequence::START, 9).await, Err(StoreError::Failed(_))));
    for (kind, filter) in [
        (Kind::User, format!("id eq \"{person}\"")),
        (Kind::User, "userName eq \"anna\"".to_owned()),
        (Kind::User, "userName sw \"a\"".to_owned()),
        (Kind::User, "userName co \"nn\"".to_owned()),
        (Kind::User, "not (userName eq \"x\")".to_owned()),
        (Kind::User, "meta.created gt \"2000-01-01T00:00:00Z\"".to_owned()),
        (Kind::User, format!("groups.value eq \"{team}\"")),
        (Kind::User, format!("groups.value eq \"{team}\" or id eq \"{person}\"")),
        (Kind::User, "groups pr".to_owned()),
        (Kind::Group, format!("members.value eq \"{person}\"")),
        (Kind::Group, format!("members[value eq \"{person}\" and type eq \"User\"]")),
        (Kind::Group, "members pr".to_owned()),
        (Kind::Group, "displayName eq \"team\"".to_owned()),
    ] {
        assert_eq!(side.total(&query(kind, Some(&filter))).await, (Some(0), 0), "{filter}");
    }
}

pub async fn what_others_brought_is_not_there(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let Scoped { ours, theirs } = Scoped::of(&world).await;
    let (person, team) = (world.new_id(), world.new_id());
    theirs.commit(vec![owned(Kind::User, person, Some(theirs.connection), user("anna"))]).await.unwrap();
    theirs.commit(vec![owned(Kind::Group, team, Some(theirs.connection), group("team"))]).await.unwrap();
    let pending = vec![MemberReference::parse("pending"), MemberReference::Id(person)];
    theirs.commit(vec![change_members(team, hold(vec![], pending))]).await.unwrap();
    let before = (world.find(Kind::User, person).await, world.find(Kind::Group, team).await, world.changes().await);
    assert_eq!(theirs.find(Kind::Group, team).await, before.1, "its owner sees all of it");

    assert_unknown(&ours, person, team).await;
    for kind in [Kind::User, Kind::Group] {
        assert_eq!(ours.total(&query(kind, None)).await, (Some(0), 0));
    }
    for write in [
        replace(Kind::User, person, Version(1), user("taken over")),
        replace(Kind::User, person, Version(9), user("probed")),
        delete(Kind::User, person),
        delete(Kind::Group, team),
        change_members(team, join(&[])),
        change_members(team, exactly(vec![], UnknownMembers::Hold)),
    ] {
        let refused = ours.commit(vec![write]).await;
        assert!(matches!(refused, Err(CommitError::NotFound { write: 0 })), "{refused:?}");
    }
    let after = (world.find(Kind::User, person).await, world.find(Kind::Group, team).await, world.changes().await);
    assert_eq!(before, after);
}

/// Whichever of the conditions an index answers first, the others hold too.
pub async fn a_membership_is_asked_for_beside_other_conditions(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let Scoped { ours, theirs } = Scoped::of(&world).await;
    let (person, other, team, outer) = (world.new_id(), world.new_id(), world.new_id(), world.new_id());
    for (kind, id, content) in [
        (Kind::User, person, user("anna")),
        (Kind::User, other, user("otto")),
        (Kind::Group, team, group("team")),
        (Kind::Group, outer, group("outer")),
    ] {
        ours.commit(vec![owned(kind, id, Some(ours.connection), content)]).await.unwrap();
    }
    ours.commit(vec![change_members(team, join(&[person]))]).await.unwrap();
    ours.commit(vec![change_members(outer, join(&[team]))]).await.unwrap();
    for (kind, filter, expected) in [
        (Kind::User, format!("userName eq \"anna\" and groups.value eq \"{team}\""), 1),
        (Kind::User, format!("userName eq \"anna\" and groups.value eq \"{outer}\""), 1),
        (Kind::User, format!("userName eq \"otto\" and groups.value eq \"{team}\""), 0),
        (Kind::User, format!("userName sw \"a\" and groups.value eq \"{team}\""), 1),
        (Kind::User, format!("groups.value eq \"{team}\" and groups.value eq \"{outer}\""), 1),
        (Kind::User, format!("not (groups.value eq \"{team}\")"), 1),
        (Kind::Group, format!("displayName eq \"team\" and members.value eq \"{person}\""), 1),
        (Kind::Group, format!("displayName eq \"team\" and members.value eq \"{other}\""), 0),
        (Kind::Group, format!("displayName sw \"o\" and members.value eq \"{team}\""), 1),
        (Kind::Group, format!("members.value eq \"{person}\" and members.value eq \"{other}\""), 0),
    ] {
        let question = query(kind, Some(&filter));
        let rows = usize::try_from(expected).unwrap();
        assert_eq!(ours.total(&question).await, (Some(expected), rows), "{filter}");
        assert_eq!(world.directory.list_resources(&question).await.unwrap().total, Some(expected), "{filter}");
        assert_eq!(theirs.total(&question).await, (Some(0), 0), "{filter}");
    }
}

pub async fn a_member_who_is_not_seen_is_unknown(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let Scoped { ours, theirs } = Scoped::of(&world).await;
    let (person, own, team) = (world.new_id(), world.new_id(), world.new_id());
    theirs.commit(vec![owned(Kind::User, person, Some(theirs.connection), user("anna"))]).await.unwrap();
    ours.commit(vec![owned(Kind::User, own, Some(ours.connection), user("own"))]).await.unwrap();
    ours.commit(vec![owned(Kind::Group, team, Some(ours.connection), group("team"))]).await.unwrap();
    let refused = ours.commit(vec![change_members(team, join(&[person]))]).await;
    assert!(matches!(refused, Err(CommitError::UnknownMembers { .. })), "{refused:?}");
    ours.commit(vec![change_members(team, hold(vec![], vec![MemberReference::Id(person)]))]).await.unwrap();
    assert_eq!(ours.directory.list_pending_members(team).await.unwrap(), [person.to_string()]);
    assert_eq!(world.member_ids(team).await, []);

    // Who became a member while he was seen is not sent away by one who does not see him.
    world.commit_one(change_members(team, join(&[person, own]))).await.unwrap();
    let seen = async || ours.find(Kind::Group, team).await.unwrap().members.unwrap();
    assert_eq!(seen().await.iter().map(|member| member.id).collect::<Vec<_>>(), [own]);
    assert_eq!(ours.total(&query(Kind::Group, Some(&format!("members.value eq \"{person}\"")))).await, (Some(0), 0));
    assert!(theirs.find(Kind::User, person).await.unwrap().groups.unwrap().is_empty());
    let groups = query(Kind::User, Some(&format!("groups.value eq \"{team}\"")));
    assert_eq!((theirs.total(&groups).await, ours.total(&groups).await), ((Some(0), 0), (Some(1), 1)));
    let nobody = MemberReference::Id(person);
    for delta in [exactly(vec![], UnknownMembers::Hold), hold(vec![nobody.clone()], vec![]), hold(vec![], vec![nobody])]
    {
        ours.commit(vec![change_members(team, delta)]).await.unwrap();
        assert_eq!(world.member_ids(team).await, [person]);
        assert!(seen().await.is_empty());
    }
    // A circle through what one does not see is one all the same.
    let (inner, outer) = (world.new_id(), world.new_id());
    ours.commit(vec![owned(Kind::Group, inner, Some(ours.connection), group("inner"))]).await.unwrap();
    theirs.commit(vec![owned(Kind::Group, outer, Some(theirs.connection), group("outer"))]).await.unwrap();
    world.commit_one(change_members(outer, join(&[inner]))).await.unwrap();
    world.commit_one(change_members(team, join(&[outer]))).await.unwrap();
    let circle = ours.commit(vec![change_members(inner, join(&[team]))]).await;
    assert!(matches!(circle, Err(CommitError::GroupCycle { .. })), "{circle:?}");
    assert!(ours.find(Kind::Group, inner).await.unwrap().groups.unwrap().is_empty(), "the way leads through outer");
    ours.commit(vec![change_members(inner, join(&[own]))]).await.unwrap();
    assert_eq!(ours.total(&groups).await, (Some(0), 0));
    assert_eq!(world.directory.list_resources(&groups).await.unwrap().total, Some(2), "anna, and own through outer");
    // A deletion reaches every group.
    theirs.commit(vec![delete(Kind::User, person)]).await.unwrap();
    assert_eq!(world.member_ids(team).await, [outer]);
    assert_eq!(world.store.inspect().await.unwrap(), [] as [&str; 0]);
}

/// As a law for drivers that choose between ways: whatever is asked, in whatever order, is the answer to the whole tenant
/// without what others own. Once with a third of everybody, once with very few among many.
pub async fn scoped_lists_are_the_whole_without_the_others(store: Arc<dyn Store>) {
    for (number, each) in [(45, 3), (120, 40)] {
        let world = World::new(Arc::clone(&store)).await;
        let Scoped { ours, theirs } = Scoped::of(&world).await;
        for place in 0..number {
            let owner = match place % each {
                0 => Some(ours.connection),
                1 => None,
                _ => Some(theirs.connection),
            };
            let mut document = json!({"userName": format!("u{}", place * 37 % number), "active": place % 2 == 0});
            if place % 4 > 0 {
                document["displayName"] = json!(format!("D{}", place % 7));
                document["title"] = json!(format!("T{}", place % 5));
            }
            let write = owned(Kind::User, world.new_id(), owner, content(Kind::User, document));
            world.commit_one(write).await.unwrap();
        }
        for question in questions() {
            compare(&world, &ours, &question).await;
        }
    }
}

fn questions() -> Vec<ResourceQuery> {
    let filters = [None, Some("active eq true"), Some("userName sw \"u1\""), Some("not (displayName eq \"D3\")")];
    let sorts = [None, Some("id"), Some("userName"), Some("displayName"), Some("meta.created"), Some("title")];
    let mut all = Vec::new();
    for filter in filters {
        for name in sorts {
            for order in [SortOrder::Ascending, SortOrder::Descending] {
                let sort = name.map(|name| Sort::compile(&Kind::User.schema(), name, order).unwrap());
                all.push(ResourceQuery { sort, ..query(Kind::User, filter) });
            }
        }
    }
    all
}

async fn compare(world: &World, side: &Side, question: &ResourceQuery) {
    let what = format!("{:?} by {:?}", question.filter, question.sort);
    let whole = world.directory.list_resources(question).await.unwrap().resources;
    let wanted: Vec<StoredResource> =
        whole.into_iter().filter(|resource| resource.owner == Some(side.connection)).collect();
    let all = side.directory.list_resources(question).await.unwrap();
    assert_eq!(all.total, Some(wanted.len() as u64), "{what}");
    assert_eq!(all.resources, wanted, "{what}");
    // By offset and from place to place, forward and back.
    let mut start = PageStart::Offset(0);
    let mut seen = Vec::new();
    loop {
        let piece = ResourceQuery { start: start.clone(), limit: 2, ..question.clone() };
        let page = side.directory.list_resources(&piece).await.unwrap();
        assert_eq!(page.total, Some(wanted.len() as u64), "{what}");
        let by_offset = ResourceQuery { start: PageStart::Offset(seen.len() as u64), ..piece.clone() };
        assert_eq!(side.directory.list_resources(&by_offset).await.unwrap().resources, page.resources, "{what}");
        if let (PageStart::After(_), Some(first)) = (&start, page.first_place()) {
            let back = ResourceQuery { start: PageStart::Before(first), ..piece };
            let before = side.directory.list_resources(&back).await.unwrap().resources;
            assert_eq!(before, wanted[seen.len() - 2..seen.len()], "{what}");
        }
        let last = page.last_place();
        seen.extend(page.resources);
        match last {
            Some(place) if page.has_after => start = PageStart::After(place),
            _ => break,
        }
    }
    assert_eq!(seen, wanted, "{what}");
}
