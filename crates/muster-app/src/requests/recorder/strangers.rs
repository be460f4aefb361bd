//! How much of what costs a caller nothing is kept: calls without a valid credential, and calls that are refused because there
//! are too many. Each such call is like the one before it, so a few of them tell everything, and nobody can fill the disk with
//! them.

use jiff::Timestamp;
use muster_model::ConnectionId;
use uuid::Uuid;

use crate::rate::Rates;

/// Of all strangers together on this node; each of them may cost a look for the connection that he names.
const STRANGERS_PER_SECOND: u32 = 10;
/// Of those who name the same connection.
const PER_SECOND: u32 = 1;

#[derive(Default)]
pub(super) struct Strangers {
    together: Rates,
    by_connection: Rates,
    hasty: Rates,
}

impl Strangers {
    /// Of a caller who proved nothing.
    pub(super) fn admit(&self, named: ConnectionId, now: Timestamp) -> bool {
        let (everybody, now) = (ConnectionId::from_uuid(Uuid::nil()), now.as_microsecond());
        self.by_connection.take(named, PER_SECOND, now).is_ok()
            && self.together.take(everybody, STRANGERS_PER_SECOND, now).is_ok()
    }

    /// Of a connection that asks too fast.
    pub(super) fn admit_hasty(&self, connection: ConnectionId, now: Timestamp) -> bool {
        self.hasty.take(connection, PER_SECOND, now.as_microsecond()).is_ok()
    }
}
