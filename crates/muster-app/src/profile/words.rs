//! Knobs that take one of a few words.

/// The words of a knob and what each of them means.
pub trait Words: Copy + PartialEq + 'static {
    /// Where the root of all profiles begins, which must set the knob itself.
    const STRICTEST: Self;
    /// In the order in which people are told.
    const ALL: &'static [(&'static str, Self)];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| word)
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
    }
}
