//! Whether a statement keeps to one tenant, judged by its syntax tree.
//!
//! A cluster asks one server when the statement says which tenant each table of tenants is asked for. So each such table must
//! be compared, as its row is found or written, with one and the same placeholder: directly, or over the tenant of a
//! table beside it. What stands in an OR, or is compared by anything but `=`, tells a cluster nothing and does not count.

mod scope;

use std::ops::ControlFlow;

use sqlparser::ast::{
    Delete, Expr, FromTable, Insert, Query, Select, SetExpr, Statement, TableObject, Update, UpdateTableFromKind,
    Visit, Visitor,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

use scope::{Scope, Terms};

/// What is asked of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// It works for one tenant.
    OneTenant,
    /// It looks at all of them, and joins each tenant's rows with rows of the same tenant.
    AllTenants,
}

/// Why the statement breaks the rule; nothing when it keeps to it.
pub(super) fn problems(sql: &str, reach: Reach) -> Vec<String> {
    let statement = match parsed(sql) {
        Ok(statement) => statement,
        Err(problem) => return vec![problem],
    };
    let mut judge = Judge { reach, terms: Terms::default(), problems: Vec::new() };
    judge.statement(&statement, None, &[]);
    judge.problems.extend(judge.terms.mixed());
    judge.problems
}

/// As the parser wants it: it knows fewer locks than PostgreSQL.
pub(super) fn parsed(sql: &str) -> Result<Statement, String> {
    let known = sql.replace("FOR NO KEY UPDATE", "FOR UPDATE").replace("FOR KEY SHARE", "FOR SHARE");
    let mut statements =
        Parser::parse_sql(&PostgreSqlDialect {}, &known).map_err(|error| format!("it is not understood: {error}"))?;
    match (statements.pop(), statements.is_empty()) {
        (Some(statement), true) => Ok(statement),
        _ => Err("it is not one statement".to_owned()),
    }
}

struct Judge {
    reach: Reach,
    terms: Terms,
    problems: Vec<String>,
}

impl Judge {
    /// `made`: the names that WITH gives to results, which are no tables.
    fn statement(&mut self, statement: &Statement, outer: Option<&Scope<'_>>, made: &[String]) {
        match statement {
            Statement::Query(query) => self.query(query, outer, made),
            Statement::Insert(insert) => self.insert(insert, outer, made),
            Statement::Update(update) => self.update(update, outer, made),
            Statement::Delete(delete) => self.delete(delete, outer, made),
            other => self.problems.push(format!("nobody knows how to judge {other}")),
        }
    }

    fn query(&mut self, query: &Query, outer: Option<&Scope<'_>>, made: &[String]) {
        let made = self.with(query, outer, made);
        self.body(&query.body, outer, &made);
        for part in nested(&query.order_by).into_iter().chain(nested(&query.limit_clause)) {
            self.query(&part, outer, &made);
        }
    }

    fn with(&mut self, query: &Query, outer: Option<&Scope<'_>>, made: &[String]) -> Vec<String> {
        let mut made = made.to_vec();
        for table in query.with.iter().flat_map(|with| &with.cte_tables) {
            made.push(table.alias.name.value.clone());
            self.query(&table.query, outer, &made);
        }
        made
    }

    fn body(&mut self, body: &SetExpr, outer: Option<&Scope<'_>>, made: &[String]) {
        match body {
            SetExpr::Select(select) => {
                self.select(select, outer, made);
            }
            SetExpr::Query(query) => self.query(query, outer, made),
            SetExpr::SetOperation { left, right, .. } => {
                self.body(left, outer, made);
                self.body(right, outer, made);
            }
            SetExpr::Insert(statement) | SetExpr::Update(statement) | SetExpr::Delete(statement) => {
                self.statement(statement, outer, made);
            }
            SetExpr::Values(_) => {}
            other => self.problems.push(format!("nobody knows how to judge {other}")),
        }
    }

    /// Its own tables are judged before what is nested in it: what holds in an EXISTS holds only there.
    fn select<'a>(&mut self, select: &Select, outer: Option<&'a Scope<'a>>, made: &[String]) -> Scope<'a> {
        let mut scope = Scope::new(outer);
        for table in &select.from {
            scope.add(table, made, &mut self.terms);
        }
        self.judge(&mut scope, select.selection.as_ref());
        let apart = scope::queries_apart(&select.from);
        for query in nested(select) {
            let around = if apart.contains(&&query) { outer } else { Some(&scope) };
            self.query(&query, around, made);
        }
        scope
    }

    fn judge(&mut self, scope: &mut Scope<'_>, condition: Option<&Expr>) {
        scope.assume(condition, &mut self.terms);
        self.problems.extend(scope.strays(self.reach, &mut self.terms));
    }

    fn insert(&mut self, insert: &Insert, outer: Option<&Scope<'_>>, made: &[String]) {
        let TableObject::TableName(name) = &insert.table else {
            return self.problems.push("a function is written to".to_owned());
        };
        if let Some(source) = &insert.source {
            let made = self.with(source, outer, made);
            match &*source.body {
                SetExpr::Select(select) => {
                    let scope = self.select(select, outer, &made);
                    let written: Vec<Option<&Expr>> = select.projection.iter().map(scope::expression).collect();
                    self.written(&name.to_string(), insert, &written, Some(&scope));
                }
                SetExpr::Values(values) => {
                    for row in &values.rows {
                        self.written(&name.to_string(), insert, &row.iter().map(Some).collect::<Vec<_>>(), None);
                    }
                }
                other => self.problems.push(format!("nobody knows how to judge a source like {other}")),
            }
        }
        for query in nested(&insert.on).into_iter().chain(nested(&insert.returning)) {
            self.query(&query, outer, made);
        }
    }

    /// What is written into the column of the tenant.
    fn written(&mut self, table: &str, insert: &Insert, row: &[Option<&Expr>], source: Option<&Scope<'_>>) {
        if !scope::is_spread(table) {
            return;
        }
        let place = insert.columns.iter().position(|column| column.to_string() == scope::TENANT);
        let value = place.and_then(|place| row.get(place).copied().flatten());
        let empty = Scope::new(None);
        if !value.is_some_and(|value| source.unwrap_or(&empty).is_given(value, &mut self.terms)) {
            self.problems.push(format!("{table} is written without a tenant that is given"));
        }
    }

    fn update(&mut self, update: &Update, outer: Option<&Scope<'_>>, made: &[String]) {
        let mut scope = Scope::new(outer);
        scope.add(&update.table, made, &mut self.terms);
        let Some(UpdateTableFromKind::AfterSet(beside) | UpdateTableFromKind::BeforeSet(beside)) = &update.from else {
            return self.change(update, scope, update.selection.as_ref(), made);
        };
        for table in beside {
            scope.add(table, made, &mut self.terms);
        }
        self.change(update, scope, update.selection.as_ref(), made);
    }

    fn delete(&mut self, delete: &Delete, outer: Option<&Scope<'_>>, made: &[String]) {
        let mut scope = Scope::new(outer);
        let (FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables)) = &delete.from;
        for table in tables.iter().chain(delete.using.iter().flatten()) {
            scope.add(table, made, &mut self.terms);
        }
        self.change(delete, scope, delete.selection.as_ref(), made);
    }

    fn change(&mut self, statement: &impl Visit, mut scope: Scope<'_>, condition: Option<&Expr>, made: &[String]) {
        self.judge(&mut scope, condition);
        for query in nested(statement) {
            self.query(&query, Some(&scope), made);
        }
    }
}

/// The queries right below, without those within them.
fn nested(part: &impl Visit) -> Vec<Query> {
    struct Nested(usize, Vec<Query>);
    impl Visitor for Nested {
        type Break = ();

        fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
            if self.0 == 0 {
                self.1.push(query.clone());
            }
            self.0 += 1;
            ControlFlow::Continue(())
        }

        fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
            self.0 -= 1;
            ControlFlow::Continue(())
        }
    }
    let mut found = Nested(0, Vec::new());
    assert!(part.visit(&mut found).is_continue());
    found.1
}
