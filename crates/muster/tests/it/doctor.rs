use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use crate::process::{Server, run, run_json, stdout};
use crate::web;

/// The exit code, and the names of the checks that found something wrong with what they said.
fn examine(folder: &Path, arguments: &[&str]) -> (Option<i32>, Vec<(String, String)>, Value) {
    let output = run(folder, &[&["doctor", "--json"], arguments].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = report["checks"].as_array().unwrap().iter();
    let wrong: Vec<_> = checks
        .filter(|check| check["ok"] == false)
        .map(|check| (word(&check["name"]), word(&check["message"])))
        .collect();
    assert_eq!(report["ok"], wrong.is_empty());
    (output.status.code(), wrong, report)
}

/// A folder that a server has used, at a port that is free.
fn used_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    Server::start(folder.path(), &[]).terminate();
    std::fs::write(folder.path().join("muster.toml"), "listen = \"127.0.0.1:0\"").unwrap();
    folder
}

fn only_finding(folder: &Path, name: &str, said: &str) {
    let (code, wrong, _) = examine(folder, &[]);
    assert_eq!(code, Some(1));
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert!(wrong[0].0 == name && wrong[0].1.contains(said), "{wrong:?}");
}

#[test]
fn a_good_folder_is_well_whether_a_server_runs_or_not() {
    let folder = used_folder();
    let (code, wrong, report) = examine(folder.path(), &[]);
    assert_eq!((code, wrong), (Some(0), vec![]));
    let names: Vec<_> =
        report["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["configuration", "data folder", "vault key", "database", "clock", "port"]);
    assert!(stdout(&run(folder.path(), &["doctor"])).contains("Everything is well"));

    let server = Server::start(folder.path(), &[]);
    let (code, _, report) = examine(folder.path(), &[]);
    assert_eq!(code, Some(0));
    assert!(report.to_string().contains(&format!("at {}", server.url)), "{report}");
}

#[test]
fn nothing_is_created_by_looking() {
    let folder = tempfile::tempdir().unwrap();
    let (code, wrong, _) = examine(folder.path(), &[]);
    assert_eq!(code, Some(1));
    assert!(wrong.iter().any(|(name, said)| name == "data folder" && said.contains("does not exist")), "{wrong:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);

    let folder = used_folder();
    let names = |folder: &Path| {
        let entries = std::fs::read_dir(folder.join("muster-data")).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names(folder.path());
    examine(folder.path(), &[]);
    assert_eq!(names(folder.path()), before);
}

/// What every file beside the database holds; the shared memory is SQLite's own scratch paper.
fn contents(folder: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let entries = std::fs::read_dir(folder.join("muster-data")).unwrap().map(Result::unwrap);
    let kept = entries.filter(|entry| !entry.file_name().to_string_lossy().ends_with("-shm"));
    let mut found: Vec<_> = kept.map(|entry| (entry.file_name(), std::fs::read(entry.path()).unwrap())).collect();
    found.sort();
    found
}

#[test]
fn nothing_is_written_by_looking_not_even_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &[]);
    let created = run_json(folder.path(), &["connection", "create", "--name", "a", "--json"]);
    let (base, token) = (created["scim_base_url"].as_str().unwrap(), created["token"].as_str().unwrap());
    let person = r#"{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "anna"}"#;
    assert_eq!(web::scim(base, token, "POST", "/Users", person).status, 201);
    // Leaves a log of writes behind that nobody has put into the database yet.
    server.signal("KILL");
    server.wait();
    let before = contents(folder.path());
    assert!(before.iter().any(|(name, bytes)| name == "muster.db-wal" && !bytes.is_empty()));
    std::fs::write(folder.path().join("muster.toml"), "listen = \"127.0.0.1:0\"").unwrap();
    let (code, wrong, report) = examine(folder.path(), &[]);
    assert_eq!((code, wrong), (Some(0), vec![]));
    assert!(report.to_string().contains("schema is version "), "{report}");
    assert!(contents(folder.path()) == before, "a file changed");
}

#[test]
fn a_server_that_is_starting_is_no_stranger_at_the_port() {
    let folder = used_folder();
    let lock = std::fs::File::options().write(true).open(folder.path().join("muster-data/serve.lock")).unwrap();
    lock.set_len(0).unwrap();
    lock.lock().unwrap();
    let (code, _, report) = examine(folder.path(), &[]);
    assert_eq!(code, Some(0));
    assert!(report.to_string().contains("a server is starting"), "{report}");
}

#[test]
fn a_broken_key_is_found() {
    let folder = used_folder();
    let key = folder.path().join("muster-data/vault.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    only_finding(folder.path(), "vault key", "chmod 600");
    std::fs::write(&key, "muster-vault-key-1 garbage").unwrap();
    only_finding(folder.path(), "vault key", "is not a vault key");
    std::fs::remove_file(&key).unwrap();
    only_finding(folder.path(), "vault key", "backup");
}

#[test]
fn a_broken_database_is_found() {
    let folder = used_folder();
    let database = folder.path().join("muster-data/muster.db");
    std::fs::write(&database, "this is no database, whatever its name says").unwrap();
    only_finding(folder.path(), "database", "muster.db");
    std::fs::remove_file(&database).unwrap();
    only_finding(folder.path(), "database", "missing although the vault key is there");
}

#[test]
fn a_folder_that_everybody_may_enter_is_found() {
    let folder = used_folder();
    std::fs::set_permissions(folder.path().join("muster-data"), std::fs::Permissions::from_mode(0o755)).unwrap();
    only_finding(folder.path(), "data folder", "chmod 700");
}

#[test]
fn a_port_that_another_program_holds_and_a_wrong_setting_are_found() {
    let folder = used_folder();
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (code, wrong, _) = examine(folder.path(), &["--listen", &holder.local_addr().unwrap().to_string()]);
    assert_eq!((code, wrong.len()), (Some(1), 1));
    assert_eq!(wrong[0].0, "port");
    let (code, wrong, _) = examine(folder.path(), &["--tls-cert", "a", "--tls-key", "b"]);
    assert_eq!((code, wrong[0].0.as_str()), (Some(1), "configuration"));
    std::fs::write(folder.path().join("muster.toml"), "nonsense = 1").unwrap();
    only_finding(folder.path(), "configuration", "line 1");
}
