//! Who does background work among several servers on one PostgreSQL, and who takes over.

use std::path::Path;
use std::time::{Duration, Instant};

use muster_testkit::postgres::{TestDatabase, empty_database, shared_server};
use serde_json::Value;

use crate::nodes::{base, created, person};
use crate::process::{Server, muster, run, run_json, stderr, stdout};
use crate::web;

/// A lease of ten seconds, a turn every two, and a busy machine.
const PATIENCE: Duration = Duration::from_secs(45);
const TASK: &str = "number-changes";

fn sql(database: &TestDatabase, statement: &str) -> String {
    shared_server().sql_in(database.url.rsplit('/').next().unwrap(), statement)
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "not so in time: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn has_work_done(database: &TestDatabase) -> bool {
    sql(database, "SELECT count(*) FROM change_pending") == "0"
}

/// Another folder with the same vault key.
fn second_node(first: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let key = "muster-data/vault.key";
    std::fs::create_dir(folder.path().join("muster-data")).unwrap();
    std::fs::copy(first.join(key), folder.path().join(key)).unwrap();
    folder
}

#[test]
fn slow_work_goes_on_when_the_worker_is_killed_and_at_once_when_it_stops() {
    let database = empty_database();
    let one = tempfile::tempdir().unwrap();
    let place = ["--database-url", database.url.as_str()];
    let (id, token) = created(one.path(), &database.url);
    let other = second_node(one.path());
    let web = Server::start(one.path(), &["--role", "web", place[0], place[1]]);
    let mut names = 0;
    let mut work = || {
        names += 1;
        let made = web::scim(&base(&web, &id), &token, "POST", "/Users", &person(&format!("p{names}")));
        assert_eq!(made.status, 201, "{}", made.body);
    };
    let lease = || sql(&database, &format!("SELECT owner, fence FROM lease WHERE name = '{TASK}'"));

    work();
    std::thread::sleep(Duration::from_secs(4));
    assert!(!has_work_done(&database), "a web server does background work");
    assert_eq!(lease(), "");

    let mut first = Server::start(other.path(), &["--role", "worker", place[0], place[1]]);
    wait_until("the worker numbers changes", || has_work_done(&database));
    let third = second_node(one.path());
    let mut second = Server::start(third.path(), &["--role", "worker", place[0], place[1]]);
    let held_by_first = lease();

    first.signal("KILL");
    first.wait();
    work();
    wait_until("another worker takes over from one that was killed", || has_work_done(&database));
    assert_ne!(lease(), held_by_first);
    second.wait_for_log("this node does the task from now on");

    let fourth = second_node(one.path());
    let last = Server::start(fourth.path(), &["--role", "worker", place[0], place[1]]);
    assert!(second.terminate().success());
    let nobody = format!("SELECT count(*) FROM lease WHERE name = '{TASK}' AND owner = '{}'", "0".repeat(32));
    assert_eq!(sql(&database, &nobody), "1", "a worker that stops gives its lease back:\n{}", second.log());
    work();
    wait_until("the next worker begins", || has_work_done(&database));
    last.wait_for_log("this node does the task from now on");
    assert!(web::get(&last.url, "/metrics").body.contains("muster_upkeep_done_total{task=\"number-changes\"} 1"));
}

#[test]
fn a_worker_answers_questions_about_itself_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody is told its address, so it needs no TLS on any.
    let server = Server::start(folder.path(), &["--role", "worker", "--public-url", "http://scim.example.com"]);
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(web::get(&server.url, path).status, 200, "{path}");
    }
    for path in ["/", "/scim/v2/con_00000000000070008000000000000abc/Users"] {
        let answer = web::get(&server.url, path);
        assert_eq!(answer.status, 503, "{path}: {}", answer.body);
        assert!(answer.header("retry-after").is_some());
        assert!(answer.json()["detail"].as_str().unwrap().contains("role"), "{}", answer.body);
    }
    let refused = run(folder.path(), &["serve", "--role", "boss"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("all, web or worker"), "{}", stderr(&refused));
    let shown = muster(folder.path()).args(["config"]).env("MUSTER_ROLE", "web").output().unwrap();
    assert!(stdout(&shown).contains("MUSTER_ROLE"), "{}", stdout(&shown));
}

#[test]
fn the_change_log_is_followed_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let created = run_json(folder.path(), &["connection", "create", "--name", "a", "--json"]);
    let (id, token) = (created["id"].as_str().unwrap(), created["token"].as_str().unwrap());
    assert_eq!(stdout(&run(folder.path(), &["changes", "--json"])), "");
    let server = Server::start(folder.path(), &[]);
    let made = web::scim(&base(&server, id), token, "POST", "/Users", &person("anna")).json();
    let group =
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"g","members":[{"value":"?"}]}"#;
    let group = group.replace('?', made["id"].as_str().unwrap());
    assert_eq!(web::scim(&base(&server, id), token, "POST", "/Groups", &group).status, 201);
    let lines = |arguments: &[&str]| {
        let output = run(folder.path(), arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        let text = stdout(&output);
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
    };
    let all = lines(&["changes", "--json"]);
    let told: Vec<_> =
        all.iter().map(|one| (one["sequence"].as_u64().unwrap(), one["kind"].as_str().unwrap())).collect();
    assert_eq!(told, [(1, "created"), (2, "created")]);
    assert_eq!((&all[0]["resource"], &all[1]["joined"][0]), (&made["id"], &made["id"]));
    assert_eq!(all[0]["connection"], id);
    assert_eq!(lines(&["changes", "--json", "--after", "1"]), all[1..]);
    let words = stdout(&run(folder.path(), &["changes"]));
    assert!(words.contains("created Group") && words.contains("1 joined"), "{words}");
    assert!(!words.contains("anna"), "the log has ids and no values");
    let unknown = run(folder.path(), &["changes", "--tenant", "nowhere"]);
    assert!(stderr(&unknown).contains("nowhere"), "{}", stderr(&unknown));
}
