//! The SCIM edge in process against a real database.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where something is not as it must be"
)]

mod announced;
mod attribute_types;
mod bulk;
mod by_the_book;
mod common_attributes;
mod credentials;
mod cursors;
mod custom_schemas;
mod damaged;
mod dialects;
mod discovery;
mod errors;
mod errors_by_the_book;
mod events;
mod export;
mod filters_by_the_book;
mod groups;
mod guard;
mod isolation;
mod large_groups;
mod large_pages;
mod lists;
mod microsoft_validator;
mod nested_groups;
mod okta_acceptance;
mod open_points;
mod profiles;
mod rate;
mod request_log;
mod schema_facts;
mod sorting;
mod user_attributes;
mod users;
mod v1_bulk;
mod v1_discovery;
mod v1_messages;
mod v1_okta;
mod v1_patch;
mod v1_queries;
mod v1_resources;
mod writes_by_the_book;
