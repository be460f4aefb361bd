use muster_model::Provider;
use muster_model::fake::{FakeClock, SeededRng};
use muster_store_sqlite::{SqliteOptions, SqliteStore};
use scim::Leniency;
use scim::bulk::BulkLanguage;
use serde_json::{Value, json};

use super::*;
use crate::connections::{self, NewConnection};
use crate::{OperatorAccess, authenticate, tenants};

/// One fsync serves many creations, because they are on their way at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_creations_are_gathered_in_few_commits() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("muster.db"), &SqliteOptions::default()).unwrap();
    let app = App::new(store.clone(), Arc::new(FakeClock::new()), Arc::new(SeededRng::new(1)));
    tenants::ensure_default(&app).await.unwrap();
    let new = NewConnection {
        tenant: None,
        name: "idp".to_owned(),
        provider: Provider::Generic,
        overrides: crate::profile::check_changes(std::iter::empty()).unwrap(),
    };
    let created = connections::create(&app, &OperatorAccess::of_local_administrator(), new).await.unwrap();
    let caller = authenticate(&app, &created.connection.id.to_string(), Some(created.token.expose())).await.unwrap();

    let operations: Vec<Value> = (0..1000)
        .map(|number| {
            let data = json!({ "userName": format!("person{number}") });
            json!({ "method": "POST", "path": "/Users", "bulkId": number.to_string(), "data": data })
        })
        .collect();
    let body = json!({ "Operations": operations });
    let request = BulkRequest::parse(&body, BulkLanguage::Scim2, &Leniency::TOLERANT).unwrap();
    let before = store.write_statistics();
    let results = process(&app, &caller, request).await;
    assert_eq!(results.iter().filter(|result| result.outcome.is_ok()).count(), 1000);
    let transactions = store.write_statistics().transactions - before.transactions;
    println!("{transactions} commits");
    assert!(transactions < 400, "{transactions} commits for 1000 creations");
}
