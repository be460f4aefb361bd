//! Loads on a real store, with what only the inside of the program can arrange: another program that writes in between.

use std::io::Cursor;
use std::time::Duration;

use muster_model::fake::{FakeClock, SeededRng};
use muster_model::{Provider, TypeName};
use muster_store_sqlite::{SqliteOptions, SqliteStore};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::connections::{self, NewConnection};
use crate::{authenticate, profile, resources, tenants};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// As Active Directory names people and groups.
const ANNA: &str = "5b0d7a3e-91c4-4e0b-8f52-6d1e2c3b4a59";
const ALL: &str = "0e9f8d7c-6b5a-4938-8271-605f4e3d2c1b";
const NOBODY: &str = "11111111-2222-4333-8444-555555555555";

/// An installation with one connection.
struct World {
    app: Arc<App>,
    caller: ScimCaller,
    _folder: TempDir,
}

impl World {
    async fn new(provider: Provider) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("muster.db"), &SqliteOptions::default()).unwrap();
        let app = App::new(store, Arc::new(FakeClock::new()), Arc::new(SeededRng::new(1)));
        tenants::ensure_default(&app).await.unwrap();
        let overrides = profile::check_changes(std::iter::empty()).unwrap();
        let new = NewConnection { tenant: None, name: "idp".to_owned(), provider, overrides };
        let made = connections::create(&app, &OperatorAccess::of_local_administrator(), new).await.unwrap();
        let caller = authenticate(&app, &made.connection.id.to_string(), Some(made.token.expose())).await.unwrap();
        Self { app, caller, _folder: folder }
    }

    async fn load(&self, lines: &[Value]) -> (LoadReport, Vec<Value>) {
        let text: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let request = LoadRequest {
            connection: self.caller.connection().id,
            lines: Box::new(Cursor::new(text.join("\n"))),
            skips_bad_lines: true,
            pause: Duration::ZERO,
        };
        let mut kept = Kept(Vec::new());
        let access = OperatorAccess::of_local_administrator();
        let report = load(&self.app, &access, request, &mut kept).await.unwrap();
        (report, kept.0)
    }

    async fn ids(&self, kind: &str, external_id: &str) -> Vec<String> {
        let directory = self.caller.directory(&self.app);
        let values = vec![external_id.to_owned()];
        let found = directory.find_by_keys(&TypeName::new(kind), "externalId", values).await.unwrap();
        found.into_iter().flatten().map(|found| found.id.to_string()).collect()
    }

    async fn shown(&self, kind: &str, external_id: &str) -> muster_model::StoredResource {
        let id = muster_model::ResourceId::parse(&self.ids(kind, external_id).await[0]).unwrap();
        let include = muster_store::Include { members: true, groups: true };
        let directory = self.caller.directory(&self.app);
        directory.find_resource(&TypeName::new(kind), id, include).await.unwrap().unwrap()
    }

    async fn members(&self, external_id: &str) -> Vec<String> {
        let members = self.shown("Group", external_id).await.members.unwrap();
        members.iter().map(|member| member.id.to_string()).collect()
    }
}

/// Keeps bad lines.
struct Kept(Vec<Value>);

impl LoadSurroundings for Kept {
    fn scratch_file(&mut self) -> io::Result<File> {
        tempfile::tempfile()
    }

    fn keeps_rejected(&self) -> bool {
        true
    }

    fn rejected(&mut self, line: &[u8]) -> io::Result<()> {
        self.0.push(serde_json::from_slice(line)?);
        Ok(())
    }

    fn progress(&mut self, _: LoadPhase, _: &LoadCounts) {}
}

fn person(name: &str, external_id: &str) -> Value {
    json!({ "schemas": [USER], "userName": name, "externalId": external_id })
}

fn managed(name: &str, external_id: &str, manager: &str) -> Value {
    let mut person = person(name, external_id);
    person["schemas"] = json!([USER, ENTERPRISE]);
    person[ENTERPRISE] = json!({ "manager": { "value": manager } });
    person
}

fn team(external_id: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|member| json!({ "value": member })).collect();
    json!({ "schemas": [GROUP], "displayName": external_id, "externalId": external_id, "members": members })
}

#[tokio::test]
async fn an_external_id_that_looks_like_an_id_names_its_resource() {
    let world = World::new(Provider::Generic).await;
    let everybody = [team(ALL, &[ANNA, "g"]), managed("bert", "b", ANNA), person("anna", ANNA), team("g", &[ALL, "b"])];
    // One group is in the other, and the other way round would be a circle.
    let (report, rejected) = world.load(&everybody[..3]).await;
    assert_eq!((report.counts.created, report.counts.bad), (3, 0), "{report:?} {rejected:?}");
    let anna = world.ids("User", ANNA).await;
    let bert = world.shown("User", "b").await;
    assert_eq!(bert.document.read().unwrap()[ENTERPRISE]["manager"]["value"], anna[0]);
    assert_eq!(world.members(ALL).await, anna);
    // Ids of ours go on to be names, beside the others.
    let bert_id = bert.id.to_string();
    let (report, _) = world.load(&[team("g", &[ALL, &bert_id]), managed("carl", "c", &bert_id)]).await;
    assert_eq!((report.counts.created, report.counts.bad), (2, 0), "{report:?}");
    assert_eq!(world.members("g").await.len(), 2);
    assert_eq!(world.shown("User", "c").await.document.read().unwrap()[ENTERPRISE]["manager"]["value"], bert_id);
}

#[tokio::test]
async fn a_name_that_is_the_id_of_one_and_the_external_id_of_another_is_a_bad_line() {
    let world = World::new(Provider::Generic).await;
    world.load(&[person("anna", "a")]).await;
    let id = world.ids("User", "a").await.remove(0);
    world.load(&[person("bert", &id)]).await;
    let (report, rejected) = world.load(&[managed("carl", "c", &id), team("g", &[&id])]).await;
    assert_eq!((report.counts.created, report.counts.bad), (0, 2), "{report:?}");
    assert!(report.bad_lines.iter().all(|bad| bad.problem.contains("the name or the id of another")), "{report:?}");
    assert_eq!(rejected.len(), 2, "{rejected:?}");
}

#[tokio::test]
async fn lines_that_turn_out_to_be_bad_in_the_third_pass_are_rejected_too() {
    let world = World::new(Provider::Strict).await;
    let bad = [team("one", &[NOBODY]), team("two", &["x"]), team("three", &["four"]), team("four", &["three"])];
    let (report, mut rejected) = world.load(&[&bad[..], &[team("five", &[])]].concat()).await;
    assert_eq!(report.counts.bad, 3, "{report:?}");
    rejected.sort_by_key(|line| line["externalId"].to_string());
    let names: Vec<_> = rejected.iter().map(|line| line["externalId"].as_str().unwrap()).collect();
    assert!(names == ["four", "one", "two"] || names == ["one", "three", "two"], "{names:?}");
    let kept = &rejected[usize::from(names[0] == "four")];
    assert_eq!(*kept, bad[0], "as it was read");
    assert!(report.bad_lines.iter().all(|bad| bad.problem.contains("created before")), "{report:?}");
}

#[tokio::test]
async fn what_a_server_has_created_meanwhile_is_there_and_no_repetition() {
    let world = World::new(Provider::Generic).await;
    // Its ids are later than any that this load makes.
    let later = FakeClock::new();
    later.advance(Duration::from_hours(1));
    let server = App::new(Arc::clone(world.app.store()), Arc::new(later), Arc::new(SeededRng::new(2)));
    let schemas = world.caller.resource_schemas();
    let schema = schemas.iter().find(|schema| schema.base().id == USER).unwrap();
    let projection = scim::projection::Projection::default();
    resources::create(&server, &world.caller, schema, &person("anna", "a"), &projection).await.unwrap();
    let (report, _) = world.load(&[person("anna", "a"), person("bert", "b"), person("bert", "b")]).await;
    let counts = report.counts;
    assert_eq!((counts.created, counts.already_there, counts.bad), (1, 1, 1), "{report:?}");
    assert_eq!(report.bad_lines[0].line, 3);
}
