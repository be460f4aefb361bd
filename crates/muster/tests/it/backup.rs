//! Backups while the server runs, and restoring them.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::{Server, muster, run, run_json, stderr, stdout};
use crate::web;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

fn assert_sound(folder: &Path) {
    let doctor = run_json(folder, &["doctor", "--json", "--listen", "127.0.0.1:0"]);
    assert_eq!(doctor["ok"], true, "{doctor}");
}

fn connect(folder: &Path) -> (String, String) {
    let created = run_json(folder, &["connection", "create", "--name", "idp", "--json"]);
    let text = |name: &str| created[name].as_str().unwrap().to_owned();
    (text("scim_base_url"), text("token"))
}

#[test]
fn a_backup_under_load_is_one_state_that_can_be_restored_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let _server = Server::start(folder.path(), &[]);
    let (base, token) = connect(folder.path());
    let (is_over, acknowledged) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (mut before, mut reports) = (0, Vec::new());
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let (base, token, is_over, acknowledged) = (&base, &token, &is_over, &acknowledged);
            scope.spawn(move || {
                for number in 0.. {
                    if is_over.load(Ordering::SeqCst) {
                        return;
                    }
                    let person = json!({ "schemas": [USER], "userName": format!("person-{writer}-{number}") });
                    let created = web::scim(base, token, "POST", "/Users", &person.to_string());
                    assert_eq!(created.status, 201, "{}", created.body);
                    let group = json!({
                        "schemas": [GROUP],
                        "displayName": format!("group-{writer}-{number}"),
                        "members": [{ "value": created.json()["id"] }],
                    });
                    assert_eq!(web::scim(base, token, "POST", "/Groups", &group.to_string()).status, 201);
                    acknowledged.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        while acknowledged.load(Ordering::SeqCst) < 50 {
            std::thread::sleep(Duration::from_millis(5));
        }
        for number in 0..5 {
            before = acknowledged.load(Ordering::SeqCst);
            reports.push(run_json(folder.path(), &["backup", &format!("{number}.db"), "--json"]));
        }
        is_over.store(true, Ordering::SeqCst);
    });
    let after = acknowledged.load(Ordering::SeqCst);
    let copy = folder.path().join("4.db");
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);

    let other = tempfile::tempdir().unwrap();
    let restored = run_json(other.path(), &["restore", copy.to_str().unwrap(), "--json"]);
    assert_eq!(restored["vault_key_is_there"], false);
    let refused = run(other.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert!(!refused.status.success() && stderr(&refused).contains("key"), "{}", stderr(&refused));
    std::fs::copy(folder.path().join("muster-data/vault.key"), other.path().join("muster-data/vault.key")).unwrap();
    assert_sound(other.path());
    let server = Server::start(other.path(), &[]);
    let base = format!("{}{}", server.url, web::split(&base).1);
    let total = |kind: &str| {
        let counted = web::scim(&base, &token, "GET", &format!("/{kind}?count=0"), "").json();
        usize::try_from(counted["totalResults"].as_u64().unwrap()).unwrap()
    };
    let (people, groups) = (total("Users"), total("Groups"));
    // A person comes before his group, and eight writers may each be between the two.
    assert!(groups >= before && groups <= people && people <= groups + 8 && people <= after + 8, "{people} {groups}");
    let last = reports.last().unwrap();
    assert_eq!((&last["resources"]["User"], &last["resources"]["Group"]), (&json!(people), &json!(groups)));
    assert_eq!(last["memberships"], last["resources"]["Group"], "each group has its one member");
}

#[test]
fn restoring_refuses_what_would_harm_and_puts_the_old_database_aside() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &[]);
    let (base, token) = connect(folder.path());
    let path = web::split(&base).1.to_owned();
    let add = |url: &str, name: &str| {
        let person = json!({ "schemas": [USER], "userName": name }).to_string();
        assert_eq!(web::scim(&format!("{url}{path}"), &token, "POST", "/Users", &person).status, 201);
    };
    let total = |url: &str| {
        web::scim(&format!("{url}{path}"), &token, "GET", "/Users?count=0", "").json()["totalResults"].clone()
    };
    add(&server.url, "anna");
    let told = stdout(&run(folder.path(), &["backup", "a.db"]));
    assert!(told.contains("The copy is sound") && told.contains("vault.key"), "{told}");
    let again = run(folder.path(), &["backup", "a.db"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("--force"), "{}", stderr(&again));
    assert!(run(folder.path(), &["backup", "a.db", "--force"]).status.success());
    let itself = run(folder.path(), &["backup", "muster-data/muster.db", "--force"]);
    assert!(stderr(&itself).contains("cannot be the database itself"), "{}", stderr(&itself));
    add(&server.url, "bert");

    let refused = |arguments: &[&str], said: &str| {
        let output = run(folder.path(), &[&["restore"], arguments].concat());
        assert!(!output.status.success() && stderr(&output).contains(said), "{arguments:?}: {}", stderr(&output));
    };
    refused(&["a.db", "--replace"], "a Muster server already uses the data folder");
    // Leaves a log of writes behind that belongs to the old database.
    server.signal("KILL");
    server.wait();
    refused(&["a.db"], "give --replace");
    refused(&["missing.db", "--replace"], "cannot be read");
    refused(&["muster-data/muster.db", "--replace"], "in use or that was not closed");
    std::fs::write(folder.path().join("text.db"), "this is no database, whatever its name may say").unwrap();
    refused(&["text.db", "--replace"], "text.db cannot be restored");
    let mut damaged = std::fs::read(folder.path().join("a.db")).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 8192].fill(0x55);
    std::fs::write(folder.path().join("damaged.db"), damaged).unwrap();
    refused(&["damaged.db", "--replace"], "damaged.db cannot be restored");
    let server = Server::start(folder.path(), &[]);
    assert_eq!(total(&server.url), 2, "a refusal changes nothing");
    drop(server);

    let restored = run_json(folder.path(), &["restore", "a.db", "--replace", "--json"]);
    let aside = Path::new(restored["put_aside"].as_str().unwrap());
    assert!(aside.exists());
    let server = Server::start(folder.path(), &[]);
    assert_eq!(total(&server.url), 1, "the state of the backup");
    drop(server);
    // What was put aside is whole, with the writes that were only in its log.
    let other = tempfile::tempdir().unwrap();
    std::fs::create_dir(other.path().join("muster-data")).unwrap();
    for suffix in ["", "-wal"] {
        let from = format!("{}{suffix}", aside.display());
        if Path::new(&from).exists() {
            std::fs::copy(from, other.path().join(format!("muster-data/muster.db{suffix}"))).unwrap();
        }
    }
    std::fs::copy(folder.path().join("muster-data/vault.key"), other.path().join("muster-data/vault.key")).unwrap();
    let server = Server::start(other.path(), &[]);
    assert_eq!(total(&server.url), 2);
}

#[test]
fn a_backup_that_is_killed_leaves_no_file_under_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let created = run_json(folder.path(), &["connection", "create", "--name", "idp", "--json"]);
    let mut text = String::new();
    for number in 0..6000 {
        let filling = "x".repeat(4000);
        let person = json!({ "schemas": [USER], "userName": format!("person{number}"), "nickName": filling });
        writeln!(text, "{person}").unwrap();
    }
    std::fs::write(folder.path().join("all.jsonl"), text).unwrap();
    let load = ["load", "all.jsonl", "--connection", created["id"].as_str().unwrap(), "--json"];
    assert_eq!(run_json(folder.path(), &load)["created"], 6000);

    let (target, partial) = (folder.path().join("b.db"), folder.path().join("b.db.partial"));
    for milliseconds in [0, 3, 10, 30] {
        let mut command = muster(folder.path());
        let mut backup = command.args(["backup", "b.db"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_mins(1);
        while !partial.exists() && !target.exists() {
            assert!(Instant::now() < deadline);
            std::thread::yield_now();
        }
        std::thread::sleep(Duration::from_millis(milliseconds));
        backup.kill().unwrap();
        backup.wait().unwrap();
        assert!(!target.exists(), "killed {milliseconds} ms after it began");
    }
    assert!(partial.exists(), "none was killed before its end");
    let report: Value = run_json(folder.path(), &["backup", "b.db", "--json"]);
    assert_eq!(report["resources"], json!({ "User": 6000 }));
    assert!(!partial.exists());
}
