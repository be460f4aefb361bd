//! Resources are created, read, changed and deleted, and a batch is committed whole or not at all.

use std::sync::Arc;

use muster_model::{Members, Version};
use serde_json::json;

use super::world::{EVERYTHING, Kind, NOTHING, World, content, create, delete, document, group, join, replace, user};
use crate::{CommitError, Store, Write};

pub async fn a_created_resource_is_read_back(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (connection, _) = world.add_connection("okta").await;
    let id = world.new_id();
    let sent = json!({
        "userName": "BJensen@Example.com",
        "name": {"familyName": "Jensen\u{0}\u{10ffff}", "givenName": "Zoe\u{308}"},
        "emails": [{"value": "b@example.com", "primary": true}, {"value": "home@example.com"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "\"Sales\" \\ 'x'"},
        "nickName": null,
        "number": 1.5,
    });
    let batch = world.batch(vec![Write::Create {
        id,
        resource_type: Kind::User.name(),
        owner: Some(connection.id),
        content: content(Kind::User, sent.clone()),
        members: None,
    }]);
    let at = batch.at;
    let committed = world.directory.commit(batch).await.unwrap();
    let written = &committed.written[0];
    assert_eq!((written.version, written.created, written.last_modified), (Version::FIRST, at, at));
    assert!(written.changed);

    let found = world.find(Kind::User, id).await.unwrap();
    assert_eq!((found.id, &found.resource_type, found.owner), (id, &Kind::User.name(), Some(connection.id)));
    assert_eq!((found.version, found.created, found.last_modified), (Version::FIRST, at, at));
    assert_eq!(found.document.read(), Ok(&document(sent)));
    assert_eq!((found.members, found.groups), (Some(Members::default()), Some(vec![])));

    let bare = world.directory.find_resource(&Kind::User.name(), id, NOTHING).await.unwrap().unwrap();
    assert_eq!((bare.members, bare.groups), (None, None), "what was not asked for is not read");
    assert!(world.find(Kind::Group, id).await.is_none(), "another type has no such resource");
    assert!(world.find(Kind::User, world.new_id()).await.is_none());
}

pub async fn many_are_found_in_the_order_of_their_ids(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (anna, berta) = (world.add_user("anna").await, world.add_user("berta").await);
    let team = world.add_group("team", &[anna, berta]).await;
    let ids = [berta, world.new_id(), team, anna];
    let found = world.directory.find_resources(&Kind::User.name(), &ids, EVERYTHING).await.unwrap();
    let mut alone = Vec::new();
    for id in [berta, anna] {
        alone.push(world.find(Kind::User, id).await.unwrap());
    }
    assert_eq!(found, alone, "who is not there or of another type is left out");
    let groups = world.directory.find_resources(&Kind::Group.name(), &ids, EVERYTHING).await.unwrap();
    assert_eq!(groups, [world.find(Kind::Group, team).await.unwrap()]);
    assert_eq!(world.directory.find_resources(&Kind::User.name(), &[], NOTHING).await.unwrap(), []);
}

pub async fn an_update_makes_the_next_version(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let id = world.add_user("first").await;
    let before = world.find(Kind::User, id).await.unwrap();
    let written = world.commit_one(replace(Kind::User, id, Version::FIRST, user("second"))).await.unwrap();
    let after = world.find(Kind::User, id).await.unwrap();
    assert_eq!((written.version, after.version), (Version(2), Version(2)));
    assert!(written.changed);
    assert_eq!((written.created, after.created), (before.created, before.created));
    assert_eq!(written.last_modified, after.last_modified);
    assert!(after.last_modified > before.last_modified);
    assert_eq!(after.document.read().unwrap()["userName"], "second");
}

pub async fn a_wrong_version_changes_nothing_and_names_the_current_one(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let id = world.add_user("first").await;
    world.commit_one(replace(Kind::User, id, Version(1), user("second"))).await.unwrap();
    for write in [
        replace(Kind::User, id, Version(1), user("third")),
        replace(Kind::User, id, Version(3), user("third")),
        Write::Delete { id, resource_type: Kind::User.name(), expected: Some(Version(1)) },
        Write::Update {
            id,
            resource_type: Kind::User.name(),
            expected: Some(Version(1)),
            content: None,
            members: Some(join(&[])),
        },
    ] {
        let refused = world.commit_one(write.clone()).await;
        assert!(
            matches!(refused, Err(CommitError::VersionMismatch { write: 0, current: Version(2) })),
            "{write:?}: {refused:?}"
        );
    }
    let found = world.find(Kind::User, id).await.unwrap();
    assert_eq!((found.version, &found.document.read().unwrap()["userName"]), (Version(2), &json!("second")));
    let delete = Write::Delete { id, resource_type: Kind::User.name(), expected: Some(Version(2)) };
    assert_eq!(world.commit_one(delete).await.unwrap().version, Version(2));
}

pub async fn what_is_not_there_cannot_be_changed(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let absent = world.new_id();
    let user_id = world.add_user("anna").await;
    for write in [
        replace(Kind::User, absent, Version(1), user("x")),
        delete(Kind::User, absent),
        delete(Kind::Group, user_id),
        replace(Kind::Group, user_id, Version(1), group("x")),
    ] {
        let refused = world.commit(vec![create(Kind::User, world.new_id(), user("extra")), write]).await;
        assert!(matches!(refused, Err(CommitError::NotFound { write: 1 })), "{refused:?}");
    }
    assert_eq!(world.count(Kind::User).await, (1, 1));
}

pub async fn a_document_is_only_replaced_with_its_version(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let id = world.add_user("anna").await;
    let write = Write::Update {
        id,
        resource_type: Kind::User.name(),
        expected: None,
        content: Some(user("lost update")),
        members: None,
    };
    assert!(matches!(world.commit_one(write).await, Err(CommitError::Store(_))));
    assert_eq!(world.find(Kind::User, id).await.unwrap().document.read().unwrap()["userName"], "anna");
}

pub async fn a_batch_is_all_or_nothing(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let anna = world.add_user("anna").await;
    let team = world.add_group("team", &[anna]).await;
    let before = (
        world.find(Kind::User, anna).await,
        world.find(Kind::Group, team).await,
        world.changes().await,
        world.count(Kind::User).await,
    );
    let fresh = world.new_id();
    let refused = world
        .commit(vec![
            create(Kind::User, fresh, user("bert")),
            replace(Kind::User, anna, Version(1), user("renamed")),
            delete(Kind::Group, team),
            create(Kind::User, world.new_id(), user("BERT")),
        ])
        .await;
    assert!(matches!(refused, Err(CommitError::NotUnique { write: 3, .. })), "{refused:?}");
    assert!(world.find(Kind::User, fresh).await.is_none());
    let after = (
        world.find(Kind::User, anna).await,
        world.find(Kind::Group, team).await,
        world.changes().await,
        world.count(Kind::User).await,
    );
    assert_eq!(before, after);
    // Nothing of it is left in an index either.
    world.add_user("bert").await;
    world.add_user("renamed").await;
}

pub async fn later_writes_of_a_batch_see_the_earlier_ones(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (person, team) = (world.new_id(), world.new_id());
    let committed = world
        .commit(vec![
            create(Kind::User, person, user("anna")),
            Write::Create {
                id: team,
                resource_type: Kind::Group.name(),
                owner: None,
                content: group("team"),
                members: Some(join(&[person])),
            },
            replace(Kind::User, person, Version(1), user("anne")),
        ])
        .await
        .unwrap();
    let versions: Vec<_> = committed.written.iter().map(|written| written.version).collect();
    assert_eq!(versions, [Version(1), Version(1), Version(2)]);
    assert_eq!(world.member_ids(team).await, [person]);
    assert_eq!(world.find(Kind::User, person).await.unwrap().document.read().unwrap()["userName"], "anne");
}

pub async fn a_deleted_resource_is_gone(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let id = world.add_user("anna").await;
    let before = world.find(Kind::User, id).await.unwrap();
    let written = world.commit_one(delete(Kind::User, id)).await.unwrap();
    assert_eq!((written.version, written.created), (Version(1), before.created));
    assert!(written.changed);
    assert!(world.directory.find_resource(&Kind::User.name(), id, EVERYTHING).await.unwrap().is_none());
    assert_eq!(world.count(Kind::User).await, (0, 0));
    assert!(matches!(world.commit_one(delete(Kind::User, id)).await, Err(CommitError::NotFound { write: 0 })));
}
