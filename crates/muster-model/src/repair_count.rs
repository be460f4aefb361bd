//! How often a connection's messages had to be repaired.

use jiff::Timestamp;

/// One kind of repair, counted since the connection was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairCount {
    /// The code of the kind (`scim::Repair::code`).
    pub kind: String,
    pub count: u64,
    /// To the minute.
    pub last_seen: Timestamp,
}
