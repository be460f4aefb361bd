//! Schemas from the command line, with a server that runs.

use std::fs;

use serde_json::{Value, json};

use crate::process::{Server, run, run_json, stderr, stdout};
use crate::web;

const DESK: &str = "urn:example:scim:Desk";

fn desk() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": DESK, "name": "Desk", "description": "Where somebody sits",
        "attributes": [{ "name": "place" }],
    })
}

#[test]
fn a_running_server_honours_what_is_added_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let _server = Server::start(folder.path(), &[]);
    let created = run_json(folder.path(), &["connection", "create", "--name", "a", "--json"]);
    let (base, token) = (created["scim_base_url"].as_str().unwrap(), created["token"].as_str().unwrap());
    fs::write(folder.path().join("desk.json"), desk().to_string()).unwrap();
    let get = |path: &str| web::scim(base, token, "GET", path, "").status;
    assert_eq!(get(&format!("/Schemas/{DESK}")), 404);

    let checked = run(folder.path(), &["schema", "check", "desk.json", "--extends", "User"]);
    assert_eq!(stdout(&checked), format!("good: schema {DESK}\ngood: extension {DESK} of User\n"));
    assert_eq!(get(&format!("/Schemas/{DESK}")), 404, "nothing was stored");
    let add = ["schema", "add", "desk.json", "--extends", "User", "--json"];
    assert_eq!(run_json(folder.path(), &add)["added"].as_array().unwrap().len(), 2);
    assert_eq!(run_json(folder.path(), &add)["added"], json!([]), "again changes nothing");
    assert_eq!(get(&format!("/Schemas/{DESK}")), 200);

    let listed = run_json(folder.path(), &["schema", "list", "--json"]);
    let own = listed["schemas"].as_array().unwrap().iter().find(|schema| schema["id"] == DESK).unwrap();
    assert_eq!((&own["used_by"], &own["from"]), (&json!(["User"]), &json!("this tenant")));
    assert!(listed["packs"].as_array().unwrap().iter().all(|pack| pack["enabled"] == false));
    let table = stdout(&run(folder.path(), &["schema", "list"]));
    assert!(table.contains(DESK) && table.contains("/Groups") && table.contains("pam"), "{table}");
    let shown = run_json(folder.path(), &["schema", "show", DESK, "--json"]);
    assert_eq!(shown["attributes"][0]["returned"], "default", "defaults are spelt out");
    assert!(stdout(&run(folder.path(), &["schema", "show", DESK])).contains("place"));
    assert!(stdout(&run(folder.path(), &["schema", "show", "user"])).contains(&format!("{DESK} (optional)")));

    let mut more = desk();
    more["attributes"].as_array_mut().unwrap().push(json!({ "name": "floor", "type": "integer" }));
    fs::write(folder.path().join("desk.json"), more.to_string()).unwrap();
    let refused = run(folder.path(), &["schema", "add", "desk.json"]);
    assert!(stderr(&refused).contains("--replace"), "{}", stderr(&refused));
    let replaced = run(folder.path(), &["schema", "add", "desk.json", "--replace"]);
    assert_eq!(stdout(&replaced), format!("added: schema {DESK}\n"));

    let person = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", DESK], "userName": "anna", DESK: { "floor": 3 },
    });
    assert_eq!(web::scim(base, token, "POST", "/Users", &person.to_string()).status, 201);
    let refused = run(folder.path(), &["schema", "remove", DESK]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("1 resources of type User have something in"), "{}", stderr(&refused));

    assert_eq!(run_json(folder.path(), &["schema", "enable", "pam", "--json"])["enabled"], json!(["pack pam"]));
    assert_eq!(get("/Containers"), 200);
    let refused = run(folder.path(), &["schema", "remove", "Container"]);
    assert!(stderr(&refused).contains("muster schema disable pam"), "{}", stderr(&refused));
    assert_eq!(stdout(&run(folder.path(), &["schema", "disable", "pam"])), "disabled: pack pam\n");
    assert_eq!(stdout(&run(folder.path(), &["schema", "disable", "pam"])), "The pack pam is not enabled.\n");
    assert_eq!(get("/Containers"), 404);
}

#[test]
fn mistakes_are_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    run_json(folder.path(), &["connection", "create", "--name", "a", "--json"]);
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("broken.json", "{");
    write("bad.json", &json!({ "id": DESK, "attributes": [{ "name": "a", "type": "text" }] }).to_string());
    write("desk.json", &desk().to_string());
    for (arguments, code, said) in [
        (&["schema", "add", "none.json"][..], 2, "none.json cannot be read"),
        (&["schema", "add", "broken.json"], 2, "broken.json is not valid JSON"),
        (&["schema", "check", "bad.json"], 2, "bad.json: schema urn:example:scim:Desk: a (type): must be one of"),
        (&["schema", "add", "desk.json", "--extends", "Usr"], 1, "there are User, Group"),
        (&["schema", "add", "desk.json", "--required"], 2, "--extends"),
        (&["schema", "add", "desk.json", "--tenant", "nobody"], 1, "no tenant named"),
        (&["schema", "remove", "Badge"], 1, "muster schema list"),
        (&["schema", "remove", "User"], 1, "built in"),
        (&["schema", "show", "Badge"], 1, "muster schema list"),
        (&["schema", "enable", "pamm"], 2, "pam"),
    ] {
        let refused = run(folder.path(), arguments);
        assert_eq!(refused.status.code(), Some(code), "{arguments:?}: {}", stderr(&refused));
        assert!(stderr(&refused).contains(said), "{arguments:?}: {}", stderr(&refused));
    }
}
