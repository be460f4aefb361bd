//! The SCIM edge in process against a real database.

mod credentials;
mod dialects;
mod discovery;
mod errors;
mod groups;
mod lists;
mod users;
