//! The PostgreSQL driver from outside.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, also in what tests share"
)]

mod distribution;
mod laws;
mod opening;
mod resources;
