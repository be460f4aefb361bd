//! What an installation keeps of its requests.

use muster_store::RequestLogBounds;

/// As the settings of the process say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestLogSettings {
    pub bounds: RequestLogBounds,
    /// Without bodies an entry has only their sizes.
    pub keeps_bodies: bool,
    /// SCIM attributes whose values are masked in bodies: `emails.value`, `name.familyName`, `userName`.
    pub masked: Vec<String>,
}

impl Default for RequestLogSettings {
    fn default() -> Self {
        Self { bounds: RequestLogBounds { days: 30, bytes: 1 << 30 }, keeps_bodies: true, masked: Vec::new() }
    }
}
