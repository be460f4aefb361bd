//! What of a connection's settings changes.

use jiff::Timestamp;
use muster_model::{Connection, OverrideChanges, Provider};

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

impl ConnectionChange {
    /// What becomes of the settings.
    #[must_use]
    pub fn applied_to(&self, connection: &Connection) -> Connection {
        let mut changed = connection.clone();
        changed.provider = self.provider.unwrap_or(changed.provider);
        changed.overrides.change(&self.overrides);
        changed.suspended = self.suspended.unwrap_or(changed.suspended);
        changed.revision += 1;
        if let Some(name) = &self.name {
            changed.name.clone_from(name);
        }
        changed
    }
}
