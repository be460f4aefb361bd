//! How fast a connection may ask. A loop in one identity provider must not take the server from all others.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use muster_model::ConnectionId;

use crate::{App, AppError, ScimCaller};

/// A connection may spend what it saved up in that time at once: cycles of identity providers begin with a rush.
const BURST_SECONDS: i64 = 10;
const MICROSECONDS: i64 = 1_000_000;
/// Buckets that are kept before the full ones among them, which say nothing, are looked for.
const FEW: usize = 256;

/// Counts a request of the connection. Fails with [`AppError::TooManyRequests`] when it asks faster than its profile
/// allows, at the cost of one look into memory. Each node counts for itself.
pub fn admit(app: &App, caller: &ScimCaller) -> Result<(), AppError> {
    let per_second = caller.profile().requests_per_second;
    if per_second == 0 {
        return Ok(());
    }
    app.rates.take(caller.connection().id, per_second, app.now().as_microsecond()).map_err(|retry_after| {
        metrics::counter!("muster_scim_rate_limited_total").increment(1);
        tracing::debug!(connection.id = %caller.connection().id, retry_after, "the connection asks too fast");
        AppError::TooManyRequests { retry_after }
    })
}

/// One token bucket for each connection that asked lately, kept as the moment at which it is full again.
#[derive(Default)]
pub(crate) struct Rates {
    buckets: Mutex<Buckets>,
}

#[derive(Default)]
struct Buckets {
    /// Microseconds since 1970.
    full_at: HashMap<ConnectionId, i64>,
    /// The number of buckets at which the full ones are dropped.
    crowded_at: usize,
}

impl Rates {
    /// Takes one token; otherwise says in how many whole seconds, at least one, there is one again.
    pub(crate) fn take(&self, connection: ConnectionId, per_second: u32, now: i64) -> Result<(), u64> {
        let cost = (MICROSECONDS / i64::from(per_second.max(1))).max(1);
        let burst = BURST_SECONDS * MICROSECONDS;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if !buckets.full_at.contains_key(&connection) {
            buckets.make_room(now);
        }
        let full_at = buckets.full_at.entry(connection).or_insert(now);
        // The upper bound matters after a clock was set back: nobody waits for longer than a bucket takes to fill.
        let next = (*full_at).clamp(now, now.saturating_add(burst)).saturating_add(cost);
        let wait = next.saturating_sub(now.saturating_add(burst));
        if wait > 0 {
            return Err(u64::try_from(wait).unwrap_or(1).div_ceil(MICROSECONDS.unsigned_abs()).max(1));
        }
        *full_at = next;
        Ok(())
    }
}

impl Buckets {
    /// Drops full buckets when there are twice as many as were left the last time, so that memory stays within those
    /// who asked lately, and looking for them costs a request next to nothing.
    fn make_room(&mut self, now: i64) {
        if self.full_at.len() < self.crowded_at.max(FEW) {
            return;
        }
        self.full_at.retain(|_, full_at| *full_at > now);
        self.crowded_at = self.full_at.len().saturating_mul(2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(number: u128) -> ConnectionId {
        ConnectionId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn taken(rates: &Rates, number: u128, per_second: u32, now: i64) -> usize {
        (0..100_000).take_while(|_| rates.take(connection(number), per_second, now).is_ok()).count()
    }

    #[test]
    fn ten_seconds_worth_at_once_then_the_rate() {
        let rates = Rates::default();
        assert_eq!(taken(&rates, 1, 500, 0), 5000);
        assert_eq!(rates.take(connection(1), 500, 0), Err(1));
        assert_eq!(taken(&rates, 1, 500, MICROSECONDS), 500, "a second later, a second's worth");
        assert_eq!(taken(&rates, 1, 500, 100 * MICROSECONDS), 5000, "never more than the burst");
        assert_eq!(taken(&rates, 2, 500, 0), 5000, "each connection for itself");
    }

    #[test]
    fn a_slow_rate_says_how_long_to_wait() {
        let rates = Rates::default();
        assert_eq!(taken(&rates, 1, 1, 0), 10);
        assert_eq!(rates.take(connection(1), 1, 0), Err(1));
        assert_eq!(rates.take(connection(1), 1, MICROSECONDS), Ok(()));
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nobody_out() {
        let rates = Rates::default();
        assert_eq!(taken(&rates, 1, 1, 1_000_000 * MICROSECONDS), 10);
        assert_eq!(rates.take(connection(1), 1, 0), Err(1));
    }

    #[test]
    fn idle_buckets_are_dropped() {
        let rates = Rates::default();
        for number in 0..100_000_u128 {
            let now = i64::try_from(number).unwrap() * MICROSECONDS;
            rates.take(connection(number), 500, now).unwrap();
        }
        assert!(rates.buckets.lock().unwrap().full_at.len() <= FEW);
    }
}
