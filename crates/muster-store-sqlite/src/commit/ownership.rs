//! Changes of a resource's owner, and what follows from them.

use muster_model::{ChangeKind, ConflictState, ConnectionId, ResourceId, TypeName, Version};
use muster_store::{CommitError, StoreError, Written};
use rusqlite::params;

use super::resource_row::ResourceRow;
use super::{Applying, membership, written};
use crate::columns::{IdBytes, IdColumn};
use crate::failure::store_error;

impl Applying<'_> {
    pub(super) fn change_owner(
        &mut self,
        place: usize,
        id: ResourceId,
        resource_type: &TypeName,
        owner: Option<ConnectionId>,
        expected: Option<Version>,
    ) -> Result<Written, CommitError> {
        let not_found = || CommitError::NotFound { write: place };
        let row = self.find_row(id)?.filter(|row| row.resource_type == *resource_type).ok_or_else(not_found)?;
        let present = self.living(row.brought_by)?;
        let wanted = self.living(owner.map(IdColumn::bytes))?;
        let is_allowed = match self.sees_only {
            None => true,
            Some(own) => wanted == Some(own) && present.is_none_or(|present| present == own),
        };
        if !is_allowed || wanted.is_some() != owner.is_some() {
            return Err(not_found());
        }
        if expected.is_some_and(|expected| expected != row.version) {
            return Err(CommitError::VersionMismatch { write: place, current: row.version });
        }
        if present == wanted {
            return written(&row, row.version, row.last_modified, false);
        }
        let next = Version(row.version.0.saturating_add(1));
        self.execute(
            "UPDATE resource SET brought_by = ?3 WHERE tenant = ?1 AND id = ?2",
            params![self.tenant, id.bytes(), wanted],
        )?;
        self.touch(id, next)?;
        self.change_key_owner(id, wanted)?;
        self.execute(
            "UPDATE conflict SET state = ?4 WHERE tenant = ?1 AND resource = ?2 AND connection = ?3",
            params![self.tenant, id.bytes(), wanted, ConflictState::Adopted.as_str()],
        )?;
        self.note(ChangeKind::Updated, &row, next, membership::Outcome::default());
        written(&row, next, self.at, true)
    }

    /// Conflicts about a resource that is gone, or about a value that it has no longer, are gone too.
    pub(super) fn forget_conflicts(&self, row: &ResourceRow, attribute: Option<&str>) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM conflict WHERE tenant = ?1 AND resource = ?2 AND (?3 IS NULL OR attribute = ?3)",
            params![self.tenant, row.id.bytes(), attribute],
        )?;
        Ok(())
    }

    /// The owner if he is a connection of the tenant that is there.
    fn living(&self, owner: Option<IdBytes>) -> Result<Option<IdBytes>, StoreError> {
        let Some(owner) = owner else { return Ok(None) };
        let mut statement = self.prepare("SELECT EXISTS (SELECT 1 FROM connection WHERE id = ?1 AND tenant = ?2)")?;
        let lives: bool = statement.query_row(params![owner, self.tenant], |row| row.get(0)).map_err(store_error)?;
        Ok(lives.then_some(owner))
    }
}
