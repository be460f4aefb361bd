//! A word that a knob takes, such as `ask`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of a few words. Which words a knob knows is checked by who knows the profiles; here it is only short enough to be
/// copied, so that a word of another release can be read and passed over.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KnobWord {
    bytes: [u8; Self::LONGEST],
    length: u8,
}

/// Not a word: it has 1 to 31 characters, which are small letters, digits and `_`, and begins with a letter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a word of 1 to 31 small letters, digits and underscores")]
pub struct NoWord;

impl KnobWord {
    const LONGEST: usize = 31;

    /// `None`: the text is no word.
    pub fn new(text: &str) -> Option<Self> {
        let is_word = text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        let mut bytes = [0; Self::LONGEST];
        bytes.get_mut(..text.len()).filter(|_| is_word)?.copy_from_slice(text.as_bytes());
        Some(Self { bytes, length: u8::try_from(text.len()).ok()? })
    }

    pub fn as_str(&self) -> &str {
        // It was made from a text of that length.
        self.bytes.get(..usize::from(self.length)).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl fmt::Debug for KnobWord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

impl TryFrom<String> for KnobWord {
    type Error = NoWord;
    fn try_from(text: String) -> Result<Self, NoWord> {
        Self::new(&text).ok_or(NoWord)
    }
}

impl From<KnobWord> for String {
    fn from(word: KnobWord) -> Self {
        word.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_short_and_plain() {
        let longest = "a".repeat(31);
        for word in ["a", "ask", "on_hold_2", &longest] {
            assert_eq!(KnobWord::new(word).unwrap().as_str(), word);
        }
        let too_long = "a".repeat(32);
        for text in ["", "Ask", "2fast", "two words", "a-b", "\u{e4}", &too_long] {
            assert_eq!(KnobWord::new(text), None, "{text}");
        }
    }
}
