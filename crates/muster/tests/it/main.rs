//! Drives the built binary as a person or a service manager would: over its command line, its sockets and its signals.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "everything here is a test; clippy sees that only of the functions marked as one"
)]

mod attempt;
mod backup;
mod campaign;
mod canary;
mod connections;
mod distribution;
mod doctor;
mod export;
mod faults;
mod held;
mod limits;
mod load;
mod load_under_faults;
mod moving;
mod nodes;
mod ownership;
mod process;
mod profiles;
mod requests;
mod restore;
mod rolling;
mod schemas;
mod secrets_canary;
mod serve;
mod settings;
mod suite;
mod tls;
mod vault;
mod web;
mod webhooks;
mod workers;
