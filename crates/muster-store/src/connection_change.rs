//! What of a connection's settings changes.

use jiff::Timestamp;
use muster_model::{OverrideChanges, Provider};

/// What is not named stays, also when others change it at the same moment.
#[derive(Clone, Debug, Default)]
pub struct ConnectionChange {
    /// Changes only this revision of the settings.
    pub expected: Option<u64>,
    pub name: Option<String>,
    pub provider: Option<Provider>,
    pub overrides: OverrideChanges,
    /// Since when it takes no requests; `Some(None)`: it takes them again.
    pub suspended: Option<Option<Timestamp>>,
}
