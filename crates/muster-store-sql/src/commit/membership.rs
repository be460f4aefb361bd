//! Memberships are rows: a change costs what the named members cost, whatever the size of the group.

use std::collections::HashSet;

use muster_model::{HeldKind, MemberReference, ResourceId, Version};
use muster_store::batch::MembershipChange;
use muster_store::{CommitError, MembershipDelta, StoreError, UnknownMembers};

use super::Applying;
use crate::columns::clamped;
use crate::nesting::groups_above;
use crate::{Ledger, ResourceRow, Value, values};

/// Who really joined and left. Pending members are no members, so they are not in it.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) joined: Vec<ResourceId>,
    pub(super) left: Vec<ResourceId>,
}

impl Outcome {
    pub(super) fn is_empty(&self) -> bool {
        self.joined.is_empty() && self.left.is_empty()
    }
}

/// What a group has beside its members. Almost always there is nothing, and then no member needs a look of his own.
struct Beside {
    /// Changes that are held.
    held: bool,
    /// Members that nobody knows.
    pending: bool,
}

impl<L: Ledger> Applying<'_, L> {
    /// `next` is the version that the group gets if somebody joins or leaves.
    pub(super) async fn change_members(
        &mut self,
        place: usize,
        row: &ResourceRow,
        next: Version,
        delta: &MembershipDelta,
    ) -> Result<Outcome, CommitError> {
        let group = row.id;
        let (mut leave, join) = match &delta.change {
            MembershipChange::Adjust { leave, join } => {
                // Who leaves and joins in one request is a member afterwards, as before if he was one.
                let joining: HashSet<&MemberReference> = join.iter().collect();
                let leave = leave.iter().filter(|member| !joining.contains(member)).cloned().collect();
                (leave, join.clone())
            }
            MembershipChange::Replace(wanted) => self.difference(group, wanted).await?,
        };
        let beside = self.beside(group).await?;
        if beside.held {
            self.reaffirm_members(group, &delta.change).await?;
        }
        if self.holding().is_some() {
            self.hold_leaving(row, std::mem::take(&mut leave)).await?;
            if self.leaves_out_rest() {
                return Ok(Outcome::default());
            }
        }
        let left = self.leave(group, &leave, &beside).await?;
        let (joined, unknown) = self.join(place, group, &join, next, &beside).await?;
        self.settle_unknown(place, group, delta.unknown, unknown).await?;
        self.taken.remove_members(left.len() as u64);
        Ok(Outcome { joined, left })
    }

    async fn beside(&self, group: ResourceId) -> Result<Beside, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM held_operation WHERE tenant = ?1 AND resource = ?2),
                          EXISTS (SELECT 1 FROM pending_member WHERE tenant = ?1 AND group_id = ?2)";
        match self.ledger.row(sql, values![self.tenant, group]).await? {
            Some(mut row) => Ok(Beside { held: row.take(0)?, pending: row.take(1)? }),
            None => Ok(Beside { held: false, pending: false }),
        }
    }

    /// Returns who was a member and is none now.
    async fn leave(
        &self,
        group: ResourceId,
        leave: &[MemberReference],
        beside: &Beside,
    ) -> Result<Vec<ResourceId>, StoreError> {
        let removed = self.remove_seen_members(group, leave).await?;
        if beside.held {
            for member in &removed {
                self.settle_member(group, *member).await?;
            }
        }
        if beside.pending {
            let removed: HashSet<MemberReference> = removed.iter().map(|id| MemberReference::Id(*id)).collect();
            for member in leave.iter().filter(|member| !removed.contains(member)) {
                self.remove_pending(group, &member.to_string()).await?;
            }
        }
        Ok(removed)
    }

    /// Returns who has become a member, and whom nobody knows.
    async fn join(
        &self,
        place: usize,
        group: ResourceId,
        join: &[MemberReference],
        next: Version,
        beside: &Beside,
    ) -> Result<(Vec<ResourceId>, Vec<String>), CommitError> {
        let mut ids = Vec::with_capacity(join.len());
        let mut unknown = Vec::new();
        for member in join {
            match member {
                MemberReference::Id(id) if *id == group => return Err(CommitError::GroupCycle { write: place }),
                MemberReference::Id(id) => ids.push(*id),
                MemberReference::Unknown(value) => unknown.push(value.clone()),
            }
        }
        let added = self.add_members(group, &ids, next).await?;
        let mut joined = Vec::with_capacity(ids.len());
        let mut groups = Vec::new();
        for (id, added) in ids.iter().zip(added) {
            match added {
                Some(is_group) => {
                    joined.push(*id);
                    groups.extend(is_group.then_some(*id));
                    if beside.pending {
                        self.remove_pending(group, &id.to_string()).await?;
                    }
                }
                None if self.is_member(group, *id).await? => {}
                None => unknown.push(id.to_string()),
            }
        }
        self.refuse_cycle(place, group, &groups).await?;
        Ok((joined, unknown))
    }

    /// Holds the removal of those who are members; that somebody no longer waits to become one takes nothing away, but it
    /// belongs to the same request and is not done either.
    async fn hold_leaving(&mut self, row: &ResourceRow, leave: Vec<MemberReference>) -> Result<(), CommitError> {
        for member in leave {
            if let MemberReference::Id(id) = member
                && self.is_member(row.id, id).await?
            {
                self.hold(HeldKind::RemoveMembers, row.id, &row.resource_type, Some(id)).await?;
            }
        }
        Ok(())
    }

    /// Whoever the connection wants as a member is no longer one whom it wants to leave.
    async fn reaffirm_members(&self, group: ResourceId, change: &MembershipChange) -> Result<(), StoreError> {
        let (MembershipChange::Adjust { join: wanted, .. } | MembershipChange::Replace(wanted)) = change;
        let wanted: HashSet<&MemberReference> = wanted.iter().collect();
        for member in self.held_members_of(group).await? {
            if wanted.contains(&MemberReference::Id(member)) {
                self.reaffirm_member(group, member).await?;
            }
        }
        Ok(())
    }

    /// A new member closes a circle exactly when it is one of the groups that this group is in. Whoever puts groups into
    /// groups waits for the others who do, so that nobody can close one from another side meanwhile.
    async fn refuse_cycle(&self, place: usize, group: ResourceId, joined: &[ResourceId]) -> Result<(), CommitError> {
        if joined.is_empty() {
            return Ok(());
        }
        self.ledger.lock(self.view, "nesting").await?;
        // Who has no members closes no circle. Only for others is the walk worth it.
        let mut may_close = false;
        for member in joined {
            may_close |= self.has_members(*member).await?;
        }
        if !may_close {
            return Ok(());
        }
        let above = groups_above(self.ledger, self.tenant, group).await?;
        if joined.iter().any(|member| above.contains(member)) {
            return Err(CommitError::GroupCycle { write: place });
        }
        Ok(())
    }

    async fn has_members(&self, group: ResourceId) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM membership WHERE tenant = ?1 AND group_id = ?2)";
        self.ledger.is_true(sql, values![self.tenant, group]).await
    }

    /// Who must leave and who must join so that exactly `wanted` are there, of those who are seen. Who stays keeps his
    /// place, and whom the scope does not see he cannot send away.
    async fn difference(
        &self,
        group: ResourceId,
        wanted: &[MemberReference],
    ) -> Result<(Vec<MemberReference>, Vec<MemberReference>), StoreError> {
        let wanted_ones: HashSet<&MemberReference> = wanted.iter().collect();
        let mut present = HashSet::new();
        let mut leave = Vec::new();
        for id in self.seen_member_ids(group).await? {
            let member = MemberReference::Id(id);
            if !wanted_ones.contains(&member) {
                leave.push(member.clone());
            }
            present.insert(member);
        }
        for value in self.pending_values(group).await? {
            let member = MemberReference::parse(&value);
            if !wanted_ones.contains(&member) {
                leave.push(member);
            }
        }
        let join = wanted.iter().filter(|member| !present.contains(member)).cloned().collect();
        Ok((leave, join))
    }

    async fn settle_unknown(
        &self,
        place: usize,
        group: ResourceId,
        rule: UnknownMembers,
        unknown: Vec<String>,
    ) -> Result<(), CommitError> {
        if unknown.is_empty() {
            return Ok(());
        }
        if rule == UnknownMembers::Refuse {
            let mut seen = HashSet::new();
            let members = unknown.into_iter().filter(|member| seen.insert(member.clone())).collect();
            return Err(CommitError::UnknownMembers { write: place, members });
        }
        let sql = "INSERT INTO pending_member (tenant, group_id, place, value)
                   SELECT ?1, ?2, coalesce(max(place), 0) + 1, ?3
                   FROM pending_member WHERE tenant = ?1 AND group_id = ?2
                   ON CONFLICT DO NOTHING";
        for value in unknown {
            self.ledger.send(sql, values![self.tenant, group, value]).await?;
        }
        Ok(())
    }

    /// One statement checks that the member is seen, adds it, and keeps it from being deleted meanwhile. For each who was
    /// added: whether it is a group; `None` for whom is a member already or unknown.
    async fn add_members(
        &self,
        group: ResourceId,
        members: &[ResourceId],
        next: Version,
    ) -> Result<Vec<Option<bool>>, StoreError> {
        let values = members.iter().enumerate().map(|(place, member)| {
            values![self.tenant, group, *member, clamped(next.0), clamped(place as u64), self.sees_only].to_vec()
        });
        let rows = self
            .ledger
            .row_each(
                "INSERT INTO membership (tenant, group_id, member_id, joined_version, joined_place)
                 SELECT tenant, ?2, id, ?4, ?5 FROM resource
                 WHERE tenant = ?1 AND id = ?3 AND (?6/*pg ::uuid */ IS NULL OR brought_by IS NOT DISTINCT FROM ?6)/*pg  FOR KEY SHARE */
                 ON CONFLICT DO NOTHING
                 RETURNING (SELECT r.type = 'Group' FROM resource AS r WHERE r.tenant = ?1 AND r.id = ?3)",
                &values.collect::<Vec<Vec<Value>>>(),
            )
            .await?;
        rows.into_iter().map(|row| row.map(|mut row| row.take(0)).transpose()).collect()
    }

    async fn is_member(&self, group: ResourceId, member: ResourceId) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM membership AS m
                       CROSS JOIN resource AS r
                           ON r.tenant = ?1 AND r.id = m.member_id AND (?4/*pg ::uuid */ IS NULL OR r.brought_by IS NOT DISTINCT FROM ?4)
                       WHERE m.tenant = ?1 AND m.group_id = ?2 AND m.member_id = ?3)";
        self.ledger.is_true(sql, values![self.tenant, group, member, self.sees_only]).await
    }

    /// Those who were members that the scope sees.
    async fn remove_seen_members(
        &self,
        group: ResourceId,
        members: &[MemberReference],
    ) -> Result<Vec<ResourceId>, StoreError> {
        let ids = members.iter().filter_map(|member| match member {
            MemberReference::Id(id) => Some(*id),
            MemberReference::Unknown(_) => None,
        });
        let ids: Vec<ResourceId> = ids.collect();
        let values = ids.iter().map(|id| values![self.tenant, group, *id, self.sees_only].to_vec());
        let removed = self
            .ledger
            .row_each(
                "DELETE FROM membership WHERE tenant = ?1 AND group_id = ?2 AND member_id = ?3
                 AND (?4/*pg ::uuid */ IS NULL OR EXISTS (SELECT 1 FROM resource WHERE tenant = ?1 AND id = ?3 AND brought_by IS NOT DISTINCT FROM ?4))
                 RETURNING 1",
                &values.collect::<Vec<Vec<Value>>>(),
            )
            .await?;
        Ok(ids.into_iter().zip(removed).filter_map(|(id, removed)| removed.map(|_| id)).collect())
    }

    /// `true` if it was a member, whoever sees it.
    pub(super) async fn remove_member(&self, group: ResourceId, member: ResourceId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM membership WHERE tenant = ?1 AND group_id = ?2 AND member_id = ?3";
        Ok(self.ledger.execute(sql, values![self.tenant, group, member]).await? > 0)
    }

    /// The number of those who were members.
    pub(super) async fn remove_all_members(&self, group: ResourceId) -> Result<u64, StoreError> {
        let key = values![self.tenant, group];
        let removed = self.ledger.execute("DELETE FROM membership WHERE tenant = ?1 AND group_id = ?2", key).await?;
        self.ledger.send("DELETE FROM pending_member WHERE tenant = ?1 AND group_id = ?2", key).await?;
        Ok(removed)
    }

    pub(super) async fn groups_of(&self, member: ResourceId) -> Result<Vec<ResourceId>, StoreError> {
        let sql = "SELECT group_id FROM membership WHERE tenant = ?1 AND member_id = ?2 ORDER BY group_id";
        let rows = self.ledger.rows(sql, values![self.tenant, member]).await?;
        rows.into_iter().map(|mut row| row.take(0)).collect()
    }

    async fn seen_member_ids(&self, group: ResourceId) -> Result<Vec<ResourceId>, StoreError> {
        let sql = "SELECT m.member_id FROM membership AS m
                   CROSS JOIN resource AS r
                       ON r.tenant = ?1 AND r.id = m.member_id AND (?3/*pg ::uuid */ IS NULL OR r.brought_by IS NOT DISTINCT FROM ?3)
                   WHERE m.tenant = ?1 AND m.group_id = ?2";
        let rows = self.ledger.rows(sql, values![self.tenant, group, self.sees_only]).await?;
        rows.into_iter().map(|mut row| row.take(0)).collect()
    }

    async fn pending_values(&self, group: ResourceId) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT value FROM pending_member WHERE tenant = ?1 AND group_id = ?2";
        let rows = self.ledger.rows(sql, values![self.tenant, group]).await?;
        rows.into_iter().map(|mut row| row.take(0)).collect()
    }

    async fn remove_pending(&self, group: ResourceId, value: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM pending_member WHERE tenant = ?1 AND group_id = ?2 AND value = ?3";
        self.ledger.send(sql, values![self.tenant, group, value]).await
    }
}
