//! The request log is read from the newest on, by its tenant alone, and is forgotten from the oldest on.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use muster_model::{
    BodyNote, CredentialId, KeptBody, Lease, NodeId, RequestEntry, RequestEntryId, ScimVersion, TypeName,
};
use uuid::Uuid;

use super::world::World;
use crate::{LeaseError, RequestLogBounds, RequestQuery, Scope, StatusFilter, Store, StoreError};

const DAY: Duration = Duration::from_hours(24);

/// An entry of that moment. Its id begins with it, as that of a real one.
fn entry(world: &World, at: Timestamp, status: u16) -> RequestEntry {
    let random = world.new_id().as_uuid().as_u128() & ((1 << 80) - 1);
    let id = RequestEntryId::first_of(at).as_uuid().as_u128() | random;
    RequestEntry {
        id: RequestEntryId::from_uuid(Uuid::from_u128(id)),
        connection: muster_model::ConnectionId::from_uuid(Uuid::from_u128(7)),
        credential: None,
        at,
        duration: Duration::from_micros(1_234),
        method: "GET".to_owned(),
        path: "/Users".to_owned(),
        version: ScimVersion::V2_0,
        resource_type: None,
        resource: None,
        status: Some(status),
        code: None,
        detail: None,
        request: None,
        address: None,
        agent: None,
        repairs: Vec::new(),
        changes: 0,
        changed_at: Vec::new(),
        request_body: KeptBody::default(),
        response_body: KeptBody::default(),
    }
}

/// An entry that has everything.
fn full(world: &World) -> RequestEntry {
    let at = world.now();
    RequestEntry {
        credential: Some(CredentialId::from_uuid(*world.new_id().as_uuid())),
        method: "PATCH".to_owned(),
        version: ScimVersion::V1_1,
        resource_type: Some(TypeName::new("User")),
        resource: Some(world.new_id()),
        code: Some("invalidPath".to_owned()),
        detail: Some("a\u{0}b".to_owned()),
        request: Some("0af7651916cd43dd8448eb211c80319c".to_owned()),
        address: "2001:db8::7".parse().ok(),
        agent: Some("Okta SCIM Client 1.0.0".to_owned()),
        repairs: vec![("a_kind".to_owned(), 1), ("b_kind".to_owned(), 3)],
        changes: 2,
        changed_at: vec![at, at + Duration::from_millis(1)],
        request_body: KeptBody { bytes: Some(70_000), text: None, note: Some(BodyNote::TooLong) },
        response_body: KeptBody { bytes: Some(2), text: Some("{}".to_owned()), note: None },
        ..entry(world, at, 400)
    }
}

async fn listed(world: &World, query: &RequestQuery) -> Vec<RequestEntryId> {
    world.directory.list_requests(query).await.unwrap().into_iter().map(|entry| entry.id).collect()
}

pub async fn an_entry_is_read_back_by_its_tenant_alone(store: Arc<dyn Store>) {
    let ours = World::new(Arc::clone(&store)).await;
    let theirs = World::new(Arc::clone(&store)).await;
    let whole = full(&ours);
    let plain = entry(&ours, ours.now(), 204);
    let never_answered = RequestEntry { status: None, ..entry(&ours, ours.now(), 0) };
    let all = vec![whole, plain, never_answered];
    ours.directory.record_requests(all.clone().into()).await.unwrap();
    // Whoever does not know whether it was written writes it again.
    ours.directory.record_requests(all.clone().into()).await.unwrap();
    for entry in &all {
        assert_eq!(ours.directory.find_request(entry.id).await.unwrap().as_ref(), Some(entry));
        assert_eq!(theirs.directory.find_request(entry.id).await.unwrap(), None);
    }
    let newest_first: Vec<RequestEntry> = all.into_iter().rev().collect();
    assert_eq!(ours.directory.list_requests(&RequestQuery::newest(10)).await.unwrap(), newest_first);
    assert_eq!(listed(&theirs, &RequestQuery::newest(10)).await, []);
    // A connection sees what it brought, and not what others asked.
    let (connection, _) = ours.add_connection("okta").await;
    let narrow = store.directory(ours.tenant.id, Scope::Connection(connection.id));
    assert!(matches!(narrow.list_requests(&RequestQuery::newest(10)).await, Err(StoreError::Failed(_))));
    assert!(matches!(narrow.find_request(newest_first[0].id).await, Err(StoreError::Failed(_))));
}

pub async fn entries_are_asked_for_by_what_they_say(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let special = full(&world);
    let mut all = vec![special.clone()];
    for status in [200, 201, 404, 499, 500, 503] {
        all.push(entry(&world, world.now(), status));
    }
    all.push(RequestEntry { status: None, ..entry(&world, world.now(), 0) });
    world.directory.record_requests(all.clone().into()).await.unwrap();

    let everything = || RequestQuery::newest(100);
    let of = |wanted: StatusFilter| RequestQuery { status: Some(wanted), ..everything() };
    for (query, expected) in [
        (of(StatusFilter::Exactly(200)), &[1][..]),
        (of(StatusFilter::Class(4)), &[4, 3, 0]),
        (of(StatusFilter::Class(2)), &[2, 1]),
        (of(StatusFilter::Failed), &[7, 6, 5, 4, 3, 0]),
        (RequestQuery { method: Some("PATCH".to_owned()), ..everything() }, &[0]),
        (RequestQuery { code: special.code.clone(), ..everything() }, &[0]),
        (RequestQuery { request: special.request.clone(), ..everything() }, &[0]),
        (RequestQuery { resource: special.resource, ..everything() }, &[0]),
        (RequestQuery { connection: Some(special.connection), limit: 2, ..everything() }, &[7, 6]),
        (
            RequestQuery {
                connection: Some(muster_model::ConnectionId::from_uuid(Uuid::from_u128(8))),
                ..everything()
            },
            &[],
        ),
        (RequestQuery { before: Some(all[2].id), ..everything() }, &[1, 0]),
        (RequestQuery { since: Some(all[3].at), until: Some(all[5].at), ..everything() }, &[4, 3]),
        (RequestQuery { before: Some(all[1].id), until: Some(all[5].at), ..everything() }, &[0]),
    ] {
        let expected: Vec<RequestEntryId> = expected.iter().map(|place| all[*place].id).collect();
        assert_eq!(listed(&world, &query).await, expected, "{query:?}");
    }
}

async fn forget(world: &World, at: Timestamp, bounds: RequestLogBounds, lease: &Lease) -> u64 {
    let mut forgotten = 0;
    loop {
        match world.store.forget_past_requests(world.tenant.id, at, bounds, lease).await.unwrap() {
            0 => return forgotten,
            some => forgotten += some,
        }
    }
}

pub async fn the_oldest_entries_are_forgotten(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let tenant = world.tenant.id;
    let begin = world.now();
    let node = NodeId::from_uuid(*world.new_id().as_uuid());
    let name = format!("law-{tenant}");
    let lease = world.store.take_lease(&name, node, Duration::from_mins(10)).await.unwrap().unwrap();
    let days: Vec<Vec<RequestEntry>> =
        (0..4).map(|day| (0..3).map(|_| entry(&world, begin + DAY * day, 200)).collect()).collect();
    for entries in &days {
        world.directory.record_requests(entries.clone().into()).await.unwrap();
    }
    let everything = RequestQuery::newest(100);
    let due = async |at: Timestamp, bounds: RequestLogBounds| {
        world.store.list_tenants_with_past_requests(at, bounds).await.unwrap().contains(&tenant)
    };

    // By age: whole days, and none too early.
    let aged = RequestLogBounds { days: 30, bytes: u64::MAX };
    assert!(!due(begin + DAY * 30, aged).await);
    assert_eq!(forget(&world, begin + DAY * 30, aged, &lease).await, 0);
    assert!(due(begin + DAY * 31, aged).await);
    assert_eq!(forget(&world, begin + DAY * 31, aged, &lease).await, 3);
    assert!(!due(begin + DAY * 31, aged).await);
    assert_eq!(listed(&world, &everything).await.len(), 9);

    // By size: laws may share a database, so whatever is there is too much, and of ours the oldest day goes at most.
    let small = RequestLogBounds { days: 10_000, bytes: 0 };
    let before = listed(&world, &everything).await;
    let forgotten = forget(&world, begin + DAY * 4, small, &lease).await;
    let left = listed(&world, &everything).await;
    assert!(forgotten <= 3 && forgotten % 3 == 0, "{forgotten}");
    assert_eq!(left[..], before[..before.len() - usize::try_from(forgotten).unwrap()]);

    // Nothing under a lease that is not ours.
    world.store.give_back_lease(&lease).await.unwrap();
    let refused = world.store.forget_past_requests(tenant, begin + DAY * 365, aged, &lease).await;
    assert!(matches!(refused, Err(LeaseError::Lost)), "{refused:?}");
    assert_eq!(listed(&world, &everything).await, left);
}
