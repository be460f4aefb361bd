use serde_json::Value;

use crate::process::{Server, run, run_json, stderr, stdout};
use crate::web;

#[test]
fn a_connection_lives_from_create_to_delete_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let empty = stdout(&run(folder.path(), &["connection", "list"]));
    assert!(empty.contains("no connections yet"), "{empty}");
    let created = run_json(folder.path(), &["connection", "create", "--name", "Okta", "--provider", "okta", "--json"]);
    let id = created["id"].as_str().unwrap();
    assert_eq!(
        (created["tenant"].as_str(), created["name"].as_str(), created["provider"].as_str()),
        (Some("default"), Some("Okta"), Some("okta"))
    );
    let base = format!("http://127.0.0.1:8080/directory/resources/scim/v2.0/{id}");
    assert_eq!(created["scim_base_url"], base.as_str());
    let token = created["token"].as_str().unwrap();
    assert!(token.starts_with("msc_"));

    let listed = run_json(folder.path(), &["connection", "list", "--json"]);
    assert_eq!(listed["connections"][0]["id"], id);
    assert!(stdout(&run(folder.path(), &["connection", "list"])).contains("Okta"));
    let shown = run_json(folder.path(), &["connection", "show", id, "--json"]);
    assert_eq!(shown["credentials"][0]["last_four"], token[token.len() - 4..]);
    assert_eq!(shown["credentials"][0]["last_used"], Value::Null);
    assert!(!shown.to_string().contains(token), "the token was shown again");

    let rotated = run_json(folder.path(), &["connection", "token", "rotate", id, "--json"]);
    assert_ne!(rotated["token"], created["token"]);
    assert_eq!(run_json(folder.path(), &["connection", "delete", id, "--json"])["deleted"], true);
    assert_eq!(run(folder.path(), &["connection", "show", id]).status.code(), Some(1));
}

#[test]
fn a_running_server_honours_every_change_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let created = run_json(folder.path(), &["connection", "create", "--name", "a", "--json"]);
    let (id, base) = (created["id"].as_str().unwrap(), created["scim_base_url"].as_str().unwrap());
    let token = created["token"].as_str().unwrap();
    let ask = |token: &str| web::scim(base, token, "GET", "/Users", "").status;
    assert!(base.starts_with(&server.url));
    assert_eq!(ask(token), 200);
    let rotated = run_json(folder.path(), &["connection", "token", "rotate", id, "--json"]);
    let fresh = rotated["token"].as_str().unwrap();
    assert_eq!((ask(token), ask(fresh)), (401, 200));
    assert!(run(folder.path(), &["connection", "delete", id]).status.success());
    assert_eq!(ask(fresh), 401);
}

#[test]
fn mistakes_are_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    run_json(folder.path(), &["connection", "create", "--name", "a", "--json"]);
    for (arguments, code, said) in [
        (&["connection", "create", "--name", "a"][..], 1, "choose another name"),
        (&["connection", "create", "--name", "b", "--tenant", "nobody"], 1, "there is no tenant named \"nobody\""),
        (&["connection", "create", "--name", "b", "--provider", "octa"], 2, "okta"),
        (&["connection", "create"], 2, "--name"),
        (&["connection", "show", "con_1"], 2, "not a valid connection id"),
        (&["connection", "show", "con_00000000000070008000000000000abc"], 1, "`muster connection list`"),
        (&["connection", "delete", "con_00000000000070008000000000000abc"], 1, "`muster connection list`"),
        (&["connection", "list", "--data-dir", "/dev/null/x"], 1, "--data-dir"),
    ] {
        let refused = run(folder.path(), arguments);
        assert_eq!(refused.status.code(), Some(code), "{arguments:?}: {}", stderr(&refused));
        assert!(stderr(&refused).contains(said), "{arguments:?}: {}", stderr(&refused));
        assert!(refused.stdout.is_empty());
    }
}

#[test]
fn people_are_told_that_the_token_is_shown_once() {
    let folder = tempfile::tempdir().unwrap();
    let printed = stdout(&run(folder.path(), &["connection", "create", "--name", "a"]));
    assert!(printed.contains("msc_") && printed.contains("shown this once"), "{printed}");
}

#[test]
fn commands_that_make_the_installation_at_once_all_succeed() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for number in 0..4 {
            let folder = folder.path();
            scope.spawn(move || run_json(folder, &["connection", "create", "--json", "--name", &number.to_string()]));
        }
    });
    let listed = run_json(folder.path(), &["connection", "list", "--json"]);
    assert_eq!(listed["connections"].as_array().unwrap().len(), 4);
}
