//! Reads a table in the order of its key, some rows at a time, so that memory does not grow with it.

use muster_store::StoreError;

use super::tables::Table;
use super::{House, statements};
use crate::Value;

/// As many rows of a table are read at once: a document may have a quarter of a megabyte, and an entry of the change log may
/// name a hundred thousand members.
const NARROW_ROWS: usize = 1000;
const WIDE_ROWS: usize = 32;

pub(super) struct Reading<'a, H> {
    house: &'a H,
    table: &'static Table,
    after: Option<Vec<Value>>,
    is_at_end: bool,
}

impl<'a, H: House> Reading<'a, H> {
    pub(super) fn after(house: &'a H, table: &'static Table, after: Option<Vec<Value>>) -> Self {
        Self { house, table, after, is_at_end: false }
    }

    /// The next rows, in the order of the key; none at the end.
    pub(super) async fn next(&mut self) -> Result<Vec<Vec<Value>>, StoreError> {
        if self.is_at_end {
            return Ok(Vec::new());
        }
        let most = if self.table.is_wide { WIDE_ROWS } else { NARROW_ROWS };
        let sql = statements::select(self.house.dialect(), self.table, self.after.is_some());
        let mut values = self.after.take().unwrap_or_default();
        values.push(Value::Integer(i64::try_from(most).unwrap_or(i64::MAX)));
        let rows: Vec<Vec<Value>> =
            self.house.rows(&sql, &values).await?.into_iter().map(crate::Row::into_values).collect();
        self.is_at_end = rows.len() < most;
        self.after = rows.last().map(|row| row.iter().take(self.table.key).cloned().collect());
        Ok(rows)
    }
}

/// About how much memory a row takes.
pub(super) fn size(row: &[Value]) -> usize {
    let of = |value: &Value| match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    };
    row.iter().map(|value| of(value) + size_of::<Value>()).sum()
}
