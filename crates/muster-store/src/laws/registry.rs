//! Tenants, connections and credentials.

use std::sync::Arc;
use std::time::Duration;

use muster_model::{
    ApiToken, ApiTokenId, Connection, ConnectionId, Credential, KnobValue, OverrideChanges, Permission, Provider,
    Reach, SchemaRevision, Tenant, TenantId, Version,
};
use uuid::Uuid;

use super::world::{Kind, World, create, query, user};
use crate::{CommitError, ConnectionChange, FoundCaller, InstallationKey, RegistryError, Store, StoreError, Write};

fn caller(credential: Credential, connection: &Connection) -> FoundCaller {
    FoundCaller { credential, connection: connection.clone(), schema_revision: SchemaRevision::default() }
}

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
    assert_eq!(store.find_caller(&credential.digest).await.unwrap(), Some(caller(credential, &first)));

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
    assert_eq!(store.find_caller(&new.digest).await.unwrap(), Some(caller(new.clone(), &connection)));
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

pub async fn overrides_change_one_by_one(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let mut wanted = world.new_connection("okta");
    let mut first = OverrideChanges::default();
    first.set("kept", Some(KnobValue::Switch(false)));
    wanted.overrides.change(&first);
    let credential = world.new_credential(&wanted);
    store.create_connection(&wanted, &credential).await.unwrap();
    let (untouched, _) = world.add_connection("entra").await;

    // Many change different knobs at once, and none undoes another.
    let knobs: Vec<String> = (0..8).map(|number| format!("knob_{number}")).collect();
    let tasks = knobs.iter().map(|knob| {
        let (store, id, mut change) = (Arc::clone(&store), wanted.id, ConnectionChange::default());
        change.overrides.set(knob, Some(KnobValue::Number(7)));
        tokio::spawn(async move { store.change_connection(id, &change).await.unwrap() })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let mut back = ConnectionChange { provider: Some(Provider::Entra), ..ConnectionChange::default() };
    for knob in knobs.iter().skip(1) {
        back.overrides.set(knob, None);
    }
    let now = store.change_connection(wanted.id, &back).await.unwrap();
    assert_eq!(now.revision, Connection::FIRST_REVISION + 9);
    assert_eq!(now.provider, Provider::Entra);
    assert_eq!(
        now.overrides.iter().collect::<Vec<_>>(),
        [("kept", KnobValue::Switch(false)), ("knob_0", KnobValue::Number(7))]
    );
    assert_eq!(store.find_connection(wanted.id).await.unwrap().as_ref(), Some(&now));
    assert_eq!(
        store.find_caller(&credential.digest).await.unwrap().unwrap().connection,
        now,
        "the next request sees it"
    );
    assert_eq!(store.find_connection(untouched.id).await.unwrap(), Some(untouched));
    let nobody = ConnectionId::from_uuid(Uuid::from_u128(7));
    let refused = store.change_connection(nobody, &back).await;
    assert!(matches!(refused, Err(RegistryError::ConnectionNotFound)), "{refused:?}");
}

pub async fn settings_change_by_their_revision_and_names_stay_unique(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let (first, credential) = world.add_connection("okta").await;
    let (second, _) = world.add_connection("entra").await;
    let rename = |name: &str, expected| ConnectionChange {
        name: Some(name.to_owned()),
        expected,
        ..ConnectionChange::default()
    };
    let refused = store.change_connection(first.id, &rename("entra", None)).await;
    assert!(matches!(refused, Err(RegistryError::NameTaken)), "{refused:?}");
    let refused = store.change_connection(first.id, &rename("other", Some(first.revision + 1))).await;
    assert!(matches!(refused, Err(RegistryError::RevisionMismatch)), "{refused:?}");
    assert_eq!(store.find_connection(first.id).await.unwrap().as_ref(), Some(&first), "nothing was changed");

    let renamed = store.change_connection(first.id, &rename("other", Some(first.revision))).await.unwrap();
    assert_eq!((renamed.name.as_str(), renamed.revision), ("other", first.revision + 1));
    let since = Some(world.now());
    let suspend = ConnectionChange { suspended: Some(since), ..ConnectionChange::default() };
    let suspended = store.change_connection(first.id, &suspend).await.unwrap();
    assert_eq!((suspended.suspended, suspended.name.as_str()), (since, "other"));
    let seen = store.find_caller(&credential.digest).await.unwrap().unwrap().connection;
    assert_eq!(seen, suspended, "the next request sees it");
    assert_eq!(store.find_connection(second.id).await.unwrap(), Some(second));

    // Page by page, in order of creation.
    let tenant = Some(world.tenant.id);
    let listed = store.page_connections(tenant, None, 1).await.unwrap();
    assert_eq!(listed, [suspended]);
    let rest = store.page_connections(tenant, Some(first.id), 10).await.unwrap();
    assert_eq!(rest.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["entra"]);
}

pub async fn tenants_are_found_paged_and_renamed(store: Arc<dyn Store>) {
    let first = World::new(Arc::clone(&store)).await;
    let second = World::new(Arc::clone(&store)).await;
    assert_eq!(store.find_tenant(first.tenant.id).await.unwrap().as_ref(), Some(&first.tenant));
    let nobody = TenantId::from_uuid(Uuid::from_u128(7));
    assert_eq!(store.find_tenant(nobody).await.unwrap(), None);
    let mut paged = Vec::new();
    loop {
        let page = store.page_tenants(paged.last().map(|tenant: &Tenant| tenant.id), 1).await.unwrap();
        let Some(tenant) = page.into_iter().next() else { break };
        paged.push(tenant);
    }
    assert!(paged.is_sorted_by_key(|tenant| tenant.id));
    for tenant in [&first.tenant, &second.tenant] {
        assert_eq!(paged.iter().filter(|paged| *paged == tenant).count(), 1);
    }
    let taken = store.rename_tenant(first.tenant.id, &second.tenant.name).await;
    assert!(matches!(taken, Err(RegistryError::NameTaken)), "{taken:?}");
    let missing = store.rename_tenant(nobody, "nobody's").await;
    assert!(matches!(missing, Err(RegistryError::TenantNotFound)), "{missing:?}");
    let name = format!("{} renamed", first.tenant.name);
    let renamed = store.rename_tenant(first.tenant.id, &name).await.unwrap();
    assert_eq!(renamed, Tenant { name: name.clone(), ..first.tenant.clone() });
    assert_eq!(store.rename_tenant(first.tenant.id, &name).await.unwrap(), renamed, "its own name is not taken");
    assert_eq!(store.find_tenant_by_name(&name).await.unwrap(), Some(renamed));
}

pub async fn a_credential_is_added_suspended_and_deleted_alone(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let (connection, first) = world.add_connection("okta").await;
    let (other, foreign) = world.add_connection("entra").await;
    let mut second = world.new_credential(&connection);
    second.replaces = Some(foreign.id);
    let refused = store.add_credential(&second, 2).await;
    assert!(matches!(refused, Err(RegistryError::CredentialNotFound)), "another connection's: {refused:?}");
    second.replaces = Some(first.id);
    store.add_credential(&second, 2).await.unwrap();
    let refused = store.add_credential(&world.new_credential(&connection), 2).await;
    assert!(matches!(refused, Err(RegistryError::TooManyCredentials)), "{refused:?}");
    let listed = async || store.list_credentials(connection.id).await.unwrap();
    assert_eq!(listed().await, [(first.clone(), None), (second.clone(), None)]);

    let since = Some(world.now());
    assert!(!store.suspend_credential(other.id, first.id, since).await.unwrap(), "it is another connection's");
    assert!(store.suspend_credential(connection.id, first.id, since).await.unwrap());
    let found = store.find_caller(&first.digest).await.unwrap().unwrap().credential;
    assert_eq!(found, Credential { suspended: since, ..first.clone() });
    assert!(!found.is_live(world.now()));
    assert!(store.suspend_credential(connection.id, first.id, None).await.unwrap());

    world.directory.record_credential_use(first.id, world.now()).await.unwrap();
    assert!(!store.delete_credential(other.id, first.id).await.unwrap(), "it is another connection's");
    assert!(store.delete_credential(connection.id, first.id).await.unwrap());
    assert!(!store.delete_credential(connection.id, first.id).await.unwrap());
    assert_eq!(store.find_caller(&first.digest).await.unwrap(), None);
    assert_eq!(
        listed().await,
        [(Credential { replaces: None, ..second }, None)],
        "there is nothing to replace any more"
    );
    assert_eq!(store.inspect().await.unwrap(), [] as [&str; 0]);
}

pub async fn api_tokens_are_found_by_digest_and_end_within_their_reach(store: Arc<dyn Store>) {
    let ours = World::new(Arc::clone(&store)).await;
    let theirs = World::new(Arc::clone(&store)).await;
    let (own, foreign) = (Reach::Tenant(ours.tenant.id), Reach::Tenant(theirs.tenant.id));
    let token = |reach| {
        let connection = ours.new_connection("none");
        let credential = ours.new_credential(&connection);
        ApiToken {
            id: ApiTokenId::from_uuid(*credential.id.as_uuid()),
            reach,
            name: "ci".to_owned(),
            permissions: [Permission::ReadConnections, Permission::ReadTenants].into_iter().collect(),
            digest: credential.digest,
            last_four: credential.last_four,
            created: credential.created,
            expires: credential.expires,
            last_used: None,
        }
    };
    let (bound, wide) = (token(own), token(Reach::Environment));
    for token in [&bound, &wide] {
        store.create_api_token(token).await.unwrap();
        assert_eq!(store.find_api_token(&token.digest).await.unwrap().as_ref(), Some(token));
    }
    let nowhere = token(Reach::Tenant(TenantId::from_uuid(Uuid::from_u128(7))));
    let refused = store.create_api_token(&nowhere).await;
    assert!(matches!(refused, Err(RegistryError::TenantNotFound)), "{refused:?}");

    assert_eq!(store.list_api_tokens(own, None, 10).await.unwrap(), std::slice::from_ref(&bound));
    assert_eq!(store.list_api_tokens(own, Some(bound.id), 10).await.unwrap(), []);
    assert_eq!(store.list_api_tokens(foreign, None, 10).await.unwrap(), []);
    let all = store.list_api_tokens(Reach::Environment, None, 10_000).await.unwrap();
    assert!(all.contains(&bound) && all.contains(&wide) && all.is_sorted_by_key(|token| token.id));

    let used = bound.created + Duration::from_mins(10);
    store.record_api_token_use(bound.id, used).await.unwrap();
    store.record_api_token_use(bound.id, bound.created).await.unwrap();
    let last_used = store.find_api_token(&bound.digest).await.unwrap().unwrap().last_used.unwrap();
    assert!(last_used <= used && used - Duration::from_mins(1) < last_used, "late news do not turn it back");

    assert!(!store.delete_api_token(foreign, bound.id).await.unwrap());
    assert!(!store.delete_api_token(own, wide.id).await.unwrap());
    assert!(store.delete_api_token(own, bound.id).await.unwrap());
    assert_eq!(store.find_api_token(&bound.digest).await.unwrap(), None);
    assert!(store.delete_api_token(Reach::Environment, wide.id).await.unwrap());
}

pub async fn repairs_are_counted_up(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let other = World::new(Arc::clone(&store)).await;
    let (connection, _) = world.add_connection("okta").await;
    let at = world.now();
    world.directory.record_repairs(connection.id, &[("b", 2), ("a", 1)], at).await.unwrap();
    // A count that is written late does not turn the clock back.
    let earlier = at - Duration::from_mins(10);
    world.directory.record_repairs(connection.id, &[("a", 40), ("never", 0)], earlier).await.unwrap();
    // Another tenant has no such connection, and counts nothing for it.
    other.directory.record_repairs(connection.id, &[("a", 1000)], at).await.unwrap();
    let counted = world.directory.list_repairs(connection.id).await.unwrap();
    let counts: Vec<_> = counted.iter().map(|one| (one.kind.as_str(), one.count)).collect();
    assert_eq!(counts, [("a", 41), ("b", 2)]);
    for one in &counted {
        assert!(one.last_seen <= at && at - Duration::from_mins(1) < one.last_seen);
    }
    assert_eq!(other.directory.list_repairs(connection.id).await.unwrap(), []);

    store.delete_connection(connection.id).await.unwrap();
    assert_eq!(world.directory.list_repairs(connection.id).await.unwrap(), []);
    world.directory.record_repairs(connection.id, &[("a", 1)], at).await.unwrap();
    assert_eq!(world.directory.list_repairs(connection.id).await.unwrap(), []);
    assert_eq!(store.inspect().await.unwrap(), [] as [&str; 0]);
}

pub async fn a_key_of_the_installation_is_made_once(store: Arc<dyn Store>) {
    let purpose = format!("law {}", World::new(Arc::clone(&store)).await.tenant.id);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..16 {
        let (store, purpose) = (Arc::clone(&store), purpose.clone());
        let candidate = InstallationKey::from_bytes([number; InstallationKey::LENGTH]);
        tasks.spawn(async move { store.find_or_create_installation_key(&purpose, candidate).await.unwrap() });
    }
    let mut keys = Vec::new();
    while let Some(key) = tasks.join_next().await {
        keys.push(*key.unwrap().as_bytes());
    }
    keys.dedup();
    assert_eq!(keys.len(), 1, "everybody has the same");
    let candidate = || InstallationKey::from_bytes([99; InstallationKey::LENGTH]);
    let later = store.find_or_create_installation_key(&purpose, candidate()).await.unwrap();
    assert_eq!(*later.as_bytes(), keys[0]);
    let other = store.find_or_create_installation_key(&format!("{purpose} other"), candidate()).await.unwrap();
    assert_eq!(*other.as_bytes(), [99; InstallationKey::LENGTH], "each purpose has its own");
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
