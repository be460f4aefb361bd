#![doc = include_str!("../README.md")]

mod client;
mod hub;
pub mod postgres;

pub use client::{TestClient, TestResponse};
pub use hub::TestHub;
