//! What a write costs, counted in steps of SQLite's virtual machine: the same on every machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use muster_model::{MemberReference, ResourceId, TenantId, TypeName, Version};
use muster_store::batch::MembershipChange;
use muster_store::keys::{keys_of, label_of};
use muster_store::{Batch, CommitError, Committed, MembershipDelta, NewDocument, Scope, UnknownMembers, Write};
use muster_store_sql::columns::IdColumn;
use muster_store_sql::{View, commit, finished};
use rusqlite::Connection;
use scim::schema::user_resource_schema;
use serde_json::json;
use uuid::Uuid;

use super::SqliteSession;

const TENANT: TenantId = TenantId::from_uuid(Uuid::from_u128(1));
const VIEW: View = View { tenant: TENANT, scope: Scope::Tenant };

fn id(number: usize) -> ResourceId {
    ResourceId::from_uuid(Uuid::from_u128(number as u128))
}

fn apply(connection: &Connection, view: View, batch: &Batch) -> Result<Committed, CommitError> {
    finished(commit::apply(&SqliteSession::of(connection), view, batch))
}

fn batch(writes: Vec<Write>) -> Batch {
    Batch {
        writes,
        connection: None,
        request: None,
        at: jiff::Timestamp::UNIX_EPOCH,
        guard: muster_store::Guard::default(),
    }
}

fn user(name: &str) -> NewDocument {
    let serde_json::Value::Object(document) = json!({"userName": name}) else { panic!("not an object") };
    let keys = keys_of(&user_resource_schema(), &document, &scim::Leniency::TOLERANT);
    NewDocument { label: label_of(&document), keys, document, difference: None }
}

fn create(number: usize, resource_type: &str) -> Write {
    Write::Create {
        id: id(number),
        resource_type: TypeName::new(resource_type),
        owner: None,
        content: user(&format!("n{number}")),
        members: None,
    }
}

fn join(group: usize, members: impl Iterator<Item = usize>) -> Write {
    let join = members.map(|number| MemberReference::Id(id(number))).collect();
    Write::Update {
        id: id(group),
        resource_type: TypeName::new("Group"),
        expected: None,
        content: None,
        members: Some(MembershipDelta {
            change: MembershipChange::Adjust { leave: Vec::new(), join },
            unknown: UnknownMembers::Refuse,
        }),
    }
}

fn database() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    crate::migrate::migrate(&mut connection).unwrap();
    connection.execute("INSERT INTO tenant (id, name, created) VALUES (?1, 'test', 0)", [TENANT.bytes()]).unwrap();
    connection
}

/// How many steps it takes.
fn cost(connection: &mut Connection, writes: Vec<Write>) -> u64 {
    let steps = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&steps);
    connection.progress_handler(1, Some(move || counted.fetch_add(1, Ordering::Relaxed) == u64::MAX)).unwrap();
    apply(connection, VIEW, &batch(writes)).unwrap();
    connection.progress_handler(0, None::<fn() -> bool>).unwrap();
    steps.load(Ordering::Relaxed)
}

#[test]
fn adding_a_member_costs_the_same_in_a_small_and_in_a_large_group() {
    const SMALL: usize = 1_000_001;
    const LARGE: usize = 1_000_002;
    let mut connection = database();
    connection.execute_batch("BEGIN").unwrap();
    let people = (1..=20_010).map(|number| create(number, "User")).collect();
    apply(&connection, VIEW, &batch(people)).unwrap();
    let groups = vec![create(SMALL, "Group"), create(LARGE, "Group"), join(SMALL, 1..=10), join(LARGE, 1..=20_000)];
    apply(&connection, VIEW, &batch(groups)).unwrap();
    // The first one prepares the statements.
    cost(&mut connection, vec![join(SMALL, 20_001..=20_001)]);
    let small = cost(&mut connection, vec![join(SMALL, 20_002..=20_002)]);
    let large = cost(&mut connection, vec![join(LARGE, 20_002..=20_002)]);
    assert!(small > 20, "{small} steps cannot be a commit");
    assert!(large <= small + small / 10, "{large} steps in the large group, {small} in the small one");
}

#[test]
fn writes_cost_the_same_in_an_empty_and_in_a_full_directory() {
    let mut connection = database();
    connection.execute_batch("BEGIN").unwrap();
    let costs = |connection: &mut Connection, number: usize| {
        let rename = Write::Update {
            id: id(number),
            resource_type: TypeName::new("User"),
            expected: Some(Version::FIRST),
            content: Some(user(&format!("renamed{number}"))),
            members: None,
        };
        let delete = Write::Delete { id: id(number), resource_type: TypeName::new("User"), expected: None };
        [create(number, "User"), rename, delete].map(|write| cost(connection, vec![write]))
    };
    // The first ones prepare the statements.
    costs(&mut connection, 1);
    let early = costs(&mut connection, 2);
    let people = (3..=10_000).map(|number| create(number, "User")).collect();
    apply(&connection, VIEW, &batch(people)).unwrap();
    let late = costs(&mut connection, 10_001);
    for (early, late) in early.into_iter().zip(late) {
        assert!(late <= early + early / 5, "{late} steps in the full directory, {early} in the empty one");
    }
}

#[test]
fn touching_a_group_leaves_its_document_alone() {
    let connection = database();
    apply(&connection, VIEW, &batch(vec![create(1, "User"), create(2, "Group")])).unwrap();
    connection
        .execute_batch("CREATE TRIGGER t BEFORE UPDATE ON resource_document BEGIN SELECT raise(ABORT, 'touched'); END")
        .unwrap();
    let committed = apply(&connection, VIEW, &batch(vec![join(2, 1..=1)])).unwrap();
    assert_eq!(committed.written[0].version, Version(2));
}
