use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use muster_model::fake::{FakeClock, SeededRng};
use muster_model::{Clock, DataKeyId, SealedBytes, SecretKind, TenantId};
use muster_store::{InstallationKey, Registry as _, Secrets as _, Store as _};
use muster_store_sqlite::{SqliteOptions, SqliteStore};
use muster_vault::{DataKey, InstallationId, KeyError, SealError, Sealed, VaultKey};
use uuid::Uuid;

use super::*;
use crate::{AppSettings, OperatorAccess, tenants};

const CANARY: &[u8] = b"canary-9c1f-of-a-secret";

fn key(seed: u64) -> VaultKey {
    VaultKey::new(&SeededRng::new(seed))
}

/// A database of an installation, and nodes on it.
struct Installation {
    store: Arc<SqliteStore>,
    clock: Arc<FakeClock>,
    tenant: TenantId,
    folder: tempfile::TempDir,
}

impl Installation {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("muster.db"), &SqliteOptions::default()).unwrap();
        let clock = Arc::new(FakeClock::new());
        let app = App::new(store.clone(), clock.clone(), Arc::new(SeededRng::new(1)));
        let tenant = tenants::ensure_default(&app).await.unwrap().id;
        Self { store, clock, tenant, folder }
    }

    /// Another process, whose chance is another one, with the vault key of that seed.
    fn node(&self, number: u64, key_seed: u64) -> Arc<App> {
        let rng = Arc::new(SeededRng::new(100 + number));
        let settings = AppSettings { vault_key: Ok(key(key_seed)), ..AppSettings::default() };
        App::with_settings(self.store.clone(), self.clock.clone(), rng, settings)
    }

    fn owner(&self) -> SecretOwner {
        SecretOwner { tenant: self.tenant, kind: SecretKind::WEBHOOK_KEY, id: Uuid::from_u128(7) }
    }
}

fn used() -> SecretUse {
    SecretUse::by_background_work("try the vault")
}

fn access() -> OperatorAccess {
    OperatorAccess::of_local_administrator()
}

fn value(bytes: &[u8]) -> SecretValue {
    SecretValue::new(bytes.to_vec())
}

async fn opened(app: &App, place: &SecretPlace) -> Option<Vec<u8>> {
    open(app, &used(), place).await.unwrap().map(|value| value.expose().to_vec())
}

#[tokio::test]
async fn a_secret_is_put_opened_replaced_and_forgotten() {
    let here = Installation::new().await;
    let (app, place) = (here.node(1, 1), here.owner().field("key"));
    assert_eq!(opened(&app, &place).await, None);
    assert_eq!(put(&app, &used(), &place, &value(b"one")).await.unwrap(), SecretVersion(1));
    let first = here.store.find_secret(&place).await.unwrap().unwrap();
    here.clock.advance(Duration::from_mins(1));
    assert_eq!(put(&app, &used(), &place, &value(b"two")).await.unwrap(), SecretVersion(2));
    // Another process, which has unwrapped nothing yet.
    assert_eq!(opened(&here.node(2, 1), &place).await.unwrap(), b"two");
    let second = here.store.find_secret(&place).await.unwrap().unwrap();
    assert_eq!((second.id, second.created, second.changed), (first.id, first.created, here.clock.now()));
    assert_eq!(here.store.list_data_keys().await.unwrap().len(), 1, "one data key is enough");

    put(&app, &used(), &here.owner().field("other"), &value(b"x")).await.unwrap();
    assert!(forget(&app, &used(), &place).await.unwrap());
    assert!(!forget(&app, &used(), &place).await.unwrap());
    assert_eq!(opened(&app, &place).await, None);
    assert_eq!(forget_owner(&app, &used(), &here.owner()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_secret_that_was_sealed_for_its_owner_s_transaction_opens_like_any_other() {
    let here = Installation::new().await;
    let (app, place) = (here.node(1, 1), here.owner().field("key"));
    let secret = sealed(&app, &used(), &place, &value(b"one")).await.unwrap();
    assert_eq!(opened(&app, &place).await, None, "nothing was stored yet");
    here.store.put_secret(&secret).await.unwrap();
    assert_eq!(opened(&app, &place).await.unwrap(), b"one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_nodes_that_begin_at_once_one_makes_the_data_key_and_all_use_it() {
    let here = Installation::new().await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..8 {
        let (app, place) = (here.node(u64::from(number), 1), here.owner().field(format!("key-{number}")));
        tasks.spawn(async move { put(&app, &used(), &place, &value(&[number])).await.map(|_| ()).unwrap() });
    }
    tasks.join_all().await;
    let keys = here.store.list_data_keys().await.unwrap();
    assert_eq!(keys.len(), 1);
    let late = here.node(50, 1);
    for number in 0..8 {
        let place = here.owner().field(format!("key-{number}"));
        assert_eq!(here.store.find_secret(&place).await.unwrap().unwrap().data_key, keys[0].id);
        assert_eq!(opened(&late, &place).await.unwrap(), [number]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_put_at_once_each_is_a_version() {
    let here = Installation::new().await;
    let place = here.owner().field("key");
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..4 {
        let (app, place) = (here.node(u64::from(number), 1), place.clone());
        tasks.spawn(async move { put(&app, &used(), &place, &value(&[number])).await.unwrap().0 });
    }
    let mut versions = tasks.join_all().await;
    versions.sort_unstable();
    assert_eq!(versions, [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_wrong_vault_key_opens_nothing_and_seals_nothing() {
    let here = Installation::new().await;
    let right = here.node(1, 1);
    check(&right).await.unwrap();
    let wrong = here.node(2, 2);
    // Nothing is sealed yet, and still it would be the second key of one installation.
    let place = here.owner().field("key");
    let refused = put(&wrong, &used(), &place, &value(b"x")).await.unwrap_err();
    let VaultError::OtherVaultKey { noted, present } = &refused else { panic!("{refused}") };
    assert_eq!((noted, present), (&key(1).id().to_string(), key(2).id()));
    assert_eq!(here.store.list_data_keys().await.unwrap(), []);

    put(&right, &used(), &place, &value(CANARY)).await.unwrap();
    let is_refused = |error: VaultError| matches!(error, VaultError::Seal(SealError::WrongVaultKey { .. }));
    assert!(is_refused(open(&wrong, &used(), &place).await.err().unwrap()));
    assert!(is_refused(put(&wrong, &used(), &place, &value(b"x")).await.err().unwrap()));
    assert!(is_refused(check(&wrong).await.err().unwrap()));
    assert_eq!(opened(&right, &place).await.unwrap(), CANARY, "nothing has changed");
}

/// The note of the first start is gone: what is sealed says as well which key is the right one.
#[tokio::test]
async fn a_key_that_unwraps_nothing_does_not_become_the_right_one() {
    let here = Installation::new().await;
    let installation = InstallationId::from_bytes([3; InstallationId::LENGTH]);
    let candidate = InstallationKey::from_bytes(*installation.as_bytes());
    here.store.find_or_create_installation_key("installation", candidate).await.unwrap();
    let data_key = DataKey::new(DataKeyId::from_uuid(Uuid::from_u128(1)), &SeededRng::new(9));
    let row = data_key.wrapped(1, here.clock.now(), &key(1), &installation, &SeededRng::new(9)).unwrap();
    here.store.add_data_key(&row).await.unwrap();
    assert!(check(&here.node(2, 2)).await.is_err());
    check(&here.node(1, 1)).await.unwrap();
    assert!(check(&here.node(2, 2)).await.is_err());
}

#[tokio::test]
async fn without_a_vault_key_the_vault_is_sealed_and_says_why() {
    let here = Installation::new().await;
    let place = here.owner().field("key");
    put(&here.node(1, 1), &used(), &place, &value(b"x")).await.unwrap();
    let path = Path::new("/srv/vault.key").to_owned();
    let settings = AppSettings { vault_key: Err(KeyError::Missing { path }), ..AppSettings::default() };
    let app = App::with_settings(here.store.clone(), here.clock.clone(), Arc::new(SeededRng::new(5)), settings);
    for refused in [
        open(&app, &used(), &place).await.err().unwrap(),
        put(&app, &used(), &place, &value(b"y")).await.err().unwrap(),
        check(&app).await.err().unwrap(),
    ] {
        let VaultError::Sealed(why) = &refused else { panic!("{refused}") };
        assert!(why.to_string().contains("/srv/vault.key") && refused.to_string().contains("sealed"), "{refused}");
        assert!(!refused.to_string().contains("/srv"), "where it is, is for the log: {refused}");
    }
    // What needs no key goes on.
    assert!(forget(&app, &used(), &place).await.unwrap());
}

#[tokio::test]
async fn several_data_keys_open_and_the_last_one_seals() {
    let here = Installation::new().await;
    let app = here.node(1, 1);
    let (old, new) = (here.owner().field("old"), here.owner().field("new"));
    put(&app, &used(), &old, &value(b"old")).await.unwrap();
    let installation = app.vault.installation(&app).await.unwrap();
    let second = DataKey::new(DataKeyId::from_uuid(Uuid::from_u128(2)), &SeededRng::new(9));
    let row = second.wrapped(2, here.clock.now(), &key(1), installation, &SeededRng::new(9)).unwrap();
    assert!(here.store.add_data_key(&row).await.unwrap());
    put(&app, &used(), &new, &value(b"new")).await.unwrap();
    assert_eq!(here.store.find_secret(&new).await.unwrap().unwrap().data_key, second.id());
    let later = here.node(2, 1);
    assert_eq!(
        (opened(&later, &old).await.unwrap(), opened(&later, &new).await.unwrap()),
        (b"old".to_vec(), b"new".to_vec())
    );
}

#[tokio::test]
async fn the_status_tells_what_does_not_open_and_never_a_value() {
    let here = Installation::new().await;
    let app = here.node(1, 1);
    check(&app).await.unwrap();
    let empty = status(&app, &access()).await.unwrap();
    assert!(empty.is_well() && empty.data_keys.is_empty() && empty.secrets.kept == 0);
    for number in 0..150 {
        put(&app, &used(), &here.owner().field(format!("{number}")), &value(CANARY)).await.unwrap();
    }
    let of_operator = SecretOwner { tenant: SecretOwner::INSTALLATION, ..here.owner() };
    put(&app, &used(), &of_operator.field("seed"), &value(CANARY)).await.unwrap();
    let well = status(&app, &access()).await.unwrap();
    assert!(well.is_well());
    assert_eq!((well.data_keys.len(), well.secrets.kept, well.secrets.opened), (1, 151, 151));

    // Somebody exchanges one in the database, and damages another.
    let [one, other, third] = [0, 1, 2].map(|number: u8| here.owner().field(number.to_string()));
    let find = async |place: &SecretPlace| here.store.find_secret(place).await.unwrap().unwrap();
    let (taken, target) = (find(&one).await, find(&other).await);
    let exchanged = SealedSecret { blob: taken.blob, ..target };
    here.store.replace_secret(&exchanged, exchanged.version).await.unwrap();
    let damaged = SealedSecret { blob: SealedBytes::new(vec![0; 40]), ..find(&third).await };
    here.store.replace_secret(&damaged, damaged.version).await.unwrap();
    let bad = status(&app, &access()).await.unwrap();
    assert_eq!((bad.is_well(), bad.secrets.kept, bad.secrets.opened), (false, 151, 149));
    let mut found: Vec<_> = bad
        .secrets
        .problems
        .iter()
        .map(|one| (one.field.as_str(), matches!(one.problem, VaultError::Seal(SealError::Damaged(Sealed::Secret)))))
        .collect();
    found.sort_unstable();
    assert_eq!(found, [("1", false), ("2", true)]);
    assert!(!format!("{bad:?}").contains("canary"));

    let wrong = status(&here.node(2, 2), &access()).await.unwrap();
    assert!(wrong.key.is_err() && wrong.data_keys[0].problem.is_some());
    assert_eq!((wrong.secrets.opened, wrong.secrets.problems.len()), (0, 20));
}

#[tokio::test]
async fn no_file_of_the_database_holds_a_secret() {
    let here = Installation::new().await;
    let app = here.node(1, 1);
    for number in 0..20 {
        put(&app, &used(), &here.owner().field(format!("{number}")), &value(CANARY)).await.unwrap();
    }
    here.store.close().await;
    let mut seen = 0;
    for entry in std::fs::read_dir(here.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(CANARY.len()).any(|window| window == CANARY));
        // That the search would find something: the kind stands there as it is.
        seen += bytes.windows(11).filter(|window| *window == b"webhook_key").count();
    }
    assert!(seen >= 20, "{seen}");
}

#[test]
fn what_a_person_can_mend_is_told_as_such() {
    let too_long = VaultError::Seal(SealError::TooLong { limit: 1 });
    assert!(matches!(crate::AppError::from(too_long), crate::AppError::InvalidInput(_)));
    assert!(matches!(crate::AppError::from(VaultError::Contended), crate::AppError::Contended));
}
