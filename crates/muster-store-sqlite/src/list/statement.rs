//! A statement that is put together with its values.

use muster_store::StoreError;
use rusqlite::types::Value;
use rusqlite::{Row, params_from_iter};

use super::Listing;
use crate::columns::clamped;
use crate::failure::store_error;
use crate::read::prepare;

/// The values of a statement; `?1` is the tenant, `?2` the type, then come those of the plan.
pub(super) struct Statement<'a> {
    listing: Listing<'a>,
    values: Vec<Value>,
}

impl<'a> Statement<'a> {
    pub(super) fn new(listing: Listing<'a>) -> Self {
        let tenant = Value::from(listing.view.tenant().to_vec());
        let resource_type = Value::from(listing.query.resource_type().as_str().to_owned());
        let values = [tenant, resource_type].into_iter().chain(listing.plan.values.iter().cloned()).collect();
        Self { listing, values }
    }

    /// Adds a value and gives its placeholder.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    /// `LIMIT … OFFSET …`.
    pub(super) fn window(&mut self, limit: u64, offset: u64) -> String {
        let (limit, offset) = (self.bind(clamped(limit)), self.bind(clamped(offset)));
        format!("LIMIT {limit} OFFSET {offset}")
    }

    /// Runs the text with the values; `visit` sees each row and says whether to go on.
    pub(super) fn run(
        self,
        sql: &str,
        mut visit: impl FnMut(&Row<'_>) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = prepare(self.listing.connection, sql)?;
        let mut rows = statement.query(params_from_iter(self.values)).map_err(store_error)?;
        while let Some(row) = rows.next().map_err(store_error)? {
            if !visit(row)? {
                break;
            }
        }
        Ok(())
    }

    /// How SQLite would answer.
    #[cfg(test)]
    pub(super) fn explain(self, sql: &str) -> Vec<String> {
        let mut statement = self.listing.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let rows = statement.query_map(params_from_iter(self.values), |row| row.get(3)).unwrap();
        rows.map(Result::unwrap).collect()
    }
}
