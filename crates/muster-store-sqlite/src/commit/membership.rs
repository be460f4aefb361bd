//! Memberships are rows: a change costs what the named members cost, whatever the size of the group.

use std::collections::HashSet;

use muster_model::{HeldKind, MemberReference, ResourceId, Version};
use muster_store::batch::MembershipChange;
use muster_store::{CommitError, MembershipDelta, StoreError, UnknownMembers};
use rusqlite::params;

use super::Applying;
use super::resource_row::ResourceRow;
use crate::columns::{IdBytes, IdColumn, clamped};
use crate::failure::store_error;
use crate::nesting::groups_above;

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

impl Applying<'_> {
    /// `next` is the version that the group gets if somebody joins or leaves.
    pub(super) fn change_members(
        &mut self,
        place: usize,
        row: &ResourceRow,
        next: Version,
        delta: &MembershipDelta,
    ) -> Result<Outcome, CommitError> {
        let group = row.id;
        let (leave, join) = match &delta.change {
            MembershipChange::Adjust { leave, join } => {
                // Who leaves and joins in one request is a member afterwards, as before if he was one.
                let joining: HashSet<&MemberReference> = join.iter().collect();
                let leave = leave.iter().filter(|member| !joining.contains(member)).cloned().collect();
                (leave, join.clone())
            }
            MembershipChange::Replace(wanted) => self.difference(group, wanted)?,
        };
        let has_held = self.has_held(group)?;
        if has_held {
            self.reaffirm_members(group, &delta.change)?;
        }
        let (leave, join) = if self.holding().is_some() {
            self.hold_leaving(row, leave)?;
            if self.leaves_out_rest() {
                return Ok(Outcome::default());
            }
            (Vec::new(), join)
        } else {
            (leave, join)
        };
        let has_pending = self.has_pending(group)?;
        let mut outcome = Outcome::default();
        for member in &leave {
            let is_removed = match member {
                MemberReference::Id(id) => {
                    let is_removed = self.remove_seen_member(group, *id)?;
                    if is_removed {
                        outcome.left.push(*id);
                        if has_held {
                            self.settle_member(group, *id)?;
                        }
                    }
                    is_removed
                }
                MemberReference::Unknown(_) => false,
            };
            if has_pending && !is_removed {
                self.remove_pending(group, &member.to_string())?;
            }
        }
        let mut unknown = Vec::new();
        for member in &join {
            match member {
                MemberReference::Id(id) if *id == group => return Err(CommitError::GroupCycle { write: place }),
                MemberReference::Id(id) => match self.add_member(group, *id, next, outcome.joined.len())? {
                    Joining::Joined => {
                        outcome.joined.push(*id);
                        if has_pending {
                            self.remove_pending(group, &member.to_string())?;
                        }
                    }
                    Joining::WasThere => {}
                    Joining::Unknown => unknown.push(member.to_string()),
                },
                MemberReference::Unknown(value) => unknown.push(value.clone()),
            }
        }
        self.settle_unknown(place, group, delta.unknown, unknown)?;
        self.refuse_cycle(place, group, &outcome.joined)?;
        self.taken.remove_members(outcome.left.len() as u64);
        Ok(outcome)
    }

    /// Holds the removal of those who are members; that somebody no longer waits to become one takes nothing away, but it
    /// belongs to the same request and is not done either.
    fn hold_leaving(&mut self, row: &ResourceRow, leave: Vec<MemberReference>) -> Result<(), CommitError> {
        for member in leave {
            if let MemberReference::Id(id) = member
                && self.is_member(row.id, id)?
            {
                self.hold(HeldKind::RemoveMembers, row.id, &row.resource_type, Some(id))?;
            }
        }
        Ok(())
    }

    /// Whoever the connection wants as a member is no longer one whom it wants to leave.
    fn reaffirm_members(&self, group: ResourceId, change: &MembershipChange) -> Result<(), StoreError> {
        let (MembershipChange::Adjust { join: wanted, .. } | MembershipChange::Replace(wanted)) = change;
        let wanted: HashSet<&MemberReference> = wanted.iter().collect();
        for member in self.held_members_of(group)? {
            if wanted.contains(&MemberReference::Id(member)) {
                self.reaffirm_member(group, member)?;
            }
        }
        Ok(())
    }

    /// A new member closes a circle exactly when it is one of the groups that this group is in. The transaction holds
    /// the database's only write lock, so nobody can close one from another side meanwhile.
    fn refuse_cycle(&self, place: usize, group: ResourceId, joined: &[ResourceId]) -> Result<(), CommitError> {
        // Who has no members closes no circle: people, and groups that are empty. Only for others is the walk worth it.
        let mut may_close = false;
        for member in joined {
            may_close |= self.has_members(*member)?;
        }
        if !may_close {
            return Ok(());
        }
        let above = groups_above(self.connection, self.tenant, group)?;
        if joined.iter().any(|member| above.contains(member)) {
            return Err(CommitError::GroupCycle { write: place });
        }
        Ok(())
    }

    fn has_members(&self, group: ResourceId) -> Result<bool, StoreError> {
        let mut statement =
            self.prepare("SELECT EXISTS (SELECT 1 FROM membership WHERE tenant = ?1 AND group_id = ?2)")?;
        statement.query_row(params![self.tenant, group.bytes()], |row| row.get(0)).map_err(store_error)
    }

    /// Who must leave and who must join so that exactly `wanted` are there, of those who are seen. Who stays keeps his
    /// place, and whom the scope does not see he cannot send away.
    fn difference(
        &self,
        group: ResourceId,
        wanted: &[MemberReference],
    ) -> Result<(Vec<MemberReference>, Vec<MemberReference>), StoreError> {
        let wanted_ones: HashSet<&MemberReference> = wanted.iter().collect();
        let mut present = HashSet::new();
        let mut leave = Vec::new();
        for id in self.seen_member_ids(group)? {
            let member = MemberReference::Id(id);
            if !wanted_ones.contains(&member) {
                leave.push(member.clone());
            }
            present.insert(member);
        }
        for value in self.pending_values(group)? {
            let member = MemberReference::parse(&value);
            if !wanted_ones.contains(&member) {
                leave.push(member);
            }
        }
        let join = wanted.iter().filter(|member| !present.contains(member)).cloned().collect();
        Ok((leave, join))
    }

    fn settle_unknown(
        &self,
        place: usize,
        group: ResourceId,
        rule: UnknownMembers,
        unknown: Vec<String>,
    ) -> Result<(), CommitError> {
        match rule {
            UnknownMembers::Refuse if !unknown.is_empty() => {
                let mut seen = HashSet::new();
                let members = unknown.into_iter().filter(|member| seen.insert(member.clone())).collect();
                Err(CommitError::UnknownMembers { write: place, members })
            }
            UnknownMembers::Refuse => Ok(()),
            UnknownMembers::Hold => {
                for value in unknown {
                    self.execute(
                        "INSERT INTO pending_member (tenant, group_id, place, value)
                         SELECT ?1, ?2, coalesce(max(place), 0) + 1, ?3
                         FROM pending_member WHERE tenant = ?1 AND group_id = ?2
                         ON CONFLICT DO NOTHING",
                        params![self.tenant, group.bytes(), value],
                    )?;
                }
                Ok(())
            }
        }
    }

    /// One statement checks that the member is seen and adds it.
    fn add_member(
        &self,
        group: ResourceId,
        member: ResourceId,
        next: Version,
        place: usize,
    ) -> Result<Joining, StoreError> {
        let added = self.execute(
            "INSERT INTO membership (tenant, group_id, member_id, joined_version, joined_place)
             SELECT tenant, ?2, id, ?4, ?5 FROM resource
             WHERE tenant = ?1 AND id = ?3 AND (?6 IS NULL OR brought_by = ?6)
             ON CONFLICT DO NOTHING",
            params![self.tenant, group.bytes(), member.bytes(), clamped(next.0), clamped(place as u64), self.sees_only],
        )?;
        if added > 0 {
            return Ok(Joining::Joined);
        }
        Ok(if self.is_member(group, member)? { Joining::WasThere } else { Joining::Unknown })
    }

    fn is_member(&self, group: ResourceId, member: ResourceId) -> Result<bool, StoreError> {
        let mut statement = self.prepare(
            "SELECT EXISTS (SELECT 1 FROM membership AS m
                 CROSS JOIN resource AS r ON r.tenant = ?1 AND r.id = m.member_id AND (?4 IS NULL OR r.brought_by = ?4)
                 WHERE m.tenant = ?1 AND m.group_id = ?2 AND m.member_id = ?3)",
        )?;
        let values = params![self.tenant, group.bytes(), member.bytes(), self.sees_only];
        let is_there = statement.query_row(values, |row| row.get(0));
        is_there.map_err(store_error)
    }

    /// `true` if it was a member that the scope sees.
    fn remove_seen_member(&self, group: ResourceId, member: ResourceId) -> Result<bool, StoreError> {
        let removed = self.execute(
            "DELETE FROM membership WHERE tenant = ?1 AND group_id = ?2 AND member_id = ?3
             AND (?4 IS NULL OR EXISTS (SELECT 1 FROM resource WHERE tenant = ?1 AND id = ?3 AND brought_by = ?4))",
            params![self.tenant, group.bytes(), member.bytes(), self.sees_only],
        )?;
        Ok(removed > 0)
    }

    /// `true` if it was a member, whoever sees it.
    pub(super) fn remove_member(&self, group: ResourceId, member: ResourceId) -> Result<bool, StoreError> {
        let removed = self.execute(
            "DELETE FROM membership WHERE tenant = ?1 AND group_id = ?2 AND member_id = ?3",
            params![self.tenant, group.bytes(), member.bytes()],
        )?;
        Ok(removed > 0)
    }

    /// The number of those who were members.
    pub(super) fn remove_all_members(&self, group: ResourceId) -> Result<u64, StoreError> {
        let key = params![self.tenant, group.bytes()];
        let removed = self.execute("DELETE FROM membership WHERE tenant = ?1 AND group_id = ?2", key)?;
        self.execute("DELETE FROM pending_member WHERE tenant = ?1 AND group_id = ?2", key)?;
        Ok(removed as u64)
    }

    pub(super) fn groups_of(&self, member: ResourceId) -> Result<Vec<ResourceId>, StoreError> {
        self.ids("SELECT group_id FROM membership WHERE tenant = ?1 AND member_id = ?2 ORDER BY group_id", member)
    }

    fn seen_member_ids(&self, group: ResourceId) -> Result<Vec<ResourceId>, StoreError> {
        let mut statement = self.prepare(
            "SELECT m.member_id FROM membership AS m
             CROSS JOIN resource AS r ON r.tenant = ?1 AND r.id = m.member_id AND (?3 IS NULL OR r.brought_by = ?3)
             WHERE m.tenant = ?1 AND m.group_id = ?2",
        )?;
        let ids = statement.query_map(params![self.tenant, group.bytes(), self.sees_only], |row| {
            row.get::<_, IdBytes>(0).map(ResourceId::from_bytes)
        });
        ids.and_then(Iterator::collect).map_err(store_error)
    }

    fn ids(&self, sql: &str, of: ResourceId) -> Result<Vec<ResourceId>, StoreError> {
        let mut statement = self.prepare(sql)?;
        let ids = statement
            .query_map(params![self.tenant, of.bytes()], |row| row.get::<_, IdBytes>(0).map(ResourceId::from_bytes));
        ids.and_then(Iterator::collect).map_err(store_error)
    }

    fn has_pending(&self, group: ResourceId) -> Result<bool, StoreError> {
        let mut statement =
            self.prepare("SELECT EXISTS (SELECT 1 FROM pending_member WHERE tenant = ?1 AND group_id = ?2)")?;
        statement.query_row(params![self.tenant, group.bytes()], |row| row.get(0)).map_err(store_error)
    }

    fn pending_values(&self, group: ResourceId) -> Result<Vec<String>, StoreError> {
        let mut statement = self.prepare("SELECT value FROM pending_member WHERE tenant = ?1 AND group_id = ?2")?;
        let values = statement.query_map(params![self.tenant, group.bytes()], |row| row.get(0));
        values.and_then(Iterator::collect).map_err(store_error)
    }

    fn remove_pending(&self, group: ResourceId, value: &str) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM pending_member WHERE tenant = ?1 AND group_id = ?2 AND value = ?3",
            params![self.tenant, group.bytes(), value],
        )?;
        Ok(())
    }
}

/// What became of one member who was to join.
enum Joining {
    Joined,
    WasThere,
    Unknown,
}
