#![doc = include_str!("../README.md")]

pub mod database;
pub mod environment;
pub mod error;
pub mod file;
pub mod network;
pub mod quantity;
mod request_log;
mod role;
pub mod setting;
pub mod settings;
pub mod source;
mod suggestion;
mod webhook_addresses;

pub use database::{Database, PostgresqlUrl};
pub use error::ConfigError;
pub use network::PublicUrl;
pub use role::Role;
pub use setting::Setting;
pub use settings::{Fact, Inputs, LogFormat, Settings, Sourced, TlsFiles};
pub use source::Source;
pub use webhook_addresses::WebhookAddresses;
