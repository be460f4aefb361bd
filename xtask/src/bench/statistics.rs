//! Medians and percentiles of measured times.

use std::time::Duration;

use serde::{Deserialize, Serialize};

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

/// A number that was measured several times.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Spread {
    pub(super) median: f64,
    /// A quarter of the measurements lies below it.
    pub(super) low: f64,
    /// A quarter lies above it.
    pub(super) high: f64,
}

impl Spread {
    pub(super) fn of(measured: &[f64]) -> Self {
        let mut sorted = measured.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let at = |percent: usize| {
            // The nearest rank, which is one that was really measured.
            let position = (sorted.len().saturating_sub(1) * percent + 50) / 100;
            sorted.get(position).copied().unwrap_or_default()
        };
        Self { median: at(50), low: at(25), high: at(75) }
    }

    /// Half of the distance between the quarters, as a share of the median.
    pub(super) fn noise(&self) -> f64 {
        if self.median > 0.0 { (self.high - self.low) / 2.0 / self.median } else { 0.0 }
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

    #[test]
    fn a_spread_has_its_quarters_and_one_stray_measurement_does_not_move_it() {
        let spread = Spread::of(&[4.0, 1.0, 3.0, 2.0, 500.0]);
        assert_eq!((spread.low, spread.median, spread.high), (2.0, 3.0, 4.0));
        assert!((spread.noise() - 1.0 / 3.0).abs() < 0.001);
    }
}
