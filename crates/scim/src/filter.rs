//! Filters (RFC 7644 section 3.4.2.2): syntax tree, parser, printer, compilation against a schema, evaluation.

mod compile;
mod evaluate;
mod lexer;
mod parse;
mod print;
mod repaired;

pub(crate) use lexer::PositionedProblem;
pub(crate) use parse::parse_patch_path;
pub use repaired::repairs_of;

use crate::path::AttributePath;
use crate::schema::ResolvedPath;

/// RFC 7644 section 3.4.2.2, table 3, without `pr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOperator {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
    GreaterThan,
    GreaterOrEqual,
    LessThan,
    LessOrEqual,
}

/// `compValue` of the grammar.
#[derive(Clone, Debug, PartialEq)]
pub enum CompareValue {
    Null,
    Boolean(bool),
    Number(serde_json::Number),
    String(String),
}

/// A filter as written.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    Compare {
        path: AttributePath,
        operator: CompareOperator,
        value: CompareValue,
    },
    Present(AttributePath),
    /// `emails[type eq "work"]`: one element fulfils the whole inner filter. Inner paths are sub-attribute names.
    Elements {
        path: AttributePath,
        filter: Box<Filter>,
    },
}

/// A filter whose names are looked up and whose values have the attribute's type. Public, because store drivers read
/// it to push what they can into an index; [`CompiledFilter::matches`] is the truth they must agree with.
#[derive(Clone, Debug, PartialEq)]
pub enum CompiledFilter {
    And(Vec<CompiledFilter>),
    Or(Vec<CompiledFilter>),
    Not(Box<CompiledFilter>),
    Compare(Comparison),
    Present(ResolvedPath),
    /// The paths inside name the same attribute with a sub-attribute (or the bare attribute for a list of simple
    /// values) and are evaluated on one element at a time.
    Elements {
        path: ResolvedPath,
        filter: Box<CompiledFilter>,
    },
}

/// One comparison. On a multi-valued attribute it holds when any value fulfils it; `ne` is the negation of `eq`
/// (it holds when no value equals, also when there is none).
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    pub path: ResolvedPath,
    pub operator: CompareOperator,
    pub value: TypedValue,
}

/// A comparison value in the type of its attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum TypedValue {
    /// `eq null`: not present; `ne null`: present. No other operator takes it.
    Null,
    Boolean(bool),
    Number(serde_json::Number),
    /// Compared as it stands (`caseExact`, references, binary).
    Exact(String),
    /// Already folded by [`crate::fold`]; the attribute's values are folded before they are compared.
    Folded(String),
    DateTime(jiff::Timestamp),
}

impl Filter {
    /// The conditions that `and`, `or` and `not` combine, from left to right. A value path is one condition.
    pub fn conditions(&self) -> Vec<&Self> {
        let mut conditions = Vec::new();
        self.collect_conditions(&mut conditions);
        conditions
    }

    fn collect_conditions<'a>(&'a self, conditions: &mut Vec<&'a Self>) {
        match self {
            Self::And(left, right) | Self::Or(left, right) => {
                left.collect_conditions(conditions);
                right.collect_conditions(conditions);
            }
            Self::Not(inner) => inner.collect_conditions(conditions),
            Self::Compare { .. } | Self::Present(_) | Self::Elements { .. } => conditions.push(self),
        }
    }
}
