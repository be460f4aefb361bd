//! Webhook endpoints and deliveries (docs/adr/0029): in order for each resource, under a lease, and each tenant's own.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use muster_model::{
    Delivery, DeliveryAttempt, DeliveryId, DeliveryState, DisabledReason, EventId, Lease, NodeId, ResourceId, Sequence,
    SigningKey, WebhookEndpoint, WebhookEndpointId, WebhookHealth, WebhookPayload, WebhookSettings, WebhookState,
};

use uuid::Uuid;

use super::world::World;
use crate::{AttemptOutcome, DeliveryQuery, LeaseError, Missed, Store};

const ALL: DeliveryQuery = DeliveryQuery { state: None, before: None, limit: 100 };

fn key(version: u32, created: Timestamp) -> SigningKey {
    SigningKey { version, secret: Uuid::from_u128(version.into()), created, retires: None }
}

/// An endpoint with the lease to work for it.
struct Webhook {
    world: World,
    id: WebhookEndpointId,
    lease: Lease,
}

impl Webhook {
    async fn new(store: Arc<dyn Store>) -> Self {
        let world = World::new(store).await;
        let endpoint = endpoint(&world);
        world.store.create_webhook_endpoint(&endpoint).await.unwrap();
        let node = NodeId::from_uuid(*world.new_id().as_uuid());
        let name = format!("law-{}", world.tenant.id);
        let lease = world.store.take_lease(&name, node, Duration::from_mins(10)).await.unwrap().unwrap();
        Self { world, id: endpoint.id, lease }
    }

    async fn find(&self) -> WebhookEndpoint {
        self.world.store.find_webhook_endpoint(self.world.tenant.id, self.id).await.unwrap().unwrap()
    }

    fn delivery(&self, sequence: u64, resource: ResourceId) -> Delivery {
        let at = self.world.now();
        Delivery {
            id: DeliveryId::from_uuid(*self.world.new_id().as_uuid()),
            endpoint: self.id,
            event: EventId::from_uuid(*self.world.new_id().as_uuid()),
            event_type: "directory.user.updated".to_owned(),
            body: format!("{{\"sequence\":{sequence}}}"),
            sequence: Sequence(sequence),
            place: 0,
            resource,
            at,
            state: DeliveryState::Pending,
            attempts: 0,
            tries: 0,
            due: None,
            ended: None,
        }
    }

    /// Deliveries behind where the endpoint stands, one entry each.
    async fn schedule(&self, resources: &[ResourceId]) -> Vec<Delivery> {
        let from = self.find().await.scheduled;
        let deliveries: Vec<Delivery> =
            (from.0 + 1..).zip(resources).map(|(sequence, resource)| self.delivery(sequence, *resource)).collect();
        let to = Sequence(from.0 + resources.len() as u64);
        assert!(self.scheduled(from, to, &deliveries).await.unwrap());
        deliveries
    }

    async fn scheduled(&self, from: Sequence, to: Sequence, deliveries: &[Delivery]) -> Result<bool, LeaseError> {
        let (tenant, now) = (self.world.tenant.id, self.world.now());
        self.world.store.schedule_deliveries(tenant, self.id, from, to, deliveries, now, &self.lease).await
    }

    async fn due(&self) -> Vec<DeliveryId> {
        let now = self.world.now();
        let due = self.world.store.list_due_deliveries(self.world.tenant.id, self.id, now, 100).await.unwrap();
        due.into_iter().map(|delivery| delivery.id).collect()
    }

    async fn delivery_now(&self, id: DeliveryId) -> Delivery {
        self.world.store.find_delivery(self.world.tenant.id, self.id, id).await.unwrap().unwrap()
    }

    fn outcome(&self, delivery: &Delivery, state: DeliveryState, due: Option<Timestamp>) -> AttemptOutcome {
        let attempt = DeliveryAttempt {
            number: delivery.attempts + 1,
            at: self.world.now(),
            milliseconds: 12,
            status: Some(if state == DeliveryState::Delivered { 204 } else { 500 }),
            failure: None,
            answer: Some("because".to_owned()),
        };
        AttemptOutcome {
            attempt,
            state,
            tries: delivery.tries + 1,
            due,
            health: WebhookHealth::default(),
            disabled: None,
        }
    }

    async fn note(&self, id: DeliveryId, state: DeliveryState, due: Option<Timestamp>) {
        let delivery = self.delivery_now(id).await;
        let outcome = self.outcome(&delivery, state, due);
        self.world.store.record_attempt(self.world.tenant.id, &delivery, &outcome, &self.lease).await.unwrap();
    }

    async fn has_work(&self, at: Timestamp) -> bool {
        self.world.store.list_webhook_work(at).await.unwrap().contains(&(self.world.tenant.id, self.id))
    }
}

fn endpoint(world: &World) -> WebhookEndpoint {
    let created = world.now();
    WebhookEndpoint {
        id: WebhookEndpointId::from_uuid(*world.new_id().as_uuid()),
        tenant: world.tenant.id,
        settings: WebhookSettings {
            url: "https://example.com/hook".to_owned(),
            event_types: vec!["directory.user.*".to_owned(), "directory.group.created".to_owned()],
            payload: WebhookPayload::Full,
        },
        state: WebhookState::Active,
        created,
        keys: vec![key(1, created)],
        scheduled: Sequence(40),
        health: WebhookHealth::default(),
    }
}

pub async fn an_endpoint_is_kept_with_its_keys(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (store, tenant) = (&world.store, world.tenant.id);
    let (first, second) = (endpoint(&world), endpoint(&world));
    for new in [&first, &second] {
        store.create_webhook_endpoint(new).await.unwrap();
    }
    assert_eq!(store.find_webhook_endpoint(tenant, first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(store.list_webhook_endpoints(tenant).await.unwrap(), [first.clone(), second.clone()]);

    let settings = WebhookSettings {
        url: "https://example.com/other".to_owned(),
        event_types: Vec::new(),
        payload: WebhookPayload::Thin,
    };
    assert!(store.change_webhook_settings(tenant, first.id, &settings).await.unwrap());
    // Of two who rotate at once one is refused.
    let keys = [SigningKey { retires: Some(world.now()), ..key(1, first.created) }, key(2, world.now())];
    assert!(store.replace_webhook_keys(tenant, first.id, 1, &keys).await.unwrap());
    assert!(!store.replace_webhook_keys(tenant, first.id, 1, &keys[..1]).await.unwrap());
    let wanted = WebhookEndpoint { settings: settings.clone(), keys: keys.to_vec(), ..first.clone() };
    assert_eq!(store.find_webhook_endpoint(tenant, first.id).await.unwrap(), Some(wanted));

    assert!(store.delete_webhook_endpoint(tenant, first.id).await.unwrap());
    assert!(!store.delete_webhook_endpoint(tenant, first.id).await.unwrap());
    assert!(!store.change_webhook_settings(tenant, first.id, &settings).await.unwrap());
    assert!(!store.replace_webhook_keys(tenant, first.id, 2, &keys).await.unwrap());
    assert_eq!(store.list_webhook_endpoints(tenant).await.unwrap(), [second]);
}

pub async fn another_tenants_endpoint_is_not_there(store: Arc<dyn Store>) {
    let ours = Webhook::new(Arc::clone(&store)).await;
    let resource = ours.world.new_id();
    let made = ours.schedule(&[resource]).await;
    let (theirs, before) = (World::new(store).await, ours.find().await);
    let (store, tenant, id, now) = (&theirs.store, theirs.tenant.id, ours.id, theirs.now());
    let state = WebhookState::Disabled { reason: DisabledReason::ByOperator, since: now };
    assert_eq!(store.find_webhook_endpoint(tenant, id).await.unwrap(), None);
    assert_eq!(store.list_webhook_endpoints(tenant).await.unwrap(), []);
    assert!(!store.change_webhook_settings(tenant, id, &before.settings).await.unwrap());
    assert!(!store.disable_webhook_endpoint(tenant, id, &state).await.unwrap());
    assert!(!store.enable_webhook_endpoint(tenant, id, Missed::SkipTo(Sequence(99)), now).await.unwrap());
    assert!(!store.replace_webhook_keys(tenant, id, 1, &[]).await.unwrap());
    assert!(!store.delete_webhook_endpoint(tenant, id).await.unwrap());
    assert!(!store.add_delivery(tenant, &ours.delivery(0, resource)).await.unwrap());
    assert!(!store.resend_delivery(tenant, id, made[0].id, now).await.unwrap());
    let far = now + Duration::from_hours(1);
    assert_eq!(store.recover_deliveries(tenant, id, before.created, far, now).await.unwrap(), 0);
    assert_eq!(store.list_deliveries(tenant, id, ALL).await.unwrap(), []);
    assert_eq!(store.find_delivery(tenant, id, made[0].id).await.unwrap(), None);
    assert_eq!(store.list_due_deliveries(tenant, id, far, 9).await.unwrap(), []);
    let outcome = ours.outcome(&made[0], DeliveryState::Failed, None);
    store.record_attempt(tenant, &made[0], &outcome, &ours.lease).await.unwrap();
    assert!(
        !store.schedule_deliveries(tenant, id, before.scheduled, Sequence(77), &[], now, &ours.lease).await.unwrap()
    );
    assert_eq!(ours.find().await, before);
    assert_eq!(ours.due().await, [made[0].id]);
    assert_eq!(ours.world.store.list_attempts(ours.world.tenant.id, id, made[0].id).await.unwrap(), []);
}

pub async fn deliveries_of_a_resource_wait_for_one_another(store: Arc<dyn Store>) {
    let hook = Webhook::new(store).await;
    let (anna, bert) = (hook.world.new_id(), hook.world.new_id());
    let made = hook.schedule(&[anna, anna, bert, anna]).await;
    let ids: Vec<DeliveryId> = made.iter().map(|delivery| delivery.id).collect();
    assert_eq!(hook.due().await, [ids[0], ids[2]], "the first of each");
    assert_eq!(hook.find().await.scheduled, Sequence(44));
    // From where it no longer stands nothing is made.
    let again = hook.delivery(41, anna);
    assert!(!hook.scheduled(Sequence(40), Sequence(41), &[again]).await.unwrap());

    // Whoever comes later waits, too, also when the one before is to be sent again later.
    let later = hook.world.now() + Duration::from_hours(1);
    hook.note(ids[0], DeliveryState::Pending, Some(later)).await;
    let more = hook.schedule(&[anna]).await;
    assert_eq!(hook.due().await, [ids[2]]);
    hook.note(ids[2], DeliveryState::Delivered, None).await;
    assert_eq!(hook.due().await, []);
    hook.note(ids[0], DeliveryState::Delivered, None).await;
    assert_eq!(hook.due().await, [ids[1]]);
    // One that was given up lets the next one go.
    hook.note(ids[1], DeliveryState::Failed, None).await;
    assert_eq!(hook.due().await, [ids[3]]);
    hook.note(ids[3], DeliveryState::Delivered, None).await;
    assert_eq!(hook.due().await, [more[0].id]);

    let first = hook.delivery_now(ids[0]).await;
    assert_eq!((first.state, first.attempts, first.tries, first.due), (DeliveryState::Delivered, 2, 2, None));
    assert!(first.ended.is_some());
    assert_eq!((&first.body, first.event, first.at), (&made[0].body, made[0].event, made[0].at));
    let attempts = hook.world.store.list_attempts(hook.world.tenant.id, hook.id, ids[0]).await.unwrap();
    let told: Vec<_> = attempts.iter().map(|attempt| (attempt.number, attempt.status)).collect();
    assert_eq!(told, [(1, Some(500)), (2, Some(204))]);
    assert_eq!(attempts[0].answer.as_deref(), Some("because"));
    // An answer that comes after the end changes nothing.
    hook.note(ids[0], DeliveryState::Pending, Some(later)).await;
    assert_eq!(hook.delivery_now(ids[0]).await, first);
}

pub async fn deliveries_are_listed_the_newest_first(store: Arc<dyn Store>) {
    let hook = Webhook::new(store).await;
    let person = hook.world.new_id();
    let made = hook.schedule(&[person, person, person]).await;
    hook.note(made[0].id, DeliveryState::Delivered, None).await;
    let list = async |query: DeliveryQuery| {
        let found = hook.world.store.list_deliveries(hook.world.tenant.id, hook.id, query).await.unwrap();
        found.into_iter().map(|delivery| delivery.id).collect::<Vec<_>>()
    };
    assert_eq!(list(ALL).await, [made[2].id, made[1].id, made[0].id]);
    assert_eq!(list(DeliveryQuery { limit: 2, ..ALL }).await, [made[2].id, made[1].id]);
    assert_eq!(list(DeliveryQuery { before: Some(made[1].id), ..ALL }).await, [made[0].id]);
    assert_eq!(list(DeliveryQuery { state: Some(DeliveryState::Delivered), ..ALL }).await, [made[0].id]);
}

pub async fn a_disabled_endpoint_parks_what_is_pending(store: Arc<dyn Store>) {
    let hook = Webhook::new(store).await;
    let (store, tenant, id) = (&hook.world.store, hook.world.tenant.id, hook.id);
    let (anna, bert) = (hook.world.new_id(), hook.world.new_id());
    let made = hook.schedule(&[anna, anna, bert]).await;
    let delivery = hook.delivery_now(made[0].id).await;
    let since = hook.world.now();
    let gone = WebhookState::Disabled { reason: DisabledReason::Gone, since };
    let health = WebhookHealth { failures: 3, failing_since: Some(since), rests_until: Some(since) };
    let pending = hook.outcome(&delivery, DeliveryState::Pending, Some(since));
    let outcome = AttemptOutcome { health, disabled: Some(gone), ..pending };
    store.record_attempt(tenant, &delivery, &outcome, &hook.lease).await.unwrap();
    let endpoint = hook.find().await;
    assert_eq!((endpoint.state, endpoint.health), (gone, health));
    assert_eq!(hook.due().await, []);
    assert!(!hook.has_work(hook.world.now()).await);
    assert_eq!(hook.delivery_now(made[2].id).await.state, DeliveryState::Parked);
    assert!(!hook.scheduled(endpoint.scheduled, Sequence(99), &[]).await.unwrap(), "nothing is made meanwhile");
    assert!(!store.resend_delivery(tenant, id, made[0].id, hook.world.now()).await.unwrap());

    // Enabled, it goes on where it was.
    assert!(store.enable_webhook_endpoint(tenant, id, Missed::Deliver, hook.world.now()).await.unwrap());
    let endpoint = hook.find().await;
    let enabled = (WebhookState::Active, WebhookHealth::default(), Sequence(43));
    assert_eq!((endpoint.state, endpoint.health, endpoint.scheduled), enabled);
    assert_eq!(hook.due().await, [made[0].id, made[2].id]);
    let first = hook.delivery_now(made[0].id).await;
    assert_eq!((first.attempts, first.tries), (1, 0), "the schedule begins anew");

    // Or leaves out what it missed.
    let by_operator = WebhookState::Disabled { reason: DisabledReason::ByOperator, since };
    assert!(store.disable_webhook_endpoint(tenant, id, &by_operator).await.unwrap());
    let skipped = Missed::SkipTo(Sequence(90));
    assert!(store.enable_webhook_endpoint(tenant, id, skipped, hook.world.now()).await.unwrap());
    assert_eq!(hook.due().await, []);
    assert_eq!(hook.find().await.scheduled, Sequence(90));
    assert_eq!(hook.delivery_now(made[1].id).await.state, DeliveryState::Failed);
    // Never back.
    assert!(store.enable_webhook_endpoint(tenant, id, Missed::SkipTo(Sequence(1)), hook.world.now()).await.unwrap());
    assert_eq!(hook.find().await.scheduled, Sequence(90));
}

pub async fn what_was_given_up_is_sent_again(store: Arc<dyn Store>) {
    let hook = Webhook::new(store).await;
    let (store, tenant, id) = (&hook.world.store, hook.world.tenant.id, hook.id);
    let (anna, bert) = (hook.world.new_id(), hook.world.new_id());
    let made = hook.schedule(&[anna, bert, anna, bert]).await;
    for delivery in &made {
        let state = if delivery.id == made[1].id { DeliveryState::Delivered } else { DeliveryState::Failed };
        hook.note(delivery.id, state, None).await;
    }
    assert_eq!(hook.due().await, []);
    let recover = async |since: Timestamp, until: Timestamp| {
        store.recover_deliveries(tenant, id, since, until, hook.world.now()).await.unwrap()
    };
    assert_eq!(recover(made[0].at, made[0].at).await, 0);
    assert_eq!(recover(made[0].at, made[3].at).await, 2, "what happened before the end");
    assert_eq!(hook.due().await, [made[0].id], "in order");
    hook.note(made[0].id, DeliveryState::Delivered, None).await;
    assert_eq!(hook.due().await, [made[2].id]);
    hook.note(made[2].id, DeliveryState::Delivered, None).await;

    // One by itself, also one that was delivered.
    for again in [&made[1], &made[3]] {
        assert!(store.resend_delivery(tenant, id, again.id, hook.world.now()).await.unwrap());
        assert_eq!(hook.due().await, [again.id]);
        let now = hook.delivery_now(again.id).await;
        assert_eq!((now.attempts, now.tries, now.ended), (1, 0, None));
        hook.note(again.id, DeliveryState::Delivered, None).await;
    }
    let unknown = DeliveryId::from_uuid(*hook.world.new_id().as_uuid());
    assert!(!store.resend_delivery(tenant, id, unknown, hook.world.now()).await.unwrap());
}

pub async fn work_is_found_where_there_is_some(store: Arc<dyn Store>) {
    let hook = Webhook::new(store).await;
    let (store, tenant) = (&hook.world.store, hook.world.tenant.id);
    assert!(!hook.has_work(hook.world.now()).await);
    // Something of no change.
    let now = hook.world.now();
    let test = Delivery { due: Some(now + Duration::from_mins(1)), ..hook.delivery(0, hook.world.new_id()) };
    assert!(store.add_delivery(tenant, &test).await.unwrap());
    assert!(!hook.has_work(now).await);
    assert!(hook.has_work(now + Duration::from_mins(1)).await);
    hook.note(test.id, DeliveryState::Delivered, None).await;

    // The log goes on: this endpoint says that it is far ahead, the other begins with it.
    let fresh = WebhookEndpoint { scheduled: Sequence::START, ..endpoint(&hook.world) };
    store.create_webhook_endpoint(&fresh).await.unwrap();
    hook.world.add_user("anna").await;
    let last = hook.world.changes().await.last().unwrap().sequence;
    assert_eq!(hook.world.directory.find_last_sequence().await.unwrap(), last);
    let finds = async |at| store.list_webhook_work(at).await.unwrap().contains(&(tenant, fresh.id));
    assert!(finds(hook.world.now()).await);
    let now = hook.world.now();
    assert!(store.schedule_deliveries(tenant, fresh.id, Sequence::START, last, &[], now, &hook.lease).await.unwrap());
    assert!(!finds(hook.world.now()).await);

    // Who rests is left alone.
    let made = hook.schedule(&[hook.world.new_id(), hook.world.new_id()]).await;
    let delivery = hook.delivery_now(made[0].id).await;
    let until = hook.world.now() + Duration::from_mins(5);
    let health = WebhookHealth { failures: 1, failing_since: Some(until), rests_until: Some(until) };
    let outcome = AttemptOutcome { health, ..hook.outcome(&delivery, DeliveryState::Pending, Some(until)) };
    store.record_attempt(tenant, &delivery, &outcome, &hook.lease).await.unwrap();
    assert!(!hook.has_work(hook.world.now()).await);
    assert!(hook.has_work(until).await);
}

pub async fn who_lost_the_lease_delivers_nothing(store: Arc<dyn Store>) {
    let hook = Webhook::new(store).await;
    let (store, tenant) = (&hook.world.store, hook.world.tenant.id);
    let made = hook.schedule(&[hook.world.new_id()]).await;
    let before = hook.find().await;
    store.give_back_lease(&hook.lease).await.unwrap();
    let lost = hook.scheduled(before.scheduled, Sequence(99), &[hook.delivery(99, made[0].resource)]).await;
    assert!(matches!(lost, Err(LeaseError::Lost)), "{lost:?}");
    let outcome = hook.outcome(&made[0], DeliveryState::Delivered, None);
    let lost = store.record_attempt(tenant, &made[0], &outcome, &hook.lease).await;
    assert!(matches!(lost, Err(LeaseError::Lost)), "{lost:?}");
    let lost = store.forget_old_deliveries(tenant, hook.world.now(), &hook.lease).await;
    assert!(matches!(lost, Err(LeaseError::Lost)), "{lost:?}");
    assert_eq!(hook.find().await, before);
    assert_eq!(hook.due().await, [made[0].id]);
}

pub async fn deliveries_that_ended_are_forgotten(store: Arc<dyn Store>) {
    let hook = Webhook::new(store).await;
    let (store, tenant, id) = (&hook.world.store, hook.world.tenant.id, hook.id);
    let made = hook.schedule(&[hook.world.new_id(), hook.world.new_id(), hook.world.new_id()]).await;
    hook.note(made[0].id, DeliveryState::Delivered, None).await;
    let between = hook.world.now();
    hook.note(made[1].id, DeliveryState::Failed, None).await;
    let has_old = async |before| store.list_tenants_with_old_deliveries(before).await.unwrap().contains(&tenant);
    assert!(!has_old(made[0].at).await);
    assert!(has_old(between).await);
    assert_eq!(store.forget_old_deliveries(tenant, between, &hook.lease).await.unwrap(), 1);
    assert!(!has_old(between).await);
    assert_eq!(store.find_delivery(tenant, id, made[0].id).await.unwrap(), None);
    assert_eq!(store.list_attempts(tenant, id, made[0].id).await.unwrap(), []);
    let later = hook.world.now() + Duration::from_hours(1);
    assert_eq!(store.forget_old_deliveries(tenant, later, &hook.lease).await.unwrap(), 1);
    assert_eq!(hook.due().await, [made[2].id], "what is pending stays, however old it is");
    assert!(store.delete_webhook_endpoint(tenant, id).await.unwrap());
    assert_eq!(store.find_delivery(tenant, id, made[2].id).await.unwrap(), None);
}
