//! Which installation something was sealed in.

/// Random, made once, and kept in the database, so that it goes with a backup and with a move to another database.
#[derive(Clone, PartialEq, Eq)]
pub struct InstallationId([u8; Self::LENGTH]);

impl InstallationId {
    pub const LENGTH: usize = 32;

    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}
