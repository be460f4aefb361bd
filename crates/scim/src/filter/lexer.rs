//! Cuts a filter or path text into words, strings and brackets.

use std::borrow::Cow;
use std::fmt;

use super::CompareValue;

/// What is wrong, and at which byte. Positions are counted from 0 inside and shown from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PositionedProblem {
    position: usize,
    message: Cow<'static, str>,
}

impl PositionedProblem {
    pub(crate) fn new(position: usize, message: impl Into<Cow<'static, str>>) -> Self {
        Self { position, message: message.into() }
    }

    /// The same problem in a text of which the first was a part that began at `offset`.
    pub(crate) fn after(self, offset: usize) -> Self {
        Self { position: self.position.saturating_add(offset), ..self }
    }
}

impl fmt::Display for PositionedProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "at position {}: {}", self.position.saturating_add(1), self.message)
    }
}

/// A place in the text. Always between characters, because it only moves over whole ones.
#[derive(Clone, Copy)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, position: 0 }
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize) {
        self.position = self.position.saturating_add(bytes);
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    pub(super) fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.advance(rest.len().saturating_sub(rest.trim_ascii_start().len()));
    }

    /// The byte that comes next, without moving.
    pub(super) fn next_byte(&self) -> Option<u8> {
        self.rest().bytes().next()
    }

    /// Moves over `wanted` if it comes next.
    pub(super) fn take(&mut self, wanted: u8) -> bool {
        let found = self.next_byte() == Some(wanted);
        if found {
            self.advance(1);
        }
        found
    }

    /// Everything up to a space, bracket, parenthesis or double quote; may be empty.
    pub(super) fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let is_end = |character: char| character.is_ascii_whitespace() || "()[]\"".contains(character);
        let length = rest.find(is_end).unwrap_or(rest.len());
        self.advance(length);
        rest.get(..length).unwrap_or_default()
    }

    /// Moves over the word `wanted`, in any letter case, if it comes next.
    pub(super) fn take_word(&mut self, wanted: &str) -> bool {
        let mut ahead = *self;
        let found = ahead.word().eq_ignore_ascii_case(wanted);
        if found {
            *self = ahead;
        }
        found
    }

    /// `compValue` of RFC 7644 figure 1: a JSON literal, number or string; literals in any letter case (as all ABNF
    /// strings, RFC 7643 section 2.1). With `bare_words` any other word stands for a string.
    pub(super) fn value(&mut self, bare_words: bool) -> Result<CompareValue, PositionedProblem> {
        if self.next_byte() == Some(b'"') {
            return self.string();
        }
        let start = self.position;
        let word = self.word();
        let refuse = |message: &'static str| Err(PositionedProblem::new(start, message));
        match word {
            "" => return refuse("a value is wanted after the operator"),
            _ if word.starts_with('\'') => return refuse("a string stands in double quotes, not in single quotes"),
            _ if word.eq_ignore_ascii_case("true") => return Ok(CompareValue::Boolean(true)),
            _ if word.eq_ignore_ascii_case("false") => return Ok(CompareValue::Boolean(false)),
            _ if word.eq_ignore_ascii_case("null") => return Ok(CompareValue::Null),
            _ => {}
        }
        if is_json_number(word) {
            return match read_number(word) {
                Some(number) => Ok(CompareValue::Number(number)),
                None => refuse("the number is too large"),
            };
        }
        // These words can only follow a value, so the value itself is what is missing.
        let is_logic = ["and", "or", "not"].iter().any(|logic| word.eq_ignore_ascii_case(logic));
        if is_logic {
            return refuse("a value is wanted between the operator and this word; put a string in double quotes");
        }
        if bare_words {
            return Ok(CompareValue::String(word.to_owned()));
        }
        refuse("a value is a string in double quotes, a number, true, false or null")
    }

    /// A JSON string with its escapes (RFC 8259 section 7).
    fn string(&mut self) -> Result<CompareValue, PositionedProblem> {
        let start = self.position;
        let mut is_escaped = false;
        let end = self.rest().bytes().skip(1).position(|byte| {
            let is_end = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            is_end
        });
        let Some(end) = end else {
            return Err(PositionedProblem::new(start, "the string that begins here has no closing double quote"));
        };
        // Both quotes are outside of what `end` counts.
        let length = end.saturating_add(2);
        let literal = self.rest().get(..length).unwrap_or_default();
        let Ok(text) = serde_json::from_str(literal) else {
            return Err(PositionedProblem::new(
                start,
                "the string that begins here has an escape or a control character that JSON does not allow",
            ));
        };
        self.advance(length);
        Ok(CompareValue::String(text))
    }
}

/// The number grammar of RFC 8259 section 6.
fn is_json_number(word: &str) -> bool {
    fn digits(text: &str) -> (usize, &str) {
        let rest = text.trim_start_matches(|character: char| character.is_ascii_digit());
        (text.len().saturating_sub(rest.len()), rest)
    }
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let (count, mut rest) = digits(unsigned);
    if count == 0 || (count > 1 && unsigned.starts_with('0')) {
        return false;
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        let (count, after) = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = after;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let (count, after) = digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
        if count == 0 {
            return false;
        }
        rest = after;
    }
    rest.is_empty()
}

/// Whole numbers of 64 bits are kept exactly; others become the nearest double. `None` where that is infinite.
fn read_number(word: &str) -> Option<serde_json::Number> {
    if word != "-0" {
        if let Ok(number) = word.parse::<u64>() {
            return Some(number.into());
        }
        if let Ok(number) = word.parse::<i64>() {
            return Some(number.into());
        }
    }
    serde_json::Number::from_f64(word.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, bare_words: bool) -> Result<CompareValue, PositionedProblem> {
        Lexer::new(text).value(bare_words)
    }

    #[test]
    fn values_of_every_kind_are_read() {
        let string = |text: &str| CompareValue::String(text.to_owned());
        let number = |text: &str| CompareValue::Number(serde_json::from_str(text).unwrap());
        for (text, wanted) in [
            ("true", CompareValue::Boolean(true)),
            ("False", CompareValue::Boolean(false)),
            ("NULL", CompareValue::Null),
            ("18446744073709551615", number("18446744073709551615")),
            ("-9223372036854775808", number("-9223372036854775808")),
            ("1.50", number("1.5")),
            ("2E-2", number("0.02")),
            (r#""a\"b\\c\u00e9\ud83d\ude00""#, string("a\"b\\c\u{e9}\u{1f600}")),
            (r#""true""#, string("true")),
            (r#""""#, string("")),
        ] {
            assert_eq!(value(text, false).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn values_that_are_not_json_are_refused() {
        for text in [
            "",
            ")",
            "'a'",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "1e999",
            "abc",
            r#""abc"#,
            r#""\x""#,
            r#""\ud800""#,
            "\"a\nb\"",
            r#""\""#,
        ] {
            assert!(value(text, false).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_bare_word_is_a_string_only_where_it_is_allowed() {
        assert_eq!(value("jyoung)", true).unwrap(), CompareValue::String("jyoung".to_owned()));
        assert_eq!(value("007", true).unwrap(), CompareValue::String("007".to_owned()));
        for text in ["", ")", "'jyoung'", "and", "OR", "not"] {
            assert!(value(text, true).is_err(), "{text:?}");
        }
    }
}
