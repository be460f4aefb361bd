//! The management API as its clients see it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "everything here is a test or serves one"
)]

mod connections;
mod credentials;
mod document;
mod house;
mod isolation;
mod refusals;
mod rights;
mod tenants;
mod tokens;
