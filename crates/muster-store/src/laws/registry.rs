//! Tenants, connections and credentials.

use std::sync::Arc;
use std::time::Duration;

use muster_model::{ConnectionId, Provider, Tenant, TenantId, Version};
use uuid::Uuid;

use super::world::{Kind, World, create, query, user};
use crate::{CommitError, RegistryError, Store, StoreError, Write};

pub async fn tenants_have_unique_names(store: Arc<dyn Store>) {
    let first = World::new(Arc::clone(&store)).await;
    let second = World::new(Arc::clone(&store)).await;
    let found = store.find_tenant_by_name(&first.tenant.name).await.unwrap();
    assert_eq!(found.as_ref(), Some(&first.tenant));
    assert_eq!(store.find_tenant_by_name("no such tenant").await.unwrap(), None);
    let same_name = Tenant { name: first.tenant.name.clone(), ..second.tenant.clone() };
    let same_name =
        Tenant { id: TenantId::from_uuid(Uuid::from_bytes(*first.new_id().as_uuid().as_bytes())), ..same_name };
    assert!(matches!(store.create_tenant(&same_name).await, Err(RegistryError::NameTaken)));
    let listed = store.list_tenants().await.unwrap();
    for tenant in [&first.tenant, &second.tenant] {
        assert_eq!(listed.iter().filter(|listed| *listed == tenant).count(), 1);
    }
    assert!(listed.is_sorted_by_key(|tenant| tenant.created));
}

pub async fn connections_have_names_of_their_own_in_each_tenant(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let other = World::new(Arc::clone(&store)).await;
    let (first, credential) = world.add_connection("okta").await;
    assert_eq!(store.find_connection(first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(store.find_caller(&credential.digest).await.unwrap(), Some((credential, first.clone())));

    let mut again = world.new_connection("okta");
    again.provider = Provider::Entra;
    let refused = store.create_connection(&again, &world.new_credential(&again)).await;
    assert!(matches!(refused, Err(RegistryError::NameTaken)), "{refused:?}");
    assert_eq!(store.find_connection(again.id).await.unwrap(), None, "nothing of it was stored");
    let (elsewhere, _) = other.add_connection("okta").await;

    let mut nowhere = world.new_connection("nowhere");
    nowhere.tenant = TenantId::from_uuid(Uuid::from_u128(7));
    let refused = store.create_connection(&nowhere, &world.new_credential(&nowhere)).await;
    assert!(matches!(refused, Err(RegistryError::TenantNotFound)), "{refused:?}");

    let (second, _) = world.add_connection("entra").await;
    assert_eq!(store.list_connections(Some(world.tenant.id)).await.unwrap(), [first.clone(), second.clone()]);
    let all = store.list_connections(None).await.unwrap();
    for connection in [&first, &second, &elsewhere] {
        assert!(all.contains(connection));
    }
}

pub async fn a_replaced_token_is_refused_at_once(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let (connection, old) = world.add_connection("okta").await;
    let (_, untouched) = world.add_connection("entra").await;
    let mut new = world.new_credential(&connection);
    new.expires = None;
    store.replace_credentials(&new).await.unwrap();
    assert_eq!(store.find_caller(&old.digest).await.unwrap(), None);
    assert_eq!(store.find_caller(&new.digest).await.unwrap(), Some((new.clone(), connection.clone())));
    assert!(store.find_caller(&untouched.digest).await.unwrap().is_some());
    assert_eq!(store.list_credentials(connection.id).await.unwrap(), [(new, None)]);

    let mut foreign = connection.clone();
    foreign.id = ConnectionId::from_uuid(Uuid::from_u128(7));
    let refused = store.replace_credentials(&world.new_credential(&foreign)).await;
    assert!(matches!(refused, Err(RegistryError::ConnectionNotFound)), "{refused:?}");
    let mut of_another_tenant = connection;
    of_another_tenant.tenant = World::new(Arc::clone(&store)).await.tenant.id;
    let refused = store.replace_credentials(&world.new_credential(&of_another_tenant)).await;
    assert!(matches!(refused, Err(RegistryError::ConnectionNotFound)), "{refused:?}");
}

pub async fn a_deleted_connection_is_gone_and_its_resources_stay(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let (connection, credential) = world.add_connection("okta").await;
    let id = world.new_id();
    let mut write = create(Kind::User, id, user("anna"));
    if let Write::Create { owner, .. } = &mut write {
        *owner = Some(connection.id);
    }
    world.commit_one(write).await.unwrap();
    world.directory.record_credential_use(credential.id, world.now()).await.unwrap();
    let before = world.find(Kind::User, id).await.unwrap();
    assert_eq!(before.owner, Some(connection.id));

    assert!(store.delete_connection(connection.id).await.unwrap());
    assert!(!store.delete_connection(connection.id).await.unwrap());
    assert_eq!(store.find_connection(connection.id).await.unwrap(), None);
    assert_eq!(store.find_caller(&credential.digest).await.unwrap(), None);
    assert_eq!(store.list_credentials(connection.id).await.unwrap(), []);
    assert_eq!(store.list_connections(Some(world.tenant.id)).await.unwrap(), []);
    let mut after = world.find(Kind::User, id).await.unwrap();
    assert_eq!(after.owner, None);
    let listed = world.directory.list_resources(&query(Kind::User, None)).await.unwrap();
    assert_eq!(listed.resources[0].owner, None);
    after.owner = before.owner;
    assert_eq!(after, before, "nothing else of the resource changed");
    // The name is free again, and the new connection does not inherit anything.
    world.add_connection("okta").await;
    assert_eq!(world.find(Kind::User, id).await.unwrap().owner, None);
    assert_eq!(store.inspect().await.unwrap(), [] as [&str; 0]);
}

pub async fn the_last_use_is_kept_to_the_minute(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let (connection, credential) = world.add_connection("okta").await;
    let at = |seconds: u64| credential.created + Duration::from_secs(seconds);
    let start = at(0);
    let minute = start - Duration::from_nanos(u64::try_from(start.as_nanosecond() % 60_000_000_000).unwrap());
    // An earlier use that is noted late does not turn the clock back.
    for (used, noted) in [(0, 0), (59, 0), (60, 1), (61, 1), (3, 1), (601, 10)] {
        world.directory.record_credential_use(credential.id, minute + Duration::from_secs(used)).await.unwrap();
        let listed = store.list_credentials(connection.id).await.unwrap();
        let expected = minute + Duration::from_secs(60 * noted);
        assert_eq!(listed, [(credential.clone(), Some(expected))], "after {used} s");
    }
}

pub async fn a_closed_store_says_so(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    store.check().await.unwrap();
    let id = world.add_user("anna").await;
    store.close().await;
    store.close().await;
    assert!(matches!(store.check().await, Err(StoreError::Closed)));
    assert!(matches!(
        world.directory.find_resource(&Kind::User.name(), id, crate::Include::default()).await,
        Err(StoreError::Closed)
    ));
    let write = super::world::replace(Kind::User, id, Version(1), user("late"));
    assert!(matches!(world.commit_one(write).await, Err(CommitError::Store(StoreError::Closed))));
    assert!(matches!(store.list_tenants().await, Err(StoreError::Closed)));
}
