use muster_model::fake::{FakeClock, SeededRng};
use muster_model::{Permission, Provider, Tenant};
use muster_store_sqlite::{SqliteOptions, SqliteStore};
use tempfile::TempDir;

use super::*;
use crate::connections::{self, NewConnection};
use crate::{OperatorAccess, credentials, tenants};

struct House {
    app: Arc<App>,
    clock: Arc<FakeClock>,
    acme: Tenant,
    other: Tenant,
    _folder: TempDir,
}

const ADMINISTRATOR: fn() -> OperatorAccess = OperatorAccess::of_local_administrator;

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("muster.db"), &SqliteOptions::default()).unwrap();
        let clock = Arc::new(FakeClock::new());
        let app = App::new(store, clock.clone(), Arc::new(SeededRng::new(1)));
        tenants::ensure_default(&app).await.unwrap();
        let acme = tenants::create(&app, &ADMINISTRATOR(), "acme").await.unwrap();
        let other = tenants::create(&app, &ADMINISTRATOR(), "other").await.unwrap();
        Self { app, clock, acme, other, _folder: folder }
    }

    async fn issue(&self, reach: Reach, permissions: Permissions) -> IssuedToken {
        let new = NewToken { name: "ci".to_owned(), reach, permissions, lifetime: Lifetime::Usual };
        issue(&self.app, &ADMINISTRATOR(), new).await.unwrap()
    }

    async fn caller(&self, reach: Reach, permissions: Permissions) -> ApiCaller {
        let issued = self.issue(reach, permissions).await;
        authenticate(&self.app, Some(issued.token.expose())).await.unwrap()
    }
}

#[tokio::test]
async fn a_token_is_good_until_it_expires_or_is_revoked() {
    let house = House::new().await;
    let issued = house.issue(Reach::Environment, Permissions::all()).await;
    let text = issued.token.expose();
    assert!(text.starts_with("msk_"));
    assert_eq!(authenticate(&house.app, Some(text)).await.unwrap().token().id, issued.record.id);
    let typo = format!("{}x", &text[..text.len() - 1]);
    for wrong in [None, Some(""), Some(typo.as_str()), Some("msc_")] {
        let refused = authenticate(&house.app, wrong).await;
        assert!(matches!(refused, Err(AppError::Unauthenticated)), "{refused:?}");
    }
    house.clock.advance(std::time::Duration::from_hours(24 * 366));
    assert!(matches!(authenticate(&house.app, Some(text)).await, Err(AppError::Unauthenticated)));

    let second = house.issue(Reach::Tenant(house.acme.id), Permissions::all()).await;
    let foreign = house.caller(Reach::Tenant(house.other.id), Permissions::all()).await;
    let refused = revoke(&house.app, &foreign.grant::<may::ChangeTokens>().unwrap(), second.record.id).await;
    assert!(matches!(refused, Err(AppError::TokenNotFound)), "{refused:?}");
    assert!(authenticate(&house.app, Some(second.token.expose())).await.is_ok());
    revoke(&house.app, &ADMINISTRATOR(), second.record.id).await.unwrap();
    assert!(matches!(authenticate(&house.app, Some(second.token.expose())).await, Err(AppError::Unauthenticated)));
}

#[tokio::test]
async fn nobody_gives_more_than_he_has() {
    let house = House::new().await;
    let own: Permissions = [Permission::ChangeTokens, Permission::ReadConnections].into_iter().collect();
    let caller = house.caller(Reach::Tenant(house.acme.id), own).await;
    let access = caller.grant::<may::ChangeTokens>().unwrap();
    let asked = async |reach, permissions| {
        let new = NewToken { name: "more".to_owned(), reach, permissions, lifetime: Lifetime::Usual };
        issue(&house.app, &access, new).await.map(|issued| issued.record.permissions)
    };
    let acme = Reach::Tenant(house.acme.id);
    assert_eq!(asked(acme, own).await.unwrap(), own);
    assert!(matches!(asked(acme, Permissions::all()).await, Err(AppError::BeyondOwnRights)));
    assert!(matches!(asked(Reach::Environment, own).await, Err(AppError::BeyondOwnRights)));
    assert!(matches!(asked(Reach::Tenant(house.other.id), own).await, Err(AppError::TenantNotFound(_))));
    assert!(matches!(asked(acme, Permissions::default()).await, Err(AppError::InvalidInput(_))));
    // Nor does what he gives live longer than he does.
    let short = NewToken { name: "short".to_owned(), reach: acme, permissions: own, lifetime: Lifetime::Days(7) };
    let short = issue(&house.app, &ADMINISTRATOR(), short).await.unwrap();
    let short_lived = authenticate(&house.app, Some(short.token.expose())).await.unwrap();
    let end = async |lifetime| {
        let new = NewToken { name: "twin".to_owned(), reach: acme, permissions: own, lifetime };
        let issued = issue(&house.app, &short_lived.grant::<may::ChangeTokens>().unwrap(), new).await;
        issued.map(|issued| issued.record.expires)
    };
    assert_eq!(end(Lifetime::Usual).await.unwrap(), short.record.expires);
    assert!(end(Lifetime::Days(3)).await.unwrap() < short.record.expires);
    assert!(matches!(end(Lifetime::Days(8)).await, Err(AppError::BeyondOwnRights)));
    assert!(matches!(end(Lifetime::Unlimited).await, Err(AppError::BeyondOwnRights)));
    let reader = house.caller(acme, Permissions::all()).await.grant::<may::ReadTokens>().unwrap();
    let listed = list(&house.app, &reader, None, 10).await.unwrap();
    assert!(listed.0.iter().all(|token| token.reach == acme));
}

#[tokio::test]
async fn what_is_beyond_the_reach_is_not_there() {
    let house = House::new().await;
    let new = |tenant: &Tenant| NewConnection {
        tenant: Some(tenant.name.clone().into()),
        name: "idp".to_owned(),
        provider: Provider::Generic,
        overrides: muster_model::OverrideChanges::default(),
    };
    let theirs = connections::create(&house.app, &ADMINISTRATOR(), new(&house.other)).await.unwrap().connection;
    let caller = house.caller(Reach::Tenant(house.acme.id), Permissions::all()).await;
    let refused = connections::create(&house.app, &caller.grant().unwrap(), new(&house.other)).await;
    assert!(matches!(refused, Err(AppError::TenantNotFound(_))));
    let own = connections::create(&house.app, &caller.grant().unwrap(), new(&house.acme)).await.unwrap().connection;
    let (page, has_more) = connections::page(&house.app, &caller.grant().unwrap(), None, None, 10).await.unwrap();
    assert_eq!((page.iter().map(|(one, _)| one.id).collect::<Vec<_>>(), has_more), (vec![own.id], false));
    let (page, _) =
        connections::page(&house.app, &caller.grant().unwrap(), Some(house.other.id), None, 10).await.unwrap();
    assert!(page.is_empty());
    let app = &house.app;
    assert!(matches!(
        connections::show(app, &caller.grant().unwrap(), theirs.id).await,
        Err(AppError::ConnectionNotFound)
    ));
    assert!(matches!(
        connections::suspend(app, &caller.grant().unwrap(), theirs.id).await,
        Err(AppError::ConnectionNotFound)
    ));
    assert!(matches!(
        connections::delete(app, &caller.grant().unwrap(), theirs.id).await,
        Err(AppError::ConnectionNotFound)
    ));
    let issued = credentials::issue(app, &caller.grant().unwrap(), theirs.id, Lifetime::Usual).await;
    assert!(matches!(issued, Err(AppError::ConnectionNotFound)));
    let listed = credentials::list(app, &caller.grant().unwrap(), theirs.id).await;
    assert!(matches!(listed, Err(AppError::ConnectionNotFound)));
    assert!(matches!(
        tenants::show(app, &caller.grant().unwrap(), house.other.id).await,
        Err(AppError::TenantNotFound(_))
    ));
    let (tenants, _) = tenants::page(app, &caller.grant().unwrap(), None, 10).await.unwrap();
    assert_eq!(tenants, std::slice::from_ref(&house.acme));
    assert!(matches!(tenants::create(app, &caller.grant().unwrap(), "third").await, Err(AppError::BeyondOwnRights)));
    // A name that is taken would tell him of another tenant.
    let renamed = tenants::rename(app, &caller.grant().unwrap(), house.acme.id, "other").await;
    assert!(matches!(renamed, Err(AppError::BeyondOwnRights)), "{renamed:?}");
}

#[tokio::test]
async fn a_rotation_leaves_no_gap_and_can_be_taken_back() {
    let house = House::new().await;
    let (app, access) = (&house.app, ADMINISTRATOR());
    let new = NewConnection {
        tenant: None,
        name: "idp".to_owned(),
        provider: Provider::Generic,
        overrides: muster_model::OverrideChanges::default(),
    };
    let created = connections::create(app, &access, new).await.unwrap();
    let (id, first) = (created.connection.id, created.credential.id);
    let is_good = async |token: &Token| crate::authenticate(app, &id.to_string(), Some(token.expose())).await.is_ok();

    let started = credentials::start_rotation(app, &access, id, first, Lifetime::Days(30)).await.unwrap();
    assert!(is_good(&created.token).await && is_good(&started.token).await, "both are good");
    let third = credentials::issue(app, &access, id, Lifetime::Usual).await;
    assert!(matches!(third.map(drop), Err(AppError::TooManyCredentials)));
    credentials::cancel_rotation(app, &access, id, first).await.unwrap();
    assert!(is_good(&created.token).await && !is_good(&started.token).await);
    assert!(matches!(
        credentials::complete_rotation(app, &access, id, first).await.map(drop),
        Err(AppError::NoRotation)
    ));

    let again = credentials::start_rotation(app, &access, id, first, Lifetime::Usual).await.unwrap();
    let left = credentials::complete_rotation(app, &access, id, first).await.unwrap();
    assert_eq!((left.id, left.replaces), (again.credential.id, None));
    assert!(!is_good(&created.token).await && is_good(&again.token).await);

    credentials::suspend(app, &access, id, left.id).await.unwrap();
    assert!(!is_good(&again.token).await);
    credentials::resume(app, &access, id, left.id).await.unwrap();
    assert!(is_good(&again.token).await);
    connections::suspend(app, &access, id).await.unwrap();
    let refused = crate::authenticate(app, &id.to_string(), Some(again.token.expose())).await;
    assert!(matches!(refused, Err(AppError::ConnectionSuspended)), "{refused:?}");
    connections::resume(app, &access, id).await.unwrap();
    assert!(is_good(&again.token).await);
}
