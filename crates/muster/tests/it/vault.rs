//! What is sealed opens with the vault key of its installation only, and a start with another one is refused.

use std::path::Path;
use std::sync::Arc;

use muster_app::secrets::{self, SecretUse, SecretValue};
use muster_app::{App, AppSettings};
use muster_model::fake::{FakeClock, SeededRng};
use muster_model::{SecretKind, SecretOwner};
use muster_store::Store;
use muster_store_postgres::{PostgresOptions, PostgresStore};
use muster_store_sqlite::{SqliteOptions, SqliteStore};
use muster_testkit::postgres::empty_database;
use serde_json::Value;

use crate::process::{Server, run, run_json, stderr, stdout};

const KEY: &str = "muster-data/vault.key";
const CANARY: &str = "canary-c4e7-of-a-secret";

/// Seals a secret as a use case of the server does, with the key of that folder.
fn seal_one(folder: &Path, database: Option<&str>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let store: Arc<dyn Store> = match database {
            Some(url) => PostgresStore::open(url, PostgresOptions::for_command()).await.unwrap(),
            None => SqliteStore::open(&folder.join("muster-data/muster.db"), &SqliteOptions::for_command()).unwrap(),
        };
        let settings = AppSettings { vault_key: muster_vault::load(&folder.join(KEY)), ..AppSettings::default() };
        let app = App::with_settings(store, Arc::new(FakeClock::new()), Arc::new(SeededRng::new(7)), settings);
        let tenant = app.store().list_tenants().await.unwrap()[0].id;
        let id = *tenant.as_uuid();
        let place = SecretOwner { tenant, kind: SecretKind::WEBHOOK_KEY, id }.field("key");
        let used = SecretUse::by_background_work("try the vault");
        secrets::put(&app, &used, &place, &SecretValue::from(CANARY.to_owned())).await.unwrap();
        app.store().close().await;
    });
}

fn status(folder: &Path, place: &[&str]) -> (Option<i32>, Value) {
    let output = run(folder, &[&["vault", "status", "--json"], place].concat());
    assert!(!stdout(&output).contains(CANARY) && !stderr(&output).contains(CANARY));
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

/// A start that is refused; what it says.
fn refused(folder: &Path, place: &[&str]) -> String {
    let output = run(folder, &[&["serve", "--listen", "127.0.0.1:0"], place].concat());
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    stderr(&output)
}

/// The folder of an installation, and a key file that is not its.
fn installation_and_other_key() -> (tempfile::TempDir, tempfile::TempDir) {
    let made = || {
        let folder = tempfile::tempdir().unwrap();
        run_json(folder.path(), &["connection", "create", "--name", "a", "--json"]);
        folder
    };
    (made(), made())
}

fn all_files(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder.join("muster-data")).unwrap();
    files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

#[test]
fn the_status_tells_what_is_kept_and_whether_it_opens() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = run(folder.path(), &["vault", "status"]);
    assert_eq!(nothing.status.code(), Some(1));
    assert!(stderr(&nothing).contains("there is no installation"), "{}", stderr(&nothing));
    let server = Server::start(folder.path(), &[]);
    let (code, empty) = status(folder.path(), &[]);
    assert_eq!((code, &empty["ok"]), (Some(0), &Value::Bool(true)), "{empty}");
    assert_eq!((empty["data_keys"].as_array().unwrap().len(), &empty["secrets"]["kept"]), (0, &0.into()));
    let file = std::fs::read_to_string(folder.path().join(KEY)).unwrap();
    assert_eq!(empty["vault_key"]["id"], file.split_whitespace().nth(1).unwrap());
    drop(server);

    seal_one(folder.path(), None);
    let _server = Server::start(folder.path(), &[]);
    let (code, kept) = status(folder.path(), &[]);
    assert_eq!(code, Some(0), "{kept}");
    assert_eq!((&kept["secrets"]["kept"], &kept["secrets"]["opened"]), (&1.into(), &1.into()), "{kept}");
    assert_eq!(kept["data_keys"][0]["vault_key"], empty["vault_key"]["id"]);
    let told = stdout(&run(folder.path(), &["vault", "status"]));
    assert!(told.contains("secrets        1, all of them open") && told.contains("vault.key"), "{told}");
    let held = all_files(folder.path());
    assert!(!held.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()), "a file holds the secret");
}

#[test]
fn a_start_with_another_vault_key_is_refused_and_changes_nothing() {
    let (folder, other) = installation_and_other_key();
    seal_one(folder.path(), None);
    let own = std::fs::read(folder.path().join(KEY)).unwrap();
    std::fs::copy(other.path().join(KEY), folder.path().join(KEY)).unwrap();
    let said = refused(folder.path(), &[]);
    let id = String::from_utf8(own.clone()).unwrap().split_whitespace().nth(1).unwrap().to_owned();
    for word in ["vault.key is not the vault key of this installation", "backup", "is wrapped by the vault key", &id] {
        assert!(said.contains(word), "{word}: {said}");
    }
    let (code, bad) = status(folder.path(), &[]);
    assert_eq!((code, &bad["ok"], &bad["secrets"]["opened"]), (Some(1), &Value::Bool(false), &0.into()), "{bad}");
    assert!(bad["vault_key"]["problem"].as_str().unwrap().contains(&id), "{bad}");
    let told = run(folder.path(), &["vault", "status"]);
    assert_eq!(told.status.code(), Some(1));
    assert!(stdout(&told).contains("1 of them do not open") && stdout(&told).contains("WRONG"), "{}", stdout(&told));

    std::fs::write(folder.path().join(KEY), own).unwrap();
    let _server = Server::start(folder.path(), &[]);
    assert_eq!(status(folder.path(), &[]).0, Some(0), "the right key opens everything again");
}

#[test]
fn a_start_without_the_vault_key_is_refused_and_no_new_one_is_made() {
    let (folder, _) = installation_and_other_key();
    seal_one(folder.path(), None);
    std::fs::remove_file(folder.path().join(KEY)).unwrap();
    let said = refused(folder.path(), &[]);
    assert!(said.contains("vault.key is missing") && said.contains("could never be read again"), "{said}");
    assert!(!folder.path().join(KEY).exists());
    let (code, bad) = status(folder.path(), &[]);
    assert_eq!((code, &bad["vault_key"]["id"]), (Some(1), &Value::Null), "{bad}");
    assert!(bad["vault_key"]["problem"].as_str().unwrap().contains("there is no vault key at"), "{bad}");
    // What needs no secret goes on.
    assert!(run(folder.path(), &["connection", "list"]).status.success());
}

/// A machine that was given the database and not the key, on PostgreSQL; and one that brought a key of its own.
#[test]
fn on_postgresql_too_nobody_starts_with_another_key_or_none() {
    let database = empty_database();
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let place = ["--database-url", database.url.as_str()];
    Server::start(one.path(), &place).terminate();
    seal_one(one.path(), Some(&database.url));
    let (code, well) = status(one.path(), &place);
    assert_eq!((code, &well["secrets"]["opened"]), (Some(0), &1.into()), "{well}");

    let said = refused(other.path(), &place);
    assert!(said.contains("vault.key is missing"), "{said}");
    let stranger = tempfile::tempdir().unwrap();
    run_json(stranger.path(), &["connection", "create", "--name", "a", "--json"]);
    std::fs::copy(stranger.path().join(KEY), other.path().join(KEY)).unwrap();
    let said = refused(other.path(), &place);
    assert!(said.contains("is not the vault key of this installation"), "{said}");
    std::fs::copy(one.path().join(KEY), other.path().join(KEY)).unwrap();
    let _server = Server::start(other.path(), &place);
}

/// A dump of the database shows ciphertext alone, and a row that was put into another's place does not open there.
#[test]
fn a_secret_that_was_moved_in_the_database_is_told() {
    let database = empty_database();
    let folder = tempfile::tempdir().unwrap();
    let place = ["--database-url", database.url.as_str()];
    Server::start(folder.path(), &place).terminate();
    seal_one(folder.path(), Some(&database.url));
    let sql = |text: &str| {
        let name = database.url.rsplit('/').next().unwrap();
        muster_testkit::postgres::shared_server().sql_in(name, text)
    };
    assert_eq!(sql("SELECT count(*) FROM secret WHERE position('canary'::bytea IN blob) > 0"), "0");
    sql("UPDATE secret SET field = 'another'");
    let (code, bad) = status(folder.path(), &place);
    assert_eq!(code, Some(1), "{bad}");
    let problem = bad["secrets"]["problems"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("was not sealed for the place where it stands"), "{bad}");
    sql("UPDATE secret SET field = 'key'");
    assert_eq!(status(folder.path(), &place).0, Some(0));
    sql("UPDATE data_key SET number = 2");
    assert!(refused(folder.path(), &place).contains("cannot be opened by its own vault key"));
}
