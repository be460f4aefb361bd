//! Webhooks: the events of a tenant, sent to the addresses that it names (Standard Webhooks 1.0.0, docs/adr/0029).
//!
//! What an endpoint wants is written down as deliveries, in the order of the change log, by the one node that has the lease;
//! each is sent until it is accepted or given up, and a later one of the same resource waits for it. At least once: a node that
//! is killed between the answer and its note sends again, with the same id.

mod carrier;
mod deliverer;
mod deliveries;
mod endpoints;
mod keys;
mod message;
mod scheduling;
mod signature;
mod verdict;

pub use carrier::{Carrier, Message, Reception, Refusal};
pub use deliverer::{DELIVERY_PERIOD, DeliverWebhooks, Deliverer};
pub use deliveries::{DeliveryDetails, delivery, list_deliveries, recover, resend, send_test};
pub use endpoints::{
    CreatedEndpoint, EndpointChange, EndpointOf, NewEndpoint, create, delete, disable, enable, list, show, update,
};
pub use keys::{NewSigningKey, SigningSecret, complete_rotation, start_rotation};
pub use muster_store::{DeliveryQuery, Missed};

/// Deliveries that ended are kept as long as this.
pub const KEPT_FOR: jiff::SignedDuration = jiff::SignedDuration::from_hours(30 * 24);
