//! How much of the processors the machine below gave to others. What is measured then costs more, and not by the same
//! share for everything.

use std::fs;

/// What the processors did since the machine was started, in the kernel's ticks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ticks {
    worked: u64,
    stolen: u64,
}

impl Ticks {
    /// Nothing at all where the kernel does not tell.
    pub(super) fn now() -> Self {
        fs::read_to_string("/proc/stat").ok().and_then(|told| Self::of(&told)).unwrap_or_default()
    }

    /// From the first line of proc(5): user, nice, system, idle, iowait, irq, softirq, steal.
    fn of(told: &str) -> Option<Self> {
        let numbers = told.lines().next()?.strip_prefix("cpu ")?.split_whitespace();
        let numbers: Vec<u64> = numbers.map(str::parse).collect::<Result<_, _>>().ok()?;
        let [user, nice, system, _idle, _waiting, irq, softirq, stolen] = *numbers.first_chunk()?;
        Some(Self { worked: user + nice + system + irq + softirq, stolen })
    }

    /// The share of the time that somebody wanted to work and could not, since an earlier moment.
    pub(super) fn stolen_since(self, earlier: Self) -> f64 {
        let worked = self.worked.saturating_sub(earlier.worked);
        let stolen = self.stolen.saturating_sub(earlier.stolen);
        #[expect(clippy::cast_precision_loss, reason = "ticks of some minutes")]
        let share = stolen as f64 / (worked + stolen).max(1) as f64;
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_work_and_what_was_stolen_of_it_count() {
        let before = Ticks::of("cpu  100 0 50 9000 10 0 0 10 0 0\ncpu0 1 2 3").unwrap();
        let after = Ticks::of("cpu  160 5 70 19000 900 3 2 40 7 0\ncpu0 1 2 3").unwrap();
        assert!((after.stolen_since(before) - 0.25).abs() < 1e-9);
        assert!(before.stolen_since(before).abs() < 1e-9);
        assert_eq!(Ticks::of("cpu 1 2"), None);
    }
}
