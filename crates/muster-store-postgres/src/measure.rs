//! What the pool tells of itself, for `/metrics`.

use std::time::Instant;

const IN_USE: &str = "muster_store_pool_in_use";
const WAITING: &str = "muster_store_pool_waiting";
const WAIT_SECONDS: &str = "muster_store_pool_wait_seconds";
const REPETITIONS: &str = "muster_store_retries_total";

/// A connection that somebody has, or that the server still works for. Counted while it is not dropped.
pub(crate) struct InUse;

impl InUse {
    pub(crate) fn new() -> Self {
        metrics::gauge!(IN_USE).increment(1);
        Self
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        metrics::gauge!(IN_USE).decrement(1);
    }
}

/// Somebody who waits for a connection, counted while it is not dropped, and then how long he waited.
pub(crate) struct Waiting(Instant);

impl Waiting {
    pub(crate) fn new() -> Self {
        metrics::gauge!(WAITING).increment(1);
        Self(Instant::now())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        metrics::gauge!(WAITING).decrement(1);
        metrics::histogram!(WAIT_SECONDS).record(self.0.elapsed());
    }
}

/// Work that is done again, because another transaction was in the way or the connection was lost.
pub(crate) fn count_repetition() {
    metrics::counter!(REPETITIONS).increment(1);
}
