//! Why something was not sealed or opened, in words that name the place and never a value.

use muster_model::DataKeyId;

use crate::KeyId;

/// What was to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealed {
    DataKey,
    Secret,
}

impl Sealed {
    const fn as_str(self) -> &'static str {
        match self {
            Self::DataKey => "data key",
            Self::Secret => "secret",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error(
        "the data key {data_key} is wrapped by the vault key {wanted}, and the vault key of this process is {present}; put \
         the file of {wanted} back from its backup"
    )]
    WrongVaultKey { data_key: DataKeyId, wanted: String, present: KeyId },
    #[error(
        "the data key {0}, which the secret was sealed with, is not in the database; restore the database from a backup that \
         holds both"
    )]
    MissingDataKey(DataKeyId),
    #[error("the stored {} is damaged; restore the database from a backup", .0.as_str())]
    Damaged(Sealed),
    /// Whole, and still not to be opened: its row, or the installation, is another one than it was sealed for.
    #[error(
        "the stored {} was not sealed for the place where it stands: rows of the database were exchanged or changed by hand; \
         restore the database from a backup",
        .0.as_str()
    )]
    NotForThisPlace(Sealed),
    #[error("the stored {} was sealed by a newer Muster; update this one", .0.as_str())]
    NewerForm(Sealed),
    #[error("a secret may have {limit} bytes at most")]
    TooLong { limit: usize },
    #[error("the cryptographic library refused to seal; please report this")]
    Refused,
}
