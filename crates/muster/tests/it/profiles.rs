//! Profiles and overrides from the command line, with a server that runs.

use serde_json::json;

use crate::process::{Server, run, run_json, stderr, stdout};
use crate::web;

#[test]
fn profiles_are_listed_and_shown_with_where_each_value_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let listed = run_json(folder.path(), &["profile", "list", "--json"]);
    let profiles = listed["profiles"].as_array().unwrap();
    assert_eq!(profiles.len(), 14);
    let flag = profiles.iter().find(|profile| profile["name"] == "entra-flag").unwrap();
    assert_eq!((&flag["inherits"], flag["version"].as_u64() > Some(0)), (&json!("entra"), true));
    assert!(stdout(&run(folder.path(), &["profile", "list"])).contains("okta-1.1"));

    let shown = run_json(folder.path(), &["profile", "show", "entra-flag", "--json"]);
    let knob = |name: &str| {
        let knobs = shown["knobs"].as_array().unwrap();
        let found = knobs.iter().find(|knob| knob["name"] == name).unwrap();
        (found["value"].clone(), found["from"].as_str().unwrap().to_owned())
    };
    assert_eq!(knob("accept_passwords"), (json!(false), "entra".to_owned()));
    assert_eq!(knob("boolean_strings"), (json!(true), "generic".to_owned()));
    let told = stdout(&run(folder.path(), &["profile", "show", "strict"]));
    assert!(told.contains("boolean_strings") && told.contains("here") && told.contains("from generic"), "{told}");
    let explained = stdout(&run(folder.path(), &["profile", "show", "strict", "--explain"]));
    assert!(explained.contains("stand for booleans"), "{explained}");
    assert!(folder.path().read_dir().unwrap().next().is_none(), "looking makes nothing");
}

#[test]
fn a_running_server_honours_an_override_at_once_and_counts_repairs() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &["--log", "info,muster_app=debug"]);
    let create =
        ["connection", "create", "--name", "a", "--provider", "entra", "--set", "members_in_lists=false", "--json"];
    let created = run_json(folder.path(), &create);
    assert_eq!(created["overrides"], json!({ "members_in_lists": false }));
    let (id, base) = (created["id"].as_str().unwrap(), created["scim_base_url"].as_str().unwrap());
    let token = created["token"].as_str().unwrap();
    let post = |name: &str| {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "active": "False",
        });
        web::scim(base, token, "POST", "/Users", &body.to_string()).status
    };
    assert_eq!(post("a"), 201);
    server.wait_for_log("\"False\" read as false in active: entra, classic boolean");
    let changed = run_json(folder.path(), &["connection", "set", id, "boolean_strings=false", "--json"]);
    assert_eq!(changed["overrides"], json!({ "boolean_strings": false, "members_in_lists": false }));
    assert_eq!(post("b"), 400);
    let back = ["connection", "set", id, "boolean_strings=default", "members_in_lists=default", "--json"];
    assert_eq!(run_json(folder.path(), &back)["overrides"], json!({}));
    assert_eq!(post("c"), 201);
    let other = run_json(folder.path(), &["connection", "set", id, "--provider", "strict", "--json"]);
    assert_eq!(other["provider"], "strict");
    assert_eq!(post("d"), 400);
    // What was only counted in memory so far is written when the server stops.
    assert!(server.terminate().success());
    let shown = run_json(folder.path(), &["connection", "show", id, "--json"]);
    assert_eq!(shown["repairs"][0]["kind"], "classic_boolean");
    assert_eq!(shown["repairs"][0]["count"], 2);
    assert!(stdout(&run(folder.path(), &["connection", "show", id])).contains("2 times: classic boolean"));
}

#[test]
fn mistakes_in_knobs_are_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let created = run_json(folder.path(), &["connection", "create", "--name", "a", "--json"]);
    let id = created["id"].as_str().unwrap();
    for (arguments, code, said) in [
        (&["connection", "set", id, "bare_word=true"][..], 2, "did you mean bare_words?"),
        (&["connection", "set", id, "bare_words=maybe"], 2, "bare_words takes true or false"),
        (&["connection", "set", id, "max_page_size=5000"], 2, "a number from 1 to 1000"),
        (&["connection", "set", id, "bare_words"], 2, "write knob=value"),
        (&["connection", "set", id], 2, "KNOB=VALUE"),
        (&["connection", "set", "con_00000000000070008000000000000abc", "bare_words=true"], 1, "connection list"),
        (&["connection", "create", "--name", "b", "--set", "zebra=1"], 2, "muster profile show generic"),
        (&["profile", "show", "octa"], 2, "okta"),
    ] {
        let refused = run(folder.path(), arguments);
        assert_eq!(refused.status.code(), Some(code), "{arguments:?}: {}", stderr(&refused));
        assert!(stderr(&refused).contains(said), "{arguments:?}: {}", stderr(&refused));
        assert!(refused.stdout.is_empty());
    }
}
