#![doc = include_str!("../README.md")]

mod client;
mod hub;

pub use client::{TestClient, TestResponse};
pub use hub::TestHub;
