//! The SCIM edge in process against a real database.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where something is not as it must be"
)]

mod credentials;
mod dialects;
mod discovery;
mod errors;
mod groups;
mod lists;
mod users;
