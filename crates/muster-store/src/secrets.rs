//! Where sealed secrets and wrapped data keys are kept (docs/adr/0026). The database sees neither a secret nor a key in clear.

use async_trait::async_trait;
use muster_model::{SealedSecret, SecretId, SecretOwner, SecretPlace, SecretVersion, TenantId, WrappedDataKey};

use crate::StoreError;

/// Data keys are of the installation, secrets of a tenant ([`SecretOwner::INSTALLATION`] for those of none).
#[async_trait]
pub trait Secrets: Send + Sync + 'static {
    /// In the order of their numbers.
    async fn list_data_keys(&self) -> Result<Vec<WrappedDataKey>, StoreError>;

    /// `false`: there is one of that number or id already, and nothing was written. So of many who make the first one at the
    /// same time, one has made it, and all of them find it.
    async fn add_data_key(&self, key: &WrappedDataKey) -> Result<bool, StoreError>;

    /// Puts a secret where none is. Fails with [`SecretError::PlaceTaken`] where one is, and with
    /// [`SecretError::DataKeyNotFound`].
    async fn put_secret(&self, secret: &SealedSecret) -> Result<(), SecretError>;

    /// Puts another version of the secret of that id in its place; place and time of creation stay. Fails with
    /// [`SecretError::VersionMismatch`] unless `expected` is the present version, and with [`SecretError::DataKeyNotFound`].
    async fn replace_secret(&self, secret: &SealedSecret, expected: SecretVersion) -> Result<(), SecretError>;

    async fn find_secret(&self, place: &SecretPlace) -> Result<Option<SealedSecret>, StoreError>;

    /// The ids of an owner's secrets and the fields they stand in, in the order of the fields.
    async fn list_secrets_of(&self, owner: &SecretOwner) -> Result<Vec<(SecretId, String)>, StoreError>;

    /// At most `limit` of a tenant's secrets behind that one, in the order of their ids, for those who look at each.
    async fn list_secrets(
        &self,
        tenant: TenantId,
        after: Option<SecretId>,
        limit: u64,
    ) -> Result<Vec<SealedSecret>, StoreError>;

    /// `false`: there was none.
    async fn delete_secret(&self, place: &SecretPlace) -> Result<bool, StoreError>;

    /// Deletes all secrets of an owner, and says how many they were.
    async fn delete_secrets_of(&self, owner: &SecretOwner) -> Result<u64, StoreError>;
}

/// Why a secret was not put to its place. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("there is a secret at this place already")]
    PlaceTaken,
    #[error("the secret was changed or deleted in the meantime")]
    VersionMismatch,
    #[error("the data key of the secret is not there")]
    DataKeyNotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}
