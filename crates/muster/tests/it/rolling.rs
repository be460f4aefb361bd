//! Rolling upgrade: servers of the release before go on beside a database that the next release has migrated.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use muster_testkit::postgres::{TestDatabase, empty_database, shared_server};

use crate::attempt::{Target, attempt};
use crate::nodes::{base, created, person};
use crate::process::{Server, run, run_json, stderr};
use crate::web;

fn sql(database: &TestDatabase, statement: &str) -> String {
    shared_server().sql_in(database.url.rsplit('/').next().unwrap(), statement)
}

/// What a later release does to the tables, in one transaction as `muster migrate` does it. `since`: the oldest schema whose
/// servers may go on.
fn migrate_like_a_later_release(database: &TestDatabase, number: i64, since: i64, changes: &str) {
    sql(
        database,
        &format!(
            "BEGIN; SELECT 1 FROM schema_migration WHERE number = 0 FOR UPDATE; {changes}
             INSERT INTO schema_migration VALUES ({number}, 'later', 'x', {since}); COMMIT"
        ),
    );
}

#[test]
fn a_server_of_the_release_before_serves_on_while_and_after_the_tables_grow() {
    let database = empty_database();
    let folder = tempfile::tempdir().unwrap();
    let (id, token) = created(folder.path(), &database.url);
    let place = ["--database-url", database.url.as_str()];
    // The guard would hold so many deactivations.
    run_json(folder.path(), &["connection", "set", &id, "guard_percent=0", "--json", place[0], place[1]]);
    let server = Server::start(folder.path(), &place);
    let known: i64 = sql(&database, "SELECT max(number) FROM schema_migration").parse().unwrap();
    let target = Target { base: base(&server, &id), token };
    let is_over = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (target, is_over) = (target.clone(), Arc::clone(&is_over));
            std::thread::spawn(move || {
                let mut people = Vec::new();
                while !is_over.load(Ordering::Relaxed) {
                    let name = format!("p{writer}-{}", people.len());
                    let made = attempt(&target, "POST", "/Users", None, &person(&name)).unwrap();
                    assert_eq!(made.status, 201, "{}", made.body);
                    let path = format!("/Users/{}", made.json()["id"].as_str().unwrap());
                    let change = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                                     "Operations":[{"op":"replace","path":"active","value":false}]}"#;
                    let changed = attempt(&target, "PATCH", &path, None, change).unwrap();
                    assert!(matches!(changed.status, 200 | 204), "{}: {}", changed.status, changed.body);
                    people.push(path);
                }
                people
            })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(500));
    migrate_like_a_later_release(
        &database,
        known + 1,
        known,
        "ALTER TABLE resource ADD COLUMN later bigint NOT NULL DEFAULT 7;
         ALTER TABLE resource_document ADD COLUMN later text; ALTER TABLE connection ADD COLUMN later text;
         CREATE TABLE later (tenant uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant, id));
         CREATE INDEX resource_later ON resource (tenant, later, id);",
    );
    std::thread::sleep(Duration::from_millis(500));
    is_over.store(true, Ordering::Relaxed);
    let people: Vec<String> = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
    assert!(!people.is_empty());
    for path in &people {
        let found = attempt(&target, "GET", path, None, "").unwrap();
        assert_eq!((found.status, &found.json()["active"]), (200, &false.into()), "{path}");
    }
    // One that is restarted may still go on, and so may its commands.
    drop(server);
    let again = Server::start(folder.path(), &["--no-migrate", place[0], place[1]]);
    assert_eq!(web::get(&again.url, "/readyz").status, 200);
    let sound = run(folder.path(), &["connection", "list", place[0], place[1]]);
    assert!(sound.status.success(), "{}", stderr(&sound));
    drop(again);

    // The release after that contracts; then this one has to be gone.
    let contracts = "ALTER TABLE resource DROP COLUMN label;";
    migrate_like_a_later_release(&database, known + 2, known + 1, contracts);
    let refused = run(folder.path(), &["serve", "--listen", "127.0.0.1:0", place[0], place[1]]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("newer Muster"), "{}", stderr(&refused));
}
