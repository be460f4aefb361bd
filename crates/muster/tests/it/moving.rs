//! Moving an installation between databases, by the command line.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use muster_testkit::postgres::{TestDatabase, empty_database, shared_server};
use serde_json::{Value, json};

use crate::process::{Server, muster, run, run_json, stderr, stdout};
use crate::web;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// An installation in a file with everything in it that a table is made for.
struct Place {
    folder: tempfile::TempDir,
    path: String,
    token: String,
}

impl Place {
    /// With that many people who are all in one group.
    fn with_people(count: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let create = ["connection", "create", "--name", "idp", "--provider", "entra", "--json"];
        let created = run_json(folder.path(), &create);
        let text = |name: &str| created[name].as_str().unwrap().to_owned();
        let mut lines = String::new();
        let members: Vec<Value> = (0..count).map(|number| json!({ "value": format!("x{number}") })).collect();
        for number in 0..count {
            let person = json!({
                "schemas": [USER, ENTERPRISE], "userName": format!("person{number}"), "externalId": format!("x{number}"),
                ENTERPRISE: { "manager": { "value": format!("x{}", number / 2) } },
                "active": true, "emails": [{ "type": "work", "value": format!("p{number}@example.com") }],
            });
            writeln!(lines, "{person}").unwrap();
        }
        let group = json!({ "schemas": [GROUP], "displayName": "all", "externalId": "g", "members": members });
        writeln!(lines, "{group}").unwrap();
        std::fs::write(folder.path().join("all.jsonl"), lines).unwrap();
        run_json(folder.path(), &["load", "all.jsonl", "--connection", &text("id"), "--json"]);
        let path = web::split(&text("scim_base_url")).1.to_owned();
        Self { path, token: text("token"), folder }
    }

    fn base(&self, server: &Server) -> String {
        format!("{}{}", server.url, self.path)
    }

    /// What only a running server makes: pending members, changes, texts with NUL, a long document.
    fn live(&self) {
        let mut server = Server::start(self.folder.path(), &[]);
        let base = self.base(&server);
        let send = |method: &str, path: &str, body: &Value| {
            let answer = web::scim(&base, &self.token, method, path, &body.to_string());
            assert!(answer.status < 300, "{method} {path}: {}", answer.body);
            answer
        };
        let odd =
            send("POST", "/Users", &json!({ "schemas": [USER], "userName": "a\0b\u{1}", "nickName": "\0" })).json();
        let long = json!({ "schemas": [USER], "userName": "long", "title": "x".repeat(250 * 1024), "active": true });
        let long = send("POST", "/Users", &long).json();
        send("DELETE", &format!("/Users/{}", long["id"].as_str().unwrap()), &Value::Null);
        send("POST", "/Users", &json!({ "schemas": [USER], "userName": "long2", "title": "y".repeat(250 * 1024) }));
        let members = json!([{ "value": odd["id"] }, { "value": "nobody\0known" }]);
        send("POST", "/Groups", &json!({ "schemas": [GROUP], "displayName": "odd", "members": members }));
        run_json(self.folder.path(), &["schema", "enable", "pam", "--json"]);
        assert!(server.terminate().success());
    }

    fn file(&self) -> String {
        format!("sqlite:{}", self.folder.path().join("muster-data/muster.db").display())
    }
}

fn move_house(folder: &Path, from: &str, to: &str) -> Value {
    run_json(folder, &["migrate-data", "--from", from, "--to", to, "--json"])
}

fn refused(folder: &Path, from: &str, to: &str, said: &str) {
    let output = run(folder, &["migrate-data", "--from", from, "--to", to]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert!(stderr(&output).contains(said), "{}", stderr(&output));
}

/// Statements in the database of that URL.
fn sql(database: &TestDatabase, statements: &str) -> String {
    let name = database.url.rsplit('/').next().unwrap();
    shared_server().sql_in(name, statements)
}

fn listing(place: &Place, server: &Server) -> Value {
    let base = place.base(server);
    let ask = |path: &str| web::scim(&base, &place.token, "GET", path, "").json();
    json!([ask("/Users?count=50&sortBy=userName"), ask("/Groups?sortBy=displayName")])
}

#[test]
fn an_installation_moves_to_postgresql_and_back_and_is_the_same() {
    let place = Place::with_people(40);
    place.live();
    let folder = place.folder.path();
    let database = empty_database();
    let there = move_house(folder, &place.file(), &database.url);
    assert!(!there.to_string().contains("correct-horse"), "{there}");
    assert_eq!((&there["resumed"], &there["tables"]["membership"]["rows"]), (&json!(false), &json!(41)), "{there}");
    assert_eq!(there["tables"]["pending_member"]["rows"], 1, "{there}");
    refused(folder, &place.file(), &database.url, "holds data already");

    let at = ["--database-url", database.url.as_str()];
    let mut old = Server::start(folder, &[]);
    let before = listing(&place, &old);
    assert!(old.terminate().success());
    let mut new = Server::start(folder, &at);
    let url = |server: &Server, listing: Value| listing.to_string().replace(&server.url, "");
    assert_eq!(url(&new, listing(&place, &new)), url(&old, before));
    // Another life there, with changes that have no number yet.
    let person = json!({ "schemas": [USER], "userName": "later" }).to_string();
    assert_eq!(web::scim(&place.base(&new), &place.token, "POST", "/Users", &person).status, 201);
    let after = listing(&place, &new);
    assert!(new.terminate().success());
    let doctor = run(folder, &[&["doctor", "--listen", "127.0.0.1:0"], &at[..]].concat());
    assert!(doctor.status.success(), "{}", stdout(&doctor));

    let other = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", other.path().join("muster-data/muster.db").display());
    let back = move_house(folder, &database.url, &file);
    let rows = |moved: &Value| moved["tables"]["change"]["rows"].as_u64().unwrap();
    assert_eq!(rows(&back), rows(&there) + 1, "{back}");
    std::fs::copy(folder.join("muster-data/vault.key"), other.path().join("muster-data/vault.key")).unwrap();
    let mut server = Server::start(other.path(), &[]);
    assert_eq!(url(&server, listing(&place, &server)), url(&new, after));
    assert!(server.terminate().success());
    let doctor = run_json(other.path(), &["doctor", "--json", "--listen", "127.0.0.1:0"]);
    assert_eq!(doctor["ok"], true, "{doctor}");
    // And once more between two of a kind.
    let copy = tempfile::tempdir().unwrap();
    let again = move_house(other.path(), &file, &format!("sqlite:{}", copy.path().join("muster.db").display()));
    let twice = move_house(folder, &database.url, &empty_database().url);
    // What was asked of the server in the meantime stands in the copy's log of requests.
    let without_requests = |moved: &Value| {
        let mut tables = moved["tables"].as_object().unwrap().clone();
        tables.retain(|table, _| !table.starts_with("request_log"));
        tables
    };
    assert_eq!(without_requests(&again), without_requests(&twice));
    assert_eq!(without_requests(&again), without_requests(&back));
    assert_eq!(twice["tables"], back["tables"]);
}

/// Starts a move and kills it after that time; `false`: it was done before.
fn killed(folder: &Path, from: &str, to: &str, after: Duration) -> bool {
    let mut command = muster(folder);
    command.args(["migrate-data", "--from", from, "--to", to]).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut moving = command.spawn().unwrap();
    std::thread::sleep(after);
    let ended = moving.try_wait().unwrap();
    moving.kill().unwrap();
    let output = moving.wait_with_output().unwrap();
    assert!(ended.is_none_or(|status| status.success()), "{}", stderr(&output));
    ended.is_none()
}

/// Moves with one kill after another, each later than the one before, until a run comes to its end.
fn move_killed_often(folder: &Path, from: &str, to: &str, at: &[&str]) {
    let mut refusals = 0;
    let mut wait = Duration::from_millis(100);
    while killed(folder, from, to, wait) {
        assert!(wait < Duration::from_mins(2), "it never comes to its end");
        wait += wait / 2;
        let doctor = run(folder, &[&["doctor", "--listen", "127.0.0.1:0"], at].concat());
        refusals += usize::from(stdout(&doctor).contains("is not whole: it is being filled from"));
    }
    assert!(refusals > 0, "nothing of it was ever half done");
}

/// What a database holds, table by table.
fn tables(folder: &Path, of: &str) -> Value {
    let copy = tempfile::tempdir().unwrap();
    move_house(folder, of, &format!("sqlite:{}", copy.path().join("a.db").display()))["tables"].clone()
}

#[test]
fn a_move_that_is_killed_goes_on_where_it_was_in_both_directions() {
    let place = Place::with_people(3000);
    place.live();
    let folder = place.folder.path();
    let whole = tables(folder, &place.file());
    let database = empty_database();
    move_killed_often(folder, &place.file(), &database.url, &["--database-url", &database.url]);
    assert_eq!(tables(folder, &database.url), whole);
    let other = folder.join("other");
    let file = format!("sqlite:{}", other.join("muster.db").display());
    move_killed_often(folder, &database.url, &file, &["--data-dir", other.to_str().unwrap()]);
    assert_eq!(tables(folder, &file), whole);
}

/// A move that is broken off with some of the people there.
fn half_moved(place: &Place, database: &TestDatabase) {
    let mut wait = 100;
    loop {
        assert!(killed(place.folder.path(), &place.file(), &database.url, Duration::from_millis(wait)), "too late");
        let there = sql(database, "SELECT to_regclass('moving_house') IS NOT NULL");
        if there == "t" && sql(database, "SELECT count(*) > 100 FROM resource") == "t" {
            return;
        }
        wait += 50;
    }
}

#[test]
fn a_target_that_was_tampered_with_is_named_and_not_called_done() {
    let place = Place::with_people(6000);
    let folder = place.folder.path();
    let database = empty_database();
    half_moved(&place, &database);
    let serve = ["serve", "--listen", "127.0.0.1:0", "--database-url", &database.url];
    let output = run(folder, &serve);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("is not whole: it is being filled from sqlite:"), "{}", stderr(&output));
    sql(
        &database,
        "UPDATE resource_document SET document = replace(document, 'person', 'parson')
         WHERE id = (SELECT id FROM resource ORDER BY id LIMIT 1);
         UPDATE connection SET provider = 'okta'",
    );
    refused(
        folder,
        &place.file(),
        &database.url,
        "is not the same as the source in table connection, table resource of tenant ten_",
    );
    let output = run(folder, &serve);
    assert!(stderr(&output).contains("is not whole"), "{}", stderr(&output));
}

#[test]
fn another_source_a_changed_one_and_one_that_is_served_are_refused() {
    let place = Place::with_people(6000);
    let folder = place.folder.path();
    let database = empty_database();
    half_moved(&place, &database);
    let other = Place::with_people(1);
    refused(other.folder.path(), &other.file(), &database.url, "is being filled from another installation");
    let mut server = Server::start(folder, &[]);
    refused(folder, &place.file(), &database.url, "a Muster server already uses the data folder");
    let person = json!({ "schemas": [USER], "userName": "later" }).to_string();
    assert_eq!(web::scim(&place.base(&server), &place.token, "POST", "/Users", &person).status, 201);
    assert!(server.terminate().success());
    refused(folder, &place.file(), &database.url, "from this one as it was before it was changed");
    refused(folder, "sqlite:missing.db", &database.url, "there is no database at");
    let same = run(folder, &["migrate-data", "--from", &place.file(), "--to", &place.file()]);
    assert_eq!(same.status.code(), Some(2), "{}", stderr(&same));
}
