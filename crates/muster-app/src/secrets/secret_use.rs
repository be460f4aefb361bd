//! By what right, and for what, a secret is touched.

use muster_model::{SealedSecret, SecretOwner};

use crate::OperatorAccess;
use crate::operator::Grants;

/// Proof that whoever touches a secret may, with what it is for. Each touch leaves a line in the log that names the secret,
/// the purpose and never the value.
#[derive(Debug)]
pub struct SecretUse {
    purpose: &'static str,
}

impl SecretUse {
    /// An operator has asked for it. The purpose completes "a secret was opened to …".
    pub fn by_operator(_access: &OperatorAccess, purpose: &'static str) -> Self {
        Self { purpose }
    }

    /// The same for whoever was granted something that needs it.
    pub fn granted<P>(_access: &impl Grants<P>, purpose: &'static str) -> Self {
        Self { purpose }
    }

    /// Muster itself works with it, such as one that signs what is sent.
    pub fn by_background_work(purpose: &'static str) -> Self {
        Self { purpose }
    }

    pub(super) fn note(&self, done: &'static str, secret: &SealedSecret) {
        tracing::debug!(
            secret.id = %secret.id,
            secret.kind = secret.place.owner.kind.as_str(),
            secret.version = secret.version.0,
            tenant = %secret.place.owner.tenant,
            purpose = self.purpose,
            "a secret was {done}"
        );
    }

    pub(super) fn note_forgotten(&self, owner: &SecretOwner, count: u64) {
        tracing::debug!(
            secret.kind = owner.kind.as_str(),
            tenant = %owner.tenant,
            count,
            purpose = self.purpose,
            "secrets were forgotten"
        );
    }
}
