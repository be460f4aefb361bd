//! Repeatable randomness: every campaign prints its seed, and the same seed makes the same choices.

use std::hash::{BuildHasher, RandomState};

/// `SplitMix64`: small, and good enough to choose a moment.
#[derive(Debug, Clone)]
pub(crate) struct Seed(u64);

impl Seed {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number between `low` and `high`, both included.
    pub(crate) fn between(&mut self, low: usize, high: usize) -> usize {
        let span = (high.saturating_sub(low) as u64).saturating_add(1);
        low.saturating_add(usize::try_from(self.next() % span).unwrap_or(0))
    }

    /// Whether it happens that happens once in `times`.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.between(1, times) == 1
    }

    /// One of them; nothing of an empty list.
    pub(crate) fn choose<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.between(0, all.len().saturating_sub(1)))
    }

    /// One of the words; an empty one of an empty list.
    pub(crate) fn word(&mut self, all: &[&'static str]) -> &'static str {
        self.choose(all).copied().unwrap_or_default()
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// The seed that was asked for, or a new one: the standard library keys its hash maps from the operating system.
pub(crate) fn chosen_or_new(chosen: Option<u64>) -> u64 {
    chosen.unwrap_or_else(|| RandomState::new().hash_one(0) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_choices_within_the_bounds() {
        let choices = |seed| {
            let mut seed = Seed::new(seed);
            (0..100).map(|_| seed.between(20, 80)).collect::<Vec<_>>()
        };
        assert_eq!(choices(7), choices(7));
        assert_ne!(choices(7), choices(8));
        assert!(choices(7).iter().all(|choice| (20..=80).contains(choice)));
    }
}
