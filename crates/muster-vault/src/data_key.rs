//! Data keys: what secrets are sealed with. Each is wrapped by the vault key, so that another vault key wraps a few data keys
//! anew and leaves every secret alone.

use jiff::Timestamp;
use muster_model::{DataKeyId, Rng, SealedBytes, SealedSecret, WrappedDataKey};
use zeroize::Zeroizing;

use crate::binding::{self, SecretBinding};
use crate::form::{self, KEY_LENGTH};
use crate::seal_error::{SealError, Sealed};
use crate::{InstallationId, SecretValue, VaultKey};

/// Longer than any key, certificate or token that is kept, and short enough for a row.
pub const LONGEST_SECRET: usize = 64 * 1024;

/// 256 random bits with an id. A key is picked by its id, never by trial: the cipher does not commit to its key.
pub struct DataKey {
    id: DataKeyId,
    bytes: Zeroizing<[u8; KEY_LENGTH]>,
}

impl DataKey {
    /// A fresh key.
    pub fn new(id: DataKeyId, rng: &dyn Rng) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_LENGTH]);
        rng.fill(bytes.as_mut());
        Self { id, bytes }
    }

    pub const fn id(&self) -> DataKeyId {
        self.id
    }

    /// As the database may keep it.
    pub fn wrapped(
        &self,
        number: u64,
        created: Timestamp,
        vault_key: &VaultKey,
        installation: &InstallationId,
        rng: &dyn Rng,
    ) -> Result<WrappedDataKey, SealError> {
        let nothing = SealedBytes::new(Vec::new());
        let row =
            WrappedDataKey { id: self.id, number, vault_key: vault_key.id().to_string(), wrapped: nothing, created };
        let binding = binding::of_data_key(&row, installation);
        let wrapped = form::seal(vault_key.expose(), rng, &binding, self.bytes.as_slice())?;
        Ok(WrappedDataKey { wrapped: SealedBytes::new(wrapped), ..row })
    }

    /// What the database keeps, made usable again.
    pub fn from_wrapped(
        row: &WrappedDataKey,
        vault_key: &VaultKey,
        installation: &InstallationId,
    ) -> Result<Self, SealError> {
        if row.vault_key != vault_key.id().to_string() {
            let (wanted, present) = (row.vault_key.clone(), vault_key.id().clone());
            return Err(SealError::WrongVaultKey { data_key: row.id, wanted, present });
        }
        let binding = binding::of_data_key(row, installation);
        let opened = form::open(vault_key.expose(), &binding, row.wrapped.as_bytes(), Sealed::DataKey)?;
        let mut bytes = Zeroizing::new([0; KEY_LENGTH]);
        // Of another length it would be no key that was ever wrapped here.
        if opened.len() != KEY_LENGTH {
            return Err(SealError::Damaged(Sealed::DataKey));
        }
        bytes.copy_from_slice(&opened);
        Ok(Self { id: row.id, bytes })
    }

    /// Seals a secret for its place.
    pub fn seal(
        &self,
        binding: &SecretBinding<'_>,
        value: &SecretValue,
        rng: &dyn Rng,
    ) -> Result<SealedBytes, SealError> {
        if value.expose().len() > LONGEST_SECRET {
            return Err(SealError::TooLong { limit: LONGEST_SECRET });
        }
        form::seal(&self.bytes, rng, &binding.text(self.id), value.expose()).map(SealedBytes::new)
    }

    /// Opens a secret where it stands.
    pub fn open(&self, sealed: &SealedSecret, installation: &InstallationId) -> Result<SecretValue, SealError> {
        if sealed.data_key != self.id {
            return Err(SealError::MissingDataKey(sealed.data_key));
        }
        let SealedSecret { id: secret, place, version, .. } = sealed;
        let binding = SecretBinding { installation, secret: *secret, place, version: *version };
        let opened = form::open(&self.bytes, &binding.text(self.id), sealed.blob.as_bytes(), Sealed::Secret)?;
        Ok(SecretValue::from_opened(opened))
    }
}

#[cfg(test)]
mod tests;
