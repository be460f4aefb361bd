//! By observation: with one kind of thread kept busy, which questions are still answered?

use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use muster_model::fake::{FakeClock, SeededRng};
use muster_model::{
    Clock, Connection, ConnectionId, Credential, CredentialDigest, CredentialId, Overrides, Provider, ResourceId,
    Tenant, TenantId, Token, TokenKind, TypeName,
};
use muster_store::{Directory, PageStart, Registry, ResourceQuery, Store, StoreError};
use scim::Leniency;
use scim::filter::Filter;
use scim::schema::{group_resource_schema, user_resource_schema};
use scim::sort::{Sort, SortOrder};
use tokio::task::JoinSet;

use super::*;
use crate::SqliteStore;

/// Long enough for a look-up on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(20);
/// Long enough to see that nothing answers.
const A_MOMENT: Duration = Duration::from_millis(100);

struct World {
    _folder: tempfile::TempDir,
    store: Arc<SqliteStore>,
    directory: Arc<dyn Directory>,
    credential: Credential,
}

async fn world(options: &SqliteOptions) -> World {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("muster.db"), options).unwrap();
    let (clock, rng) = (FakeClock::new(), SeededRng::new(7));
    let tenant = Tenant { id: TenantId::new(&clock, &rng), name: "default".to_owned(), created: clock.now() };
    store.create_tenant(&tenant).await.unwrap();
    let connection = Connection {
        id: ConnectionId::new(&clock, &rng),
        tenant: tenant.id,
        name: "okta".to_owned(),
        provider: Provider::Okta,
        overrides: Overrides::default(),
        created: clock.now(),
        revision: Connection::FIRST_REVISION,
        suspended: None,
    };
    let credential = Credential {
        id: CredentialId::new(&clock, &rng),
        tenant: tenant.id,
        connection: connection.id,
        digest: CredentialDigest::of(&Token::new(TokenKind::ScimBearer, &rng)),
        last_four: "abcd".to_owned(),
        created: clock.now(),
        expires: None,
        suspended: None,
        replaces: None,
    };
    store.create_connection(&connection, &credential).await.unwrap();
    let directory = store.directory(tenant.id, muster_store::Scope::Tenant);
    World { _folder: folder, store, directory, credential }
}

/// Gives every thread of a pool a statement that never ends, until the tasks are dropped.
async fn keep_busy(engine: &Arc<Engine>, pool: fn(&Engine) -> &Readers, threads: NonZeroUsize) -> JoinSet<()> {
    let mut busy = JoinSet::new();
    let (begun, mut begins) = tokio::sync::mpsc::channel(threads.get());
    for _ in 0..threads.get() {
        let (engine, begun) = (Arc::clone(engine), begun.clone());
        busy.spawn(async move {
            let count_for_ever = move |connection: &rusqlite::Connection| {
                begun.blocking_send(()).ok();
                let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
                connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(crate::failure::store_error)
            };
            drop(pool(&engine).read_without_limit(move |connection, _| count_for_ever(connection)).await);
        });
    }
    for _ in 0..threads.get() {
        begins.recv().await.unwrap();
    }
    busy
}

async fn answers<T, E: std::fmt::Debug>(question: impl Future<Output = Result<T, E>>) -> T {
    tokio::time::timeout(PATIENCE, question).await.expect("an answer in time").unwrap()
}

fn query(text: &str) -> ResourceQuery {
    let is_about_groups = text.contains("members");
    let schema = if is_about_groups { group_resource_schema() } else { user_resource_schema() };
    let mut query = ResourceQuery::first(Arc::clone(&schema), 10);
    if !text.is_empty() {
        let leniency = Leniency::TOLERANT;
        query.filter = Some(Filter::parse(text, &leniency).unwrap().compile(&schema, &leniency).unwrap());
    }
    query
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_question_keeps_a_caller_waiting_at_the_gate() {
    let options = SqliteOptions::for_server();
    let world = world(&options).await;
    let engine = &world.store.engine;
    let at_once = engine.at_once.occupy();
    let readers = keep_busy(engine, |engine| &engine.readers, options.readers).await;
    let scanners = keep_busy(engine, |engine| &engine.scanners, options.scanners).await;
    let user = TypeName::new("User");
    let id = ResourceId::new(&FakeClock::new(), &SeededRng::new(1));
    let look_up = world.directory.find_resource(&user, id, muster_store::Include::default());
    assert!(tokio::time::timeout(A_MOMENT, look_up).await.is_err(), "the readers are not busy");

    assert!(answers(world.store.find_caller(&world.credential.digest)).await.is_some());
    answers(world.store.check()).await;
    answers(world.directory.record_credential_use(world.credential.id, FakeClock::new().now())).await;

    // Who goes away frees the thread in the midst of the statement.
    drop((readers, scanners, at_once));
    let look_up = world.directory.find_resource(&user, id, muster_store::Include::default());
    assert_eq!(answers(look_up).await, None);
    assert!(answers(world.directory.list_resources(&query("active eq true"))).await.resources.is_empty());
    world.store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_take_long_goes_to_the_scanners_and_look_ups_do_not() {
    const ID: &str = "0199b6f0-5c3e-7000-8000-000000000001";
    let options = SqliteOptions::for_server();
    let world = world(&options).await;
    let scanners = keep_busy(&world.store.engine, |engine| &engine.scanners, options.scanners).await;
    let mut first_page_deep_inside = query("");
    first_page_deep_inside.start = PageStart::Offset(10_001);
    let mut sorted = query("");
    sorted.sort = Some(Sort::compile(&sorted.schema, "title", SortOrder::Ascending).unwrap());
    let mut slow = vec![first_page_deep_inside, sorted];
    slow.extend(
        [
            "userName sw \"a\"",
            "active eq true",
            "userName ne \"a\"",
            "meta.created gt \"2026-01-01T00:00:00Z\"",
            &format!("groups.value eq \"{ID}\""),
            &format!("groups[value eq \"{ID}\" and display co \"a\"]"),
            &format!("members[value eq \"{ID}\" and type eq \"User\"]"),
            "userName eq \"a\" or userName sw \"b\"",
        ]
        .map(query),
    );
    for question in &slow {
        let list = world.directory.list_resources(question);
        assert!(tokio::time::timeout(A_MOMENT, list).await.is_err(), "{question:?} is not on the scanning threads");
    }
    for text in [
        "",
        "userName eq \"a\"",
        "userName eq \"a\" and active eq true",
        "userName eq \"a\" or externalId eq \"b\"",
        "id eq \"x\"",
        &format!("id eq \"{ID}\" and members.value eq \"{ID}\""),
        &format!("members.value eq \"{ID}\""),
    ] {
        answers(world.directory.list_resources(&query(text))).await;
    }
    drop(scanners);
    for question in &slow {
        answers(world.directory.list_resources(question)).await;
    }
    world.store.close().await;
}

#[tokio::test]
async fn a_scan_beyond_its_time_is_refused_and_a_look_up_is_not() {
    let world = world(&SqliteOptions { scan_limit: Duration::ZERO, ..SqliteOptions::for_command() }).await;
    let content = muster_store::NewDocument {
        document: serde_json::Map::from_iter([("userName".to_owned(), "anna".into())]),
        keys: Vec::new(),
        label: None,
        difference: None,
    };
    let write = muster_store::Write::Create {
        id: ResourceId::new(&FakeClock::new(), &SeededRng::new(1)),
        resource_type: TypeName::new("User"),
        owner: None,
        content,
        members: None,
    };
    let batch = muster_store::Batch {
        writes: vec![write],
        connection: None,
        request: None,
        at: FakeClock::new().now(),
        guard: muster_store::Guard::default(),
    };
    world.directory.commit(batch).await.unwrap();
    let scan = world.directory.list_resources(&query("active eq true")).await;
    assert!(matches!(scan, Err(StoreError::TooBroad)), "{scan:?}");
    assert_eq!(world.directory.list_resources(&query("")).await.unwrap().total, Some(1));
    assert_eq!(world.store.inspect().await.unwrap(), [] as [&str; 0]);
    world.store.close().await;
}
