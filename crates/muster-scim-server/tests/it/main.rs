//! The SCIM edge in process against a real database.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where something is not as it must be"
)]

mod bulk;
mod credentials;
mod cursors;
mod dialects;
mod discovery;
mod errors;
mod groups;
mod guard;
mod large_pages;
mod lists;
mod nested_groups;
mod profiles;
mod rate;
mod sorting;
mod users;
mod v1_bulk;
mod v1_discovery;
mod v1_messages;
mod v1_okta;
mod v1_patch;
mod v1_queries;
mod v1_resources;
