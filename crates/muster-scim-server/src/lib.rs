#![doc = include_str!("../README.md")]

mod authorization;
mod body;
mod bulk;
mod conditional;
mod discovery;
mod dispatch;
mod failure;
mod negotiation;
mod recording;
mod references;
mod render;
mod resource;
mod respond;
mod search;
mod service;
mod spliced;
mod target;
mod v1;
mod wire;

pub use respond::{error_response, error_response_at};
pub use service::{BulkLimits, ClientAddress, RequestId, SCIM_1_1_PREFIX, SCIM_PREFIXES, ScimSettings, router};
