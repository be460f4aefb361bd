//! Changes that are held and not made (docs/adr/0016). A row stays true: whatever is made, or is gone, is not held.

use muster_model::{HeldKind, ResourceId, TypeName};
use muster_store::guard::Holding;
use muster_store::{CommitError, GuardMode, Rest, StoreError};
use rusqlite::params;

use super::Applying;
use crate::columns::{IdBytes, IdColumn};
use crate::failure::store_error;

impl Applying<'_> {
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
    pub(super) fn hold(
        &mut self,
        kind: HeldKind,
        resource: ResourceId,
        resource_type: &TypeName,
        member: Option<ResourceId>,
    ) -> Result<(), CommitError> {
        let Some(holding) = self.holding() else { return Ok(()) };
        let member_column = member_column(member);
        let added = self.execute(
            "INSERT INTO held_operation (tenant, resource, kind, member, connection, held, type, at, request)
             SELECT tenant, ?2, ?3, ?4, id, ?6, ?7, ?8, ?9 FROM connection WHERE tenant = ?1 AND id = ?5
             ON CONFLICT DO NOTHING",
            params![
                self.tenant,
                resource.bytes(),
                kind.as_str(),
                member_column.as_slice(),
                self.by.map(IdColumn::bytes),
                holding.id.bytes(),
                resource_type.as_str(),
                self.at,
                holding.request
            ],
        )?;
        self.newly_held += added as u64;
        self.held_members.extend(member);
        Ok(())
    }

    /// Somebody has made the change, so nobody's is held any more.
    pub(super) fn settle(&self, kind: HeldKind, resource: ResourceId) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM held_operation WHERE tenant = ?1 AND resource = ?2 AND kind = ?3",
            params![self.tenant, resource.bytes(), kind.as_str()],
        )
        .map(drop)
    }

    /// A member has left, so nobody's removal of him is held any more.
    pub(super) fn settle_member(&self, group: ResourceId, member: ResourceId) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM held_operation WHERE tenant = ?1 AND resource = ?2 AND kind = ?3 AND member = ?4",
            params![self.tenant, group.bytes(), HeldKind::RemoveMembers.as_str(), member.bytes().as_slice()],
        )
        .map(drop)
    }

    /// The resource is gone, and with it whatever was held of it.
    pub(super) fn settle_all(&self, resource: ResourceId) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM held_operation WHERE tenant = ?1 AND resource = ?2",
            params![self.tenant, resource.bytes()],
        )
        .map(drop)
    }

    /// The connection wants the resource there and active.
    pub(super) fn reaffirm(&self, resource: ResourceId) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM held_operation WHERE tenant = ?1 AND resource = ?2 AND kind IN (?3, ?4) AND connection = ?5",
            params![
                self.tenant,
                resource.bytes(),
                HeldKind::Deactivate.as_str(),
                HeldKind::Delete.as_str(),
                self.by.map(IdColumn::bytes)
            ],
        )
        .map(drop)
    }

    /// The connection wants the member in the group.
    pub(super) fn reaffirm_member(&self, group: ResourceId, member: ResourceId) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM held_operation
             WHERE tenant = ?1 AND resource = ?2 AND kind = ?3 AND member = ?4 AND connection = ?5",
            params![
                self.tenant,
                group.bytes(),
                HeldKind::RemoveMembers.as_str(),
                member.bytes().as_slice(),
                self.by.map(IdColumn::bytes)
            ],
        )
        .map(drop)
    }

    /// Almost always there is nothing, and then no member needs a look of his own.
    pub(super) fn has_held(&self, resource: ResourceId) -> Result<bool, StoreError> {
        let mut statement =
            self.prepare("SELECT EXISTS (SELECT 1 FROM held_operation WHERE tenant = ?1 AND resource = ?2)")?;
        statement.query_row(params![self.tenant, resource.bytes()], |row| row.get(0)).map_err(store_error)
    }

    /// Whom the connection asked to leave the group before.
    pub(super) fn held_members_of(&self, group: ResourceId) -> Result<Vec<ResourceId>, StoreError> {
        let mut statement = self.prepare(
            "SELECT member FROM held_operation
             WHERE tenant = ?1 AND resource = ?2 AND kind = ?3 AND connection = ?4",
        )?;
        let by = self.by.map(IdColumn::bytes);
        let key = params![self.tenant, group.bytes(), HeldKind::RemoveMembers.as_str(), by];
        let members = statement.query_map(key, |row| row.get::<_, IdBytes>(0).map(ResourceId::from_bytes));
        members.and_then(Iterator::collect).map_err(store_error)
    }
}

/// Empty where there is no member.
fn member_column(member: Option<ResourceId>) -> Vec<u8> {
    member.map(|member| member.bytes().to_vec()).unwrap_or_default()
}
