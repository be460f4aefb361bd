//! Changes of a resource's owner, and what follows from them.

use muster_model::{ChangeKind, ConflictState, ConnectionId, Difference, ResourceId, TypeName, Version};
use muster_store::{CommitError, StoreError, Written};

use super::{Applying, Outcome, written};
use crate::columns::{IdBytes, IdColumn};
use crate::{Ledger, ResourceRow, values};

impl<L: Ledger> Applying<'_, L> {
    pub(super) async fn change_owner(
        &mut self,
        place: usize,
        id: ResourceId,
        resource_type: &TypeName,
        owner: Option<ConnectionId>,
        expected: Option<Version>,
    ) -> Result<Written, CommitError> {
        let not_found = || CommitError::NotFound { write: place };
        let found = self.find_row(id).await?.filter(|row| row.resource_type == *resource_type);
        let row = found.ok_or_else(not_found)?;
        let present = self.living(row.brought_by).await?;
        let wanted = self.living(owner.map(IdColumn::bytes)).await?;
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
        self.ledger.change_owner(self.tenant, &row, wanted).await?;
        self.touch(id, next).await?;
        self.change_key_owner(&row, wanted).await?;
        let sql = "UPDATE conflict SET state = ?4 WHERE tenant = ?1 AND resource = ?2 AND connection = ?3";
        self.ledger.send(sql, values![self.tenant, id, wanted, ConflictState::Adopted.as_str()]).await?;
        // No attribute of the document differs.
        self.note(ChangeKind::Updated, &row, next, Outcome::default(), Some(&Difference::default()));
        written(&row, next, self.at, true)
    }

    /// Conflicts about a resource that is gone, or about a value that it has no longer, are gone too.
    pub(super) async fn forget_conflicts(&self, row: &ResourceRow, attribute: Option<&str>) -> Result<(), StoreError> {
        let sql =
            "DELETE FROM conflict WHERE tenant = ?1 AND resource = ?2 AND (?3/*pg ::text */ IS NULL OR attribute = ?3)";
        self.ledger.send(sql, values![self.tenant, row.id, attribute]).await
    }

    /// The owner if he is a connection of the tenant that is there.
    async fn living(&self, owner: Option<IdBytes>) -> Result<Option<IdBytes>, StoreError> {
        let Some(owner) = owner else { return Ok(None) };
        let sql = "SELECT id FROM connection WHERE id = ?1 AND tenant = ?2/*pg  FOR KEY SHARE */";
        Ok(self.ledger.row(sql, values![owner, self.tenant]).await?.map(|_| owner))
    }
}
