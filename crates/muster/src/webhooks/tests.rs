//! Against a real receiver on a socket, with a clock that is moved.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jiff::SignedDuration;
use muster_app::events::{self, FeedQuery, Start};
use muster_app::webhooks::{self, EndpointChange, EndpointOf, NewEndpoint};
use muster_app::{AppError, OperatorAccess};
use muster_model::{
    Clock, DeliveryState, DisabledReason, Provider, Tenant, WebhookEndpointId, WebhookPayload, WebhookState,
};
use muster_store::DeliveryQuery;
use muster_testkit::{TestClient, TestHub};
use serde_json::{Value, json};

use super::*;
use crate::system::{SystemClock, SystemRng};

const TENANT: &str = Tenant::DEFAULT_NAME;
const ALL: DeliveryQuery = DeliveryQuery { state: None, before: None, limit: 100 };

/// One message that arrived.
#[derive(Clone, Debug)]
struct Received {
    id: String,
    timestamp: String,
    signatures: Vec<String>,
    body: String,
    is_accepted: bool,
}

impl Received {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn resource(&self) -> String {
        self.json()["data"]["resource_id"].as_str().unwrap_or_default().to_owned()
    }

    /// HMAC-SHA256 (RFC 2104) by its definition, from another function than the one that signed.
    fn signature_by(&self, secret: &str) -> String {
        let key = base64_decoded(secret.strip_prefix("whsec_").unwrap());
        let mut block = [0; 64];
        block[..key.len()].copy_from_slice(&key);
        let signed = format!("{}.{}.{}", self.id, self.timestamp, self.body);
        let inner = digest(&SHA256, &[block.map(|byte| byte ^ 0x36).as_slice(), signed.as_bytes()].concat());
        let outer = digest(&SHA256, &[block.map(|byte| byte ^ 0x5c).as_slice(), inner.as_ref()].concat());
        format!("v1,{}", base64_encoded(outer.as_ref()))
    }
}

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64_encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = (0..3).fold(0_u32, |number, place| number << 8 | u32::from(*chunk.get(place).unwrap_or(&0)));
        for place in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

fn base64_decoded(text: &str) -> Vec<u8> {
    let mut bits = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::new();
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = LETTERS.iter().position(|known| *known == letter).unwrap();
        bits = bits << 6 | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 255).unwrap());
        }
    }
    bytes
}

/// How the receiver answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Accepting,
    Answering(u16),
    /// Every other message.
    Unsteady,
    /// Everything but one resource's.
    RefusingFirst,
}

struct Receiver {
    mood: Mutex<Mood>,
    received: Mutex<Vec<Received>>,
}

impl Receiver {
    fn be(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn accepted(&self) -> Vec<Received> {
        self.received.lock().unwrap().iter().filter(|one| one.is_accepted).cloned().collect()
    }

    fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }
}

async fn receive(State(here): State<Arc<Receiver>>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    let mut received = here.received.lock().unwrap();
    let mut new = Received {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signatures: header("webhook-signature").split(' ').map(str::to_owned).collect(),
        body: String::from_utf8(body.to_vec()).unwrap(),
        is_accepted: false,
    };
    assert_eq!(header("content-type"), "application/json");
    let mood = *here.mood.lock().unwrap();
    let status = match mood {
        Mood::Accepting => 204,
        Mood::Answering(status) => status,
        Mood::Unsteady => {
            // None, one or two times for each message, whatever else arrives in between.
            let before = received.iter().filter(|one| one.id == new.id).count();
            let failures = new.id.bytes().last().map_or(0, |letter| usize::from(letter) % 3);
            if before < failures { 500 } else { 200 }
        }
        Mood::RefusingFirst => {
            let first = received.first().map_or_else(|| new.resource(), Received::resource);
            if first == new.resource() { 422 } else { 200 }
        }
    };
    new.is_accepted = (200..300).contains(&status);
    received.push(new);
    (StatusCode::from_u16(status).unwrap(), [("location", "/elsewhere")], "so it is").into_response()
}

struct World {
    hub: TestHub,
    client: TestClient,
    receiver: Arc<Receiver>,
    url: String,
    work: DeliverWebhooks,
    deliverer: Deliverer,
}

fn of(id: WebhookEndpointId) -> EndpointOf {
    EndpointOf { tenant: None, id }
}

fn access() -> OperatorAccess {
    OperatorAccess::of_local_administrator()
}

impl World {
    async fn new() -> Self {
        let hub = TestHub::start().await;
        let client = hub.connect_with("hooks", Provider::Generic, &["guard_percent=0"]).await;
        let receiver = Arc::new(Receiver { mood: Mutex::new(Mood::Accepting), received: Mutex::default() });
        let router = Router::new().route("/hook", post(receive)).with_state(Arc::clone(&receiver));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let work = DeliverWebhooks {
            app: Arc::clone(&hub.app),
            carrier: Arc::new(EgressCarrier::new(AddressPolicy::of_local_administrator()).unwrap()),
        };
        let deliverer = Deliverer::new(work.clone(), NodeId::new(&SystemClock, &SystemRng));
        Self { hub, client, receiver, url, work, deliverer }
    }

    /// With the secret of its key.
    async fn endpoint(&self, payload: WebhookPayload, types: &[&str]) -> (WebhookEndpointId, String) {
        let new = NewEndpoint {
            tenant: Some(TENANT.to_owned().into()),
            url: self.url.clone(),
            event_types: types.iter().map(|name| (*name).to_owned()).collect(),
            payload,
        };
        let carrier = self.work.carrier.as_ref();
        let created = webhooks::create(&self.hub.app, &access(), &access(), carrier, new).await.unwrap();
        (created.endpoint.id, created.key.secret.expose_serialized())
    }

    /// Turns until nothing is due.
    async fn deliver(&mut self) {
        while self.deliverer.take_turn(&|| false).await.unwrap() != Turn::NothingToDo {}
    }

    async fn deliver_for(&mut self, time: Duration, step: Duration) {
        for _ in 0..time.as_secs() / step.as_secs() {
            self.hub.clock.advance(step);
            self.deliver().await;
        }
    }

    async fn all_events(&self) -> Vec<events::Event> {
        let query = FeedQuery {
            tenant: Some(TENANT.to_owned().into()),
            start: Start::Beginning,
            types: Vec::new(),
            limit: 1000,
            wait: Duration::ZERO,
            objects: false,
        };
        events::list(&self.hub.app, &access(), &query).await.unwrap().events
    }

    async fn add_user(&self, name: &str) -> String {
        self.client.post("/Users", &json!({"userName": name, "password": "hook canary 1"})).await.id()
    }

    async fn retitle(&self, user: &str, title: &str) {
        let operations = json!([{"op": "replace", "path": "title", "value": title}]);
        self.client.patch(&format!("/Users/{user}"), operations).await;
    }

    async fn show(&self, id: WebhookEndpointId) -> muster_model::WebhookEndpoint {
        webhooks::show(&self.hub.app, &access(), &of(id)).await.unwrap()
    }

    async fn states(&self, id: WebhookEndpointId) -> Vec<DeliveryState> {
        let deliveries = webhooks::list_deliveries(&self.hub.app, &access(), &of(id), ALL).await.unwrap();
        deliveries.iter().map(|delivery| delivery.state).collect()
    }

    /// Exactly the events of the log, each once, and of each resource in their order.
    async fn expect_everything_once(&self) {
        let accepted = self.receiver.accepted();
        let mut wanted: HashMap<String, Vec<String>> = HashMap::new();
        let mut got: HashMap<String, Vec<String>> = HashMap::new();
        for event in self.all_events().await {
            wanted.entry(event.resource.to_string()).or_default().push(event.id.to_string());
        }
        for message in &accepted {
            assert_eq!(message.json()["id"], message.id.as_str());
            got.entry(message.resource()).or_default().push(message.id.clone());
        }
        assert_eq!(got, wanted);
    }
}

#[tokio::test]
async fn a_receiver_that_failed_for_an_hour_gets_every_event_in_order_and_none_twice() {
    let mut world = World::new().await;
    let (id, _) = world.endpoint(WebhookPayload::Thin, &[]).await;
    world.receiver.be(Mood::Answering(500));
    let mut users = Vec::new();
    for minute in 0..60 {
        if minute % 3 == 0 {
            users.push(world.add_user(&format!("u{minute}")).await);
        } else {
            world.retitle(&users[minute % users.len()], &format!("t{minute}")).await;
        }
        world.hub.clock.advance(Duration::from_mins(1));
        world.deliver().await;
    }
    assert!(world.receiver.count() > 20 && world.receiver.accepted().is_empty());
    let failing = world.show(id).await.health;
    assert!(failing.failures > 20 && failing.failing_since.is_some(), "{failing:?}");
    world.receiver.be(Mood::Accepting);
    world.deliver_for(Duration::from_hours(4), Duration::from_mins(5)).await;
    world.expect_everything_once().await;
    assert!(world.states(id).await.iter().all(|state| *state == DeliveryState::Delivered));
    assert_eq!(world.show(id).await.health, muster_model::WebhookHealth::default());
}

#[tokio::test]
async fn an_unsteady_receiver_gets_every_event_too() {
    let mut world = World::new().await;
    world.endpoint(WebhookPayload::Thin, &[]).await;
    world.receiver.be(Mood::Unsteady);
    for number in 0..12 {
        let user = world.add_user(&format!("u{number}")).await;
        for change in 0..4 {
            world.retitle(&user, &format!("t{change}")).await;
        }
        world.deliver().await;
    }
    world.deliver_for(Duration::from_hours(30), Duration::from_mins(10)).await;
    world.expect_everything_once().await;
}

#[tokio::test]
async fn one_resource_that_is_refused_holds_up_itself_and_nobody_else() {
    let mut world = World::new().await;
    let (id, _) = world.endpoint(WebhookPayload::Thin, &[]).await;
    world.receiver.be(Mood::RefusingFirst);
    let anna = world.add_user("anna").await;
    world.deliver().await;
    world.retitle(&anna, "Boss").await;
    let bert = world.add_user("bert").await;
    world.retitle(&bert, "Chef").await;
    world.deliver_for(Duration::from_mins(10), Duration::from_mins(1)).await;
    let got: Vec<String> = world.receiver.accepted().iter().map(Received::resource).collect();
    assert_eq!(got, [bert.as_str(), bert.as_str()]);
    // Ten attempts over three days, and then the next one of that resource has its turn.
    world.deliver_for(Duration::from_hours(4 * 24 + 12), Duration::from_hours(1)).await;
    let states = world.states(id).await;
    assert_eq!(states.iter().filter(|state| **state == DeliveryState::Failed).count(), 1, "{states:?}");
    let first = world.all_events().await[0].id.to_string();
    let sent = world.receiver.received.lock().unwrap().iter().filter(|one| one.id == first).count();
    assert_eq!(sent, 10);
    // A person mends the receiver and has it sent again.
    world.receiver.be(Mood::Accepting);
    let since = world.all_events().await[0].timestamp;
    assert_eq!(webhooks::recover(&world.hub.app, &access(), &of(id), since, None).await.unwrap(), 1);
    world.deliver_for(Duration::from_hours(4 * 24), Duration::from_hours(1)).await;
    assert_eq!(world.receiver.accepted().len(), 4);
}

#[tokio::test]
async fn signatures_are_what_the_standard_says_across_a_rotation() {
    let mut world = World::new().await;
    let (id, first) = world.endpoint(WebhookPayload::Thin, &[]).await;
    world.add_user("anna").await;
    world.deliver().await;
    let message = world.receiver.accepted().pop().unwrap();
    assert_eq!(message.signatures, [message.signature_by(&first)]);
    assert_eq!(message.timestamp, world.hub.clock.now().as_second().to_string());

    let app = Arc::clone(&world.hub.app);
    let started = webhooks::start_rotation(&app, &access(), &of(id)).await.unwrap();
    let second = started.secret.expose_serialized();
    assert_ne!(first, second);
    assert!(started.overlap_ends.is_some());
    let again = webhooks::start_rotation(&app, &access(), &of(id)).await;
    assert!(matches!(again, Err(AppError::KeyRotationUnderWay)), "two keys at most");
    world.add_user("bert").await;
    world.deliver().await;
    let message = world.receiver.accepted().pop().unwrap();
    assert_eq!(message.signatures, [message.signature_by(&second), message.signature_by(&first)]);

    webhooks::complete_rotation(&app, &access(), &of(id)).await.unwrap();
    world.add_user("carl").await;
    world.deliver().await;
    let message = world.receiver.accepted().pop().unwrap();
    assert_eq!(message.signatures, [message.signature_by(&second)]);
    // Without being completed, the old key retires after a day.
    webhooks::start_rotation(&app, &access(), &of(id)).await.unwrap();
    world.hub.clock.advance(Duration::from_hours(24));
    world.add_user("dora").await;
    world.deliver().await;
    assert_eq!(world.receiver.accepted().pop().unwrap().signatures.len(), 1);
    // Whatever is stored, it is not the key.
    let stored = format!("{:?}", world.show(id).await);
    assert!(!stored.contains(&second[6..]), "{stored}");
}

#[tokio::test]
async fn a_message_carries_what_was_asked_for_and_no_secret() {
    let mut world = World::new().await;
    world.endpoint(WebhookPayload::Full, &["directory.user.*"]).await;
    let anna = world.add_user("anna").await;
    world.client.post("/Groups", &json!({"displayName": "team", "members": [{"value": anna}]})).await;
    world.deliver().await;
    let accepted = world.receiver.accepted();
    assert_eq!(accepted.len(), 1, "only what it wants");
    let event = accepted[0].json();
    assert_eq!(
        (&event["type"], &event["data"]["object"]["userName"]),
        (&json!("directory.user.created"), &json!("anna"))
    );
    assert!(event["id"].as_str().unwrap().starts_with("evt_"));
    assert!(!accepted[0].body.contains("canary") && !accepted[0].body.contains("password"), "{}", accepted[0].body);
    // Of somebody who is gone there is nothing to show.
    world.retitle(&anna, "Boss").await;
    world.client.delete(&format!("/Users/{anna}")).await;
    world.deliver().await;
    let told: Vec<Value> = world.receiver.accepted().iter().skip(1).map(Received::json).collect();
    assert_eq!(
        (&told[0]["type"], &told[1]["type"]),
        (&json!("directory.user.updated"), &json!("directory.user.deleted"))
    );
    assert!(told.iter().all(|event| event["data"].get("object").is_none()));
}

#[tokio::test]
async fn gone_disables_and_what_was_missed_comes_when_it_is_enabled() {
    let mut world = World::new().await;
    let (id, _) = world.endpoint(WebhookPayload::Thin, &[]).await;
    world.receiver.be(Mood::Answering(410));
    let anna = world.add_user("anna").await;
    world.deliver().await;
    let reason = |state| match state {
        WebhookState::Disabled { reason, .. } => Some(reason),
        WebhookState::Active => None,
    };
    assert_eq!(reason(world.show(id).await.state), Some(DisabledReason::Gone));
    assert_eq!(world.states(id).await, [DeliveryState::Parked]);
    world.receiver.be(Mood::Accepting);
    world.retitle(&anna, "Boss").await;
    world.deliver_for(Duration::from_hours(24), Duration::from_hours(6)).await;
    assert_eq!(world.receiver.count(), 1);
    let test = webhooks::send_test(&world.hub.app, &access(), &of(id)).await;
    assert!(matches!(test, Err(AppError::WebhookDisabled)), "it is disabled");

    webhooks::enable(&world.hub.app, &access(), &of(id), false).await.unwrap();
    world.deliver().await;
    world.expect_everything_once().await;

    webhooks::disable(&world.hub.app, &access(), &of(id)).await.unwrap();
    assert_eq!(reason(world.show(id).await.state), Some(DisabledReason::ByOperator));
    world.retitle(&anna, "Chef").await;
    webhooks::enable(&world.hub.app, &access(), &of(id), true).await.unwrap();
    world.deliver().await;
    assert_eq!(world.receiver.accepted().len(), 2, "it was to be left out");
}

#[tokio::test]
async fn days_of_failure_disable_an_endpoint() {
    let mut world = World::new().await;
    let (id, _) = world.endpoint(WebhookPayload::Thin, &[]).await;
    world.receiver.be(Mood::Answering(302));
    let anna = world.add_user("anna").await;
    for day in 0..6 {
        world.retitle(&anna, &format!("t{day}")).await;
        world.add_user(&format!("u{day}")).await;
        world.deliver_for(Duration::from_hours(24), Duration::from_hours(1)).await;
    }
    let WebhookState::Disabled { reason, since } = world.show(id).await.state else { panic!("it is active") };
    assert_eq!(reason, DisabledReason::Failing);
    let failing_since = world.show(id).await.health.failing_since.unwrap();
    let after = since.duration_since(failing_since);
    assert!((SignedDuration::from_hours(120)..SignedDuration::from_hours(140)).contains(&after), "{after:?}");
    let sent = world.receiver.count();
    world.deliver_for(Duration::from_hours(48), Duration::from_hours(12)).await;
    assert_eq!(world.receiver.count(), sent);
}

#[tokio::test]
async fn a_test_message_and_a_resent_one_arrive_and_say_what_became_of_them() {
    let mut world = World::new().await;
    let (id, _) = world.endpoint(WebhookPayload::Full, &["directory.group.*"]).await;
    let app = Arc::clone(&world.hub.app);
    world.receiver.be(Mood::Answering(500));
    let test = webhooks::send_test(&app, &access(), &of(id)).await.unwrap();
    world.deliver().await;
    let details = webhooks::delivery(&app, &access(), &of(id), test).await.unwrap();
    assert_eq!((details.attempts[0].status, details.attempts[0].answer.as_deref()), (Some(500), Some("so it is")));
    world.receiver.be(Mood::Accepting);
    webhooks::resend(&app, &access(), &of(id), test).await.unwrap();
    world.deliver().await;
    let details = webhooks::delivery(&app, &access(), &of(id), test).await.unwrap();
    assert_eq!((details.delivery.state, details.attempts.len()), (DeliveryState::Delivered, 2));
    let message = world.receiver.accepted().pop().unwrap();
    assert_eq!(
        (message.json()["type"].as_str(), message.id),
        (Some("webhook.test"), details.delivery.event.to_string())
    );

    // A changed address counts for what is on its way.
    let elsewhere = EndpointChange { url: Some(world.url.replace("/hook", "/nothing")), ..EndpointChange::default() };
    let carrier = Arc::clone(&world.work.carrier);
    webhooks::update(&app, &access(), &access(), carrier.as_ref(), &of(id), elsewhere).await.unwrap();
    let test = webhooks::send_test(&app, &access(), &of(id)).await.unwrap();
    world.deliver().await;
    let details = webhooks::delivery(&app, &access(), &of(id), test).await.unwrap();
    assert_eq!(details.attempts[0].status, Some(404));
    let unknown =
        EndpointChange { event_types: Some(vec!["directory.nobody".to_owned()]), ..EndpointChange::default() };
    assert!(webhooks::update(&app, &access(), &access(), carrier.as_ref(), &of(id), unknown).await.is_err());
    webhooks::delete(&app, &access(), &of(id)).await.unwrap();
    assert!(webhooks::list(&app, &access(), None).await.unwrap().is_empty());
    assert!(matches!(webhooks::show(&app, &access(), &of(id)).await, Err(AppError::WebhookEndpointNotFound)));
}

#[tokio::test]
async fn one_node_delivers_and_the_other_takes_over() {
    let mut world = World::new().await;
    world.endpoint(WebhookPayload::Thin, &[]).await;
    let mut other = Deliverer::new(world.work.clone(), NodeId::new(&SystemClock, &SystemRng));
    assert_eq!(other.take_turn(&|| false).await.unwrap(), Turn::NothingToDo);
    world.add_user("anna").await;
    world.deliver().await;
    world.add_user("bert").await;
    assert_eq!(other.take_turn(&|| false).await.unwrap(), Turn::OfAnother);
    world.deliverer.give_back().await.unwrap();
    while other.take_turn(&|| false).await.unwrap() != Turn::NothingToDo {}
    world.expect_everything_once().await;
}
