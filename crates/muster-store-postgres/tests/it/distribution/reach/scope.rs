//! The tables that one SELECT, UPDATE or DELETE names, and what its conditions say is equal.

use std::collections::HashMap;

use muster_store_postgres::distribution::{Placement, TABLES};
use sqlparser::ast::{
    BinaryOperator, Expr, JoinConstraint, JoinOperator, Query, SelectItem, TableFactor, TableWithJoins, Value,
};

use super::Reach;

pub(super) use muster_store_postgres::distribution::TENANT;

pub(super) fn is_spread(table: &str) -> bool {
    placement(table) == Some(Placement::Distributed)
}

fn placement(name: &str) -> Option<Placement> {
    TABLES.iter().find(|table| table.name == name).map(|table| table.placement)
}

/// Columns and placeholders, and which of them are known to be equal. Each occurrence of a table has a number of its own.
#[derive(Default)]
pub(super) struct Terms {
    parents: HashMap<Term, Term>,
    tables: usize,
    /// The placeholders by which tables of tenants were found to be bound.
    given: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Term {
    Column(usize, String),
    Given(String),
}

impl Terms {
    fn root(&self, term: &Term) -> Term {
        let mut root = term;
        while let Some(parent) = self.parents.get(root) {
            root = parent;
        }
        root.clone()
    }

    /// A placeholder is always the root, so that one look tells whether a column has one.
    fn equate(&mut self, left: &Term, right: &Term) {
        let (left, right) = (self.root(left), self.root(right));
        if left == right {
            return;
        }
        let (child, parent) = if matches!(left, Term::Given(_)) { (right, left) } else { (left, right) };
        self.parents.insert(child, parent);
    }

    /// Whether it is a column of that table, of which nothing is known yet.
    fn is_new(&self, term: &Term, number: usize) -> bool {
        matches!(term, Term::Column(table, _) if *table == number) && self.root(term) == *term
    }

    fn is_given(&mut self, term: &Term) -> bool {
        match self.root(term) {
            Term::Given(name) => {
                self.given.push(name);
                true
            }
            Term::Column(..) => false,
        }
    }

    /// Two placeholders may be two tenants.
    pub(super) fn mixed(&mut self) -> Option<String> {
        self.given.sort();
        self.given.dedup();
        (self.given.len() > 1).then(|| format!("tables are asked for several tenants: {}", self.given.join(", ")))
    }
}

pub(super) struct Scope<'a> {
    outer: Option<&'a Scope<'a>>,
    relations: Vec<Relation>,
    /// With the number of the table that a LEFT JOIN adds: its condition says nothing about other tables' rows.
    conditions: Vec<(Expr, Option<usize>)>,
}

struct Relation {
    /// As the statement calls it.
    name: String,
    /// Its number, by which terms name it.
    number: usize,
    /// What table it is; none for a result of WITH, a function or a query in brackets.
    table: Option<String>,
}

impl Relation {
    fn is_spread(&self) -> bool {
        self.table.as_deref().is_some_and(is_spread)
    }

    /// Whether a column `tenant` without a table's name may be its.
    fn has_tenant(&self) -> bool {
        self.table.as_deref().is_some_and(|table| is_spread(table) || ["connection", "credential"].contains(&table))
    }

    fn tenant(&self) -> Term {
        Term::Column(self.number, TENANT.to_owned())
    }
}

impl<'a> Scope<'a> {
    pub(super) fn new(outer: Option<&'a Scope<'a>>) -> Self {
        Self { outer, relations: Vec::new(), conditions: Vec::new() }
    }

    pub(super) fn add(&mut self, tables: &TableWithJoins, made: &[String], terms: &mut Terms) {
        self.add_one(&tables.relation, made, terms);
        for join in &tables.joins {
            self.add_one(&join.relation, made, terms);
            let (constraint, optional) = match &join.join_operator {
                JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => (constraint, None),
                JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
                    (constraint, Some(terms.tables))
                }
                _ => continue,
            };
            if let JoinConstraint::On(condition) = constraint {
                self.conditions.push((condition.clone(), optional));
            }
        }
    }

    fn add_one(&mut self, factor: &TableFactor, made: &[String], terms: &mut Terms) {
        terms.tables += 1;
        let (table, alias) = match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let name = name.to_string();
                (Some(name).filter(|name| !made.contains(name)), alias)
            }
            TableFactor::Table { alias, .. }
            | TableFactor::Derived { alias, .. }
            | TableFactor::Function { alias, .. }
            | TableFactor::UNNEST { alias, .. } => (None, alias),
            // Nothing of the kind is written here, and a table that is passed over would be one that nobody judges.
            other => panic!("nobody knows how to judge {other}"),
        };
        let name = alias.as_ref().map(|alias| alias.name.value.clone()).or_else(|| table.clone());
        self.relations.push(Relation { name: name.unwrap_or_default(), number: terms.tables, table });
    }

    /// Takes what the conditions of the joins and that of WHERE say is equal.
    pub(super) fn assume(&mut self, condition: Option<&Expr>, terms: &mut Terms) {
        self.conditions.extend(condition.cloned().map(|condition| (condition, None)));
        for (condition, optional) in std::mem::take(&mut self.conditions) {
            self.assume_one(&condition, optional, terms);
        }
    }

    fn assume_one(&self, condition: &Expr, optional: Option<usize>, terms: &mut Terms) {
        match condition {
            Expr::Nested(inner) => self.assume_one(inner, optional, terms),
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                self.assume_one(left, optional, terms);
                self.assume_one(right, optional, terms);
            }
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
                if let (Some(left), Some(right)) = (self.term(left), self.term(right))
                    && optional.is_none_or(|number| terms.is_new(&left, number) || terms.is_new(&right, number))
                {
                    terms.equate(&left, &right);
                }
            }
            _ => {}
        }
    }

    /// The tables of tenants that may be asked for rows of any tenant.
    pub(super) fn strays(&self, reach: Reach, terms: &mut Terms) -> Vec<String> {
        let mut strays = Vec::new();
        for relation in self.relations.iter().filter(|relation| relation.is_spread()) {
            let name = relation.table.as_deref().unwrap_or_default();
            match reach {
                Reach::OneTenant if !terms.is_given(&relation.tenant()) => {
                    strays.push(format!("{name} ({}) is asked without a tenant that is given", relation.name));
                }
                Reach::AllTenants if !self.is_alone(relation) && !self.has_neighbour(relation, terms) => {
                    strays.push(format!("{name} ({}) is joined without the tenant", relation.name));
                }
                Reach::OneTenant | Reach::AllTenants => {}
            }
        }
        strays
    }

    /// Tables of every server (`tenant` itself, an unnested list) have no tenants to be joined by.
    fn is_alone(&self, relation: &Relation) -> bool {
        self.outer.is_none() && self.relations.iter().all(|other| other.number == relation.number)
    }

    fn has_neighbour(&self, relation: &Relation, terms: &Terms) -> bool {
        let mut seen = self.relations.iter().chain(self.outer.iter().flat_map(|outer| &outer.relations));
        let root = terms.root(&relation.tenant());
        seen.any(|other| other.number != relation.number && terms.root(&other.tenant()) == root)
    }

    /// Whether the expression is the tenant that the statement is given.
    pub(super) fn is_given(&self, expression: &Expr, terms: &mut Terms) -> bool {
        self.term(expression).is_some_and(|term| terms.is_given(&term))
    }

    fn term(&self, expression: &Expr) -> Option<Term> {
        match expression {
            Expr::Nested(inner) => self.term(inner),
            Expr::Cast { expr, .. } => self.term(expr),
            Expr::Value(value) => match &value.value {
                Value::Placeholder(name) => Some(Term::Given(name.clone())),
                _ => None,
            },
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [table, column] => self.column(&table.value, &column.value),
                _ => None,
            },
            Expr::Identifier(column) if column.value == TENANT => self.own_tenant(),
            _ => None,
        }
    }

    fn column(&self, table: &str, column: &str) -> Option<Term> {
        match self.relations.iter().find(|relation| relation.name == table) {
            Some(relation) => Some(Term::Column(relation.number, column.to_owned())),
            None => self.outer?.column(table, column),
        }
    }

    /// A column `tenant` without its table's name; none where several tables could be meant.
    fn own_tenant(&self) -> Option<Term> {
        let mut having = self.relations.iter().filter(|relation| relation.has_tenant());
        match (having.next(), having.next()) {
            (Some(relation), None) => Some(relation.tenant()),
            (Some(_), Some(_)) => None,
            (None, _) => self.outer?.own_tenant(),
        }
    }
}

/// The queries in brackets that stand for a table, and know nothing of the tables beside them.
pub(super) fn queries_apart(tables: &[TableWithJoins]) -> Vec<&Query> {
    let factors = tables
        .iter()
        .flat_map(|table| std::iter::once(&table.relation).chain(table.joins.iter().map(|join| &join.relation)));
    let queries = factors.filter_map(|factor| match factor {
        TableFactor::Derived { lateral: false, subquery, .. } => Some(&**subquery),
        _ => None,
    });
    queries.collect()
}

pub(super) fn expression(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::UnnamedExpr(expression) | SelectItem::ExprWithAlias { expr: expression, .. } => Some(expression),
        _ => None,
    }
}
