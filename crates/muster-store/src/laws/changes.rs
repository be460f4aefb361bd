//! The change log: one entry for each effective write, in order, and no reader misses one (docs/adr/0002).

use std::collections::HashMap;
use std::sync::Arc;

use muster_model::{Activity, ChangeKind, ChangeNotes, Difference, Sequence, Version};

use super::world::{Kind, World, change_members, create, delete, join, leave, replace, user};
use crate::{NewDocument, Store, Write};

pub async fn each_effective_write_has_one_entry(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (connection, _) = world.add_connection("okta").await;
    let person = world.add_user("anna").await;
    let team = world.add_group("team", &[person]).await;
    world.commit_one(replace(Kind::User, person, Version(1), user("anne"))).await.unwrap();
    let mut batch = world.batch(vec![change_members(team, leave(&[person])), change_members(team, leave(&[person]))]);
    batch.connection = Some(connection.id);
    let at = batch.at;
    world.directory.commit(batch).await.unwrap();
    world.commit_one(delete(Kind::User, person)).await.unwrap();

    let changes = world.changes().await;
    let told: Vec<_> = changes.iter().map(|change| (change.kind, change.resource, change.version)).collect();
    assert_eq!(
        told,
        [
            (ChangeKind::Created, person, Version(1)),
            (ChangeKind::Created, team, Version(1)),
            (ChangeKind::Updated, person, Version(2)),
            (ChangeKind::MembersChanged, team, Version(2)),
            (ChangeKind::Deleted, person, Version(2)),
        ]
    );
    assert_eq!(changes[1].joined, [person]);
    assert_eq!(
        (changes[3].left.as_slice(), changes[3].connection, changes[3].at),
        ([person].as_slice(), Some(connection.id), at)
    );
    assert_eq!((changes[0].connection, &changes[0].resource_type), (None, &Kind::User.name()));
    assert!(changes.is_sorted_by(|before, after| before.sequence < after.sequence));

    // Going on after each entry gives the rest, in portions of any size.
    for (place, change) in changes.iter().enumerate() {
        let rest = world.directory.list_changes(change.sequence, 2).await.unwrap();
        assert_eq!(rest, changes[place + 1..].iter().take(2).cloned().collect::<Vec<_>>());
    }
}

pub async fn a_failed_batch_leaves_no_entry(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let person = world.add_user("anna").await;
    let before = world.changes().await;
    world
        .commit(vec![
            create(Kind::User, world.new_id(), user("bert")),
            replace(Kind::User, person, Version(9), user("x")),
        ])
        .await
        .unwrap_err();
    assert_eq!(world.changes().await, before);
    world.add_user("carl").await;
    assert_eq!(world.changes().await.len(), 2);
}

pub async fn an_entry_names_what_differs_and_whose_request_it_was(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    assert_eq!(world.directory.find_last_sequence().await.unwrap(), Sequence::START);
    let person = world.add_user("anna").await;
    let names = vec!["name.familyName".to_owned(), "active".to_owned()];
    let difference = Difference { changed: names.clone(), activity: Some(Activity::Deactivated) };
    let content = NewDocument { difference: Some(difference), ..user("anna") };
    let mut batch = world.batch(vec![replace(Kind::User, person, Version(1), content)]);
    batch.request = Some("req-\u{1}1".to_owned());
    world.directory.commit(batch).await.unwrap();
    let owner = world.add_connection("okta").await.0.id;
    let resource_type = Kind::User.name();
    world
        .commit_one(Write::ChangeOwner { id: person, resource_type, owner: Some(owner), expected: None })
        .await
        .unwrap();
    let changes = world.changes().await;
    assert_eq!(changes[0].notes, ChangeNotes::default());
    let request = Some("req-\u{1}1".to_owned());
    let noted = ChangeNotes { changed: Some(names), activity: Some(Activity::Deactivated), request };
    assert_eq!(changes[1].notes, noted);
    assert_eq!(changes[2].notes, ChangeNotes { changed: Some(Vec::new()), ..ChangeNotes::default() });
    assert_eq!(world.directory.find_last_sequence().await.unwrap(), changes[2].sequence);
}

pub async fn a_reader_sees_every_change_once_while_sixteen_write(store: Arc<dyn Store>) {
    const WRITERS: usize = 16;
    const ROUNDS: usize = 12;
    let world = Arc::new(World::new(store).await);
    let team = world.add_group("team", &[]).await;
    let reader = tokio::spawn({
        let world = Arc::clone(&world);
        async move {
            let mut seen = Vec::new();
            let mut last = Sequence::START;
            // Each round is a creation, an update, a joining and a deletion with its leaving.
            while seen.len() < 1 + WRITERS * ROUNDS * 5 {
                let portion = world.directory.list_changes(last, 7).await.unwrap();
                for change in portion {
                    assert!(change.sequence > last, "entries come in order");
                    last = change.sequence;
                    seen.push(change);
                }
                tokio::task::yield_now().await;
            }
            seen
        }
    });
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let world = Arc::clone(&world);
        writers.spawn(async move {
            for round in 0..ROUNDS {
                let id = world.add_user(&format!("w{writer}r{round}")).await;
                let renamed = user(&format!("w{writer}r{round}x"));
                world.commit_one(replace(Kind::User, id, Version(1), renamed)).await.unwrap();
                world.commit_one(change_members(team, join(&[id]))).await.unwrap();
                world.commit_one(delete(Kind::User, id)).await.unwrap();
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
    let waited = tokio::time::timeout(std::time::Duration::from_mins(1), reader).await;
    let seen = waited.expect("the reader missed entries").unwrap();
    let everything = world.changes().await;
    assert_eq!(seen, everything, "exactly what the log has, each once");

    // Of each resource, the versions come one after another; a deletion repeats the last.
    let mut last: HashMap<_, Version> = HashMap::new();
    for change in &seen {
        let before = last.insert(change.resource, change.version).unwrap_or(Version(0));
        let step = u64::from(change.kind != ChangeKind::Deleted);
        assert_eq!(change.version.0, before.0 + step, "{change:?}");
    }
    assert_eq!(last[&team], world.version(Kind::Group, team).await);
}
