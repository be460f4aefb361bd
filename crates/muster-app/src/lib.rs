#![doc = include_str!("../README.md")]

pub mod api_tokens;
mod app;
mod authenticate;
pub mod bulk;
pub mod changes;
pub mod connections;
pub mod credentials;
mod cursor;
mod error;
pub mod export;
mod guard;
pub mod held;
pub mod load;
mod membership;
mod operator;
pub mod ownership;
mod password;
pub mod profile;
mod queue;
mod rate;
mod repairs;
pub mod requests;
pub mod resources;
pub mod schemas;
pub mod secrets;
pub mod tenants;
pub mod upkeep;
mod wording;

pub use app::{App, AppSettings};
pub use authenticate::{ScimCaller, authenticate};
pub use cursor::CURSOR_TIMEOUT;
pub use error::AppError;
pub use muster_store::StoreError;
pub use operator::{Granted, Grants, Named, OperatorAccess, may};
pub use profile::Profile;
pub use rate::admit;
