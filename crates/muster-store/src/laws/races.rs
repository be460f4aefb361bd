//! Many at once on the tables beside the resources: nobody undoes what another did, and what is deleted leaves nothing
//! behind.

use std::sync::Arc;

use muster_model::{
    ConflictState, ResourceId, SchemaEntry, SchemaEntryKey, SchemaEntryKind, SchemaRevision, Tenant, TenantId,
};
use serde_json::json;
use tokio::task::JoinSet;

use super::ownership::met;
use super::world::World;
use crate::{ConflictQuery, RegistryError, SchemaChange, SchemaChangeError, Store};

const WRITERS: u32 = 8;

pub async fn one_of_many_gets_a_name(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let mut making = JoinSet::new();
    for number in 0..WRITERS {
        let connection = world.new_connection("same");
        let credential = world.new_credential(&connection);
        let id = TenantId::from_uuid(*world.new_id().as_uuid());
        let tenant = Tenant { id, name: format!("{} again", world.tenant.name), created: world.now() };
        let store = Arc::clone(&store);
        making.spawn(async move {
            // Half of them begin with the one, half with the other.
            if number % 2 == 0 {
                let made = store.create_connection(&connection, &credential).await;
                (made, store.create_tenant(&tenant).await)
            } else {
                let made = store.create_tenant(&tenant).await;
                (store.create_connection(&connection, &credential).await, made)
            }
        });
    }
    let (connections, tenants): (Vec<_>, Vec<_>) = making.join_all().await.into_iter().unzip();
    for results in [connections, tenants] {
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        let refused = results.iter().filter(|result| matches!(result, Err(RegistryError::NameTaken)));
        assert_eq!(refused.count(), WRITERS as usize - 1, "{results:?}");
    }
    let listed = store.list_connections(Some(world.tenant.id)).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(store.list_credentials(listed[0].id).await.unwrap().len(), 1);
}

pub async fn one_of_many_new_tokens_is_left(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let (connection, first) = world.add_connection("okta").await;
    let mut replacing = JoinSet::new();
    let mut digests = vec![first.digest];
    for _ in 0..WRITERS {
        let (store, new) = (Arc::clone(&store), world.new_credential(&connection));
        digests.push(new.digest);
        replacing.spawn(async move { store.replace_credentials(&new).await.unwrap() });
    }
    replacing.join_all().await;
    assert_eq!(store.list_credentials(connection.id).await.unwrap().len(), 1);
    let mut honoured = 0;
    for digest in &digests {
        honoured += usize::from(store.find_caller(digest).await.unwrap().is_some());
    }
    assert_eq!(honoured, 1);
}

pub async fn one_of_many_changes_of_a_revision_is_made(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut changing = JoinSet::new();
    for number in 0..WRITERS {
        let key = SchemaEntryKey { kind: SchemaEntryKind::Schema, name: format!("urn:example:{number}") };
        let put = vec![SchemaEntry { key, document: json!({}), added: world.now() }];
        let directory = Arc::clone(&world.directory);
        let change = SchemaChange { put, ..SchemaChange::default() };
        changing.spawn(async move { directory.change_schemas(change).await });
    }
    let results = changing.join_all().await;
    let made = results.iter().filter(|result| matches!(result, Ok(SchemaRevision(1)))).count();
    let late = results.iter().filter(|result| matches!(result, Err(SchemaChangeError::RevisionMismatch))).count();
    assert_eq!((made, late), (1, WRITERS as usize - 1), "{results:?}");
    let schemas = world.directory.list_schema_entries().await.unwrap();
    assert_eq!((schemas.revision, schemas.entries.len()), (SchemaRevision(1), 1));
}

pub async fn a_decision_about_a_conflict_is_not_undone(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (connection, _) = world.add_connection("okta").await;
    let person = world.add_user("anna").await;
    let first = met(&world, 1, connection.id, person, true);
    world.directory.record_conflict(&first).await.unwrap();
    let mut tasks = JoinSet::new();
    for number in 0..WRITERS {
        let directory = Arc::clone(&world.directory);
        let new = met(&world, 100 + u128::from(number), connection.id, person, true);
        tasks.spawn(async move {
            directory.record_conflict(&new).await.unwrap();
            if number == WRITERS / 2 {
                assert!(directory.change_conflict_state(first.id, ConflictState::Ignored).await.unwrap());
            }
        });
    }
    tasks.join_all().await;
    world.directory.record_conflict(&first).await.unwrap();
    let conflict = world.directory.find_conflict(first.id).await.unwrap().unwrap();
    assert_eq!((conflict.state, conflict.count), (ConflictState::Ignored, u64::from(WRITERS) + 2));
}

pub async fn who_notes_something_late_leaves_nothing_behind(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    for round in 0..10 {
        let (connection, credential) = world.add_connection("okta").await;
        let person = world.add_user(&format!("anna{round}")).await;
        world.directory.record_repairs(connection.id, &[("a", 1)], world.now()).await.unwrap();
        let mut noting = JoinSet::new();
        for number in 0..WRITERS {
            let (directory, at) = (Arc::clone(&world.directory), world.now());
            let conflict = met(&world, u128::from(round * WRITERS + number + 1), connection.id, person, true);
            noting.spawn(async move {
                directory.record_credential_use(credential.id, at).await.unwrap();
                directory.record_repairs(connection.id, &[("b", 1), ("a", 1)], at).await.unwrap();
                directory.record_conflict(&conflict).await.unwrap();
            });
        }
        assert!(store.delete_connection(connection.id).await.unwrap());
        noting.join_all().await;
        assert_eq!(world.directory.list_repairs(connection.id).await.unwrap(), []);
        assert_eq!(conflicts_of(&world, person).await, 0);
    }
    assert_eq!(store.inspect().await.unwrap(), [] as [&str; 0]);
}

async fn conflicts_of(world: &World, resource: ResourceId) -> usize {
    let query = ConflictQuery { connection: None, state: None, limit: 1000 };
    let all = world.directory.list_conflicts(&query).await.unwrap();
    all.iter().filter(|conflict| conflict.resource == resource).count()
}
