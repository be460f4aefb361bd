//! A random key that all processes of an installation share.

/// Kept in the database, so that it survives restarts and every node has it. It can therefore only protect what is no
/// secret to those who read the database anyway; what must stay secret from them belongs into the vault. It has no
/// `Debug`: it belongs into no log either.
#[derive(Clone, PartialEq, Eq)]
pub struct InstallationKey([u8; Self::LENGTH]);

impl InstallationKey {
    pub const LENGTH: usize = 32;

    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}
