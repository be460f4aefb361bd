//! Webhooks as the binary brings them: the way out through the one door, and the turns of this process.

mod carrier;

use std::sync::Arc;

use muster_app::App;
use muster_app::upkeep::Turn;
use muster_app::webhooks::{DELIVERY_PERIOD, DeliverWebhooks, Deliverer};
use muster_config::WebhookAddresses;
use muster_egress::AddressPolicy;
use muster_model::NodeId;
use muster_store::StoreError;
use tokio_util::sync::CancellationToken;

use crate::failure::{Failure, causes};
use crate::worker::at_random;

pub(crate) use carrier::EgressCarrier;

/// What the engine and the use cases work with.
pub(crate) fn tools(app: &Arc<App>, addresses: WebhookAddresses) -> Result<DeliverWebhooks, Failure> {
    let policy = match addresses {
        WebhookAddresses::Public => AddressPolicy::public_only(),
        WebhookAddresses::Private => AddressPolicy::of_local_administrator(),
    };
    let carrier = EgressCarrier::new(policy)
        .map_err(|error| Failure::new("the way out for webhooks could not be opened").because(error))?;
    Ok(DeliverWebhooks { app: Arc::clone(app), carrier: Arc::new(carrier) })
}

/// Identity providers are served also where no message can go out, by a machine without certificate authorities for example.
pub(crate) fn tools_of_server(app: &Arc<App>, addresses: WebhookAddresses) -> Option<DeliverWebhooks> {
    tools(app, addresses)
        .map_err(|failure| tracing::error!(causes = failure.words(), "webhooks are not delivered"))
        .ok()
}

/// Turns at random distances until the process stops.
pub(crate) async fn deliver(work: DeliverWebhooks, node: NodeId, stopping: CancellationToken) {
    let mut deliverer = Deliverer::new(work, node);
    let mut is_failing = false;
    loop {
        tokio::select! {
            biased;
            () = stopping.cancelled() => break,
            () = tokio::time::sleep(at_random(DELIVERY_PERIOD)) => {}
        }
        let had_lease = deliverer.has_lease();
        let turn = deliverer.take_turn(&|| stopping.is_cancelled()).await;
        tell(&turn, is_failing);
        if deliverer.has_lease() && !had_lease {
            tracing::info!("this node delivers webhooks from now on");
        }
        is_failing = turn.is_err();
    }
    if let Err(error) = deliverer.give_back().await {
        tracing::debug!(causes = causes(&error).join(": "), "the lease for webhooks was not given back");
    }
}

/// In the log stands what changes.
fn tell(turn: &Result<Turn, StoreError>, was_failing: bool) {
    match turn {
        Err(error) if !was_failing => {
            tracing::warn!(causes = causes(error).join(": "), "the delivery of webhooks failed; it goes on");
        }
        Ok(Turn::LeaseLost) => tracing::info!("another node delivers webhooks from now on"),
        Ok(_) if was_failing => tracing::info!("the delivery of webhooks goes on"),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
