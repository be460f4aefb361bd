//! The right to do a piece of background work, for a while, as one of many nodes.

use crate::NodeId;

/// What tells one holder's time from the next one's: it grows each time that a lease is taken, and is never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub u64);

/// A lease as its holder knows it. Others may have it meanwhile: only the database knows, and so whatever is done under a
/// lease is committed only if the database still says the same (docs/adr/0021).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Which work it is for.
    pub name: String,
    pub holder: NodeId,
    pub fence: Fence,
}
