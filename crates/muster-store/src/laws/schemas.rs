//! What a tenant adds to the built-in schemas.

use std::sync::Arc;

use muster_model::{SchemaEntry, SchemaEntryKey, SchemaEntryKind, SchemaRevision, TenantId, TenantSchemas, TypeName};
use serde_json::json;
use uuid::Uuid;

use super::world::{Kind, World, content, create, delete, user};
use crate::{SchemaChange, SchemaChangeError, SchemaUse, Scope, Store};

const URN: &str = "urn:example:2.0.x:Badge";

fn key(kind: SchemaEntryKind, name: &str) -> SchemaEntryKey {
    SchemaEntryKey { kind, name: name.to_owned() }
}

fn entry(world: &World, kind: SchemaEntryKind, name: &str) -> SchemaEntry {
    SchemaEntry { key: key(kind, name), document: json!({ "id": name, "description": "ü \"" }), added: world.now() }
}

fn putting(expected: u64, put: Vec<SchemaEntry>) -> SchemaChange {
    SchemaChange { expected: SchemaRevision(expected), put, ..SchemaChange::default() }
}

pub async fn entries_come_and_go_with_a_revision(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let other = World::new(Arc::clone(&store)).await;
    let (_, credential) = world.add_connection("okta").await;
    assert_eq!(world.directory.list_schema_entries().await.unwrap(), TenantSchemas::default());

    let badge = entry(&world, SchemaEntryKind::Schema, URN);
    let pack = entry(&world, SchemaEntryKind::Pack, "pam");
    let added = putting(0, vec![pack.clone(), badge.clone()]);
    assert_eq!(world.directory.change_schemas(added.clone()).await.unwrap(), SchemaRevision(1));
    // By kind, then by name.
    let expected = TenantSchemas { revision: SchemaRevision(1), entries: vec![pack.clone(), badge.clone()] };
    assert_eq!(world.directory.list_schema_entries().await.unwrap(), expected);
    let caller = store.find_caller(&credential.digest).await.unwrap().unwrap();
    assert_eq!(caller.schema_revision, SchemaRevision(1), "the next request sees it");
    assert_eq!(other.directory.list_schema_entries().await.unwrap(), TenantSchemas::default());

    let late = world.directory.change_schemas(added).await;
    assert!(matches!(late, Err(SchemaChangeError::RevisionMismatch)), "{late:?}");
    let newer = SchemaEntry { document: json!({ "id": URN }), ..badge.clone() };
    let change = SchemaChange { remove: vec![pack.key.clone()], ..putting(1, vec![newer.clone()]) };
    assert_eq!(world.directory.change_schemas(change).await.unwrap(), SchemaRevision(2));
    assert_eq!(world.directory.list_schema_entries().await.unwrap().entries, [newer]);

    let nowhere = store
        .directory(TenantId::from_uuid(Uuid::from_u128(7)), Scope::Tenant)
        .change_schemas(putting(0, vec![pack]))
        .await;
    assert!(matches!(nowhere, Err(SchemaChangeError::TenantNotFound)), "{nowhere:?}");
}

pub async fn what_is_used_stays(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let other = World::new(Arc::clone(&store)).await;
    let people = TypeName::new("User");
    let badge = entry(&world, SchemaEntryKind::Schema, URN);
    world.directory.change_schemas(putting(0, vec![badge.clone()])).await.unwrap();
    let with_badge = content(Kind::User, json!({ "userName": "anna", URN: { "colour": "red" } }));
    // A driver that looks at them in portions looks at the last portion, too.
    let others = (0..600).map(|number| create(Kind::User, world.new_id(), user(&format!("u{number}"))));
    world.commit(others.collect()).await.unwrap();
    let id = world.new_id();
    world.commit_one(create(Kind::User, id, with_badge)).await.unwrap();
    world.add_user("bob").await;
    other.add_user("carla").await;

    let removing = |used: SchemaUse| SchemaChange {
        remove: vec![badge.key.clone()],
        must_be_unused: vec![used],
        ..putting(1, Vec::new())
    };
    let extension = |urn: &str| SchemaUse::Extension { resource_type: people.clone(), urn: urn.to_owned() };
    for (used, expected) in [(extension(URN), 1), (SchemaUse::Type(people.clone()), 602)] {
        match world.directory.change_schemas(removing(used.clone())).await {
            Err(SchemaChangeError::InUse { used: named, count }) => assert_eq!((named, count), (used, expected)),
            other => panic!("{other:?}"),
        }
    }
    let kept = world.directory.list_schema_entries().await.unwrap();
    assert_eq!((kept.revision, kept.entries.as_slice()), (SchemaRevision(1), &[badge.clone()][..]));

    let group = SchemaUse::Type(TypeName::new("Group"));
    assert_eq!(world.directory.change_schemas(removing(group)).await.unwrap(), SchemaRevision(2));
    world.commit_one(delete(Kind::User, id)).await.unwrap();
    let change = SchemaChange { expected: SchemaRevision(2), ..removing(extension(URN)) };
    assert_eq!(world.directory.change_schemas(change).await.unwrap(), SchemaRevision(3), "nobody has it any more");
}
