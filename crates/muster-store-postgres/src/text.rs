//! Texts as PostgreSQL can hold them. It has no room for the character NUL, which a SCIM string may contain.

use std::borrow::Cow;

/// `\0` becomes `\1\1` and `\1` becomes `\1\2`: different texts stay different, in the same order, and what begins another
/// text still does.
pub(crate) fn stored(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| byte < 2) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('\u{1}', "\u{1}\u{2}").replace('\0', "\u{1}\u{1}"))
}

/// The text that was stored.
pub(crate) fn shown(text: &str) -> String {
    if !text.contains('\u{1}') {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1}' => shown.push(if letters.next() == Some('\u{1}') { '\0' } else { '\u{1}' }),
            other => shown.push(other),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back_and_the_order_stays() {
        let texts = [
            "",
            "\0",
            "\0\0",
            "\0\u{1}",
            "\0a",
            "\u{1}",
            "\u{1}\0",
            "\u{1}\u{1}",
            "\u{2}",
            "a",
            "a\0",
            "a\0b",
            "a\u{1}",
            "ab",
        ];
        for pair in texts.windows(2) {
            assert!(stored(pair[0]).as_bytes() < stored(pair[1]).as_bytes(), "{pair:?}");
        }
        for text in texts {
            assert_eq!(shown(&stored(text)), text);
            assert!(!stored(text).contains('\0'));
        }
    }
}
