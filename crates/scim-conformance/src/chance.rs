//! Repeatable randomness: the same seed makes the same choices.

/// `SplitMix64`: small, and good enough to choose who changes the department.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below the limit; 0 for a limit of 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        self.next().checked_rem(limit).and_then(|number| usize::try_from(number).ok()).unwrap_or(0)
    }

    /// One of them.
    pub(crate) fn pick<'a, T>(&mut self, among: &'a [T]) -> Option<&'a T> {
        among.get(self.below(among.len()))
    }

    /// So many different ones, in the order in which they stand; all of them if there are fewer.
    pub(crate) fn several<T: Clone>(&mut self, among: &[T], wanted: usize) -> Vec<T> {
        let mut left = wanted.min(among.len());
        let mut chosen = Vec::with_capacity(left);
        for (position, one) in among.iter().enumerate() {
            // Selection sampling: each of the rest is equally likely.
            if self.below(among.len() - position) < left {
                chosen.push(one.clone());
                left -= 1;
            }
        }
        chosen
    }

    /// Eight letters and digits that a name can carry.
    pub(crate) fn word(&mut self) -> String {
        const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";
        (0..8).filter_map(|_| self.pick(LETTERS).copied()).map(char::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_choices() {
        let several = |seed| Chance::new(seed).several(&(0..100).collect::<Vec<_>>(), 10);
        assert_eq!(several(7), several(7));
        assert_ne!(several(7), several(8));
        assert_eq!(several(7).len(), 10);
        assert_eq!(Chance::new(1).several(&[1, 2], 10), [1, 2]);
        assert_eq!(Chance::new(1).below(0), 0);
        assert_eq!(Chance::new(3).word().len(), 8);
    }
}
