//! Applies one batch inside a transaction. Keyed statements only: no write looks at more rows than it names.
//!
//! Where several write at the same time, a resource that is changed is locked by its row first, a member that joins against
//! being deleted meanwhile, and what no row stands for by [`crate::Session::lock`]. Two batches that lock in a different order
//! end in a deadlock that the database resolves; the driver applies one of them again.

mod guard;
mod held;
mod keys;
mod membership;
mod ownership;
mod resource_row;

use muster_model::{ChangeKind, ChangeNotes, ConnectionId, Difference, HeldKind, ResourceId, TypeName, Version};
use muster_store::{Batch, CommitError, Committed, Guard, GuardMode, MembershipDelta, NewDocument, Write, Written};

use crate::columns::{IdBytes, IdColumn, microseconds, timestamp};
use crate::{Entry, Ledger, ResourceRow, View, defect};
use guard::Tally;
use membership::Outcome;

/// A batch on its way into the database.
struct Applying<'a, L> {
    ledger: &'a L,
    view: View,
    tenant: IdBytes,
    /// The only owner whose resources are seen; `None`: everybody's are.
    sees_only: Option<IdBytes>,
    /// Microseconds.
    at: i64,
    by: Option<ConnectionId>,
    request: Option<&'a str>,
    /// Written in one go at the end, so that a batch takes its numbers in the change log once.
    entries: Vec<Entry>,
    guard: &'a Guard,
    taken: Tally,
    held_members: Vec<ResourceId>,
    newly_held: u64,
}

/// The transaction is to be committed when this succeeds, and to be rolled back when it fails.
pub async fn apply<L: Ledger>(ledger: &L, view: View, batch: &Batch) -> Result<Committed, CommitError> {
    let mut applying = Applying {
        ledger,
        view,
        tenant: view.tenant(),
        sees_only: view.owner(),
        at: microseconds(batch.at),
        by: batch.connection,
        request: batch.request.as_deref(),
        entries: Vec::new(),
        guard: &batch.guard,
        taken: Tally::default(),
        held_members: Vec::new(),
        newly_held: 0,
    };
    let mut written = Vec::with_capacity(batch.writes.len());
    for (place, write) in batch.writes.iter().enumerate() {
        written.push(applying.write(place, write).await?);
    }
    match &batch.guard.mode {
        GuardMode::Off => {}
        GuardMode::Charge(limit) => applying.charge(limit).await?,
        GuardMode::Hold(holding) => applying.note_sizes(&holding.measured).await?,
    }
    if !applying.entries.is_empty() {
        ledger.log(applying.tenant, applying.by, applying.at, &applying.entries).await?;
    }
    Ok(Committed { written, held_members: applying.held_members, newly_held: applying.newly_held })
}

impl<L: Ledger> Applying<'_, L> {
    async fn write(&mut self, place: usize, write: &Write) -> Result<Written, CommitError> {
        match write {
            Write::Create { id, resource_type, owner, content, members } => {
                self.create(place, *id, resource_type, *owner, content, members.as_ref()).await
            }
            Write::Update { id, resource_type, expected, content, members } => {
                if content.is_some() && expected.is_none() {
                    return Err(defect("a document was to be replaced without naming its version").into());
                }
                let row = self.expect(place, *id, resource_type, *expected).await?;
                self.guard_update(place, &row).await?;
                self.update(place, &row, content.as_ref(), members.as_ref()).await
            }
            Write::Delete { id, resource_type, expected } => {
                let row = self.expect(place, *id, resource_type, *expected).await?;
                if self.holding().is_some() {
                    self.hold(HeldKind::Delete, row.id, &row.resource_type, None).await?;
                    return written(&row, row.version, row.last_modified, false);
                }
                self.delete(&row).await
            }
            Write::ChangeOwner { id, resource_type, owner, expected } => {
                self.change_owner(place, *id, resource_type, *owner, *expected).await
            }
        }
    }

    /// What an update means to the guard beside its members.
    async fn guard_update(&mut self, place: usize, row: &ResourceRow) -> Result<(), CommitError> {
        if self.guard.reaffirms.contains(&place) {
            self.reaffirm(row.id).await?;
        }
        if self.guard.deactivates.contains(&place) {
            if self.holding().is_some() {
                self.hold(HeldKind::Deactivate, row.id, &row.resource_type, None).await?;
            } else {
                self.taken.deactivate(&row.resource_type);
                self.settle(HeldKind::Deactivate, row.id).await?;
            }
        }
        Ok(())
    }

    async fn create(
        &mut self,
        place: usize,
        id: ResourceId,
        resource_type: &TypeName,
        owner: Option<ConnectionId>,
        content: &NewDocument,
        members: Option<&MembershipDelta>,
    ) -> Result<Written, CommitError> {
        if self.sees_only.is_some() && self.sees_only != owner.map(IdColumn::bytes) {
            return Err(defect("a resource was to be created that its own creator would not see").into());
        }
        let row = self.insert_resource(id, resource_type, owner, content).await?;
        self.insert_keys(place, &row, &content.keys).await?;
        let outcome = match members {
            Some(delta) => self.change_members(place, &row, Version::FIRST, delta).await?,
            None => Outcome::default(),
        };
        self.note(ChangeKind::Created, &row, Version::FIRST, outcome, None);
        written(&row, Version::FIRST, self.at, true)
    }

    async fn update(
        &mut self,
        place: usize,
        row: &ResourceRow,
        content: Option<&NewDocument>,
        members: Option<&MembershipDelta>,
    ) -> Result<Written, CommitError> {
        let next = Version(row.version.0.saturating_add(1));
        let outcome = match members {
            Some(delta) => self.change_members(place, row, next, delta).await?,
            None => Outcome::default(),
        };
        let kind = match content {
            Some(_) if self.leaves_out_rest() => return written(row, row.version, row.last_modified, false),
            Some(content) => {
                self.replace_document(row, content).await?;
                self.replace_keys(place, row, &content.keys).await?;
                ChangeKind::Updated
            }
            None if outcome.is_empty() => return written(row, row.version, row.last_modified, false),
            None => ChangeKind::MembersChanged,
        };
        self.touch(row.id, next).await?;
        self.note(kind, row, next, outcome, content.and_then(|content| content.difference.as_ref()));
        written(row, next, self.at, true)
    }

    async fn delete(&mut self, row: &ResourceRow) -> Result<Written, CommitError> {
        self.note(ChangeKind::Deleted, row, row.version, Outcome::default(), None);
        self.lock_against_joining(row.id).await?;
        for group in self.groups_of(row.id).await? {
            self.leave_group(row.id, group).await?;
        }
        let members = self.remove_all_members(row.id).await?;
        self.taken.delete(&row.resource_type, members);
        self.settle_all(row.id).await?;
        self.remove_keys(row.id).await?;
        self.forget_conflicts(row, None).await?;
        self.ledger.remove_resource(self.tenant, row).await?;
        written(row, row.version, row.last_modified, true)
    }

    /// A deleted resource leaves one of its groups, which gets a new version by that.
    async fn leave_group(&mut self, member: ResourceId, group: ResourceId) -> Result<(), CommitError> {
        let Some(group) = self.find_row(group).await? else { return Ok(()) };
        if !self.remove_member(group.id, member).await? {
            return Ok(());
        }
        self.settle_member(group.id, member).await?;
        self.taken.leave_with_deletion();
        let next = Version(group.version.0.saturating_add(1));
        self.touch(group.id, next).await?;
        let outcome = Outcome { joined: Vec::new(), left: vec![member] };
        self.note(ChangeKind::MembersChanged, &group, next, outcome, None);
        Ok(())
    }

    /// The resource if it is seen, of that type, and in the expected version.
    async fn expect(
        &self,
        place: usize,
        id: ResourceId,
        resource_type: &TypeName,
        expected: Option<Version>,
    ) -> Result<ResourceRow, CommitError> {
        let row = self.find_row(id).await?.filter(|row| row.resource_type == *resource_type && self.sees(row));
        let row = row.ok_or(CommitError::NotFound { write: place })?;
        match expected {
            Some(expected) if expected != row.version => {
                Err(CommitError::VersionMismatch { write: place, current: row.version })
            }
            _ => Ok(row),
        }
    }

    fn sees(&self, row: &ResourceRow) -> bool {
        self.sees_only.is_none_or(|owner| row.brought_by == Some(owner))
    }

    fn note(
        &mut self,
        kind: ChangeKind,
        row: &ResourceRow,
        version: Version,
        outcome: Outcome,
        difference: Option<&Difference>,
    ) {
        let Outcome { joined, left } = outcome;
        let resource_type = row.resource_type.clone();
        let notes = ChangeNotes {
            changed: difference.map(|difference| difference.changed.clone()),
            activity: difference.and_then(|difference| difference.activity),
            request: self.request.map(str::to_owned),
        };
        self.entries.push(Entry { kind, resource_type, resource: row.id, version, joined, left, notes });
    }
}

fn written(row: &ResourceRow, version: Version, last_modified: i64, changed: bool) -> Result<Written, CommitError> {
    Ok(Written { version, created: timestamp(row.created)?, last_modified: timestamp(last_modified)?, changed })
}
