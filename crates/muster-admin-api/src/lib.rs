#![doc = include_str!("../README.md")]

mod api_tokens;
mod caller;
mod conflicts;
mod connections;
mod credentials;
mod events;
mod held_changes;
mod ids;
mod openapi;
mod page;
mod problem;
mod request;
mod requests;
mod revision;
mod service;
mod system_log;
mod tenant_choice;
mod tenants;
mod webhooks;

pub use openapi::document;
pub use problem::{Code, problem_at_edge};
pub use service::{ApiSettings, PREFIX, router};
