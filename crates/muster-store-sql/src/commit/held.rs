//! Changes that are held and not made (docs/adr/0016). A row stays true: whatever is made, or is gone, is not held.

use muster_model::{HeldKind, ResourceId, TypeName};
use muster_store::guard::Holding;
use muster_store::{CommitError, GuardMode, Rest, StoreError};

use super::Applying;
use crate::columns::IdColumn;
use crate::{Ledger, values};

impl<L: Ledger> Applying<'_, L> {
    /// How the batch's changes are to be held, when they are.
    pub(super) fn holding(&self) -> Option<&Holding> {
        match &self.guard.mode {
            GuardMode::Hold(holding) => Some(holding),
            GuardMode::Off | GuardMode::Charge(_) => None,
        }
    }

    /// Whether the part of the batch that takes nothing away is left out, too.
    pub(super) fn leaves_out_rest(&self) -> bool {
        self.holding().is_some_and(|holding| holding.rest == Rest::LeaveOut)
    }

    /// Holds a change; one that the connection has held already stays as it is.
    pub(super) async fn hold(
        &mut self,
        kind: HeldKind,
        resource: ResourceId,
        resource_type: &TypeName,
        member: Option<ResourceId>,
    ) -> Result<(), CommitError> {
        let Some(holding) = self.holding() else { return Ok(()) };
        let added = self
            .ledger
            .execute(
                "INSERT INTO held_operation (tenant, resource, kind, member, connection, held, type, at, request)
                 SELECT tenant, ?2, ?3, ?4, id, ?6, ?7, ?8, ?9 FROM connection WHERE tenant = ?1 AND id = ?5/*pg  FOR KEY SHARE */
                 ON CONFLICT DO NOTHING",
                values![
                    self.tenant,
                    resource,
                    kind.as_str(),
                    member_column(member),
                    self.by,
                    holding.id,
                    resource_type.as_str(),
                    self.at,
                    holding.request.as_deref()
                ],
            )
            .await?;
        self.newly_held += added;
        self.held_members.extend(member);
        Ok(())
    }

    /// Somebody has made the change, so nobody's is held any more.
    pub(super) async fn settle(&self, kind: HeldKind, resource: ResourceId) -> Result<(), StoreError> {
        let sql = "DELETE FROM held_operation WHERE tenant = ?1 AND resource = ?2 AND kind = ?3";
        self.ledger.send(sql, values![self.tenant, resource, kind.as_str()]).await
    }

    /// A member has left, so nobody's removal of him is held any more.
    pub(super) async fn settle_member(&self, group: ResourceId, member: ResourceId) -> Result<(), StoreError> {
        let sql = "DELETE FROM held_operation WHERE tenant = ?1 AND resource = ?2 AND kind = ?3 AND member = ?4";
        let kind = HeldKind::RemoveMembers.as_str();
        self.ledger.send(sql, values![self.tenant, group, kind, member_column(Some(member))]).await
    }

    /// The resource is gone, and with it whatever was held of it.
    pub(super) async fn settle_all(&self, resource: ResourceId) -> Result<(), StoreError> {
        let sql = "DELETE FROM held_operation WHERE tenant = ?1 AND resource = ?2";
        self.ledger.send(sql, values![self.tenant, resource]).await
    }

    /// The connection wants the resource there and active.
    pub(super) async fn reaffirm(&self, resource: ResourceId) -> Result<(), StoreError> {
        let sql = "DELETE FROM held_operation
                   WHERE tenant = ?1 AND resource = ?2 AND kind IN (?3, ?4) AND connection = ?5";
        let (deactivate, delete) = (HeldKind::Deactivate.as_str(), HeldKind::Delete.as_str());
        self.ledger.send(sql, values![self.tenant, resource, deactivate, delete, self.by]).await
    }

    /// The connection wants the member in the group.
    pub(super) async fn reaffirm_member(&self, group: ResourceId, member: ResourceId) -> Result<(), StoreError> {
        let sql = "DELETE FROM held_operation
                   WHERE tenant = ?1 AND resource = ?2 AND kind = ?3 AND member = ?4 AND connection = ?5";
        let kind = HeldKind::RemoveMembers.as_str();
        self.ledger.send(sql, values![self.tenant, group, kind, member_column(Some(member)), self.by]).await
    }

    /// Whom the connection asked to leave the group before.
    pub(super) async fn held_members_of(&self, group: ResourceId) -> Result<Vec<ResourceId>, StoreError> {
        let sql = "SELECT member FROM held_operation
                   WHERE tenant = ?1 AND resource = ?2 AND kind = ?3 AND connection = ?4";
        let kind = HeldKind::RemoveMembers.as_str();
        let rows = self.ledger.rows(sql, values![self.tenant, group, kind, self.by]).await?;
        rows.into_iter().map(|mut row| row.take(0)).collect()
    }
}

/// Empty where there is no member.
fn member_column(member: Option<ResourceId>) -> Vec<u8> {
    member.map(|member| member.bytes().to_vec()).unwrap_or_default()
}
