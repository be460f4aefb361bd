//! What the guard holds, from the command line, with a server that runs.

use serde_json::{Value, json};

use crate::process::{Server, run, run_json, stderr, stdout};
use crate::web;

/// A connection whose guard lets one of everything through.
fn connect(folder: &std::path::Path) -> (String, String, String) {
    let create =
        ["connection", "create", "--name", "idp", "--set", "guard_percent=1", "--set", "guard_least=1", "--json"];
    let created = run_json(folder, &create);
    let text = |name: &str| created[name].as_str().unwrap().to_owned();
    (text("id"), text("scim_base_url"), text("token"))
}

#[test]
fn an_operator_sees_releases_and_drops_what_is_held() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &[]);
    let (connection, base, token) = connect(folder.path());
    let send = |method: &str, path: &str, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        web::scim(&base, &token, method, path, &body)
    };
    let user = |name: &str| {
        let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
        let created = send("POST", "/Users", json!({ "schemas": schemas, "userName": name, "active": true }));
        created.json()["id"].as_str().unwrap().to_owned()
    };
    assert!(stdout(&run(folder.path(), &["held", "list"])).contains("Nothing is held."));
    let ids = ["anna", "bert", "carl\u{1b}[2J"].map(user);
    let members: Vec<_> = ids.iter().map(|id| json!({ "value": id })).collect();
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
    let group =
        send("POST", "/Groups", json!({ "schemas": schemas, "displayName": "staff", "members": members })).json();
    let group = format!("/Groups/{}", group["id"].as_str().unwrap());
    for id in &ids {
        assert_eq!(send("DELETE", &format!("/Users/{id}"), Value::Null).status, 204);
    }
    assert_eq!(send("PUT", &group, json!({ "schemas": schemas, "displayName": "staff", "members": [] })).status, 200);
    server.wait_for_log("takes away more than its guard allows");

    let told = stdout(&run(folder.path(), &["held", "list"]));
    assert!(told.contains("delete User \"bert\"") && told.contains("remove 2 members from Group \"staff\""), "{told}");
    assert!(!told.contains('\u{1b}') && told.contains("4 changes in 3 requests are held"), "{told}");
    let listed = run_json(folder.path(), &["held", "list", "--connection", &connection, "--json"]);
    let held = listed["held"].as_array().unwrap();
    assert_eq!(held.len(), 3);
    let request = held[0]["request"].as_str().unwrap();
    server.wait_for_log(request);
    let id_of = |place: usize| held[place]["id"].as_str().unwrap();
    let shown = stdout(&run(folder.path(), &["held", "show", id_of(2)]));
    assert!(
        shown.contains("\"bert\"")
            && shown.contains(&format!("request        {}", held[2]["request"].as_str().unwrap())),
        "{shown}"
    );
    let details = run_json(folder.path(), &["connection", "show", &connection, "--json"]);
    assert_eq!((&details["held"], &details["taken_away_in_24_hours"]), (&json!(4), &json!({ "User": 1 })));
    assert!(stdout(&run(folder.path(), &["connection", "show", &connection])).contains("held           4 changes"));

    let released = run_json(folder.path(), &["held", "release", id_of(2), "--json"]);
    assert_eq!(released, json!({ "done": [id_of(2)], "nothing_to_do": [], "failed": [] }));
    assert!(web::scim(&base, &token, "GET", &group, "").json()["members"].is_null());
    let dropped = stdout(&run(folder.path(), &["held", "drop", id_of(0)]));
    assert!(dropped.contains("1 dropped; nothing of it was done."), "{dropped}");
    let gone = run(folder.path(), &["held", "release", id_of(0)]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(stderr(&gone).contains("nothing is held under hld_"), "{}", stderr(&gone));
    let all = stdout(&run(folder.path(), &["held", "release", "--all", "--tenant", "default"]));
    assert!(all.contains("1 released.\n"), "{all}");
    let left = send("GET", "/Users?count=0", Value::Null).json();
    assert_eq!(left["totalResults"], 1, "one was let through, one dropped and one released");
    assert_eq!(run_json(folder.path(), &["held", "reset", "--connection", &connection, "--json"])["reset"], true);
    let details = run_json(folder.path(), &["connection", "show", &connection, "--json"]);
    assert_eq!((&details["held"], &details["taken_away_in_24_hours"]), (&json!(0), &json!({})));
    assert!(server.terminate().success());
    assert!(!server.log().contains("bert"), "no name of a person belongs into the log");
}

#[test]
fn nothing_is_decided_by_leaving_something_out() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["release"][..], &["drop"], &["release", "--tenant", "default"], &["drop", "hld_1"], &["reset"]]
    {
        let refused = run(folder.path(), &[&["held"], arguments].concat());
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}: {}", stderr(&refused));
    }
    let refused = run(folder.path(), &["held", "list"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("there is no installation in "), "{}", stderr(&refused));
}
