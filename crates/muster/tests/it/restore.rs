//! Restoring beside other commands, twice in a row, and with the power cut in the middle.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::{Server, muster, run, run_json, stderr};
use crate::web;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const RESTORE: [&str; 4] = ["restore", "a.db", "--replace", "--json"];

fn people(folder: &Path, names: &[&str], connection: &str) {
    let lines: Vec<String> =
        names.iter().map(|name| json!({ "schemas": [USER], "userName": name }).to_string()).collect();
    std::fs::write(folder.join("all.jsonl"), lines.join("\n")).unwrap();
    run_json(folder, &["load", "all.jsonl", "--connection", connection, "--json"]);
}

fn count(folder: &Path) -> Value {
    run_json(folder, &["backup", "look.db", "--force", "--json"])["resources"]["User"].clone()
}

/// An installation with two people, and the backup `a.db` of it that has one.
fn place() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let created = run_json(folder.path(), &["connection", "create", "--name", "idp", "--json"]);
    let connection = created["id"].as_str().unwrap().to_owned();
    people(folder.path(), &["anna"], &connection);
    run_json(folder.path(), &["backup", "a.db", "--json"]);
    people(folder.path(), &["bert"], &connection);
    (folder, connection)
}

#[test]
fn a_database_that_another_command_has_open_is_left_alone() {
    let (folder, connection) = place();
    let mut command = muster(folder.path());
    command.args(["load", "-", "--connection", &connection]).stdin(Stdio::piped());
    let mut loading = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !folder.path().join("muster-data/muster.db-wal").exists() {
        assert!(begun.elapsed() < Duration::from_mins(1));
        std::thread::sleep(Duration::from_millis(10));
    }
    let refused = run(folder.path(), &RESTORE);
    assert!(stderr(&refused).contains("is locked by another process; stop that process"), "{}", stderr(&refused));
    let left = std::fs::read_dir(folder.path().join("muster-data")).unwrap();
    let names: Vec<_> = left.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.iter().all(|name| !name.contains("replaced") && !name.contains("partial")), "{names:?}");
    let last = json!({ "schemas": [USER], "userName": "carl" }).to_string();
    loading.stdin.take().unwrap().write_all(last.as_bytes()).unwrap();
    assert!(loading.wait().unwrap().success(), "the other command goes on to its end");
    assert_eq!(count(folder.path()), 3);
    run_json(folder.path(), &RESTORE);
    assert_eq!(count(folder.path()), 1);
}

#[test]
fn every_database_that_was_replaced_is_kept_as_one_file() {
    let (folder, connection) = place();
    let mut asides = Vec::new();
    for expected in [2, 1, 2, 1] {
        if expected == 2 && !asides.is_empty() {
            people(folder.path(), &["bert"], &connection);
        }
        let restored = run_json(folder.path(), &RESTORE);
        asides.push((restored["put_aside"].as_str().unwrap().to_owned(), expected));
    }
    for (aside, expected) in asides {
        let other = tempfile::tempdir().unwrap();
        let restored = run_json(other.path(), &["restore", &aside, "--json"]);
        assert_eq!(restored["put_aside"], Value::Null);
        assert_eq!(count(other.path()), expected, "{aside}");
    }
}

#[test]
fn a_restore_that_is_killed_leaves_the_one_database_or_the_other() {
    let (folder, connection) = place();
    let mut has_met_both = [false; 2];
    for step in 0..12 {
        if count(folder.path()) == 1 {
            people(folder.path(), &["bert"], &connection);
        }
        // A server that was killed leaves a log of writes that belongs to its database.
        let mut server = Server::start(folder.path(), &[]);
        assert_eq!(web::get(&server.url, "/readyz").status, 200);
        server.signal("KILL");
        server.wait();
        let mut command = muster(folder.path());
        let mut restoring = command.args(RESTORE).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(2 + step * 3));
        restoring.kill().unwrap();
        restoring.wait().unwrap();
        let found = count(folder.path());
        assert!(found == 1 || found == 2, "{found}");
        has_met_both[usize::from(found == 1)] = true;
        let doctor = run_json(folder.path(), &["doctor", "--json", "--listen", "127.0.0.1:0"]);
        assert_eq!(doctor["ok"], true, "{doctor}");
    }
    assert!(has_met_both[0], "none was killed before its end");
}
