//! How long answers took, by kind of request.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

/// Durations of one kind of request.
#[derive(Debug, Clone, Serialize)]
pub struct Timing {
    /// What was asked.
    pub what: String,
    /// How often.
    pub count: usize,
    /// Half of the answers came within this.
    pub p50_ms: f64,
    /// 95 of 100 answers came within this.
    pub p95_ms: f64,
    /// The slowest.
    pub max_ms: f64,
}

#[derive(Debug, Default)]
pub(super) struct Statistics {
    durations: BTreeMap<&'static str, Vec<Duration>>,
}

impl Statistics {
    pub(super) fn record(&mut self, what: &'static str, took: Duration) {
        self.durations.entry(what).or_default().push(took);
    }

    pub(super) fn timings(&self) -> Vec<Timing> {
        let all = self.durations.iter().map(|(what, durations)| {
            let mut sorted = durations.clone();
            sorted.sort_unstable();
            Timing {
                what: (*what).to_owned(),
                count: sorted.len(),
                p50_ms: milliseconds(percentile(&sorted, 50)),
                p95_ms: milliseconds(percentile(&sorted, 95)),
                max_ms: milliseconds(percentile(&sorted, 100)),
            }
        });
        all.collect()
    }
}

/// The nearest rank.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_nearest_rank() {
        let mut statistics = Statistics::default();
        for number in 1..=20 {
            statistics.record("read", Duration::from_millis(number));
        }
        let timing = statistics.timings().remove(0);
        assert_eq!((timing.count, timing.p50_ms, timing.p95_ms, timing.max_ms), (20, 10.0, 19.0, 20.0));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }
}
