#![doc = include_str!("../README.md")]

mod door;
mod error;
mod policy;
mod resolver;

pub use door::{Answer, Egress, Limits, Outgoing};
pub use error::EgressError;
pub use policy::AddressPolicy;
