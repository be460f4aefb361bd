//! Time comes in as a parameter, so that plans and tests can be repeated.

use jiff::Timestamp;

/// Where "now" comes from. The binary has the system's clock, tests have one that they move.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}
