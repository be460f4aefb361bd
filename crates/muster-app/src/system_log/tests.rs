use muster_model::fake::{FakeClock, SeededRng};
use muster_model::{Actor, Provider, Reach};
use muster_store_sqlite::{SqliteOptions, SqliteStore};

use super::*;
use crate::OperatorAccess;
use crate::api_tokens::{self, Lifetime, NewToken};
use crate::connections::{self, Changes, NewConnection};

const ADMINISTRATOR: fn() -> OperatorAccess = OperatorAccess::of_local_administrator;

#[tokio::test]
async fn deeds_are_told_with_who_did_them_and_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("muster.db"), &SqliteOptions::default()).unwrap();
    let clock = Arc::new(FakeClock::new());
    let app = App::new(store, clock.clone(), Arc::new(SeededRng::new(1)));
    let later = || clock.advance(std::time::Duration::from_secs(1));
    tenants::ensure_default(&app).await.unwrap();
    let acme = tenants::create(&app, &ADMINISTRATOR(), "acme").await.unwrap();
    later();
    let everything = NewToken {
        name: "ci".to_owned(),
        reach: Reach::Tenant(acme.id),
        permissions: muster_model::Permissions::all(),
        lifetime: Lifetime::Usual,
    };
    let issued = api_tokens::issue(&app, &ADMINISTRATOR(), everything).await.unwrap();
    let caller = api_tokens::authenticate(&app, Some(issued.token.expose())).await.unwrap();
    let new = NewConnection {
        tenant: None,
        name: "okta".to_owned(),
        provider: Provider::Okta,
        overrides: muster_model::OverrideChanges::default(),
    };
    later();
    let created = connections::create(&app, &caller.grant().unwrap(), new).await.unwrap();
    later();
    let id = created.connection.id;
    let renamed = Changes { name: Some("entra".to_owned()), ..Changes::default() };
    connections::change(&app, &caller.grant().unwrap(), id, renamed).await.unwrap();
    let refused = Changes { expected: Some(99), ..Changes::default() };
    connections::change(&app, &caller.grant().unwrap(), id, refused).await.err().unwrap();
    later();
    tenants::create(&app, &ADMINISTRATOR(), "other").await.unwrap();

    let query = SystemLogQuery::newest(Reach::Environment, 100);
    let own = list(&app, &caller.grant().unwrap(), None, &query).await.unwrap().entries;
    let told: Vec<_> = own.iter().map(|entry| (entry.action.as_str(), entry.actor)).collect();
    let by_token = Actor::ApiToken(issued.record.id);
    assert_eq!(
        told,
        [
            ("connection.changed", by_token),
            ("connection.created", by_token),
            ("api_token.issued", Actor::LocalAdministrator),
            ("tenant.created", Actor::LocalAdministrator),
        ]
    );
    let changed = own.first().unwrap();
    assert!(changed.before.as_ref().unwrap().contains("okta") && changed.after.as_ref().unwrap().contains("entra"));
    assert_eq!(changed.target, id.to_string());
    let all = list(&app, &ADMINISTRATOR(), None, &query).await.unwrap();
    assert_eq!((all.entries.len(), all.next), (5, None));
    let first = list(&app, &ADMINISTRATOR(), None, &SystemLogQuery { limit: 2, ..query.clone() }).await.unwrap();
    let rest = SystemLogQuery { before: first.next, ..query };
    assert_eq!(list(&app, &ADMINISTRATOR(), None, &rest).await.unwrap().entries, all.entries[2..]);
    // Secrets are in none of them.
    let text = format!("{:?}", all.entries);
    assert!(!text.contains(created.token.expose()) && !text.contains(issued.token.expose()));
}
