//! A statement that is put together with its values.

use muster_store::StoreError;

use super::Listing;
use crate::columns::{IdColumn, clamped};
use crate::{Row, Session, Value};

/// The values of a statement; `?1` is the tenant, `?2` the type, then come those of the plan.
pub(super) struct Statement<'a, S> {
    listing: Listing<'a, S>,
    values: Vec<Value>,
}

impl<'a, S: Session> Statement<'a, S> {
    pub(super) fn new(listing: Listing<'a, S>) -> Self {
        let tenant = Value::Id(listing.view.tenant.bytes());
        let resource_type = Value::from(listing.query.resource_type().as_str());
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

    /// Runs the text with the values.
    pub(super) async fn rows(self, sql: &str) -> Result<Vec<Row>, StoreError> {
        self.listing.session.composed_rows(sql, &self.values).await
    }
}
