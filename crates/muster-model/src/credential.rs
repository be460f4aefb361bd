//! What proves that a caller is the identity provider of a connection. The token itself is never kept.

use std::fmt;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{ConnectionId, CredentialId, TenantId, Token};

/// SHA-256 of a token. A token has 256 random bits, so a slow hash would add nothing but a lever for denial of service.
#[derive(Clone, Copy)]
pub struct CredentialDigest([u8; 32]);

impl CredentialDigest {
    pub fn of(token: &Token) -> Self {
        Self(Sha256::digest(token.expose().as_bytes()).into())
    }
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// In constant time, so that the answer's delay says nothing about how much of a guess was right.
impl PartialEq for CredentialDigest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for CredentialDigest {}

impl fmt::Debug for CredentialDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CredentialDigest(…)")
    }
}

/// A bearer token's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    pub id: CredentialId,
    pub tenant: TenantId,
    pub connection: ConnectionId,
    pub digest: CredentialDigest,
    /// The last four characters, so that a person can tell two tokens apart.
    pub last_four: String,
    pub created: Timestamp,
    /// `None`: never expires, by an explicit choice.
    pub expires: Option<Timestamp>,
    /// Since when it is refused, until somebody resumes it.
    pub suspended: Option<Timestamp>,
    /// The credential that it is to replace, while both are good.
    pub replaces: Option<CredentialId>,
}

impl Credential {
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.suspended.is_none() && self.expires.is_none_or(|expires| now < expires)
    }
}
