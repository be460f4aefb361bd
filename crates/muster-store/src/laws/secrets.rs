//! Sealed secrets stay at their places, and each was sealed with a data key that is there.

use std::sync::Arc;

use muster_model::{
    DataKeyId, SealedBytes, SealedSecret, SecretId, SecretKind, SecretOwner, SecretPlace, SecretVersion, WrappedDataKey,
};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::world::World;
use crate::{SecretError, Store};

const WRITERS: u8 = 8;

/// Laws may share a database, and numbers are of the installation.
fn new_data_key(world: &World) -> WrappedDataKey {
    let id = *world.new_id().as_uuid();
    WrappedDataKey {
        id: DataKeyId::from_uuid(id),
        number: id.as_u64_pair().1 & u64::MAX >> 2,
        vault_key: "0badcafe".to_owned(),
        wrapped: SealedBytes::new(vec![0, 255, 7]),
        created: world.now(),
    }
}

async fn data_key(world: &World) -> DataKeyId {
    let key = new_data_key(world);
    assert!(world.store.add_data_key(&key).await.unwrap());
    key.id
}

fn new_owner(world: &World) -> SecretOwner {
    let id = *world.new_id().as_uuid();
    SecretOwner { tenant: world.tenant.id, kind: SecretKind::WEBHOOK_KEY, id }
}

fn secret(world: &World, data_key: DataKeyId, place: SecretPlace) -> SealedSecret {
    let at = world.now();
    SealedSecret {
        id: SecretId::from_uuid(*world.new_id().as_uuid()),
        place,
        version: SecretVersion::FIRST,
        data_key,
        blob: SealedBytes::new(vec![0, 1, 255]),
        created: at,
        changed: at,
    }
}

async fn put(world: &World, data_key: DataKeyId, place: SecretPlace) -> SealedSecret {
    let secret = secret(world, data_key, place);
    world.store.put_secret(&secret).await.unwrap();
    secret
}

pub async fn one_of_many_data_keys_of_a_number_is_made(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let number = new_data_key(&world).number;
    let mut making = JoinSet::new();
    for byte in 0..WRITERS {
        let (store, wrapped) = (Arc::clone(&store), SealedBytes::new(vec![byte]));
        let key = WrappedDataKey { number, wrapped, ..new_data_key(&world) };
        making.spawn(async move { store.add_data_key(&key).await.unwrap().then_some(key) });
    }
    let made: Vec<WrappedDataKey> = making.join_all().await.into_iter().flatten().collect();
    assert_eq!(made.len(), 1, "{made:?}");
    let listed = store.list_data_keys().await.unwrap();
    assert!(listed.is_sorted_by_key(|key| key.number));
    let found: Vec<&WrappedDataKey> = listed.iter().filter(|key| key.number == number).collect();
    assert_eq!(found, [&made[0]], "what the database has is what was made");
    assert!(!store.add_data_key(&made[0]).await.unwrap(), "the same once more");
}

pub async fn a_secret_is_found_at_its_place_only(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let other = World::new(Arc::clone(&store)).await;
    let key = data_key(&world).await;
    let place = new_owner(&world).field("key");
    assert_eq!(store.find_secret(&place).await.unwrap(), None);
    let kept = put(&world, key, place.clone()).await;
    assert_eq!(store.find_secret(&place).await.unwrap().as_ref(), Some(&kept));

    let elsewhere = |change: fn(&mut SecretPlace)| {
        let mut place = place.clone();
        change(&mut place);
        place
    };
    let foreign = SecretOwner { tenant: other.tenant.id, ..place.owner.clone() }.field("key");
    for place in [
        elsewhere(|place| place.field.push('2')),
        elsewhere(|place| place.field.make_ascii_uppercase()),
        elsewhere(|place| place.owner.kind = SecretKind::ISSUER_SECRET),
        elsewhere(|place| place.owner.id = Uuid::from_u128(7)),
        foreign.clone(),
    ] {
        assert_eq!(store.find_secret(&place).await.unwrap(), None, "{place:?}");
        assert!(!store.delete_secret(&place).await.unwrap());
    }
    // Each of these is a place of its own, and a kind that this release does not know is kept like any other.
    let later = SecretOwner { kind: SecretKind::from_stored("of_a_later_release".to_owned()), ..place.owner.clone() };
    let of_nobody = SecretOwner { tenant: SecretOwner::INSTALLATION, ..new_owner(&world) };
    for place in [foreign, later.field("key"), of_nobody.field("key")] {
        let another = put(&world, key, place.clone()).await;
        assert_eq!(store.find_secret(&place).await.unwrap(), Some(another));
    }
    assert!(store.delete_secret(&place).await.unwrap());
    assert!(!store.delete_secret(&place).await.unwrap());
    assert_eq!(store.find_secret(&place).await.unwrap(), None);
    assert_eq!(store.inspect().await.unwrap(), [] as [&str; 0]);
}

pub async fn one_of_many_secrets_of_a_place_is_put(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let key = data_key(&world).await;
    let place = new_owner(&world).field("key");
    let mut putting = JoinSet::new();
    for byte in 0..WRITERS {
        let (store, blob) = (Arc::clone(&store), SealedBytes::new(vec![byte]));
        let secret = SealedSecret { blob, ..secret(&world, key, place.clone()) };
        putting.spawn(async move {
            match store.put_secret(&secret).await {
                Ok(()) => Some(secret),
                Err(SecretError::PlaceTaken) => None,
                Err(error) => panic!("{error}"),
            }
        });
    }
    let kept: Vec<SealedSecret> = putting.join_all().await.into_iter().flatten().collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(store.find_secret(&place).await.unwrap().as_ref(), Some(&kept[0]));
}

pub async fn one_of_many_new_versions_of_a_secret_is_put(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let key = data_key(&world).await;
    let first = put(&world, key, new_owner(&world).field("key")).await;
    let other_key = data_key(&world).await;
    let mut replacing = JoinSet::new();
    for byte in 0..WRITERS {
        let newer = SealedSecret {
            version: first.version.next(),
            data_key: other_key,
            blob: SealedBytes::new(vec![byte]),
            changed: world.now(),
            ..first.clone()
        };
        let (store, expected) = (Arc::clone(&store), first.version);
        replacing.spawn(async move {
            match store.replace_secret(&newer, expected).await {
                Ok(()) => Some(newer),
                Err(SecretError::VersionMismatch) => None,
                Err(error) => panic!("{error}"),
            }
        });
    }
    let kept: Vec<SealedSecret> = replacing.join_all().await.into_iter().flatten().collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(store.find_secret(&first.place).await.unwrap().as_ref(), Some(&kept[0]));

    // What is gone has no version, and neither has what another put there afterwards.
    assert!(store.delete_secret(&first.place).await.unwrap());
    let late = store.replace_secret(&kept[0], kept[0].version).await;
    assert!(matches!(late, Err(SecretError::VersionMismatch)), "{late:?}");
    let again = put(&world, key, first.place.clone()).await;
    let late = store.replace_secret(&kept[0], again.version).await;
    assert!(matches!(late, Err(SecretError::VersionMismatch)), "{late:?}");
    assert_eq!(store.find_secret(&first.place).await.unwrap(), Some(again));
}

pub async fn no_secret_is_put_without_its_data_key(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let (present, absent) = (data_key(&world).await, new_data_key(&world).id);
    let place = new_owner(&world).field("key");
    let refused = store.put_secret(&secret(&world, absent, place.clone())).await;
    assert!(matches!(refused, Err(SecretError::DataKeyNotFound)), "{refused:?}");
    assert_eq!(store.find_secret(&place).await.unwrap(), None);
    let kept = put(&world, present, place.clone()).await;
    let newer = SealedSecret { data_key: absent, version: kept.version.next(), ..kept.clone() };
    let refused = store.replace_secret(&newer, kept.version).await;
    assert!(matches!(refused, Err(SecretError::DataKeyNotFound)), "{refused:?}");
    assert_eq!(store.find_secret(&place).await.unwrap(), Some(kept));
}

pub async fn an_owner_is_forgotten_and_nobody_else(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let other = World::new(Arc::clone(&store)).await;
    let key = data_key(&world).await;
    let owner = new_owner(&world);
    let mut wanted = Vec::new();
    for field in ["b", "a", "c"] {
        wanted.push((put(&world, key, owner.field(field)).await.id, field.to_owned()));
    }
    wanted.sort_by(|(_, one), (_, other)| one.cmp(other));
    let neighbours = [
        new_owner(&world),
        SecretOwner { kind: SecretKind::ISSUER_SECRET, ..owner.clone() },
        SecretOwner { tenant: other.tenant.id, ..owner.clone() },
    ];
    for neighbour in &neighbours {
        put(&world, key, neighbour.field("a")).await;
    }
    assert_eq!(store.list_secrets_of(&owner).await.unwrap(), wanted);
    assert_eq!(store.delete_secrets_of(&owner).await.unwrap(), 3);
    assert_eq!(store.list_secrets_of(&owner).await.unwrap(), []);
    assert_eq!(store.delete_secrets_of(&owner).await.unwrap(), 0);
    for neighbour in &neighbours {
        assert_eq!(store.list_secrets_of(neighbour).await.unwrap().len(), 1, "{neighbour:?}");
    }
}

pub async fn each_secret_of_a_tenant_is_listed_once(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let other = World::new(Arc::clone(&store)).await;
    let key = data_key(&world).await;
    let mut kept = Vec::new();
    for _ in 0..7 {
        kept.push(put(&world, key, new_owner(&world).field("key")).await);
        put(&other, key, new_owner(&other).field("key")).await;
    }
    kept.sort_by_key(|secret| secret.id);
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = store.list_secrets(world.tenant.id, after, 3).await.unwrap();
        assert!(page.len() <= 3);
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        listed.extend(page);
    }
    assert_eq!(listed, kept);
}
