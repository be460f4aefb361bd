//! One of the two databases, as a driver brings it.

use std::future::Future;

use muster_store::StoreError;

use crate::{Row, Value};

/// Where the two differ in what tables they make of the same facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgresql,
}

/// A statement in SQLite's words with its values.
#[derive(Clone, Debug)]
pub struct Statement {
    pub sql: String,
    pub values: Vec<Value>,
}

/// A database that is moved from or into. Nobody else uses it meanwhile.
pub trait House {
    fn dialect(&self) -> Dialect;

    /// All rows of the answer to a statement that only reads.
    fn rows(&self, sql: &str, values: &[Value]) -> impl Future<Output = Result<Vec<Row>, StoreError>>;

    /// One transaction, which is on the disk when this returns, or nothing. The fence is done and answered before anything
    /// else is asked; when it writes no row, nothing is written and the answer is `false`.
    fn write(
        &self,
        fence: Option<&Statement>,
        statements: &[Statement],
    ) -> impl Future<Output = Result<bool, StoreError>>;

    /// Gives numbers to the entries of change logs that have none yet.
    fn settle_changes(&self) -> impl Future<Output = Result<(), StoreError>>;
}
