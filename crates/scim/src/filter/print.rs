//! Prints a filter in its canonical form: operators in lower case, single spaces, JSON strings, and parentheses only
//! where reading again would otherwise give another tree.
//!
//! The parser groups from the left: `a and b and c` is `(a and b) and c`. That shape is the one printed without
//! parentheses; a tree that leans to the right keeps them, so reading a printed tree gives exactly that tree.
//!
//! The alternate form (`{:#}`) leaves the quotes away wherever a bare word says the same.

use std::fmt::{self, Display};

use super::lexer::Lexer;
use super::{CompareValue, Filter};

impl Display for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(left, right) => {
                write_operand(formatter, left, matches!(**left, Self::Or(..)))?;
                formatter.write_str(" and ")?;
                write_operand(formatter, right, matches!(**right, Self::And(..) | Self::Or(..)))
            }
            Self::Or(left, right) => {
                write_operand(formatter, left, false)?;
                formatter.write_str(" or ")?;
                write_operand(formatter, right, matches!(**right, Self::Or(..)))
            }
            Self::Not(inner) => {
                formatter.write_str("not ")?;
                write_operand(formatter, inner, true)
            }
            Self::Compare { path, operator, value } => {
                write!(formatter, "{path} {} ", operator.as_str())?;
                value.fmt(formatter)
            }
            Self::Present(path) => write!(formatter, "{path} pr"),
            Self::Elements { path, filter } => {
                write!(formatter, "{path}[")?;
                filter.fmt(formatter)?;
                formatter.write_str("]")
            }
        }
    }
}

fn write_operand(formatter: &mut fmt::Formatter<'_>, operand: &Filter, in_parentheses: bool) -> fmt::Result {
    if !in_parentheses {
        return operand.fmt(formatter);
    }
    formatter.write_str("(")?;
    operand.fmt(formatter)?;
    formatter.write_str(")")
}

/// Whether the text is read as itself where it stands without quotes and such words are allowed.
fn is_bare_word(text: &str) -> bool {
    let mut lexer = Lexer::new(text);
    matches!(lexer.value(true), Ok(CompareValue::String(word)) if word == text) && lexer.is_at_end()
}

impl Display for CompareValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => formatter.write_str("null"),
            Self::Boolean(value) => value.fmt(formatter),
            Self::Number(number) => number.fmt(formatter),
            Self::String(text) if formatter.alternate() && is_bare_word(text) => formatter.write_str(text),
            Self::String(text) => formatter.write_str(&serde_json::to_string(text).map_err(|_unwritable| fmt::Error)?),
        }
    }
}
