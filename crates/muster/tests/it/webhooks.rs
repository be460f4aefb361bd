//! Events and webhooks from the command line, with a server that runs and a receiver that listens.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::process::{Server, run, run_json, stderr, stdout};
use crate::web;

const PATIENCE: Duration = Duration::from_mins(1);

/// The head and the body of each message that arrives; every one is accepted.
fn receiver() -> (String, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, sender) = (stream.unwrap(), sender.clone());
            std::thread::spawn(move || serve(BufReader::new(stream), &sender));
        }
    });
    (url, receiver)
}

fn serve(mut stream: BufReader<std::net::TcpStream>, sender: &Sender<(String, String)>) {
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let length = head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body).unwrap();
        sender.send((head, String::from_utf8(body).unwrap())).unwrap();
        stream.get_mut().write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
    }
}

#[test]
fn messages_arrive_from_a_running_server_and_the_commands_tell_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let environment = [("MUSTER_WEBHOOK_ADDRESSES", "private")];
    let mut server = Server::start_with(folder.path(), &["--log", "info,muster=debug"], &environment);
    let (url, messages) = receiver();
    let refused = run(folder.path(), &["webhook", "create", "--url", &url]);
    assert!(stderr(&refused).contains("https://"), "{}", stderr(&refused));
    std::fs::write(folder.path().join("muster.toml"), "webhook_addresses = \"private\"\n").unwrap();
    let created = run_json(folder.path(), &["webhook", "create", "--url", &url, "--json"]);
    let (id, key) = (created["id"].as_str().unwrap().to_owned(), created["key"].as_str().unwrap().to_owned());
    assert!(id.starts_with("whe_") && key.starts_with("whsec_"), "{created}");

    let test = stdout(&run(folder.path(), &["webhook", "test", &id]));
    let (head, body) = messages.recv_timeout(PATIENCE).unwrap();
    assert!(head.starts_with("POST /hook HTTP/1.1") && head.contains("webhook-signature: v1,"), "{head}");
    assert!(body.contains("\"webhook.test\""), "{body}");

    let connection = run_json(folder.path(), &["connection", "create", "--name", "idp", "--json"]);
    let member = |name: &str| connection[name].as_str().unwrap().to_owned();
    let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "anna"}).to_string();
    assert_eq!(web::scim(&member("scim_base_url"), &member("token"), "POST", "/Users", &user).status, 201);
    let (_, body) = messages.recv_timeout(PATIENCE).unwrap();
    let event: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(event["type"], "directory.user.created");
    assert_eq!(event["data"]["connection"], connection["id"]);
    assert!(!body.contains("anna"), "thin messages have no values");

    // The feed tells the same event, the snapshot tells of the same person.
    let feed = run(folder.path(), &["events", "--json", "--objects"]);
    let lines: Vec<Value> = stdout(&feed).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["id"]), (1, &event["id"]));
    assert_eq!(lines[0]["data"]["object"]["userName"], "anna");
    let cursor = stderr(&feed).trim().rsplit(' ').next().unwrap().to_owned();
    assert_eq!(stdout(&run(folder.path(), &["events", "--cursor", &cursor])), "");
    let snapshot = stdout(&run(folder.path(), &["events", "--snapshot", "--json"]));
    assert!(snapshot.contains("directory.user.created") && !snapshot.contains("anna"), "{snapshot}");

    let listed = run_json(folder.path(), &["webhook", "list", "--json"]);
    assert_eq!((listed.as_array().unwrap().len(), listed[0].get("key")), (1, None));
    let delivery = || run_json(folder.path(), &["webhook", "delivery", &id, test.trim(), "--json"]);
    let deadline = std::time::Instant::now() + PATIENCE;
    while delivery()["state"] != "delivered" {
        assert!(std::time::Instant::now() < deadline, "{}", delivery());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(delivery()["tries"][0]["status"], 204);
    assert!(server.terminate().success());

    // The key is nowhere: not in the log, not in the database.
    let secret = key.strip_prefix("whsec_").unwrap();
    assert!(!server.log().contains(secret));
    for entry in std::fs::read_dir(folder.path().join("muster-data")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
}

#[test]
fn an_endpoint_is_changed_disabled_and_deleted_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    run_json(folder.path(), &["connection", "create", "--name", "idp", "--json"]);
    let url = "https://example.com/hook";
    let wrong = run(folder.path(), &["webhook", "create", "--url", url, "--type", "directory.person.created"]);
    assert!(stderr(&wrong).contains("docs/events.md"), "{}", stderr(&wrong));
    let created = run_json(folder.path(), &["webhook", "create", "--url", url, "--json"]);
    let id = created["id"].as_str().unwrap();
    let changed =
        run_json(folder.path(), &["webhook", "set", id, "--type", "directory.user.*", "--payload", "full", "--json"]);
    assert_eq!((&changed["payload"], &changed["event_types"]), (&json!("full"), &json!(["directory.user.*"])));
    let new = run_json(folder.path(), &["webhook", "rotate", id, "--json"]);
    assert_eq!((&new["version"], new["key"] == created["key"]), (&json!(2), false));
    assert!(stdout(&run(folder.path(), &["webhook", "show", id])).contains("signs until"));
    assert!(run(folder.path(), &["webhook", "rotate", id, "--complete"]).status.success());
    assert!(run(folder.path(), &["webhook", "disable", id]).status.success());
    assert!(stdout(&run(folder.path(), &["webhook", "list"])).contains("disabled (by operator)"));
    assert!(!run(folder.path(), &["webhook", "test", id]).status.success());
    assert!(run(folder.path(), &["webhook", "enable", id]).status.success());
    let recovered = run(folder.path(), &["webhook", "recover", id, "--since", "2026-01-01T00:00:00Z"]);
    assert!(stderr(&recovered).contains("0 deliveries"), "{}", stderr(&recovered));
    assert!(run(folder.path(), &["webhook", "delete", id]).status.success());
    let gone = run(folder.path(), &["webhook", "show", id]);
    assert!(stderr(&gone).contains("no webhook endpoint"), "{}", stderr(&gone));
}
