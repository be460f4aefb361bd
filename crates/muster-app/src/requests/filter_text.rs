//! A filter (RFC 7644 section 3.4.2.2) with its values taken out, so that it says what was looked for by and not whom. It is
//! read as it was sent, also where it is no lawful filter: whatever is not known to be harmless is a value.

use muster_model::ResourceId;

pub(super) const MARK: &str = "*";
const OPERATORS: [&str; 10] = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"];
/// Longer words are no attribute.
const LONGEST_NAME: usize = 128;

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Path,
    Operator,
    Value,
    Connective,
}

/// The filter as it may be kept. Ids of resources and truth values stay.
pub(super) fn masked(filter: &str) -> String {
    let mut shown = String::with_capacity(filter.len());
    let mut expected = Expected::Path;
    let mut rest = filter;
    while let Some(letter) = rest.chars().next() {
        let length = if letter == '"' || letter == '\'' {
            let length = quoted_length(rest, letter);
            let inner = rest.get(1..length).unwrap_or_default().trim_end_matches(letter);
            let kept = if expected == Expected::Value && is_harmless(inner) { inner } else { MARK };
            shown.extend(["\"", kept, "\""]);
            expected = Expected::Connective;
            length
        } else if letter.is_whitespace() || "()[]".contains(letter) {
            shown.push(if letter.is_whitespace() { ' ' } else { letter });
            expected = match letter {
                '(' | '[' => Expected::Path,
                ')' | ']' => Expected::Connective,
                _ => expected,
            };
            letter.len_utf8()
        } else {
            let is_end = |letter: char| letter.is_whitespace() || "()[]\"".contains(letter);
            let word = rest.get(..rest.find(is_end).unwrap_or(rest.len())).unwrap_or_default();
            let (kept, next) = judged(word, expected);
            shown.push_str(kept);
            expected = next;
            word.len()
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    // A single word is no filter but what somebody typed.
    if expected == Expected::Operator { MARK.to_owned() } else { shown }
}

/// What is kept of a word, and what may come next.
fn judged(word: &str, expected: Expected) -> (&str, Expected) {
    let is_one_of = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(word));
    match expected {
        Expected::Path if is_one_of(&["not"]) => (word, Expected::Path),
        Expected::Path => (if is_name(word) { word } else { MARK }, Expected::Operator),
        Expected::Operator if is_one_of(&["pr"]) => (word, Expected::Connective),
        Expected::Operator if is_one_of(&OPERATORS) => (word, Expected::Value),
        Expected::Operator => (MARK, Expected::Value),
        Expected::Value => (if is_harmless(word) { word } else { MARK }, Expected::Connective),
        Expected::Connective if is_one_of(&["and", "or"]) => (word, Expected::Path),
        // The sub-attribute behind the brackets: `emails[type eq "work"].value`.
        Expected::Connective if word.starts_with('.') && is_name(word) => (word, Expected::Operator),
        Expected::Connective => (MARK, Expected::Connective),
    }
}

/// Up to the closing quote and with it, or to the end.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (place, letter) in text.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if letter == quote => return place + letter.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// Attribute notation, with or without a schema's URN.
fn is_name(word: &str) -> bool {
    word.len() <= LONGEST_NAME
        && word.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"._:$-".contains(&letter))
        && word.bytes().any(|letter| letter.is_ascii_alphabetic())
}

/// An id of ours says nothing about a person, nor does yes or no.
fn is_harmless(value: &str) -> bool {
    ResourceId::parse(value).is_some()
        || ["true", "false", "null"].iter().any(|known| known.eq_ignore_ascii_case(value))
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_filter_keeps_its_shape_and_loses_its_values() {
        let id = "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee";
        for (filter, expected) in [
            (r#"userName eq "anna@example.com""#, r#"userName eq "*""#),
            (r#"userName eq "an\"na" and active eq true"#, r#"userName eq "*" and active eq true"#),
            (
                r#"emails[type eq "work" and value co "anna"].display sw "A""#,
                r#"emails[type eq "*" and value co "*"].display sw "*""#,
            ),
            ("employeeNumber eq 12345", "employeeNumber eq *"),
            ("displayName eq Anna Smith", "displayName eq * *"),
            (r#"not (title pr) or (name.familyName ne "x")"#, r#"not (title pr) or (name.familyName ne "*")"#),
            (&format!("id eq \"{id}\""), &format!("id eq \"{id}\"")),
            (r#"userName eq "unclosed anna"#, r#"userName eq "*""#),
            ("anna", "*"),
            (r#""anna" eq userName"#, r#""*" * *"#),
            ("anna@example.com eq x", "* eq *"),
            ("userName = 'anna'", "userName * \"*\""),
            ("", ""),
        ] {
            assert_eq!(masked(filter), expected, "{filter}");
        }
    }

    #[test]
    fn no_letter_of_a_value_is_left_wherever_it_stands() {
        for filter in [
            "userName eq canary",
            "userName eq \"canary\" canary",
            "userName eq 'canary canary' x",
            "(userName eq \"a\") canary eq",
            "userName canary \"b\"",
            "a eq \"b\"canary",
            "a[b eq \"c\"]canary",
            "\u{e9}canary",
            "a pr canary",
        ] {
            assert!(!masked(filter).contains("canary"), "{filter}: {}", masked(filter));
        }
    }
}
