//! From the change log to deliveries: what an endpoint wants, written down in the order of the log.

use muster_model::{Delivery, DeliveryId, DeliveryState, Lease, Sequence, WebhookEndpoint};
use muster_store::{LeaseError, Scope};

use crate::App;
use crate::events::{Event, events_of};

/// Entries of the log that one step reads.
const PORTION: usize = 200;

/// One step. `None`: the endpoint has come to the end of the log, or was changed meanwhile; otherwise where it is now.
pub(super) async fn schedule(
    app: &App,
    endpoint: &WebhookEndpoint,
    from: Sequence,
    lease: &Lease,
) -> Result<Option<Sequence>, LeaseError> {
    let directory = app.store.directory(endpoint.tenant, Scope::Tenant);
    let changes = directory.list_changes(from, PORTION).await?;
    let Some(last) = changes.last() else { return Ok(None) };
    let to = last.sequence;
    let events = changes.iter().flat_map(|change| events_of(endpoint.tenant, change));
    let wanted = events.filter(|event| endpoint.settings.wants(event.event_type.as_str()));
    let deliveries: Vec<Delivery> = wanted.map(|event| delivery(app, endpoint, &event)).collect();
    let made =
        app.store.schedule_deliveries(endpoint.tenant, endpoint.id, from, to, &deliveries, app.now(), lease).await?;
    Ok(made.then_some(to))
}

fn delivery(app: &App, endpoint: &WebhookEndpoint, event: &Event) -> Delivery {
    Delivery {
        id: DeliveryId::new(app.clock.as_ref(), app.rng.as_ref()),
        endpoint: endpoint.id,
        event: event.id,
        event_type: event.event_type.as_str().to_owned(),
        body: event.to_json().to_string(),
        sequence: event.sequence,
        place: event.place,
        resource: event.resource,
        at: event.timestamp,
        state: DeliveryState::Pending,
        attempts: 0,
        tries: 0,
        due: None,
        ended: None,
    }
}
