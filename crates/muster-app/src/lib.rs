#![doc = include_str!("../README.md")]

mod app;
mod authenticate;
pub mod connections;
mod error;
mod membership;
mod operator;
mod password;
mod profile;
mod queue;
pub mod resources;
pub mod tenants;

pub use app::App;
pub use authenticate::{ScimCaller, authenticate};
pub use error::AppError;
pub use muster_store::StoreError;
pub use operator::OperatorAccess;
pub use profile::Profile;
