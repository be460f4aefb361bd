//! How long a connection may be silent or stand still. One struct, so that tests can be impatient.

use std::time::Duration;

/// The time limits of one connection. None of them concerns a request that is being worked on; that one has a limit of
/// its own (`request_timeout`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionLimits {
    pub(crate) handshake: Duration,
    /// A connection that has not brought one whole request head by then is closed.
    pub(crate) first_request: Duration,
    /// A connection on which nothing was worked on and no answer moved for so long is closed, whatever else its peer
    /// sends: pings keep nothing alive.
    pub(crate) idle: Duration,
    /// A peer that reads nothing of what is written to it for so long has left, or wants to hold the connection.
    pub(crate) write_stall: Duration,
    /// Time to say goodbye in order (a GOAWAY of RFC 9113 section 6.8) before an idle connection is cut.
    pub(crate) farewell: Duration,
}

impl ConnectionLimits {
    /// For a server.
    pub(crate) const FOR_SERVER: Self = Self {
        handshake: Duration::from_secs(10),
        first_request: Duration::from_secs(15),
        idle: Duration::from_secs(75),
        write_stall: Duration::from_secs(30),
        farewell: Duration::from_secs(5),
    };
}
