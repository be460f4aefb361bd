#![doc = include_str!("../README.md")]

mod api_tokens;
mod caller;
mod connections;
mod credentials;
mod openapi;
mod page;
mod problem;
mod request;
mod revision;
mod service;
mod tenants;

pub use openapi::document;
pub use problem::{Code, problem_at_edge};
pub use service::{ApiSettings, PREFIX, router};
