use std::io::Write;

use serde_json::json;

use crate::process::{Server, run, run_json, stderr};
use crate::web;

#[test]
fn from_the_first_start_to_the_first_person_and_an_orderly_stop() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &["--data-dir", "data dir"]);
    let printed = server.printed();
    assert!(printed.contains("first start") && printed.contains("vault.key"), "{printed}");
    // The printed command can be copied: run it as a shell would.
    let line = printed.lines().find(|line| line.contains("connection create")).unwrap().trim();
    let created = std::process::Command::new("sh")
        .args(["-c", &format!("{line} --json")])
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    assert!(created.status.success(), "{line}: {}", stderr(&created));
    let created: serde_json::Value = serde_json::from_slice(&created.stdout).unwrap();
    let (base, token) = (created["scim_base_url"].as_str().unwrap(), created["token"].as_str().unwrap());
    // The command asked the running server for its address.
    assert!(base.starts_with(&server.url), "{base}");

    let person = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "anna@example.com"});
    let response = web::scim(base, token, "POST", "/Users", &person.to_string());
    assert_eq!(response.status, 201, "{}", response.body);
    let location = response.json()["meta"]["location"].as_str().unwrap().to_owned();
    assert_eq!(web::scim(&location, token, "GET", "", "").json()["userName"], "anna@example.com");

    assert_eq!(server.terminate().code(), Some(0));
    let log = server.log();
    assert!(log.contains("stopping") && log.contains("stopped"), "{log}");

    // A second start finds everything, says less, and uses the same database.
    let mut server = Server::start(folder.path(), &["--data-dir", "data dir"]);
    let printed = server.printed();
    assert!(!printed.contains("first start") && !printed.contains("connection create"), "{printed}");
    let again = format!("{}{}", server.url, web::split(&location).1);
    assert_eq!(web::scim(&again, token, "GET", "", "").status, 200);
    server.signal("INT");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn the_data_folder_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let _server = Server::start(folder.path(), &[]);
    for (name, mode) in [("", 0o700), ("vault.key", 0o600), ("muster.db", 0o600)] {
        let found = std::fs::metadata(folder.path().join("muster-data").join(name)).unwrap().permissions().mode();
        assert_eq!(found & 0o777, mode, "{name}");
    }
}

#[test]
fn one_server_for_each_data_folder() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Server::start(folder.path(), &[]);
    let second = run(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(stderr(&second).contains(&first.url), "{}", stderr(&second));
    assert_eq!(web::get(&first.url, "/healthz").status, 200);
    // A killed server leaves nothing behind that would keep the next from starting.
    first.signal("KILL");
    first.wait();
    let _third = Server::start(folder.path(), &[]);
}

#[test]
fn a_lost_vault_key_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    Server::start(folder.path(), &[]).terminate();
    let key = folder.path().join("muster-data/vault.key");
    std::fs::remove_file(&key).unwrap();
    let refused = run(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("vault.key is missing although the database exists"), "{}", stderr(&refused));
    // Commands on connections need no key, and make none.
    assert!(run(folder.path(), &["connection", "create", "--name", "a"]).status.success());
    assert!(!key.exists());
}

#[test]
fn an_address_in_use_is_said_plainly() {
    let folder = tempfile::tempdir().unwrap();
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = holder.local_addr().unwrap().to_string();
    let refused = run(folder.path(), &["serve", "--listen", &address]);
    assert_eq!(refused.status.code(), Some(1));
    let said = stderr(&refused);
    assert!(said.contains(&format!("cannot listen on {address}")) && said.contains("--listen"), "{said}");
}

#[test]
fn a_running_request_is_answered_before_the_server_stops() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &[]);
    let created = run_json(folder.path(), &["connection", "create", "--name", "a", "--json"]);
    let (_, path) = web::split(created["scim_base_url"].as_str().unwrap());
    let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "late"}).to_string();
    let (early, late) = body.split_at(10);
    let mut stream = web::connect(&server.url);
    let token = created["token"].as_str().unwrap();
    write!(
        stream,
        "POST {path}/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Type: application/scim+json\r\n\
         Content-Length: {}\r\n\r\n{early}",
        body.len()
    )
    .unwrap();
    // The request must have begun before the signal; a second request that is answered is proof enough of time passed.
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(web::get(&server.url, "/healthz").status, 200);
    server.signal("TERM");
    server.wait_for_log("stopping");
    assert!(std::net::TcpStream::connect(web::split(&server.url).0.trim_start_matches("http://")).is_err());
    stream.write_all(late.as_bytes()).unwrap();
    let response = web::read_response(stream);
    assert_eq!(response.status, 201, "{}", response.body);
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn a_request_that_never_ends_does_not_keep_the_server() {
    let folder = tempfile::tempdir().unwrap();
    for (drain_timeout, signals) in [("300ms", 1), ("10m", 2)] {
        let mut server = Server::start(folder.path(), &["--drain-timeout", drain_timeout]);
        let mut stream = web::connect(&server.url);
        write!(stream, "POST /scim/v2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n").unwrap();
        std::thread::sleep(std::time::Duration::from_millis(200));
        for _ in 0..signals {
            server.signal("TERM");
            server.wait_for_log("stopping");
        }
        assert_eq!(server.wait().code(), Some(0), "{drain_timeout}");
    }
}
