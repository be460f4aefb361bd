//! Commands on the command line open the same file while the server runs.

use std::process::Command;
use std::sync::Arc;

use muster_model::fake::{FakeClock, SeededRng};
use muster_model::{
    Clock, Connection, ConnectionId, Credential, CredentialDigest, CredentialId, Provider, Token, TokenKind,
};
use muster_store::{Registry, Store};
use muster_store_sqlite::{SqliteOptions, SqliteStore};

use crate::open;
use crate::world::{add_tenant, add_user, count};

const FOLDER: &str = "MUSTER_TEST_FOLDER";
const WRITES: u64 = 200;

/// Does nothing unless the test below starts it in a process of its own.
#[tokio::test]
async fn write_as_another_process() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let path = std::path::Path::new(&folder).join("muster.db");
    let store = SqliteStore::open(&path, &SqliteOptions::for_command()).unwrap();
    let tenant = store.find_tenant_by_name("default").await.unwrap().unwrap().id;
    for number in 0..WRITES {
        add_user(&store, tenant, 1_000_000 + number).await.unwrap();
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_write_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let tenant = add_tenant(&store).await;
    let mut other = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "many_processes::write_as_another_process", "--quiet"])
        .env(FOLDER, folder.path())
        .spawn()
        .unwrap();
    let mut number = 0;
    let status = loop {
        add_user(&store, tenant, number).await.unwrap();
        number += 1;
        if let Some(status) = other.try_wait().unwrap() {
            break status;
        }
    };
    assert!(status.success(), "the other process failed");
    let there = number + WRITES;
    assert_eq!(count(&store, tenant).await, (there, usize::try_from(there).unwrap()));
    assert_eq!(store.inspect().await.unwrap(), [] as [&str; 0]);
    // The other process closed the database for itself only.
    add_user(&store, tenant, number).await.unwrap();
}

#[test]
fn many_may_open_a_new_database_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("muster.db");
    let start = Arc::new(std::sync::Barrier::new(8));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (path, start) = (path.clone(), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                SqliteStore::open(&path, &SqliteOptions::for_command()).map(drop)
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_token_that_a_command_replaced_is_refused_by_the_server_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = open(folder.path());
    let tenant = add_tenant(&server).await;
    let (clock, rng) = (FakeClock::new(), SeededRng::new(9));
    let connection = Connection {
        id: ConnectionId::new(&clock, &rng),
        tenant,
        name: "okta".to_owned(),
        provider: Provider::Okta,
        overrides: muster_model::Overrides::default(),
        created: clock.now(),
        revision: muster_model::Connection::FIRST_REVISION,
        suspended: None,
    };
    let new_credential = || Credential {
        id: CredentialId::new(&clock, &rng),
        tenant,
        connection: connection.id,
        digest: CredentialDigest::of(&Token::new(TokenKind::ScimBearer, &rng)),
        last_four: "abcd".to_owned(),
        created: clock.now(),
        expires: None,
        suspended: None,
        replaces: None,
    };
    let (old, new) = (new_credential(), new_credential());
    server.create_connection(&connection, &old).await.unwrap();
    assert!(server.find_caller(&old.digest).await.unwrap().is_some());

    let command = open(folder.path());
    command.replace_credentials(&new).await.unwrap();
    command.close().await;
    assert_eq!(server.find_caller(&old.digest).await.unwrap(), None);
    let caller = server.find_caller(&new.digest).await.unwrap().unwrap();
    assert_eq!((caller.credential, caller.connection), (new, connection));
}
