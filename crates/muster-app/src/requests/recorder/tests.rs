use std::sync::Arc;
use std::time::Duration;

use muster_model::fake::{FakeClock, SeededRng};
use muster_model::{Clock, Connection, ConnectionId, NodeId, Provider};
use muster_store::RequestQuery;
use muster_store_sqlite::{SqliteOptions, SqliteStore};
use tempfile::TempDir;

use super::*;
use crate::connections::{self, NewConnection};
use crate::requests::trace::{LARGEST_BODY, Traced};
use crate::upkeep::{TASKS, Turn, Turns};
use crate::{AppSettings, OperatorAccess, requests, tenants};

struct House {
    app: Arc<App>,
    clock: Arc<FakeClock>,
    connection: Connection,
    access: OperatorAccess,
    _folder: TempDir,
}

impl House {
    async fn new(settings: &RequestLogSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::new());
        let store = SqliteStore::open(&folder.path().join("muster.db"), &SqliteOptions::default()).unwrap();
        let settings = AppSettings { request_log: settings.clone(), ..AppSettings::default() };
        let app = App::with_settings(store, clock.clone(), Arc::new(SeededRng::new(1)), settings);
        tenants::ensure_default(&app).await.unwrap();
        let access = OperatorAccess::of_local_administrator();
        let new = NewConnection {
            tenant: None,
            name: "okta".to_owned(),
            provider: Provider::Okta,
            overrides: muster_model::OverrideChanges::default(),
        };
        let connection = connections::create(&app, &access, new).await.unwrap().connection;
        Self { app, clock, connection, access, _folder: folder }
    }

    /// A call of the connection's identity provider.
    fn call(&self) -> FinishedCall {
        let call = finished(self.connection.id, 200, None);
        let schemas = Arc::new(scim::schema::SchemaSet::builtin());
        let credential = muster_model::CredentialId::from_uuid(uuid::Uuid::nil());
        call.trace.note_caller(self.connection.tenant, self.connection.id, credential, &schemas);
        call
    }

    async fn listed(&self) -> Vec<muster_model::RequestEntry> {
        self.app.settle().await;
        let query = RequestQuery::newest(requests::MOST_LISTED);
        requests::list(&self.app, &self.access, None, &query).await.unwrap().entries
    }
}

fn finished(connection: ConnectionId, status: u16, code: Option<ErrorCode>) -> FinishedCall {
    FinishedCall {
        trace: RequestTrace::new(),
        duration: Duration::from_millis(3),
        method: "GET".to_owned(),
        address: format!("/{connection}/Users"),
        version: ScimVersion::V2_0,
        status: Some(status),
        code,
        request: None,
        client: None,
        agent: None,
        answer: AnswerBody::None,
    }
}

fn draft(number: u64, body: usize) -> Draft {
    let connection = ConnectionId::from_uuid(uuid::Uuid::nil());
    let call = FinishedCall { duration: Duration::from_micros(number), ..finished(connection, 200, None) };
    let body = (body > 0).then(|| ReadBody::of(&Bytes::from(vec![b'x'; body])));
    Draft { call, traced: Traced { body, ..Traced::default() }, at: FakeClock::new().now() }
}

#[test]
fn a_full_queue_loses_the_oldest_and_counts_them() {
    let recorder = Recorder::new(&RequestLogSettings::default());
    let more = 10;
    for number in 0..(MOST_WAITING + more) as u64 {
        recorder.take(draft(number, 0));
    }
    let queue = recorder.lock();
    assert_eq!((queue.waiting.len(), queue.lost), (MOST_WAITING, more as u64));
    assert_eq!(queue.waiting.front().unwrap().call.duration, Duration::from_micros(more as u64));
}

#[test]
fn long_bodies_fill_the_queue_sooner() {
    let recorder = Recorder::new(&RequestLogSettings::default());
    for number in 0..2 * (MOST_BYTES / LARGEST_BODY) as u64 {
        recorder.take(draft(number, LARGEST_BODY));
    }
    let queue = recorder.lock();
    assert!(queue.bytes <= MOST_BYTES && queue.waiting.len() < MOST_BYTES / LARGEST_BODY, "{}", queue.bytes);
    assert!(queue.lost > (MOST_BYTES / LARGEST_BODY) as u64);
    assert_eq!(queue.bytes, queue.waiting.iter().map(Draft::weight).sum::<usize>());
}

#[tokio::test]
async fn what_is_noted_is_written_beside_the_requests() {
    let house = House::new(&RequestLogSettings::default()).await;
    for _ in 0..=PORTION * 2 {
        note(&house.app, house.call());
    }
    let query = RequestQuery::newest(requests::MOST_LISTED);
    for _ in 0..500 {
        let found = requests::list(&house.app, &house.access, None, &query).await.unwrap().entries.len();
        if found == PORTION * 2 + 1 {
            // The next one begins anew.
            note(&house.app, house.call());
            tokio::time::sleep(Duration::from_millis(600)).await;
            assert_eq!(
                requests::list(&house.app, &house.access, None, &query).await.unwrap().entries.len(),
                PORTION * 2 + 2
            );
            assert!(!house.app.requests.lock().is_scheduled);
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nobody wrote what was noted");
}

#[tokio::test]
async fn strangers_leave_a_few_entries_and_only_where_there_is_a_connection() {
    let house = House::new(&RequestLogSettings::default()).await;
    let refused = |connection| finished(connection, 401, Some(ErrorCode::Unauthenticated));
    for number in 0..1_000 {
        note(&house.app, refused(house.connection.id));
        note(&house.app, refused(ConnectionId::from_uuid(uuid::Uuid::from_u128(number))));
    }
    note(&house.app, FinishedCall { address: "/nobody/Users".to_owned(), ..refused(house.connection.id) });
    let entries = house.listed().await;
    assert!((1..=10).contains(&entries.len()), "{}", entries.len());
    assert!(entries.iter().all(|entry| entry.connection == house.connection.id && entry.credential.is_none()));
    assert_eq!(entries[0].code.as_deref(), Some("unauthenticated"));
    // A connection that asks too fast fills the disk as little.
    for _ in 0..1_000 {
        let hasty = house.call();
        note(&house.app, FinishedCall { status: Some(429), code: Some(ErrorCode::TooManyRequests), ..hasty });
    }
    let hasty = house.listed().await.into_iter().filter(|entry| entry.status == Some(429)).count();
    assert!((1..=10).contains(&hasty), "{hasty}");
}

#[tokio::test]
async fn upkeep_keeps_the_log_within_its_size_and_its_days() {
    let bounds = RequestLogBounds { days: 7, bytes: 20 * 1_000 };
    let house = House::new(&RequestLogSettings { bounds, ..RequestLogSettings::default() }).await;
    let day = Duration::from_hours(24);
    let task = TASKS.into_iter().find(|task| task.name == "forget-requests").unwrap();
    let mut turns = Turns::new(task, NodeId::new(house.clock.as_ref(), &SeededRng::new(3)));
    for _ in 0..3 {
        for _ in 0..30 {
            note(&house.app, house.call());
        }
        house.app.settle().await;
        house.clock.advance(day);
    }
    // Ninety entries of some 250 bytes are more than there may be; the oldest thirty go, and then it is enough.
    assert_eq!(house.listed().await.len(), 90);
    assert_eq!(turns.take(&house.app, &|| false).await.unwrap(), Turn::Done(30));
    assert_eq!(turns.take(&house.app, &|| false).await.unwrap(), Turn::NothingToDo);
    let left = house.listed().await;
    assert_eq!(left.len(), 60);
    assert!(left.iter().all(|entry| entry.at >= FakeClock::new().now() + day));
    house.clock.advance(day * 6);
    assert_eq!(turns.take(&house.app, &|| false).await.unwrap(), Turn::Done(30));
    house.clock.advance(day);
    assert_eq!(turns.take(&house.app, &|| false).await.unwrap(), Turn::Done(30));
    assert_eq!(house.listed().await.len(), 0);
}
