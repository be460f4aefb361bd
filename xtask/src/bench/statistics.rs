//! Medians and percentiles of measured times.

use std::time::Duration;

/// Measured times in order, shortest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    pub(super) fn new(mut measured: Vec<Duration>) -> Self {
        measured.sort_unstable();
        Self(measured)
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that `percent` of the others do not exceed, in microseconds.
    pub(super) fn percentile_micros(&self, percent: usize) -> f64 {
        let position = self.0.len().saturating_sub(1) * percent / 100;
        self.0.get(position).map_or(0.0, |time| time.as_secs_f64() * 1e6)
    }

    pub(super) fn median_micros(&self) -> f64 {
        self.percentile_micros(50)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_come_from_the_sorted_times() {
        let times = Times::new((0..=100).rev().map(Duration::from_micros).collect());
        let rounded = |percent| times.percentile_micros(percent).round();
        assert!((rounded(50) - 50.0).abs() < 0.5);
        assert!((rounded(95) - 95.0).abs() < 0.5);
        assert!(Times::default().median_micros() < 0.5);
    }
}
