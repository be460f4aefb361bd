//! The guard against mass deprovisioning, as far as it is decided in the transaction of the write (docs/adr/0016).

use std::time::Duration;

use muster_model::{HeldId, TypeName};

/// What is asked of the guard for one batch. Whatever the mode, a change that is made, or that the same connection asks
/// to be otherwise, is not held any more afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    pub mode: GuardMode,
    /// Places of the writes that make an active resource inactive: the one thing of the kind that a driver cannot see.
    pub deactivates: Vec<usize>,
    /// Places of the writes whose request wants the resource there and active: what the same connection had held against
    /// it is forgotten.
    pub reaffirms: Vec<usize>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GuardMode {
    /// Nothing is counted.
    #[default]
    Off,
    /// Deletions, deactivations and removed members are counted for the batch's connection; a batch that takes away more
    /// than is left fails with [`crate::CommitError::Guarded`].
    Charge(GuardLimit),
    /// Deletions, removals of members and what [`Guard::deactivates`] names are held and not made. The content of a write
    /// that deactivates must be without the deactivation.
    Hold(Holding),
}

/// How much a connection may take away within [`WINDOW`]: of each resource type, and of memberships, the larger of the
/// two. The percentage is of what its part of the directory held, nothing of which is left out because it was taken away
/// within the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardLimit {
    pub percent: u32,
    pub least: u32,
    pub part: DirectoryPart,
}

impl GuardLimit {
    /// How much may be taken from so much.
    pub fn allowed(&self, size: u64) -> u64 {
        (size.saturating_mul(u64::from(self.percent)) / 100).max(u64::from(self.least))
    }
}

/// What a connection's deprovisioning is measured against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryPart {
    /// What it brought, and the members of the groups that it brought.
    Brought,
    /// Everything of the tenant.
    Whole,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// A fresh id under which this batch's changes are held. What the connection had held before stays under its own.
    pub id: HeldId,
    /// The id under which the log has the request.
    pub request: Option<String>,
    pub rest: Rest,
    /// From the [`crate::CommitError::Guarded`] that led here.
    pub measured: Vec<Measured>,
}

/// What becomes of the part of the batch that takes nothing away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    Apply,
    LeaveOut,
}

/// How large a part of the directory was found to be. Kept for a while, because counting may take long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// `None`: memberships.
    pub resource_type: Option<TypeName>,
    pub size: u64,
}

/// What is counted. It rolls on in steps of [`STEP`]: nothing is forgotten before the time is over, and everything at most
/// one step later.
pub const WINDOW: Duration = Duration::from_hours(24);
pub const STEP: Duration = Duration::from_mins(15);
