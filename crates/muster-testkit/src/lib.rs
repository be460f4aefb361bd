#![doc = include_str!("../README.md")]

mod client;
mod hub;
pub mod postgres;
mod proxy;

pub use client::{TestClient, TestResponse};
pub use hub::TestHub;
pub use proxy::FaultyNetwork;
