//! Filters (RFC 7644 section 3.4.2.2): syntax tree, parser, printer, compilation against a schema, evaluation.

mod compile;
mod evaluate;
mod lexer;
mod parse;
mod print;

pub(crate) use lexer::PositionedProblem;
pub(crate) use parse::parse_patch_path;

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
    /// The attribute paths that the filter names, from left to right. Of `emails[type eq "work"]` that is `emails`; the
    /// names in the brackets are sub-attributes.
    pub fn paths(&self) -> Vec<&AttributePath> {
        let mut paths = Vec::new();
        self.collect_paths(&mut paths);
        paths
    }

    fn collect_paths<'a>(&'a self, paths: &mut Vec<&'a AttributePath>) {
        match self {
            Self::And(left, right) | Self::Or(left, right) => {
                left.collect_paths(paths);
                right.collect_paths(paths);
            }
            Self::Not(inner) => inner.collect_paths(paths),
            Self::Compare { path, .. } | Self::Present(path) | Self::Elements { path, .. } => paths.push(path),
        }
    }
}
