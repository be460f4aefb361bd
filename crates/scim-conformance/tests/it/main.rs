//! The suite and the simulators against a small, honest SCIM server of the language crate, and against the same server
//! with one fault each.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, also in what tests share"
)]

mod directory;
mod faults;
mod server;

mod conformance;
mod other_servers;
mod simulation;
