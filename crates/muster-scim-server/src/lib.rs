#![doc = include_str!("../README.md")]

mod authorization;
mod body;
mod conditional;
mod discovery;
mod dispatch;
mod failure;
mod negotiation;
mod render;
mod resource;
mod respond;
mod search;
mod service;
mod target;

pub use respond::error_response;
pub use service::{SCIM_PREFIXES, ScimSettings, router};
