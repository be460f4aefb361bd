//! Copies one table.

use muster_store::StoreError;

use super::marker::Marker;
use super::portion::{Reading, size};
use super::tables::Table;
use super::{House, Progress, Step, TransferError, statements};
use crate::Value;

/// A transaction of the target has that many rows or bytes at most, and those of one read beyond.
const ROWS: usize = 4000;
const BYTES: usize = 4 * 1024 * 1024;

pub(super) struct Copying<'a, F, T> {
    pub(super) from: &'a F,
    pub(super) to: &'a T,
    pub(super) marker: &'a Marker,
    pub(super) table: &'static Table,
}

impl<F: House, T: House> Copying<'_, F, T> {
    /// Copies what is not there yet, and says how many rows that were. Portions are committed whole and in order, so
    /// everything up to the greatest key is there.
    pub(super) async fn run(&self, told: &mut dyn FnMut(Progress)) -> Result<u64, TransferError> {
        let after = self.to.rows(&statements::select_last_key(self.table), &[]).await?.pop();
        let after = after.map(crate::Row::into_values);
        let before = if after.is_some() { count(self.to, self.table).await? } else { 0 };
        let of = count(self.from, self.table).await?;
        let mut tell = |rows| told(Progress { step: Step::Copying, table: self.table.name, rows, of });
        let mut reading = Reading::after(self.from, self.table, after);
        let (mut waiting, mut bytes, mut copied): (Vec<Vec<Value>>, usize, u64) = (Vec::new(), 0, 0);
        loop {
            let rows = reading.next().await?;
            let is_at_end = rows.is_empty();
            bytes += rows.iter().map(|row| size(row)).sum::<usize>();
            waiting.extend(rows);
            if !waiting.is_empty() && (is_at_end || waiting.len() >= ROWS || bytes >= BYTES) {
                copied += waiting.len() as u64;
                let rows = std::mem::take(&mut waiting);
                let statements = statements::insert(self.to.dialect(), self.table, rows);
                self.marker.write(self.to, &statements).await?;
                bytes = 0;
            }
            tell(before + copied);
            if is_at_end {
                return Ok(copied);
            }
        }
    }
}

pub(super) async fn count(house: &impl House, table: &Table) -> Result<u64, StoreError> {
    let row = house.rows(&statements::select_count(table), &[]).await?.pop();
    let count: i64 = row.map_or(Ok(0), |mut row| row.take(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}
