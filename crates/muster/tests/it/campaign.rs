//! Two servers on one PostgreSQL, one of them killed every few seconds, and sixteen writers on the same group and the same
//! person through both. In the end everything is as the answers said, and whoever read the change log meanwhile has read every
//! change once and in order.

mod consumer;
mod model;
mod writers;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use muster_testkit::postgres::PostgresServer;
use serde_json::{Value, json};

use crate::attempt::{Target, attempt};
use crate::nodes::{base, created, person};
use crate::process::{Server, run_json};
use consumer::Consumer;
use model::Shared;

const WRITERS: usize = 16;
/// Told by `cargo xtask`, which knows the sizes.
const SECONDS: &str = "MUSTER_NODES_SECONDS";
/// Between two kills: so long at least, and up to twice that.
const BETWEEN_KILLS: Duration = Duration::from_secs(3);

/// A server with its folder, and where it is reached now.
struct Node {
    folder: tempfile::TempDir,
    server: Option<Server>,
    target: Arc<Mutex<Target>>,
    connection: (String, String),
    url: String,
}

impl Node {
    fn start(&mut self) {
        let server = Server::start(self.folder.path(), &["--database-url", &self.url]);
        let (id, token) = &self.connection;
        *self.target.lock().unwrap() = Target { base: base(&server, id), token: token.clone() };
        self.server = Some(server);
    }

    fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.signal("KILL");
            server.wait();
        }
    }
}

fn nodes(url: &str) -> [Node; 2] {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let connection = created(folders[0].path(), url);
    let place = ["--database-url", url];
    let unlimited = ["connection", "set", &connection.0, "requests_per_second=0", "guard_percent=0", "--json"];
    run_json(folders[0].path(), &[&unlimited[..], &place].concat());
    let key = "muster-data/vault.key";
    std::fs::create_dir(folders[1].path().join("muster-data")).unwrap();
    std::fs::copy(folders[0].path().join(key), folders[1].path().join(key)).unwrap();
    folders.map(|folder| {
        let target = Arc::new(Mutex::new(Target { base: String::new(), token: String::new() }));
        let mut node = Node { folder, server: None, target, connection: connection.clone(), url: url.to_owned() };
        node.start();
        node
    })
}

fn post(target: &Target, endpoint: &str, body: &str) -> String {
    let made = attempt(target, "POST", endpoint, None, body).unwrap();
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()["id"].as_str().unwrap().to_owned()
}

fn get(target: &Target, path: &str) -> Value {
    let found = attempt(target, "GET", path, None, "").unwrap();
    assert_eq!(found.status, 200, "{}", found.body);
    found.json()
}

/// `W/"7"` is the seventh version.
fn version_of(resource: &Value) -> u64 {
    let tag = resource["meta"]["version"].as_str().unwrap();
    tag.trim_start_matches("W/").trim_matches('"').parse().unwrap()
}

#[test]
#[ignore = "a step of its own: `cargo xtask test --only nodes`, and for longer `cargo xtask campaign nodes`"]
fn nodes_campaign() {
    let seconds = std::env::var(SECONDS).ok().and_then(|text| text.parse().ok()).unwrap_or(30);
    let postgresql = PostgresServer::own(true);
    let url = postgresql.url("postgres");
    let mut nodes = nodes(&url);
    let consumer = Consumer::start(nodes[0].folder.path(), &url);

    let target = nodes[0].target.lock().unwrap().clone();
    let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "shared" });
    let shared = Arc::new(Shared {
        person: post(&target, "/Users", &person("shared")),
        group: post(&target, "/Groups", &group.to_string()),
        targets: [Arc::clone(&nodes[0].target), Arc::clone(&nodes[1].target)],
        until: Instant::now() + Duration::from_secs(seconds),
    });
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| {
            let members = (0..2).map(|member| post(&target, "/Users", &person(&format!("m{number}-{member}"))));
            let (shared, members) = (Arc::clone(&shared), members.collect());
            std::thread::spawn(move || writers::write(&shared, number, members))
        })
        .collect();
    let mut kills = 0;
    while Instant::now() + BETWEEN_KILLS < shared.until {
        std::thread::sleep(BETWEEN_KILLS + BETWEEN_KILLS * (kills * 7 % 10) / 10);
        let node = &mut nodes[(kills % 2) as usize];
        node.kill();
        std::thread::sleep(Duration::from_millis(200));
        node.start();
        kills += 1;
    }
    let written: Vec<_> = writers.into_iter().map(|writer| writer.join().unwrap()).collect();

    let target = nodes[0].target.lock().unwrap().clone();
    let other = nodes[1].target.lock().unwrap().clone();
    let (person, group) = (get(&target, &shared.person_path()), get(&target, &shared.group_path()));
    assert_eq!(person, with_base_of(&target, &other, &get(&other, &shared.person_path())), "the nodes differ");
    model::verify(&written, &person, &group);
    let changes = consumer.finish(&[(&shared.person, version_of(&person)), (&shared.group, version_of(&group))]);
    consumer::verify(&changes, &group, &shared.group);
    let done: u64 = written.iter().map(|one| one.person_changes + one.group_changes).sum();
    let unanswered: u64 = written.iter().map(|one| one.unanswered).sum();
    println!(
        "{kills} kills, {done} changes of one person and one group, {unanswered} requests without an answer, {} entries of \
         the change log read",
        changes.len()
    );
    assert!(kills > 0 && done > 50, "hardly anything happened");
}

/// Addresses begin with the node's own, because no public one is set.
fn with_base_of(target: &Target, other: &Target, resource: &Value) -> Value {
    let text = resource.to_string().replace(crate::web::split(&other.base).0, crate::web::split(&target.base).0);
    serde_json::from_str(&text).unwrap()
}
