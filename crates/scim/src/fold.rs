//! How strings are prepared before they are compared without regard to case.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Folds a string for case-insensitive comparison: lower case, compatibility forms unified (NFKC), so that a
/// full-width or decomposed spelling of a name equals the plain one (RFC 7644 sections 5 and 7.8).
///
/// Evaluator, unique keys and indexes all use this one function; two spellings are equal exactly when their folded
/// forms are the same bytes. Folding twice changes nothing.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Lower-casing can undo normalisation and the reverse, so it is repeated until nothing changes; two rounds are
    // enough for every code point today, the bound keeps it total.
    let mut folded = lower_and_unify(text);
    for _ in 0..3 {
        let next = lower_and_unify(&folded);
        if next == folded {
            break;
        }
        folded = next;
    }
    folded
}

/// A Greek sigma is lower-cased by its place in the word; one form for both keeps prefixes of a name prefixes.
fn lower_and_unify(text: &str) -> String {
    let lower = unified(text).to_lowercase();
    let lower = if lower.contains('ς') { lower.replace('ς', "σ") } else { lower };
    unified(&lower).into_owned()
}

/// Most texts are unified already, and to see that costs less than to do it.
fn unified(text: &str) -> Cow<'_, str> {
    match is_nfkc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfkc().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn spellings_of_one_name_fold_to_the_same() {
        assert_eq!(fold("BJensen"), "bjensen");
        assert_eq!(fold("\u{ff22}Jensen"), "bjensen", "full-width B");
        assert_eq!(fold("Zoe\u{308}"), fold("ZO\u{cb}"), "decomposed and composed");
        assert_ne!(fold("a"), fold("b"));
        assert!(fold("ΟΣΟ").starts_with(&fold("ΟΣ")), "a sigma at the end of a prefix");
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for code in 0..=u32::from(char::MAX) {
            if let Some(character) = char::from_u32(code) {
                let once = fold(&character.to_string());
                assert_eq!(fold(&once), once, "U+{code:04X}");
            }
        }
    }
}
