//! The guard against mass deprovisioning (docs/adr/0016): what a batch takes away is counted and judged in the
//! transaction that takes it away, so that nobody slips past beside somebody else.

use std::collections::BTreeMap;

use muster_model::{ConnectionId, TypeName};
use muster_store::guard::{DirectoryPart, GuardLimit, Measured};
use muster_store::{CommitError, StoreError};

use super::Applying;
use crate::connection::guard_lock;
use crate::guard_window::{self, MEMBERSHIPS, Moment};
use crate::{Ledger, values};

/// What a batch takes away, by resource type.
#[derive(Default)]
pub(super) struct Tally(BTreeMap<String, Taken>);

#[derive(Clone, Copy, Default)]
struct Taken {
    counted: u64,
    /// What is no longer in the directory: a deactivated person still is, and who is deleted leaves groups uncounted.
    removed: u64,
}

impl Tally {
    pub(super) fn delete(&mut self, resource_type: &TypeName, members: u64) {
        let taken = self.of(resource_type.as_str());
        taken.counted += 1;
        taken.removed += 1;
        self.remove_members(members);
    }

    pub(super) fn deactivate(&mut self, resource_type: &TypeName) {
        self.of(resource_type.as_str()).counted += 1;
    }

    pub(super) fn remove_members(&mut self, members: u64) {
        if members > 0 {
            let taken = self.of(MEMBERSHIPS);
            taken.counted += members;
            taken.removed += members;
        }
    }

    /// A deleted resource leaves a group. Its deletion counts; this does not.
    pub(super) fn leave_with_deletion(&mut self) {
        self.of(MEMBERSHIPS).removed += 1;
    }

    fn of(&mut self, resource_type: &str) -> &mut Taken {
        self.0.entry(resource_type.to_owned()).or_default()
    }
}

impl<L: Ledger> Applying<'_, L> {
    /// To be called after all writes of the batch.
    pub(super) async fn charge(&self, limit: &GuardLimit) -> Result<(), CommitError> {
        let Some(by) = self.by else { return Ok(()) };
        if self.taken.0.is_empty() {
            return Ok(());
        }
        // What one takes away counts for the next.
        self.ledger.lock(self.view, &guard_lock(by)).await?;
        let mut measured = Vec::new();
        let mut is_over = false;
        for (resource_type, taken) in &self.taken.0 {
            let moment = self.moment(by, resource_type);
            let window = guard_window::read(self.ledger, &moment).await?;
            let total = window.counted.saturating_add(taken.counted);
            let mut size = window.size;
            // Counting a large directory takes time, so it is done when it matters, and once in a step of the window.
            if taken.counted > 0 && total > limit.allowed(size) && !window.is_measured_in_this_step {
                let there = self.size(resource_type, by, limit.part).await?;
                size = size.max(there.saturating_add(window.removed).saturating_add(taken.removed));
                measured.push(Measured { resource_type: guard_window::type_of(resource_type), size });
            }
            is_over |= taken.counted > 0 && total > limit.allowed(size);
            guard_window::add(self.ledger, &moment, taken.counted, taken.removed).await?;
        }
        if is_over {
            return Err(CommitError::Guarded { measured });
        }
        Ok(self.note_sizes(&measured).await?)
    }

    pub(super) async fn note_sizes(&self, measured: &[Measured]) -> Result<(), StoreError> {
        let Some(by) = self.by else { return Ok(()) };
        for Measured { resource_type, size } in measured {
            let resource_type = resource_type.as_ref().map_or(MEMBERSHIPS, TypeName::as_str);
            guard_window::note_size(self.ledger, &self.moment(by, resource_type), *size).await?;
        }
        Ok(())
    }

    fn moment<'m>(&self, by: ConnectionId, resource_type: &'m str) -> Moment<'m> {
        Moment { tenant: self.tenant, by, resource_type, now: self.at }
    }

    /// How much is there now.
    async fn size(&self, resource_type: &str, by: ConnectionId, part: DirectoryPart) -> Result<u64, StoreError> {
        let tenant = self.tenant;
        // Only groups have members that are rows.
        let counted = match (resource_type == MEMBERSHIPS, part) {
            (true, DirectoryPart::Whole) => {
                self.ledger.row("SELECT count(*) FROM membership WHERE tenant = ?1", values![tenant]).await
            }
            (true, DirectoryPart::Brought) => {
                let sql = "SELECT count(*) FROM resource AS g CROSS JOIN membership AS m
                               ON m.tenant = g.tenant AND m.group_id = g.id
                           WHERE g.tenant = ?1 AND g.type = 'Group' AND g.brought_by = ?2";
                self.ledger.row(sql, values![tenant, by]).await
            }
            (false, DirectoryPart::Whole) => {
                let sql = "SELECT coalesce(sum(count), 0)/*pg ::bigint */ FROM resource_count_of_owner
                           WHERE tenant = ?1 AND type = ?2";
                self.ledger.row(sql, values![tenant, resource_type]).await
            }
            (false, DirectoryPart::Brought) => {
                let sql = "SELECT coalesce(sum(count), 0)/*pg ::bigint */ FROM resource_count_of_owner
                           WHERE tenant = ?1 AND type = ?2 AND brought_by = ?3";
                self.ledger.row(sql, values![tenant, resource_type, by]).await
            }
        };
        let counted = counted?.map_or(Ok(0), |mut row| row.take::<i64>(0))?;
        Ok(u64::try_from(counted).unwrap_or(0))
    }
}
