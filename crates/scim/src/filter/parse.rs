//! Recursive descent over RFC 7644 figure 1 as corrected by errata 4690 and 7322 (no value paths inside brackets, but
//! logic and parentheses) and 7319 (a space after `not`).
//!
//! More than the grammar is accepted where the RFC's own examples or a large client need it: any number of spaces
//! around operators and brackets, none before a quoted value (`eq"x"`), and `emails[type eq "work"].value eq "x"`,
//! which means `emails[type eq "work" and value eq "x"]`.

use super::lexer::{Lexer, PositionedProblem};
use super::{CompareOperator, Filter};
use crate::path::{AttributePath, PatchPath, check_attribute_name};
use crate::{Error, Leniency, Result};

/// Longest filter or path text, in bytes.
const MAX_LENGTH: usize = 16 * 1024;
/// How deep parentheses and brackets may stand in each other.
const MAX_DEPTH: usize = 64;
/// How many comparisons (`pr` included) one filter may have. With `MAX_DEPTH` this bounds the height of the tree, so
/// code that walks it may recurse.
const MAX_TERMS: usize = 512;

const OPERATORS: [(&str, CompareOperator); 9] = [
    ("eq", CompareOperator::Equal),
    ("ne", CompareOperator::NotEqual),
    ("co", CompareOperator::Contains),
    ("sw", CompareOperator::StartsWith),
    ("ew", CompareOperator::EndsWith),
    ("gt", CompareOperator::GreaterThan),
    ("ge", CompareOperator::GreaterOrEqual),
    ("lt", CompareOperator::LessThan),
    ("le", CompareOperator::LessOrEqual),
];

impl CompareOperator {
    /// The word of the grammar, for example `eq`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Contains => "co",
            Self::StartsWith => "sw",
            Self::EndsWith => "ew",
            Self::GreaterThan => "gt",
            Self::GreaterOrEqual => "ge",
            Self::LessThan => "lt",
            Self::LessOrEqual => "le",
        }
    }
}

impl Filter {
    /// Reads a filter (RFC 7644 section 3.4.2.2). Positions in refusals are bytes, counted from 1.
    pub fn parse(text: &str, leniency: &Leniency) -> Result<Self> {
        let mut parser = Parser::new(text, leniency);
        parser.whole_filter().map_err(|problem| Error::invalid_filter(problem.to_string()))
    }
}

/// See [`PatchPath::parse`].
pub(crate) fn parse_patch_path(text: &str, leniency: &Leniency) -> Result<PatchPath> {
    let invalid_path = |problem: PositionedProblem| Error::invalid_path(problem.to_string());
    let mut parser = Parser::new(text, leniency);
    parser.check_length().map_err(invalid_path)?;
    parser.lexer.skip_spaces();
    let attribute = parser.path().map_err(invalid_path)?;
    let path = if parser.lexer.next_byte() == Some(b'[') {
        check_bracketed(&attribute, parser.lexer.position()).map_err(invalid_path)?;
        let filter = match parser.brackets() {
            Ok(filter) => filter,
            // A text that ends before its bracket is closed is a broken path rather than a wrong filter.
            Err(problem) if parser.lexer.is_at_end() => return Err(invalid_path(problem)),
            Err(problem) => return Err(Error::invalid_filter(problem.to_string())),
        };
        let sub_attribute = parser.suffix().map_err(invalid_path)?;
        PatchPath::Elements { attribute, filter, sub_attribute }
    } else {
        PatchPath::Attribute(attribute)
    };
    parser.lexer.skip_spaces();
    if !parser.lexer.is_at_end() {
        let position = parser.lexer.position();
        return Err(invalid_path(PositionedProblem::new(position, "the path should end here")));
    }
    Ok(path)
}

/// A sub-attribute is never complex (RFC 7643 section 2.3.8), so it has no elements to choose from.
fn check_bracketed(attribute: &AttributePath, position: usize) -> Result<(), PositionedProblem> {
    if attribute.sub_attribute.is_none() {
        return Ok(());
    }
    Err(PositionedProblem::new(position, "brackets can follow an attribute, but not a sub-attribute"))
}

struct Parser<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    leniency: Leniency,
    is_inside_brackets: bool,
    depth: usize,
    /// The largest `depth` so far.
    deepest: usize,
    terms: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, leniency: &Leniency) -> Self {
        let lexer = Lexer::new(text);
        Self { text, lexer, leniency: *leniency, is_inside_brackets: false, depth: 0, deepest: 0, terms: 0 }
    }

    fn problem<T>(&self, message: &'static str) -> Result<T, PositionedProblem> {
        Err(PositionedProblem::new(self.lexer.position(), message))
    }

    fn check_length(&self) -> Result<(), PositionedProblem> {
        if self.text.len() <= MAX_LENGTH {
            return Ok(());
        }
        Err(PositionedProblem::new(MAX_LENGTH, format!("the text is longer than {MAX_LENGTH} bytes; shorten it")))
    }

    fn whole_filter(&mut self) -> Result<Filter, PositionedProblem> {
        self.check_length()?;
        let filter = self.disjunction()?;
        self.lexer.skip_spaces();
        if self.lexer.is_at_end() {
            return Ok(filter);
        }
        match self.lexer.next_byte() {
            Some(b')' | b']') => self.problem("this bracket was never opened"),
            _ => self.problem("\"and\", \"or\" or the end is wanted here; a string with spaces needs double quotes"),
        }
    }

    fn disjunction(&mut self) -> Result<Filter, PositionedProblem> {
        let mut left = self.conjunction()?;
        while self.take_logic("or") {
            left = Filter::Or(Box::new(left), Box::new(self.conjunction()?));
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Filter, PositionedProblem> {
        let mut left = self.negation()?;
        while self.take_logic("and") {
            left = Filter::And(Box::new(left), Box::new(self.negation()?));
        }
        Ok(left)
    }

    fn take_logic(&mut self, word: &str) -> bool {
        self.lexer.skip_spaces();
        self.lexer.take_word(word)
    }

    /// `not` is the operator only before a parenthesis, as the grammar has it; elsewhere it is a name like any other.
    fn negation(&mut self) -> Result<Filter, PositionedProblem> {
        self.lexer.skip_spaces();
        if self.lexer.next_byte() == Some(b'(') {
            return self.group();
        }
        let mut ahead = self.lexer;
        if ahead.take_word("not") {
            ahead.skip_spaces();
            if ahead.next_byte() == Some(b'(') {
                self.lexer = ahead;
                return Ok(Filter::Not(Box::new(self.group()?)));
            }
        }
        self.term()
    }

    fn enter(&mut self) -> Result<(), PositionedProblem> {
        self.depth = self.depth.saturating_add(1);
        self.deepest = self.deepest.max(self.depth);
        self.check_depth(self.depth)
    }

    fn check_depth(&self, depth: usize) -> Result<(), PositionedProblem> {
        if depth <= MAX_DEPTH {
            return Ok(());
        }
        self.problem("the brackets stand too deep in each other; simplify the filter")
    }

    /// `( … )`, at the opening parenthesis.
    fn group(&mut self) -> Result<Filter, PositionedProblem> {
        self.enter()?;
        self.lexer.take(b'(');
        let filter = self.disjunction()?;
        self.lexer.skip_spaces();
        if !self.lexer.take(b')') {
            return self.problem("\"and\", \"or\" or \")\" is wanted here");
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(filter)
    }

    /// `attrPath pr`, `attrPath op value` or `attrPath [ … ]`.
    fn term(&mut self) -> Result<Filter, PositionedProblem> {
        let start = self.lexer.position();
        let path = self.path()?;
        self.lexer.skip_spaces();
        if self.lexer.next_byte() == Some(b'[') {
            return self.elements(path);
        }
        if self.is_inside_brackets && (path.urn.is_some() || path.sub_attribute.is_some()) {
            let message = "inside brackets stands the bare name of a sub-attribute";
            return Err(PositionedProblem::new(start, message));
        }
        self.comparison(path)
    }

    fn comparison(&mut self, path: AttributePath) -> Result<Filter, PositionedProblem> {
        self.terms = self.terms.saturating_add(1);
        if self.terms > MAX_TERMS {
            return self.problem("the filter has too many comparisons; ask several times");
        }
        self.lexer.skip_spaces();
        let start = self.lexer.position();
        let word = self.lexer.word();
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present(path));
        }
        let Some((_, operator)) = OPERATORS.iter().find(|(spelling, _)| spelling.eq_ignore_ascii_case(word)) else {
            let message = if word.is_empty() {
                "an operator is wanted here: eq, ne, co, sw, ew, pr, gt, ge, lt or le"
            } else if path.attribute.eq_ignore_ascii_case("not") {
                "\"not\" stands before a parenthesis: not (…)"
            } else {
                "this operator is not supported; use eq, ne, co, sw, ew, pr, gt, ge, lt or le"
            };
            return Err(PositionedProblem::new(start, message));
        };
        self.lexer.skip_spaces();
        let value = self.lexer.value(self.leniency.bare_words)?;
        Ok(Filter::Compare { path, operator: *operator, value })
    }

    fn path(&mut self) -> Result<AttributePath, PositionedProblem> {
        let start = self.lexer.position();
        AttributePath::parse_exactly(self.lexer.word()).map_err(|problem| problem.after(start))
    }

    /// `path[ … ]`, or `path[ … ].sub op value`.
    fn elements(&mut self, path: AttributePath) -> Result<Filter, PositionedProblem> {
        check_bracketed(&path, self.lexer.position())?;
        let outer_deepest = std::mem::replace(&mut self.deepest, self.depth);
        let filter = self.brackets()?;
        let filter = match self.suffix()? {
            None => filter,
            Some(sub_attribute) => {
                if matches!(filter, Filter::Or(..)) {
                    // The rewritten form needs parentheses around the first part.
                    self.deepest = self.deepest.saturating_add(1);
                    self.check_depth(self.deepest)?;
                }
                let sub_attribute = AttributePath { urn: None, attribute: sub_attribute, sub_attribute: None };
                Filter::And(Box::new(filter), Box::new(self.comparison(sub_attribute)?))
            }
        };
        self.deepest = self.deepest.max(outer_deepest);
        Ok(Filter::Elements { path, filter: Box::new(filter) })
    }

    /// `[ … ]`, at the opening bracket.
    fn brackets(&mut self) -> Result<Filter, PositionedProblem> {
        if self.is_inside_brackets {
            return self.problem("brackets cannot stand inside brackets");
        }
        self.enter()?;
        self.lexer.take(b'[');
        self.is_inside_brackets = true;
        let filter = self.disjunction()?;
        self.is_inside_brackets = false;
        self.lexer.skip_spaces();
        if !self.lexer.take(b']') {
            return self.problem("\"and\", \"or\" or \"]\" is wanted here");
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(filter)
    }

    /// `.sub` directly behind a closing bracket.
    fn suffix(&mut self) -> Result<Option<String>, PositionedProblem> {
        if !self.lexer.take(b'.') {
            return Ok(None);
        }
        let start = self.lexer.position();
        let name = self.lexer.word();
        check_attribute_name(name).map_err(|problem| problem.after(start))?;
        Ok(Some(name.to_owned()))
    }
}

#[cfg(test)]
mod tests;
