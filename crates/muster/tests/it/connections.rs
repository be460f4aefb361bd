use serde_json::Value;

use crate::process::{Server, run, run_json, stderr, stdout};
use crate::web;

#[test]
fn a_connection_lives_from_create_to_delete_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let created = run_json(folder.path(), &["connection", "create", "--name", "Okta", "--provider", "okta", "--json"]);
    let id = created["id"].as_str().unwrap();
    assert_eq!(
        (created["tenant"].as_str(), created["name"].as_str(), created["provider"].as_str()),
        (Some("default"), Some("Okta"), Some("okta"))
    );
    let base = format!("http://127.0.0.1:8080/directory/resources/scim/v2.0/{id}");
    assert_eq!(created["scim_base_url"], base.as_str());
    assert_eq!(created["scim_1_1_base_url"], format!("http://127.0.0.1:8080/scim/v1/{id}"));
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
    let empty = stdout(&run(folder.path(), &["connection", "list"]));
    assert!(empty.contains("no connections yet"), "{empty}");
}

#[test]
fn only_create_makes_an_installation() {
    let folder = tempfile::tempdir().unwrap();
    let id = "con_00000000000070008000000000000abc";
    // Once with no folder, once with an empty one.
    for _ in 0..2 {
        let before = std::fs::read_dir(folder.path()).unwrap().count();
        for arguments in [&["list"][..], &["show", id], &["delete", id], &["token", "rotate", id]] {
            let refused = run(folder.path(), &[&["connection"], arguments].concat());
            assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
            let said = stderr(&refused);
            assert!(said.contains("there is no installation in ") && said.contains("muster-data"), "{said}");
            assert!(said.contains("`muster serve` or `muster connection create`"), "{said}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), before);
        let data = folder.path().join("muster-data");
        if before == 1 {
            assert_eq!(std::fs::read_dir(data).unwrap().count(), 0);
        } else {
            std::fs::create_dir(data).unwrap();
        }
    }
}

#[test]
fn the_address_of_the_database_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["--data-dir", "data"]);
    let url = format!("sqlite:{}", folder.path().join("data/muster.db").display());
    let elsewhere = tempfile::tempdir().unwrap();
    let on =
        |arguments: &[&str]| run_json(elsewhere.path(), &[arguments, &["--json", "--database-url", &url]].concat());
    let created = on(&["connection", "create", "--name", "a"]);
    let id = created["id"].as_str().unwrap();
    // The running server was found beside the database.
    assert!(created["scim_base_url"].as_str().unwrap().starts_with(&server.url), "{created}");
    assert_eq!(on(&["connection", "list"])["connections"][0]["id"], id);
    on(&["connection", "token", "rotate", id]);
    on(&["connection", "delete", id]);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn the_vault_key_is_not_needed_for_connections() {
    let folder = tempfile::tempdir().unwrap();
    let id = run_json(folder.path(), &["connection", "create", "--name", "a", "--json"])["id"].to_string();
    let key = folder.path().join("muster-data/vault.key");
    std::fs::write(&key, "damaged").unwrap();
    for arguments in [
        &["connection", "create", "--name", "b"][..],
        &["connection", "list"],
        &["connection", "show", id.trim_matches('"')],
    ] {
        let output = run(folder.path(), arguments);
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    }
    assert_eq!(std::fs::read_to_string(&key).unwrap(), "damaged");
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
