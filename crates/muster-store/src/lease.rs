//! Who of many nodes does a piece of background work (docs/adr/0021).

use std::time::Duration;

use async_trait::async_trait;
use muster_model::{Lease, NodeId};

use crate::StoreError;

/// Leases, told apart by their names. The clock of the database decides when one has run out, so that nodes whose clocks
/// differ agree.
#[async_trait]
pub trait Leases: Send + Sync + 'static {
    /// Takes the lease when nobody has it, when it has run out, or when the node has it already and does not know so; `None`:
    /// another node has it. Each taking gives a larger fence, so that whoever had it before is refused from now on.
    async fn take_lease(&self, name: &str, holder: NodeId, term: Duration) -> Result<Option<Lease>, StoreError>;

    /// Lets the lease last for the term from now on; `false`: it was given back, or somebody else took it. One that has run
    /// out and that nobody took is still its holder's.
    async fn renew_lease(&self, lease: &Lease, term: Duration) -> Result<bool, StoreError>;

    /// Gives the lease back, so that another may take it at once. Without effect when it is no longer the holder's.
    async fn give_back_lease(&self, lease: &Lease) -> Result<(), StoreError>;
}

/// Why something was not done that is only done under a lease.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Nothing was written: the lease was given back, or another node has taken it.
    #[error("the lease is no longer ours")]
    Lost,
    #[error(transparent)]
    Store(#[from] StoreError),
}
