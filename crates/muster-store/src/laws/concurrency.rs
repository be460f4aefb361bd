//! Many at once: nothing is lost, nothing is done twice.

use std::sync::Arc;

use muster_model::Version;
use serde_json::json;

use super::world::{Kind, World, change_members, content, create, join, replace, user};
use crate::{CommitError, Store};

const WRITERS: usize = 16;

pub async fn a_writer_reads_its_own_writes(store: Arc<dyn Store>) {
    let world = Arc::new(World::new(store).await);
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let world = Arc::clone(&world);
        tasks.spawn(async move {
            for round in 0..10 {
                let id = world.add_user(&format!("w{writer}r{round}")).await;
                assert!(world.find(Kind::User, id).await.is_some());
                let renamed = user(&format!("w{writer}r{round}x"));
                world.commit_one(replace(Kind::User, id, Version(1), renamed)).await.unwrap();
                assert_eq!(world.version(Kind::User, id).await, Version(2));
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    assert_eq!(world.count(Kind::User).await, (160, 160));
}

pub async fn sixteen_writers_lose_nothing_on_one_document(store: Arc<dyn Store>) {
    let world = Arc::new(World::new(store).await);
    let id = world.add_user("shared").await;
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let world = Arc::clone(&world);
        tasks.spawn(async move {
            for round in 0..5 {
                let mark = format!("{writer}.{round}");
                // As the application does it: who loses reads again and applies again.
                loop {
                    let found = world.find(Kind::User, id).await.unwrap();
                    let mut document = found.document.into_document().unwrap();
                    let marks = document.entry("marks").or_insert_with(|| json!([]));
                    marks.as_array_mut().unwrap().push(json!(mark));
                    let content = content(Kind::User, document.into());
                    match world.commit_one(replace(Kind::User, id, found.version, content)).await {
                        Ok(_) => break,
                        Err(CommitError::VersionMismatch { current, .. }) => assert!(current > found.version),
                        Err(other) => panic!("{other}"),
                    }
                }
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let found = world.find(Kind::User, id).await.unwrap();
    assert_eq!(found.version, Version(81));
    let marks = found.document.read().unwrap()["marks"].as_array().unwrap().clone();
    let mut distinct: Vec<_> = marks.iter().map(|mark| mark.as_str().unwrap()).collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!((marks.len(), distinct.len()), (80, 80));
}

pub async fn sixteen_writers_lose_nothing_on_one_group(store: Arc<dyn Store>) {
    let world = Arc::new(World::new(store).await);
    let team = world.add_group("team", &[]).await;
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let world = Arc::clone(&world);
        tasks.spawn(async move {
            let mut joined = Vec::new();
            for round in 0..5 {
                let id = world.add_user(&format!("w{writer}r{round}")).await;
                // No version is needed: who joins does not mind who else does.
                assert!(world.commit_one(change_members(team, join(&[id]))).await.unwrap().changed);
                joined.push(id);
            }
            joined
        });
    }
    let mut joined = Vec::new();
    while let Some(done) = tasks.join_next().await {
        joined.extend(done.unwrap());
    }
    let mut members = world.member_ids(team).await;
    members.sort_unstable();
    joined.sort_unstable();
    assert_eq!(members, joined);
    assert_eq!(world.version(Kind::Group, team).await, Version(81), "one version for each that joined");
}

pub async fn one_of_many_gets_a_unique_value(store: Arc<dyn Store>) {
    let world = Arc::new(World::new(store).await);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..WRITERS {
        let world = Arc::clone(&world);
        tasks.spawn(async move { world.commit_one(create(Kind::User, world.new_id(), user("only"))).await });
    }
    let mut winners = 0;
    while let Some(done) = tasks.join_next().await {
        match done.unwrap() {
            Ok(_) => winners += 1,
            Err(CommitError::NotUnique { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(winners, 1);
    assert_eq!(world.count(Kind::User).await, (1, 1));
}
