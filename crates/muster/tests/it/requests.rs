//! The request log from the command line, with a server that runs.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::{Server, muster, run, run_json, stderr, stdout};
use crate::web;

const PATIENCE: Duration = Duration::from_secs(30);

fn connect(folder: &Path, name: &str) -> (String, String, String) {
    let created = run_json(folder, &["connection", "create", "--name", name, "--json"]);
    let text = |name: &str| created[name].as_str().unwrap().to_owned();
    (text("id"), text("scim_base_url"), text("token"))
}

/// The requests that there are once there are so many; servers write them a moment later.
fn listed(folder: &Path, least: usize, more: &[&str]) -> Vec<Value> {
    let deadline = Instant::now() + PATIENCE;
    let arguments: Vec<&str> = ["requests", "list", "--json"].into_iter().chain(more.iter().copied()).collect();
    loop {
        let found = run_json(folder, &arguments)["requests"].as_array().unwrap().clone();
        if found.len() >= least {
            return found;
        }
        assert!(Instant::now() < deadline, "{found:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A command that follows, and its lines.
struct Following {
    child: Child,
    lines: Receiver<String>,
}

impl Following {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = muster(folder).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines }
    }

    fn next(&self) -> Value {
        serde_json::from_str(&self.lines.recv_timeout(PATIENCE).unwrap()).unwrap()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_operator_finds_what_was_asked_and_why_it_failed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let (connection, base, token) = connect(folder.path(), "okta");
    let (_, other_base, other_token) = connect(folder.path(), "entra");
    let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "anna"}).to_string();
    let send = |method: &str, rest: &str, body: &str| web::scim(&base, &token, method, rest, body);
    let created = send("POST", "/Users", &user);
    assert_eq!(created.status, 201);
    let refused = send("POST", "/Users", &user);
    assert_eq!(refused.status, 409);
    assert_eq!(web::scim(&base, "wrong", "GET", "/Users", "").status, 401);
    web::scim(&other_base, &other_token, "GET", "/Groups", "");

    let all = listed(folder.path(), 4, &[]);
    assert_eq!(all.len(), 4);
    let failed = listed(folder.path(), 2, &["--connection", &connection, "--status", "failed"]);
    let codes: Vec<_> = failed.iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["unauthenticated", "uniqueness"]);
    assert!(failed[0]["credential"].is_null() && failed[1]["credential"].is_string());
    assert!(failed.iter().all(|one| one["client_address"] == "127.0.0.1" && one["remedy"].is_string()));
    let id = created.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(listed(folder.path(), 1, &["--resource", &id, "--since", "1h"]).len(), 1);
    assert_eq!(listed(folder.path(), 0, &["--until", "1h"]).len(), 0);

    let table = stdout(&run(folder.path(), &["requests", "list", "--limit", "2"]));
    assert!(table.contains("go on with --before req_") && table.contains("why:  "), "{table}");
    let name = failed[1]["id"].as_str().unwrap();
    let shown = stdout(&run(folder.path(), &["requests", "show", name]));
    assert!(shown.contains("why            Somebody else has the value") && shown.contains("\"anna\""), "{shown}");
    // The id that the client got leads to it, too.
    let by_log = run_json(folder.path(), &["requests", "show", created.header("x-request-id").unwrap(), "--json"]);
    assert_eq!(by_log["change_log"][0]["resource"], id);
    assert_eq!(by_log["request_body"]["content"]["userName"], "anna");
    let unknown = run(folder.path(), &["requests", "show", "req_019a2b3c4d5e7f60718293a4b5c6d7e8"]);
    assert!(!unknown.status.success() && stderr(&unknown).contains("muster requests list"), "{}", stderr(&unknown));
    let foreign = run(folder.path(), &["requests", "list", "--tenant", "nobody"]);
    assert!(!foreign.status.success());
    drop(server);
}

#[test]
fn tail_follows_and_what_was_answered_last_is_there_after_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &["--request-log-mask", "userName"]);
    let (_, base, token) = connect(folder.path(), "okta");
    web::scim(&base, &token, "GET", "/Users", "");
    listed(folder.path(), 1, &[]);
    let tail = Following::start(folder.path(), &["requests", "tail", "--json"]);
    assert_eq!(tail.next()["path"], "/Users");
    for number in 0..5 {
        web::scim(&base, &token, "GET", &format!("/Groups?startIndex={}", number + 1), "");
        assert_eq!(tail.next()["path"], format!("/Groups?startIndex={}", number + 1));
    }
    drop(tail);
    let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "anna"}).to_string();
    let created = web::scim(&base, &token, "POST", "/Users", &user);
    server.signal("TERM");
    assert!(server.wait().success(), "{}", server.log());
    let kept = run_json(folder.path(), &["requests", "show", created.header("x-request-id").unwrap(), "--json"]);
    assert_eq!(kept["request_body"]["content"]["userName"], "(masked)");
}
