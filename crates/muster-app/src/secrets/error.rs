//! Why a secret was not put or opened.

use std::sync::Arc;

use muster_store::StoreError;
use muster_vault::{KeyError, KeyId, SealError};

/// Display is fit for whoever called, and names no value; the source chain says more, for the log and the command line.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// This process has no vault key. What needs none goes on.
    #[error("the vault is sealed: this process has no vault key that it could open or seal anything with")]
    Sealed(#[source] Arc<KeyError>),
    /// The first start has noted another key than this process has.
    #[error(
        "the vault key of this process is {present}, and that of the installation is {noted}; copy the file of {noted} from \
         the machine that was started first, or from its backup"
    )]
    OtherVaultKey { noted: String, present: KeyId },
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error("too many changes of this secret at once; try again")]
    Contended,
    #[error(transparent)]
    Store(#[from] StoreError),
}
