//! A first filling, from the command line, with and without a server that runs.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::{Server, muster, run, run_json, stderr, stdout};
use crate::web;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// An installation with one connection.
struct Place {
    folder: tempfile::TempDir,
    connection: String,
    path: String,
    token: String,
}

impl Place {
    fn new(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let create = [&["connection", "create", "--name", "idp", "--json"], more].concat();
        let created = run_json(folder.path(), &create);
        let text = |name: &str| created[name].as_str().unwrap().to_owned();
        let path = web::split(&text("scim_base_url")).1.to_owned();
        Self { connection: text("id"), path, token: text("token"), folder }
    }

    fn write(&self, lines: &[Value]) {
        let text: Vec<String> = lines.iter().map(ToString::to_string).collect();
        std::fs::write(self.folder.path().join("all.jsonl"), text.join("\n")).unwrap();
    }

    fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        [&["load", "all.jsonl", "--connection", &self.connection], more].concat()
    }

    fn load(&self, lines: &[Value]) -> Value {
        self.write(lines);
        run_json(self.folder.path(), &self.arguments(&["--json"]))
    }

    fn serve(&self) -> Served<'_> {
        Served { server: Server::start(self.folder.path(), &[]), place: self }
    }
}

struct Served<'a> {
    server: Server,
    place: &'a Place,
}

impl Served<'_> {
    fn get(&self, rest: &str) -> Value {
        let base = format!("{}{}", self.server.url, self.place.path);
        web::scim(&base, &self.place.token, "GET", rest, "").json()
    }

    fn total(&self, kind: &str) -> u64 {
        self.get(&format!("/{kind}?count=0"))["totalResults"].as_u64().unwrap()
    }

    fn only(&self, kind: &str, attribute: &str, value: &str) -> Value {
        let found = self.get(&format!("/{kind}?filter={attribute}%20eq%20%22{value}%22"));
        assert_eq!(found["totalResults"], 1, "{value}: {found}");
        found["Resources"][0].clone()
    }

    fn member_ids(&self, group: &str) -> Vec<Value> {
        let found = self.only("Groups", "displayName", group);
        found["members"].as_array().into_iter().flatten().map(|member| member["value"].clone()).collect()
    }

    fn members(&self, group: &str) -> Vec<String> {
        let name_of = |id: &Value| {
            let found = self.get(&format!("/?filter=id%20eq%20{id}").replace('"', "%22"));
            let resource = &found["Resources"][0];
            resource["userName"].as_str().or(resource["displayName"].as_str()).unwrap().to_owned()
        };
        let mut names: Vec<String> = self.member_ids(group).iter().map(name_of).collect();
        names.sort();
        names
    }

    fn manager(&self, person: &str) -> Value {
        self.only("Users", "userName", person)[ENTERPRISE]["manager"]["value"].clone()
    }
}

fn person(name: &str) -> Value {
    json!({ "schemas": [USER], "userName": name, "externalId": format!("x-{name}"), "active": true })
}

fn managed(name: &str, manager: &str) -> Value {
    let mut person = person(name);
    person["schemas"] = json!([USER, ENTERPRISE]);
    person[ENTERPRISE] = json!({ "manager": { "value": manager } });
    person
}

fn team(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|member| json!({ "value": member })).collect();
    json!({ "schemas": [GROUP], "displayName": name, "externalId": format!("g-{name}"), "members": members })
}

fn everybody() -> Vec<Value> {
    vec![
        team("all", &["x-anna", "BERT", "g-inner", "x-carl"]),
        managed("bert", "x-anna"),
        person("anna"),
        managed("carl", "anna"),
        team("inner", &["x-carl"]),
    ]
}

#[test]
fn people_groups_members_and_managers_are_loaded_in_any_order_and_only_once() {
    let place = Place::new(&[]);
    let report = place.load(&everybody());
    let counts =
        |report: &Value| ["lines", "created", "already_there", "completed", "bad"].map(|name| report[name].clone());
    // Bert and Carl have a manager of their own portion, and one group names a later one.
    assert_eq!(counts(&report), [5, 5, 0, 3, 0].map(Value::from), "{report}");
    let served = place.serve();
    assert_eq!((served.total("Users"), served.total("Groups")), (3, 2));
    assert_eq!(served.members("all"), ["anna", "bert", "carl", "inner"]);
    assert_eq!(served.members("inner"), ["carl"]);
    let anna = served.only("Users", "userName", "anna");
    assert_eq!([served.manager("bert"), served.manager("carl")], [anna["id"].clone(), anna["id"].clone()]);

    // Again, with the server running.
    let before = served.get("/Groups");
    let report = place.load(&everybody());
    assert_eq!(counts(&report), [5, 0, 5, 0, 0].map(Value::from), "{report}");
    assert_eq!(served.get("/Groups"), before);
    let shown = run_json(place.folder.path(), &["connection", "show", &place.connection, "--json"]);
    assert_eq!(shown["owned"], json!({ "Group": 2, "User": 3 }));
    let left = std::fs::read_dir(place.folder.path().join("muster-data")).unwrap();
    assert!(left.map(Result::unwrap).all(|entry| !entry.file_name().to_string_lossy().starts_with("load-")));
}

#[test]
fn what_somebody_has_changed_since_is_left_alone() {
    let place = Place::new(&[]);
    place.load(&everybody());
    let served = place.serve();
    let base = format!("{}{}", served.server.url, place.path);
    let (all, anna) = (served.only("Groups", "displayName", "inner"), served.only("Users", "userName", "carl"));
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "remove", "path": format!("members[value eq {}]", anna["id"]) }],
    });
    let path = format!("/Groups/{}", all["id"].as_str().unwrap());
    assert!(web::scim(&base, &place.token, "PATCH", &path, &body.to_string()).status < 300);
    assert_eq!(served.members("inner"), [] as [&str; 0]);
    place.load(&everybody());
    assert_eq!(served.members("inner"), [] as [&str; 0], "nobody comes back whom somebody took out");
}

#[test]
fn the_first_bad_line_ends_the_load_and_nothing_is_made_of_its_neighbours() {
    let place = Place::new(&[]);
    place.write(&[person("anna"), json!({ "schemas": [USER], "externalId": "canary-7" }), person("bert")]);
    let ended = run(place.folder.path(), &place.arguments(&[]));
    assert_eq!(ended.status.code(), Some(1));
    let told = stderr(&ended);
    assert!(told.contains("line 2: ") && told.contains("userName"), "{told}");
    assert!(!told.contains("canary-7"), "{told}");
    assert!(stdout(&ended).contains("ended at the bad line"), "{}", stdout(&ended));
    assert_eq!(place.serve().total("Users"), 0);
}

#[test]
fn bad_lines_are_skipped_counted_and_kept_on_request() {
    let place = Place::new(&[]);
    let lines = [
        person("anna"),
        json!({ "schemas": [USER], "externalId": "canary-7" }),
        json!({ "schemas": ["urn:example:Nothing"], "userName": "canary-8" }),
        person("ANNA"),
        json!({ "schemas": [USER], "userName": "other", "externalId": "x-anna" }),
        person("bert"),
        team("one", &["x-anna"]),
        json!({ "schemas": [GROUP], "displayName": "" }),
    ];
    let mut text: String = lines.iter().fold(String::new(), |mut text, line| {
        writeln!(text, "{line}").unwrap();
        text
    });
    text.push_str("\n{\"schemas\": [\n[]\n");
    std::fs::write(place.folder.path().join("all.jsonl"), text).unwrap();
    let skipping = place.arguments(&["--skip-bad-lines", "--rejected", "bad.jsonl", "--json"]);
    let done = run(place.folder.path(), &skipping);
    assert_eq!(done.status.code(), Some(1), "{}", stderr(&done));
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    let mut bad: Vec<u64> =
        report["bad_lines"].as_array().unwrap().iter().map(|bad| bad["line"].as_u64().unwrap()).collect();
    bad.sort_unstable();
    assert_eq!(bad, [2, 3, 4, 5, 8, 10, 11], "{report}");
    assert_eq!((&report["complete"], &report["created"]), (&json!(true), &json!(3)));
    assert!(!report.to_string().contains("canary"), "{report}");
    let rejected = place.folder.path().join("bad.jsonl");
    assert_eq!(std::fs::read_to_string(&rejected).unwrap().lines().count(), 7);
    assert_eq!(std::fs::metadata(&rejected).unwrap().permissions().mode() & 0o777, 0o600);
    let again = run(place.folder.path(), &skipping);
    assert!(stderr(&again).contains("must not be there yet"), "{}", stderr(&again));
    let served = place.serve();
    assert_eq!((served.total("Users"), served.members("one")), (2, vec!["anna".to_owned()]));
}

#[test]
fn unknown_members_are_what_the_profile_says_and_circles_are_refused() {
    let place = Place::new(&[]);
    let report = place.load(&[person("anna"), team("one", &["x-anna", "x-nobody"]), managed("bert", "x-nobody")]);
    assert_eq!((&report["pending_members"], &report["unknown_managers"]), (&json!(1), &json!(1)), "{report}");

    let strict = Place::new(&["--provider", "strict"]);
    strict.write(&[
        person("anna"),
        team("one", &["x-anna", "canary-9"]),
        team("two", &["g-three"]),
        team("three", &["g-two"]),
        team("self", &["g-self"]),
    ]);
    let done = run(strict.folder.path(), &strict.arguments(&["--skip-bad-lines", "--json"]));
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    let lines: Vec<_> = report["bad_lines"].as_array().unwrap().iter().map(|bad| bad["line"].clone()).collect();
    assert_eq!(lines.len(), 3, "{report}");
    assert!(lines.contains(&json!(2)) && lines.contains(&json!(5)), "{report}");
    assert!(!report.to_string().contains("canary-9"));
    let doctor = run(strict.folder.path(), &["doctor", "--listen", "127.0.0.1:0"]);
    assert!(doctor.status.success(), "{}", stdout(&doctor));
}

#[test]
fn what_another_connection_has_is_a_conflict_and_no_line_that_was_loaded_before() {
    let place = Place::new(&[]);
    place.load(&[person("anna")]);
    let other = run_json(place.folder.path(), &["connection", "create", "--name", "other", "--json"]);
    let id = other["id"].as_str().unwrap();
    let refused = run(place.folder.path(), &["load", "all.jsonl", "--connection", id]);
    assert!(stderr(&refused).contains("line 1: another resource has the same userName"), "{}", stderr(&refused));
    let conflicts = run_json(place.folder.path(), &["conflict", "list", "--json"]);
    assert!(conflicts.to_string().contains("userName"), "{conflicts}");
}

fn crowd(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let manager = (number * 7919 + 13) % count;
        writeln!(text, "{}", managed(&format!("person{number}"), &format!("x-person{manager}"))).unwrap();
    }
    let names: Vec<String> = (0..count).map(|number| format!("x-person{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    writeln!(text, "{}", team("everybody", &names)).unwrap();
    text
}

fn loading_from_a_pipe(place: &Place) -> Child {
    let mut command = muster(place.folder.path());
    command.args(["load", "-", "--connection", &place.connection]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_load_that_was_killed_goes_on_where_it_was() {
    let place = Place::new(&[]);
    let text = crowd(4000);
    let served = place.serve();
    for sent in [2500, 3200] {
        let mut loading = loading_from_a_pipe(&place);
        let part: String = text.split_inclusive('\n').take(sent).collect();
        loading.stdin.as_mut().unwrap().write_all(part.as_bytes()).unwrap();
        let deadline = Instant::now() + Duration::from_mins(1);
        while served.total("Users") < sent as u64 / 1000 * 1000 {
            assert!(Instant::now() < deadline, "{} people", served.total("Users"));
            std::thread::sleep(Duration::from_millis(20));
        }
        loading.kill().unwrap();
        loading.wait().unwrap();
    }
    std::fs::write(place.folder.path().join("all.jsonl"), &text).unwrap();
    let report = run_json(place.folder.path(), &place.arguments(&["--json"]));
    assert_eq!((&report["created"], &report["already_there"]), (&json!(1001), &json!(3000)), "{report}");
    assert_eq!((served.total("Users"), served.member_ids("everybody").len()), (4000, 4000));
    for person in ["person1", "person2999", "person3999"] {
        assert!(served.manager(person).as_str().unwrap().len() > 30, "{person}");
    }
    let doctor = run_json(place.folder.path(), &["doctor", "--json", "--listen", "127.0.0.1:0"]);
    assert_eq!(doctor["ok"], true, "{doctor}");
}

#[test]
fn a_missing_file_connection_or_installation_is_told() {
    let place = Place::new(&[]);
    let missing = run(place.folder.path(), &place.arguments(&[]));
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("all.jsonl cannot be read"), "{}", stderr(&missing));
    place.write(&[person("anna")]);
    let wrong = ["load", "all.jsonl", "--connection", "con_019a2b3c4d5e7f60718293a4b5c6d7e8"];
    let missing = run(place.folder.path(), &wrong);
    assert!(stderr(&missing).contains("no connection with this id"), "{}", stderr(&missing));
    let empty = tempfile::tempdir().unwrap();
    std::fs::write(empty.path().join("all.jsonl"), "").unwrap();
    let missing = run(empty.path(), &wrong);
    assert!(stderr(&missing).contains("there is no installation in "), "{}", stderr(&missing));
    assert!(!Path::new(&empty.path().join("muster-data")).exists());
}

#[test]
fn a_data_folder_that_is_not_there_is_made_when_the_database_is_elsewhere() {
    let place = Place::new(&[]);
    place.write(&everybody());
    let elsewhere = ["--json", "--database-url", "sqlite:muster-data/muster.db", "--data-dir", "new/folder"];
    let report = run_json(place.folder.path(), &place.arguments(&elsewhere));
    assert_eq!(report["created"], 5, "{report}");
    let made = std::fs::metadata(place.folder.path().join("new/folder")).unwrap();
    assert_eq!(made.permissions().mode() & 0o777, 0o700);

    std::fs::write(place.folder.path().join("file"), "").unwrap();
    let impossible = ["--database-url", "sqlite:muster-data/muster.db", "--data-dir", "file/folder"];
    let refused = run(place.folder.path(), &place.arguments(&impossible));
    assert!(stderr(&refused).contains("cannot create the data folder"), "{}", stderr(&refused));
}
