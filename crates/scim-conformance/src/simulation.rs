//! Simulated identity providers: each plays a whole life with its own wire shapes and judges every answer as it would.

mod comparison;
mod directory;
mod life;
mod outcome;
mod people;
mod provider;
mod speaker;
mod speakers;
mod stage;
mod statistics;

pub use life::{Plan, Progress, run};
pub use outcome::{Complaint, Outcome};
pub use provider::Provider;
