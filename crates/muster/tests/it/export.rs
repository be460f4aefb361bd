//! `muster export` from the command line. What is in the lines is tested where the SCIM edge can be asked.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::process::{muster, run, run_json, stderr, stdout};

fn connection(folder: &Path, name: &str) -> String {
    let created = run_json(folder, &["connection", "create", "--name", name, "--json"]);
    created["id"].as_str().unwrap().to_owned()
}

/// An installation in which one connection has some people and a group.
fn filled() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let id = connection(folder.path(), "idp");
    let mut lines: Vec<Value> = (0..700)
        .map(|number| {
            let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
            json!({ "schemas": schemas, "userName": format!("person{number}") })
        })
        .collect();
    let members: Vec<Value> = (0..700).map(|number| json!({ "value": format!("person{number}") })).collect();
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
    lines.push(json!({ "schemas": schemas, "displayName": "all", "externalId": "g", "members": members }));
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    std::fs::write(folder.path().join("in.jsonl"), lines.join("\n")).unwrap();
    run_json(folder.path(), &["load", "in.jsonl", "--connection", &id, "--json"]);
    (folder, id)
}

#[test]
fn a_file_is_whole_private_and_never_replaced_unasked() {
    let (folder, id) = filled();
    let to_file = ["export", "--connection", &id, "--output", "out.jsonl"];
    let report = run_json(folder.path(), &[&to_file[..], &["--json"]].concat());
    assert_eq!(report["resources"], json!({ "Group": 1, "User": 700 }), "{report}");
    assert_eq!((&report["members"], &report["complete"]), (&json!(700), &json!(true)), "{report}");
    let file = folder.path().join("out.jsonl");
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!((written.len() as u64, written.lines().count()), (report["bytes"].as_u64().unwrap(), 701));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    std::fs::write(&file, "mine").unwrap();
    let refused = run(folder.path(), &to_file);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("is there already"), "{}", stderr(&refused));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    let forced = run(folder.path(), &[&to_file[..], &["--force"]].concat());
    assert!(stdout(&forced).contains("Group 1, User 700 and 700 members written"), "{}", stdout(&forced));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), written);
    assert!(!folder.path().join("out.jsonl.partial").exists());
}

#[test]
fn standard_output_has_the_lines_and_nothing_else() {
    let (folder, id) = filled();
    let done = run(folder.path(), &["export", "--connection", &id]);
    assert!(done.status.success(), "{}", stderr(&done));
    assert!(stdout(&done).lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    assert!(stderr(&done).contains("Passwords, tokens, ids and versions are not in it"), "{}", stderr(&done));
    // What comes out goes into another connection that is empty, of another installation.
    let other = tempfile::tempdir().unwrap();
    let to = connection(other.path(), "idp");
    std::fs::write(other.path().join("all.jsonl"), &done.stdout).unwrap();
    let loaded = run_json(other.path(), &["load", "all.jsonl", "--connection", &to, "--json"]);
    assert_eq!((&loaded["created"], &loaded["bad"]), (&json!(701), &json!(0)), "{loaded}");
    // Nobody reads to the end.
    let mut left = muster(folder.path());
    left.args(["export", "--connection", &id]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut left = left.spawn().unwrap();
    drop(left.stdout.take());
    let left = left.wait_with_output().unwrap();
    assert!(left.status.success() && stderr(&left).is_empty(), "{}", stderr(&left));
}

#[test]
fn what_is_missing_is_told_and_leaves_no_file() {
    let (folder, _) = filled();
    let unknown = ["export", "--connection", "con_019a2b3c4d5e7f60718293a4b5c6d7e8", "--output", "out.jsonl"];
    let told = run(folder.path(), &unknown);
    assert!(stderr(&told).contains("no connection with this id"), "{}", stderr(&told));
    assert!(!folder.path().join("out.jsonl").exists() && !folder.path().join("out.jsonl.partial").exists());
    let empty = tempfile::tempdir().unwrap();
    let told = run(empty.path(), &unknown[..3]);
    assert!(stderr(&told).contains("there is no installation in "), "{}", stderr(&told));
    let told = run(folder.path(), &["export", "--connection", unknown[2], "--json"]);
    assert_eq!(told.status.code(), Some(2), "the lines and the counts would be mixed");
}
