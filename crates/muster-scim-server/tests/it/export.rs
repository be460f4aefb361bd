//! A directory that goes out through `muster_app::export` and in again through `muster_app::load`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Cursor, Write};
use std::time::Duration;

use muster_app::export::{ExportCounts, export};
use muster_app::load::{LoadCounts, LoadPhase, LoadReport, LoadRequest, LoadSurroundings, load};
use muster_app::{OperatorAccess, connections};
use muster_model::{OverrideChanges, Provider};
use muster_testkit::{TestClient, TestHub};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

struct Quiet;

impl LoadSurroundings for Quiet {
    fn scratch_file(&mut self) -> io::Result<File> {
        tempfile::tempfile()
    }

    fn keeps_rejected(&self) -> bool {
        false
    }

    fn rejected(&mut self, _line: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn progress(&mut self, _phase: LoadPhase, _counts: &LoadCounts) {}
}

/// Keeps what is written, and how much of it came at once.
#[derive(Default)]
struct Written {
    text: Vec<u8>,
    largest: usize,
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.largest = self.largest.max(bytes.len());
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn loaded(hub: &TestHub, client: &TestClient, text: Vec<u8>) -> LoadReport {
    let request = LoadRequest {
        connection: client.connection,
        lines: Box::new(Cursor::new(text)),
        skips_bad_lines: true,
        pause: Duration::ZERO,
    };
    load(&hub.app, &OperatorAccess::of_local_administrator(), request, &mut Quiet).await.unwrap()
}

async fn exported(hub: &TestHub, client: &TestClient) -> (Written, ExportCounts) {
    let mut written = Written::default();
    let access = OperatorAccess::of_local_administrator();
    let counts = export(&hub.app, &access, client.connection, &mut written, &mut |_| {}).await.unwrap();
    assert_eq!(counts.bytes, written.text.len() as u64);
    (written, counts)
}

fn text(lines: &[Value]) -> Vec<u8> {
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    lines.join("\n").into_bytes()
}

/// The lines in an order that does not depend on theirs, with the members of each sorted.
fn sorted(text: &[u8]) -> Vec<Value> {
    let mut lines: Vec<Value> = serde_json::Deserializer::from_slice(text).into_iter().map(Result::unwrap).collect();
    assert_eq!(lines.len(), text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count(), "one a line");
    for line in &mut lines {
        if let Some(members) = line.get_mut("members").and_then(Value::as_array_mut) {
            members.sort_by_key(ToString::to_string);
        }
    }
    lines.sort_by_key(|line| [&line["externalId"], &line["userName"], &line["displayName"]].map(ToString::to_string));
    lines
}

/// What a client sees of everybody, with names in the place of ids, and without what a load gives anew.
async fn seen(client: &TestClient) -> Vec<Value> {
    let mut found = Vec::new();
    for kind in ["Users", "Groups"] {
        let page = client.get(&format!("/{kind}?count=1000")).await.body;
        found.extend(page["Resources"].as_array().cloned().unwrap_or_default());
    }
    let names: BTreeMap<String, String> = found
        .iter()
        .map(|one| (one["id"].as_str().unwrap().to_owned(), format!("{}{}", one["userName"], one["displayName"])))
        .collect();
    let mut shown = Vec::new();
    for mut one in found {
        one.as_object_mut().unwrap().remove("meta");
        let mut text = one.to_string().replace(&client.connection.to_string(), "connection");
        for (id, name) in &names {
            text = text.replace(id, &name.replace('"', "'"));
        }
        let mut one: Value = serde_json::from_str(&text).unwrap();
        for list in ["members", "groups"] {
            if let Some(list) = one.get_mut(list).and_then(Value::as_array_mut) {
                list.sort_by_key(ToString::to_string);
            }
        }
        shown.push(one);
    }
    shown.sort_by_key(ToString::to_string);
    shown
}

fn members(names: &[&str]) -> Value {
    names.iter().map(|name| json!({ "value": name })).collect()
}

fn everybody() -> Vec<Value> {
    vec![
        json!({
            "schemas": [USER, ENTERPRISE], "userName": "bert", "externalId": "x-bert", "active": false,
            "name": { "givenName": "Bert \"B\"\n", "familyName": "Ü\u{1}" }, "password": "canary-password",
            "emails": [{ "value": "bert@example.com", "type": "work", "primary": true }],
            ENTERPRISE: { "department": "canaries", "manager": { "value": "x-anna" } },
        }),
        json!({ "schemas": [USER], "userName": "anna", "externalId": "x-anna", "title": "Boss" }),
        // Known by his user name only, because his externalId is that of a group.
        json!({ "schemas": [USER], "userName": "carl", "externalId": "x-both" }),
        json!({ "schemas": [USER, ENTERPRISE], "userName": "dora", ENTERPRISE: { "manager": { "value": "carl" } } }),
        json!({ "schemas": [USER, ENTERPRISE], "userName": "egon", ENTERPRISE: { "manager": { "value": "gone" } } }),
        json!({ "schemas": [GROUP], "displayName": "Outer", "externalId": "g-outer",
                "members": members(&["g-inner", "x-anna", "carl", "unknown-one"]) }),
        json!({ "schemas": [GROUP], "displayName": "Inner", "externalId": "g-inner", "members": members(&["dora", "x-bert"]) }),
        json!({ "schemas": [GROUP], "displayName": "Both", "externalId": "x-both" }),
        json!({ "schemas": [GROUP], "displayName": "Nobody" }),
    ]
}

#[tokio::test]
async fn what_goes_out_and_in_again_is_the_same_directory() {
    let hub = TestHub::start().await;
    let first = hub.connect("idp", Provider::Generic).await;
    let report = loaded(&hub, &first, text(&everybody())).await;
    assert_eq!((report.counts.created, report.counts.bad), (9, 0), "{report:?}");
    let (out, counts) = exported(&hub, &first).await;
    let resources = BTreeMap::from([("Group".to_owned(), 4), ("User".to_owned(), 5)]);
    assert_eq!((&counts.resources, counts.members, counts.pending_members), (&resources, 5, 1));
    assert!(counts.is_complete(), "{counts:?}");
    let shown = String::from_utf8(out.text.clone()).unwrap();
    assert!(!shown.contains("password") && !shown.contains("$argon2"), "{shown}");
    assert!(
        shown.lines().position(|line| line.contains("\"Nobody\""))
            < shown.lines().position(|line| line.contains("\"anna\""))
    );

    let second = hub.connect_in("elsewhere", "idp", Provider::Generic).await;
    let report = loaded(&hub, &second, out.text.clone()).await;
    assert_eq!((report.counts.created, report.counts.bad), (9, 0), "{report:?}");
    assert_eq!((report.counts.pending_members, report.counts.unknown_managers), (1, 1), "{report:?}");
    let (again, counted_again) = exported(&hub, &second).await;
    assert_eq!(sorted(&again.text), sorted(&out.text));
    assert_eq!(counted_again, counts);
    assert_eq!(seen(&second).await, seen(&first).await);
    // The other way round, the lines are what was loaded, but for the password and one name.
    let mut sent = everybody();
    sent[0].as_object_mut().unwrap().remove("password");
    let (one, other) = (sorted(&text(&sent)), sorted(&out.text));
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one["members"], other["members"]);
        assert_eq!(one[ENTERPRISE], other[ENTERPRISE]);
        assert_eq!((&one["name"], &one["schemas"]), (&other["name"], &other["schemas"]));
    }
}

#[tokio::test]
async fn who_cannot_be_named_is_counted_and_not_taken_for_somebody_else() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    // The group has no externalId, and Anna's is what Bert is called.
    let inner = client.post("/Groups", &json!({ "schemas": [GROUP], "displayName": "Inner" })).await.id();
    let anna = json!({ "schemas": [USER], "userName": "bert2", "externalId": "bert" });
    let anna = client.post("/Users", &anna).await.id();
    let bert = json!({ "schemas": [USER], "userName": "bert", "externalId": "bert2" });
    let bert = client.post("/Users", &bert).await.id();
    let carl =
        json!({ "schemas": [USER, ENTERPRISE], "userName": "carl", ENTERPRISE: { "manager": { "value": bert } } });
    client.post("/Users", &carl).await;
    let outer = json!({ "schemas": [GROUP], "displayName": "Outer", "members": members(&[&inner, &anna]) });
    client.post("/Groups", &outer).await;
    let (out, counts) = exported(&hub, &client).await;
    assert_eq!((counts.unnamed_members, counts.unnamed_managers, counts.members), (2, 1, 0), "{counts:?}");
    assert!(!counts.is_complete());
    let lines = sorted(&out.text);
    assert!(lines.iter().all(|line| line.get("members").is_none()), "{lines:?}");
    assert!(lines.iter().any(|line| line[ENTERPRISE]["manager"]["value"] == bert.as_str()), "{lines:?}");
}

/// A password stays in the document when the connection stops accepting them, and its schema no longer names it.
#[tokio::test]
async fn a_password_from_before_another_profile_does_not_go_out() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    client.post("/Users", &json!({ "schemas": [USER], "userName": "anna", "password": "canary" })).await;
    let access = OperatorAccess::of_local_administrator();
    let nothing = OverrideChanges::default();
    connections::change_profile(&hub.app, &access, client.connection, Some(Provider::Entra), &nothing).await.unwrap();
    let (out, counts) = exported(&hub, &client).await;
    let shown = String::from_utf8(out.text).unwrap();
    assert!(counts.is_complete() && shown.contains("anna"), "{counts:?}");
    assert!(!shown.contains("argon2") && !shown.contains("password"), "{shown}");
}

/// The edge takes members by id only, so somebody may be called what a group waits for without being in it.
#[tokio::test]
async fn a_name_that_a_group_waits_for_makes_nobody_a_member() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    client.post("/Users", &json!({ "schemas": [USER], "userName": "bob" })).await;
    let group =
        json!({ "schemas": [GROUP], "displayName": "admins", "externalId": "g", "members": members(&["bob", "x"]) });
    client.post("/Groups", &group).await;
    let managed =
        json!({ "schemas": [USER, ENTERPRISE], "userName": "carl", ENTERPRISE: { "manager": { "value": "bob" } } });
    client.post("/Users", &managed).await;
    let (out, counts) = exported(&hub, &client).await;
    assert_eq!((counts.mistakable, counts.pending_members, counts.members), (2, 1, 0), "{counts:?}");
    assert!(!counts.is_complete());
    let elsewhere = hub.connect_in("elsewhere", "idp", Provider::Generic).await;
    assert_eq!(loaded(&hub, &elsewhere, out.text).await.counts.bad, 0);
    for found in [&client, &elsewhere] {
        let groups = found.get("/Groups?filter=displayName%20eq%20%22admins%22").await.body;
        assert_eq!(groups["Resources"][0].get("members"), None, "{groups}");
    }
}

#[tokio::test]
async fn only_what_the_connection_owns_goes_out() {
    let hub = TestHub::start().await;
    let ours = hub.connect_with("ours", Provider::Generic, &["sees_whole_tenant=true"]).await;
    let theirs = hub.connect("theirs", Provider::Generic).await;
    let foreign = theirs.post("/Users", &json!({ "schemas": [USER], "userName": "canary" })).await.id();
    let own = ours.post("/Users", &json!({ "schemas": [USER], "userName": "own" })).await.id();
    let team = json!({ "schemas": [GROUP], "displayName": "Team", "members": members(&[&foreign, &own]) });
    ours.post("/Groups", &team).await;
    let (out, counts) = exported(&hub, &ours).await;
    assert_eq!((counts.members, counts.is_complete()), (1, true), "{counts:?}");
    assert!(!String::from_utf8(out.text).unwrap().contains("canary"));
}

pub(crate) const MANY: usize = 3000;

/// Fills the connection with many people and a group `g` of all of them, and returns the lines.
pub(crate) async fn fill_with_large_group(hub: &TestHub, client: &TestClient) -> Vec<Value> {
    let names: Vec<String> = (0..MANY).map(|number| format!("person{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut lines: Vec<Value> = names.iter().map(|name| json!({ "schemas": [USER], "userName": name })).collect();
    lines.push(json!({ "schemas": [GROUP], "displayName": "All", "externalId": "g", "members": members(&names) }));
    assert_eq!(loaded(hub, client, text(&lines)).await.counts.bad, 0);
    lines
}

#[tokio::test]
async fn a_large_group_goes_out_page_by_page() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let lines = fill_with_large_group(&hub, &client).await;
    let (out, counts) = exported(&hub, &client).await;
    assert_eq!((counts.members, counts.is_complete()), (MANY as u64, true), "{counts:?}");
    assert_eq!(sorted(&out.text), sorted(&text(&lines)));
    let group = out.text.split(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap();
    assert!(out.largest < group / 4, "{} of {group} bytes at once", out.largest);
}
