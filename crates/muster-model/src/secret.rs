//! Secrets that Muster must be able to read again, as the database keeps them: sealed. What opens them is no business of
//! this crate (docs/adr/0026).

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{DataKeyId, SecretId, TenantId};

/// What a secret is for, which also says what its owner is. An open set: a newer release that works on the same database may
/// keep kinds that this one has never heard of, and they are counted, moved and tried all the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretKind(Cow<'static, str>);

impl SecretKind {
    /// Signs what a webhook endpoint is sent.
    pub const WEBHOOK_KEY: Self = Self(Cow::Borrowed("webhook_key"));
    /// From which the one-time codes of an operator are made.
    pub const SECOND_FACTOR_SEED: Self = Self(Cow::Borrowed("second_factor_seed"));
    /// By which Muster authenticates itself to an issuer of tokens.
    pub const ISSUER_SECRET: Self = Self(Cow::Borrowed("issuer_secret"));

    /// A kind as the database has it.
    pub const fn from_stored(text: String) -> Self {
        Self(Cow::Owned(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whose a secret is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecretOwner {
    pub tenant: TenantId,
    pub kind: SecretKind,
    /// The owner's own id; the kind says which kind of id it is.
    pub id: Uuid,
}

impl SecretOwner {
    /// In place of a tenant, for owners who are of the installation as a whole, such as an operator.
    pub const INSTALLATION: TenantId = TenantId::from_uuid(Uuid::nil());

    /// The place of one of the owner's secrets.
    pub fn field(&self, field: impl Into<String>) -> SecretPlace {
        SecretPlace { owner: self.clone(), field: field.into() }
    }
}

/// Where a secret is kept. A place has one secret at most, and a secret opens at its place only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecretPlace {
    pub owner: SecretOwner,
    /// Which of the owner's secrets of this kind it is. A name that Muster gives, nothing that a person typed.
    pub field: String,
}

/// Counts how often a secret was put to its place, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretVersion(pub u64);

impl SecretVersion {
    pub const FIRST: Self = Self(1);

    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What came out of sealing. It says how it was sealed, and nothing of what is in it.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedBytes(Vec<u8>);

impl SealedBytes {
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SealedBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SealedBytes({})", self.0.len())
    }
}

/// A secret at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedSecret {
    /// Of this secret and no later one at the same place.
    pub id: SecretId,
    pub place: SecretPlace,
    pub version: SecretVersion,
    /// The data key that it was sealed with.
    pub data_key: DataKeyId,
    pub blob: SealedBytes,
    pub created: Timestamp,
    /// When this version was put there.
    pub changed: Timestamp,
}

/// A data key as the database keeps it: useless without the vault key that wraps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedDataKey {
    pub id: DataKeyId,
    /// From 1. The one with the greatest number seals, all of them open.
    pub number: u64,
    /// The key id of the vault key.
    pub vault_key: String,
    pub wrapped: SealedBytes,
    pub created: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_was_stored_is_the_kind_that_there_is() {
        for kind in [SecretKind::WEBHOOK_KEY, SecretKind::SECOND_FACTOR_SEED, SecretKind::ISSUER_SECRET] {
            assert_eq!(SecretKind::from_stored(kind.as_str().to_owned()), kind);
        }
    }

    #[test]
    fn what_is_sealed_is_not_printed() {
        assert_eq!(format!("{:?}", SealedBytes::new(vec![7, 7, 7])), "SealedBytes(3)");
    }
}
