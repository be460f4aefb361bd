use std::sync::Arc;
use std::time::Duration;

use muster_model::fake::{FakeClock, SeededRng};
use muster_model::{Clock, NodeId, ResourceId, TenantId, TypeName};
use muster_store::guard::{DirectoryPart, WINDOW};
use muster_store::{Batch, Guard, GuardLimit, GuardMode, LeaseError, NewDocument, Scope, Write};
use muster_store_sqlite::{SqliteOptions, SqliteStore};

use super::{TASKS, Task, Turn, Turns};
use crate::connections::{self, NewConnection};
use crate::{App, OperatorAccess, tenants};

/// Two nodes of one installation, and the time that both believe in.
struct Nodes {
    clock: Arc<FakeClock>,
    first: Arc<App>,
    second: Arc<App>,
    _folder: tempfile::TempDir,
}

impl Nodes {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::new());
        let app = |seed| {
            let store = SqliteStore::open(&folder.path().join("muster.db"), &SqliteOptions::default()).unwrap();
            App::new(store, clock.clone(), Arc::new(SeededRng::new(seed)))
        };
        let (first, second) = (app(1), app(2));
        tenants::ensure_default(&first).await.unwrap();
        Self { clock, first, second, _folder: folder }
    }

    fn turns(&self, task: Task, seed: u64) -> Turns {
        Turns::new(task, NodeId::new(self.clock.as_ref(), &SeededRng::new(seed)))
    }

    /// A connection that counted what it took away, longer ago than that counts.
    async fn leave_past_counts(&self, name: &str) {
        let new = NewConnection {
            tenant: None,
            name: name.to_owned(),
            provider: muster_model::Provider::Okta,
            overrides: muster_model::OverrideChanges::default(),
        };
        let access = OperatorAccess::of_local_administrator();
        let connection = connections::create(&self.first, &access, new).await.unwrap().connection;
        let id = ResourceId::new(self.clock.as_ref(), &SeededRng::new(9));
        let resource_type = TypeName::new("User");
        let content = NewDocument { document: scim::Document::new(), keys: Vec::new(), label: None, difference: None };
        let owner = Some(connection.id);
        let made = Write::Create { id, resource_type: resource_type.clone(), owner, content, members: None };
        let taken = Write::Delete { id, resource_type, expected: None };
        let limit = GuardLimit { percent: 100, least: 50, part: DirectoryPart::Brought };
        for write in [made, taken] {
            let guard = Guard { mode: GuardMode::Charge(limit), ..Guard::default() };
            let batch = Batch { writes: vec![write], connection: owner, request: None, at: self.clock.now(), guard };
            self.first.store().directory(connection.tenant, Scope::Tenant).commit(batch).await.unwrap();
        }
        self.clock.advance(WINDOW * 3);
    }

    async fn tenants_with_past_counts(&self) -> Vec<TenantId> {
        self.first.store().list_tenants_with_past_guard_counts(self.clock.now()).await.unwrap()
    }
}

fn forgetting() -> Task {
    TASKS.into_iter().find(|task| task.name == "forget-guard-counts").unwrap()
}

#[test]
fn each_task_has_a_lease_of_its_own_that_outlives_a_missed_turn() {
    for task in TASKS {
        assert!(task.term() >= task.period * 3, "{}", task.name);
        assert_eq!(TASKS.into_iter().filter(|other| other.name == task.name).count(), 1, "{}", task.name);
    }
}

#[tokio::test]
async fn one_node_works_and_the_other_takes_over_when_it_stops() {
    let nodes = Nodes::new().await;
    let (mut first, mut second) = (nodes.turns(forgetting(), 1), nodes.turns(forgetting(), 2));
    let goes_on = || false;
    assert_eq!(first.take(&nodes.first, &goes_on).await.unwrap(), Turn::NothingToDo);
    assert!(!first.has_lease(), "a node without work takes no lease");

    nodes.leave_past_counts("a").await;
    assert!(matches!(first.take(&nodes.first, &goes_on).await.unwrap(), Turn::Done(1..)));
    assert_eq!(nodes.tenants_with_past_counts().await, []);

    nodes.leave_past_counts("b").await;
    assert_eq!(second.take(&nodes.second, &goes_on).await.unwrap(), Turn::OfAnother);
    assert_eq!(nodes.tenants_with_past_counts().await.len(), 1);
    first.give_back(&nodes.first).await.unwrap();
    assert!(matches!(second.take(&nodes.second, &goes_on).await.unwrap(), Turn::Done(1..)));
    assert!(second.has_lease() && !first.has_lease());
}

#[tokio::test]
async fn a_node_that_is_asked_to_stop_begins_no_further_step() {
    let nodes = Nodes::new().await;
    nodes.leave_past_counts("a").await;
    let mut turns = nodes.turns(forgetting(), 1);
    assert_eq!(turns.take(&nodes.first, &|| true).await.unwrap(), Turn::Done(0));
    assert_eq!(nodes.tenants_with_past_counts().await.len(), 1);
}

/// The node is paused in the middle of its work, long enough for another to take over.
#[tokio::test]
async fn a_node_that_was_paused_notices_before_its_next_step() {
    let nodes = Nodes::new().await;
    nodes.leave_past_counts("a").await;
    let quick = Task { period: Duration::ZERO, ..forgetting() };
    let mut turns = nodes.turns(quick, 1);
    let store = Arc::clone(nodes.second.store());
    let other = NodeId::new(nodes.clock.as_ref(), &SeededRng::new(2));
    turns.ensure_lease(&nodes.first).await.unwrap();
    let lease = turns.lease.clone().unwrap().0;
    store.give_back_lease(&lease).await.unwrap();
    assert!(store.take_lease(quick.name, other, Duration::from_mins(1)).await.unwrap().is_some());
    let tenants = nodes.tenants_with_past_counts().await;
    let worked = turns.work(&nodes.first, tenants, &|| false).await;
    assert!(matches!(worked, Err(LeaseError::Lost)), "{worked:?}");
    assert_eq!(nodes.tenants_with_past_counts().await.len(), 1, "nothing was written");
    assert_eq!(turns.take(&nodes.first, &|| false).await.unwrap(), Turn::OfAnother);
}
