//! The tenant's change log (docs/adr/0002): entries get their numbers in the transaction that makes the change.

use muster_model::{ChangeKind, ResourceId, TypeName, Version};
use muster_store::StoreError;
use rusqlite::params;

use super::Applying;
use super::membership::Outcome;
use super::resource_row::ResourceRow;
use crate::columns::{IdColumn, clamped, joined_ids};
use crate::failure::store_error;

/// An entry that has no number yet.
pub(super) struct Entry {
    kind: ChangeKind,
    resource_type: TypeName,
    resource: ResourceId,
    version: Version,
    outcome: Outcome,
}

impl Applying<'_> {
    pub(super) fn note(&mut self, kind: ChangeKind, row: &ResourceRow, version: Version, outcome: Outcome) {
        let resource_type = row.resource_type.clone();
        self.entries.push(Entry { kind, resource_type, resource: row.id, version, outcome });
    }

    /// Writes what was noted. The transaction holds the database's only write lock, so numbers become visible in their
    /// order and without gaps.
    pub(super) fn log_changes(&self) -> Result<(), StoreError> {
        if self.entries.is_empty() {
            return Ok(());
        }
        let count = clamped(self.entries.len() as u64);
        let mut statement = self.prepare(
            "INSERT INTO change_sequence (tenant, last) VALUES (?1, ?2)
             ON CONFLICT (tenant) DO UPDATE SET last = last + excluded.last
             RETURNING last",
        )?;
        let last: i64 = statement.query_row(params![self.tenant, count], |row| row.get(0)).map_err(store_error)?;
        let by = self.by.map(IdColumn::bytes);
        for (sequence, entry) in (last - count + 1..).zip(&self.entries) {
            self.execute(
                "INSERT INTO change
                     (tenant, sequence, kind, type, resource, version, joined, \"left\", connection, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                params![
                    self.tenant,
                    sequence,
                    entry.kind.as_str(),
                    entry.resource_type.as_str(),
                    entry.resource.bytes(),
                    clamped(entry.version.0),
                    joined_ids(&entry.outcome.joined),
                    joined_ids(&entry.outcome.left),
                    by,
                    self.at
                ],
            )?;
        }
        Ok(())
    }
}
