//! Conflicts and owners from the command line, while the server runs.

use serde_json::{Value, json};

use crate::process::{Server, run, run_json, stderr, stdout};
use crate::web;

struct Provider {
    id: String,
    base: String,
    token: String,
}

impl Provider {
    fn connect(folder: &std::path::Path, name: &str, set: &[&str]) -> Self {
        let created = run_json(folder, &[&["connection", "create", "--name", name, "--json"], set].concat());
        let text = |key: &str| created[key].as_str().unwrap().to_owned();
        Self { id: text("id"), base: text("scim_base_url"), token: text("token") }
    }

    fn create(&self, name: &str) -> web::Response {
        let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name });
        web::scim(&self.base, &self.token, "POST", "/Users", &body.to_string())
    }

    fn count(&self) -> Value {
        web::scim(&self.base, &self.token, "GET", "/Users?count=0", "").json()["totalResults"].clone()
    }
}

#[test]
fn a_person_decides_conflicts_and_moves_a_tenant() {
    let folder = tempfile::tempdir().unwrap();
    let _server = Server::start(folder.path(), &[]);
    let old = Provider::connect(folder.path(), "old", &[]);
    let new = Provider::connect(folder.path(), "new", &[]);
    for name in ["anna", "bob", "cara", "dan"] {
        assert_eq!(old.create(name).status, 201);
    }
    assert_eq!((old.count(), new.count()), (json!(4), json!(0)));
    for name in ["anna", "bob", "bob"] {
        assert_eq!(new.create(name).status, 409);
    }
    assert!(stdout(&run(folder.path(), &["connection", "show", &old.id])).contains("owns           4 User"));
    let shown = stdout(&run(folder.path(), &["connection", "show", &new.id]));
    assert!(shown.contains("owns           nothing") && shown.contains("2 wait for a decision"), "{shown}");
    let listed = run_json(folder.path(), &["conflict", "list", "--connection", &new.id, "--json"]);
    let id_of = |display: &str| {
        let all = listed["conflicts"].as_array().unwrap();
        let found = all.iter().find(|conflict| conflict["resource"]["display"] == display).unwrap();
        assert_eq!((&found["owner"]["name"], &found["connection"]["name"]), (&json!("old"), &json!("new")));
        found["id"].as_str().unwrap().to_owned()
    };
    let (anna, bob) = (id_of("anna"), id_of("bob"));
    assert!(stdout(&run(folder.path(), &["conflict", "list"])).contains("old (con_"));
    let told = stdout(&run(folder.path(), &["conflict", "show", &bob]));
    assert!(told.contains("because of     userName") && told.contains("refused        2 times"), "{told}");

    assert_eq!(run_json(folder.path(), &["conflict", "adopt", &anna, "--json"])["state"], "adopted");
    assert_eq!(run_json(folder.path(), &["conflict", "ignore", &bob, "--json"])["state"], "ignored");
    assert!(stdout(&run(folder.path(), &["conflict", "list"])).contains("no such conflicts"));
    let all = run_json(folder.path(), &["conflict", "list", "--state", "all", "--tenant", "default", "--json"]);
    assert_eq!(all["conflicts"].as_array().unwrap().len(), 2);
    assert_eq!((old.count(), new.count()), (json!(3), json!(1)));

    assert!(run(folder.path(), &["connection", "set", &new.id, "adoption=adopt"]).status.success());
    assert_eq!(run_json(folder.path(), &["connection", "release", &old.id, "--all", "--json"])["released"], 3);
    for name in ["bob", "cara", "dan"] {
        assert_eq!(new.create(name).status, 201);
    }
    assert_eq!((old.count(), new.count()), (json!(0), json!(4)));
    let owned = run_json(folder.path(), &["connection", "show", &new.id, "--json"]);
    assert_eq!((&owned["owned"], &owned["open_conflicts"]), (&json!({ "User": 4 }), &json!(0)));
    assert!(run(folder.path(), &["doctor"]).status.success());
}

#[test]
fn mistakes_about_owners_are_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let created = run_json(folder.path(), &["connection", "create", "--name", "a", "--json"]);
    let id = created["id"].as_str().unwrap();
    let nobody = "0199b6f0-5c3e-7000-8000-00000000dead";
    for (arguments, code, said) in [
        (&["conflict", "adopt", "cfl_00000000000070008000000000000abc"][..], 1, "`muster conflict list`"),
        (&["conflict", "show", "con_00000000000070008000000000000abc"], 2, "not a valid conflict id"),
        (&["conflict", "ignore"], 2, "<ID>"),
        (&["conflict", "list", "--state", "closed"], 2, "ignored"),
        (&["conflict", "list", "--tenant", "nowhere"], 1, "there is no tenant named"),
        (&["connection", "release", id], 2, "RESOURCE"),
        (&["connection", "release", id, nobody], 1, "owns no resource with this id"),
        (&["connection", "release", id, "7"], 2, "a UUID in lower case"),
        (&["connection", "set", id, "adoption=perhaps"], 2, "refuse, ask, adopt"),
    ] {
        let refused = run(folder.path(), arguments);
        assert_eq!(refused.status.code(), Some(code), "{arguments:?}: {}", stderr(&refused));
        assert!(stderr(&refused).contains(said), "{arguments:?}: {}", stderr(&refused));
        assert!(refused.stdout.is_empty());
    }
}
