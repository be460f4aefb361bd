//! Several servers on one PostgreSQL, as an operator runs them.

use std::path::Path;
use std::time::{Duration, Instant};

use muster_testkit::postgres::{PostgresServer, empty_database};
use serde_json::json;

use crate::process::{Server, run, run_json, stderr, stdout};
use crate::web;

pub(crate) fn created(folder: &Path, url: &str) -> (String, String) {
    let arguments = ["connection", "create", "--name", "Okta", "--provider", "okta", "--json", "--database-url", url];
    let connection = run_json(folder, &arguments);
    let id = connection["id"].as_str().unwrap().to_owned();
    (id, connection["token"].as_str().unwrap().to_owned())
}

pub(crate) fn base(server: &Server, id: &str) -> String {
    format!("{}/scim/v2/{id}", server.url)
}

pub(crate) fn person(name: &str) -> String {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "active": true }).to_string()
}

#[test]
fn every_node_serves_everything_and_honours_a_revoked_token_at_once() {
    let database = empty_database();
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let place = ["--database-url", database.url.as_str()];
    let unmigrated = run(other.path(), &["serve", "--no-migrate", "--listen", "127.0.0.1:0", place[0], place[1]]);
    assert_eq!(unmigrated.status.code(), Some(1), "{}", stderr(&unmigrated));
    assert!(stderr(&unmigrated).contains("muster migrate"), "{}", stderr(&unmigrated));
    let migrated = run(one.path(), &["migrate", place[0], place[1]]);
    assert!(stdout(&migrated).contains("up to date"), "{}", stderr(&migrated));

    let (id, token) = created(one.path(), &database.url);
    let first = Server::start(one.path(), &["--no-migrate", place[0], place[1]]);
    // A node without the key that the installation was made with is refused.
    let refused = run(other.path(), &["serve", "--listen", "127.0.0.1:0", place[0], place[1]]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("vault.key"), "{}", stderr(&refused));
    let key = "muster-data/vault.key";
    std::fs::copy(one.path().join(key), other.path().join(key)).unwrap();
    let second = Server::start(other.path(), &place);

    let made = web::scim(&base(&first, &id), &token, "POST", "/Users", &person("anna"));
    assert_eq!(made.status, 201, "{}", made.body);
    let path = format!("/Users/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(web::scim(&base(&second, &id), &token, "GET", &path, "").json()["userName"], "anna");
    assert_eq!(web::scim(&base(&second, &id), &token, "POST", "/Users", &person("Anna")).status, 409);

    let rotated = run_json(one.path(), &["connection", "token", "rotate", &id, "--json", place[0], place[1]]);
    for node in [&first, &second] {
        assert_eq!(web::scim(&base(node, &id), &token, "GET", &path, "").status, 401);
        let new = rotated["token"].as_str().unwrap();
        assert_eq!(web::scim(&base(node, &id), new, "GET", &path, "").status, 200);
    }
    let sound = run(one.path(), &["doctor", "--listen", "127.0.0.1:0", place[0], place[1]]);
    assert!(stdout(&sound).contains("is sound, with no migrations missing"), "{}", stdout(&sound));
    assert!(!stdout(&sound).contains("correct-horse"), "the password was shown");
}

#[test]
fn a_database_that_is_killed_loses_nothing_and_comes_back_without_a_restart() {
    let postgresql = PostgresServer::own(true);
    let url = postgresql.url("postgres");
    let folder = tempfile::tempdir().unwrap();
    let (id, token) = created(folder.path(), &url);
    let server = Server::start(folder.path(), &["--database-url", &url]);
    let post = |name: &str| web::scim(&base(&server, &id), &token, "POST", "/Users", &person(name));
    let mut acknowledged = Vec::new();
    for round in 0..2 {
        for number in 0..20 {
            let name = format!("u{round}-{number}");
            if number == 10 {
                postgresql.kill();
            }
            let answer = post(&name);
            match answer.status {
                201 => acknowledged.push(answer.json()["id"].as_str().unwrap().to_owned()),
                503 => {
                    assert!(number >= 10, "unavailable although it is there");
                    assert!(answer.header("retry-after").is_some(), "{}", answer.body);
                }
                other => panic!("{other}: {}", answer.body),
            }
        }
        assert_eq!(web::get(&server.url, "/readyz").status, 503);
        postgresql.start();
        let begun = Instant::now();
        while web::get(&server.url, "/readyz").status != 200 {
            assert!(begun.elapsed() < Duration::from_secs(30), "it does not come back:\n{}", server.log());
            std::thread::sleep(Duration::from_millis(100));
        }
        assert_eq!(post(&format!("after{round}")).status, 201);
    }
    assert_eq!(acknowledged.len(), 20);
    for person in acknowledged {
        assert_eq!(web::scim(&base(&server, &id), &token, "GET", &format!("/Users/{person}"), "").status, 200);
    }
}
