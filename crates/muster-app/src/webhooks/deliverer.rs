//! The engine: one node at a time, under a lease (docs/adr/0021), does for every endpoint what there is to do.
//!
//! Nothing is remembered from turn to turn. What is to be sent is found in the database, and each answer is noted there before
//! the endpoint's next step, so that a node that dies loses at most the notes of what was under way.

use std::sync::Arc;
use std::time::Duration;

use muster_model::{Delivery, Lease, NodeId, TenantId, WebhookEndpoint, WebhookEndpointId};
use muster_store::{LeaseError, StoreError};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::keys::open_all;
use super::message::message;
use super::scheduling::schedule;
use super::verdict::{Attempted, judge};
use super::{Carrier, Message, Reception};
use crate::App;
use crate::upkeep::Turn;

/// The name of the lease.
const LEASE: &str = "deliver-webhooks";
/// Much longer than a message may take, after which the lease is renewed.
const TERM: Duration = Duration::from_mins(2);
/// How long after a turn the next one comes, on average.
pub const DELIVERY_PERIOD: Duration = Duration::from_secs(1);
/// Endpoints that are served side by side.
const ENDPOINTS_AT_ONCE: usize = 16;
/// Messages on their way to one endpoint, of as many resources.
const MESSAGES_AT_ONCE: u64 = 8;
/// After that the other endpoints have their turn.
const LONGEST_SERVICE: Duration = Duration::from_secs(20);

/// What the engine works with.
#[derive(Clone)]
pub struct DeliverWebhooks {
    pub app: Arc<App>,
    pub carrier: Arc<dyn Carrier>,
}

/// One node's turns.
pub struct Deliverer {
    work: DeliverWebhooks,
    node: NodeId,
    lease: Option<Lease>,
}

impl Deliverer {
    pub fn new(work: DeliverWebhooks, node: NodeId) -> Self {
        Self { work, node, lease: None }
    }

    /// Whether the node had the lease when it last heard of it.
    pub fn has_lease(&self) -> bool {
        self.lease.is_some()
    }

    /// One turn. It ends early, between two steps, when `is_stopping` says so.
    pub async fn take_turn(&mut self, is_stopping: &(dyn Fn() -> bool + Sync)) -> Result<Turn, StoreError> {
        let due = self.work.app.store.list_webhook_work(self.work.app.now()).await?;
        if due.is_empty() {
            return Ok(Turn::NothingToDo);
        }
        let Some(lease) = self.ensure_lease().await? else { return Ok(Turn::OfAnother) };
        let held = Arc::new(Mutex::new((lease, Instant::now())));
        match self.serve_all(due, &held, is_stopping).await {
            Ok(sent) => Ok(Turn::Done(sent)),
            Err(LeaseError::Lost) => {
                self.lease = None;
                Ok(Turn::LeaseLost)
            }
            Err(LeaseError::Store(error)) => Err(error),
        }
    }

    /// So that another node need not wait until the lease has run out.
    pub async fn give_back(&mut self) -> Result<(), StoreError> {
        match self.lease.take() {
            Some(lease) => self.work.app.store.give_back_lease(&lease).await,
            None => Ok(()),
        }
    }

    async fn ensure_lease(&mut self) -> Result<Option<Lease>, StoreError> {
        let store = &self.work.app.store;
        if let Some(lease) = &self.lease
            && store.renew_lease(lease, TERM).await?
        {
            return Ok(Some(lease.clone()));
        }
        self.lease = store.take_lease(LEASE, self.node, TERM).await?;
        Ok(self.lease.clone())
    }

    async fn serve_all(
        &self,
        due: Vec<(TenantId, WebhookEndpointId)>,
        held: &Arc<Mutex<(Lease, Instant)>>,
        is_stopping: &(dyn Fn() -> bool + Sync),
    ) -> Result<u64, LeaseError> {
        let mut served = JoinSet::new();
        let mut sent = 0;
        for (tenant, id) in due {
            if is_stopping() {
                break;
            }
            if served.len() >= ENDPOINTS_AT_ONCE {
                sent += joined(served.join_next().await)?;
            }
            let service = Service { work: self.work.clone(), held: Arc::clone(held) };
            served.spawn(async move { service.serve(tenant, id).await });
        }
        // Whoever stops still waits for what is on its way: half a minute at most, and then the notes are lost.
        while let Some(done) = served.join_next().await {
            sent += joined(Some(done))?;
        }
        Ok(sent)
    }
}

/// A defect in the service of one endpoint must not keep the others from theirs.
fn joined(done: Option<Result<Result<u64, LeaseError>, tokio::task::JoinError>>) -> Result<u64, LeaseError> {
    match done {
        Some(Ok(outcome)) => outcome,
        Some(Err(error)) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the service of a webhook endpoint was broken off"
            );
            Ok(0)
        }
        None => Ok(0),
    }
}

/// The service of one endpoint.
struct Service {
    work: DeliverWebhooks,
    held: Arc<Mutex<(Lease, Instant)>>,
}

impl Service {
    /// How many messages were sent.
    async fn serve(&self, tenant: TenantId, id: WebhookEndpointId) -> Result<u64, LeaseError> {
        let app = &self.work.app;
        let until = Instant::now() + LONGEST_SERVICE;
        let mut sent = 0;
        while Instant::now() < until {
            let Some(mut endpoint) = app.store.find_webhook_endpoint(tenant, id).await? else { break };
            let now = app.now();
            if !endpoint.state.is_active() || endpoint.health.rests_until.is_some_and(|until| now < until) {
                break;
            }
            let lease = self.fresh_lease().await?;
            let scheduled = schedule(app, &endpoint, endpoint.scheduled, &lease).await?;
            let due = app.store.list_due_deliveries(tenant, id, now, MESSAGES_AT_ONCE).await?;
            if due.is_empty() && scheduled.is_none() {
                break;
            }
            sent += due.len() as u64;
            self.send_all(&mut endpoint, due, &lease).await?;
        }
        Ok(sent)
    }

    /// The lease, renewed when a third of its term is over.
    async fn fresh_lease(&self) -> Result<Lease, LeaseError> {
        let mut held = self.held.lock().await;
        let (lease, renewed) = &mut *held;
        if renewed.elapsed() > TERM / 3 {
            if !self.work.app.store.renew_lease(lease, TERM).await? {
                return Err(LeaseError::Lost);
            }
            *renewed = Instant::now();
        }
        Ok(lease.clone())
    }

    /// Sends side by side, and notes each answer when it comes.
    async fn send_all(
        &self,
        endpoint: &mut WebhookEndpoint,
        due: Vec<Delivery>,
        lease: &Lease,
    ) -> Result<(), LeaseError> {
        let mut under_way = JoinSet::new();
        for delivery in due {
            match self.message(endpoint, &delivery).await {
                Ok(message) => {
                    let carrier = Arc::clone(&self.work.carrier);
                    under_way.spawn(async move {
                        let begun = Instant::now();
                        let reception = carrier.carry(&message).await;
                        (delivery, reception, begun.elapsed())
                    });
                }
                // Nothing was sent, but it counts, so that it is seen and is not tried for ever.
                Err(failure) => {
                    self.note(endpoint, &delivery, Reception::Unreachable { failure }, Duration::ZERO, lease).await?;
                }
            }
        }
        while let Some(done) = under_way.join_next().await {
            let Ok((delivery, reception, took)) = done else { continue };
            self.note(endpoint, &delivery, reception, took, lease).await?;
        }
        Ok(())
    }

    /// In one word: why there is no message.
    async fn message(&self, endpoint: &WebhookEndpoint, delivery: &Delivery) -> Result<Message, &'static str> {
        let app = &self.work.app;
        let at = app.now();
        let secrets = open_all(app, endpoint, at).await.map_err(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, webhook.id = %endpoint.id, "a webhook's messages cannot be signed");
            "signing_key"
        })?;
        message(app, endpoint, delivery, &secrets, at).await.map_err(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, webhook.id = %endpoint.id, "a webhook's message cannot be put together");
            "message"
        })
    }

    async fn note(
        &self,
        endpoint: &mut WebhookEndpoint,
        delivery: &Delivery,
        reception: Reception,
        took: Duration,
        lease: &Lease,
    ) -> Result<(), LeaseError> {
        let app = &self.work.app;
        let mut byte = [0];
        app.rng.fill(&mut byte);
        let [chance] = byte;
        let at = app.now();
        let health = endpoint.health;
        let outcome = judge(Attempted { endpoint, health, delivery, reception, at, took, chance });
        app.store.record_attempt(endpoint.tenant, delivery, &outcome, lease).await?;
        tell(endpoint, &outcome);
        endpoint.health = outcome.health;
        if let Some(disabled) = outcome.disabled {
            endpoint.state = disabled;
        }
        Ok(())
    }
}

/// In the log stands what changes: that messages are no longer accepted, that they are again, that nothing is sent any more.
fn tell(endpoint: &WebhookEndpoint, outcome: &muster_store::AttemptOutcome) {
    let result = match outcome.state {
        muster_model::DeliveryState::Delivered => "delivered",
        muster_model::DeliveryState::Failed => "given_up",
        _ => "failed",
    };
    metrics::counter!("muster_webhook_attempts_total", "outcome" => result).increment(1);
    let id = endpoint.id;
    match (endpoint.health.failing_since, outcome.health.failing_since) {
        (None, Some(_)) => tracing::warn!(
            webhook.id = %id,
            http.status = outcome.attempt.status,
            failure = outcome.attempt.failure.as_deref(),
            "a webhook endpoint does not accept messages; they are sent again"
        ),
        (Some(_), None) => tracing::info!(webhook.id = %id, "a webhook endpoint accepts messages again"),
        _ => {}
    }
    if let Some(muster_model::WebhookState::Disabled { reason, .. }) = outcome.disabled {
        metrics::counter!("muster_webhook_endpoints_disabled_total", "reason" => reason.as_str()).increment(1);
        tracing::error!(
            webhook.id = %id,
            reason = reason.as_str(),
            "a webhook endpoint was disabled; what is meant for it is kept until somebody enables it"
        );
    }
}
