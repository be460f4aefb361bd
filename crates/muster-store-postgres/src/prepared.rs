//! The statements that a connection has prepared, by their text as it stands in the code: each is translated, parsed and
//! planned once a connection.

use std::collections::HashMap;

use tokio_postgres::Statement;
use tokio_postgres::types::Type;

/// So many statements are kept that were put together for a question. When there are more, all are forgotten: a server
/// holds some ten kilobytes for each of them, on each connection.
const MOST_COMPOSED: usize = 128;
/// Longer texts come of long filters, which hardly come twice.
const LONGEST_COMPOSED: usize = 4_096;

#[derive(Default)]
pub(crate) struct Prepared {
    of_code: HashMap<String, Statement>,
    composed: HashMap<String, Composed>,
}

struct Composed {
    /// Values of other types make another statement.
    types: Vec<Type>,
    statement: Statement,
}

impl Prepared {
    pub(crate) fn find(&self, text: &str) -> Option<Statement> {
        self.of_code.get(text).cloned()
    }

    pub(crate) fn keep(&mut self, text: &str, statement: Statement) {
        self.of_code.insert(text.to_owned(), statement);
    }

    /// Whether a statement that was put together is likely to be asked again.
    pub(crate) fn is_worth_keeping(text: &str) -> bool {
        text.len() <= LONGEST_COMPOSED
    }

    pub(crate) fn find_composed(&self, text: &str, types: &[Type]) -> Option<Statement> {
        self.composed.get(text).filter(|found| found.types == types).map(|found| found.statement.clone())
    }

    pub(crate) fn keep_composed(&mut self, text: &str, types: Vec<Type>, statement: Statement) {
        if self.composed.len() >= MOST_COMPOSED {
            self.composed.clear();
        }
        self.composed.insert(text.to_owned(), Composed { types, statement });
    }
}
