#![doc = include_str!("../README.md")]

mod chance;
pub mod conformance;
mod encoding;
mod likeness;
pub mod simulation;
mod version;
pub mod wire;

pub use version::ScimVersion;
