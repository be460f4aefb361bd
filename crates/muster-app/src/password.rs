//! Passwords that an identity provider sets: kept as Argon2id hashes, never returned, never logged.

use std::sync::Arc;

use argon2::password_hash::PasswordHasher as _;
use argon2::{Algorithm, Argon2, Params, Version};
use muster_model::Rng;
use scim::Document;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::AppError;

/// Attribute name in the document (RFC 7643 section 4.1.1).
pub(crate) const PASSWORD: &str = "password";
const SALT_LENGTH: usize = 16;
/// Each hash takes 19 MiB and tens of milliseconds; this many at once keep both bounded.
const AT_ONCE: usize = 2;

pub(crate) struct PasswordHasher {
    rng: Arc<dyn Rng>,
    permits: Arc<Semaphore>,
}

/// The hash of the password in one request, so that deriving the write anew does not hash again.
#[derive(Default)]
pub(crate) struct Sealed {
    hash: Option<String>,
}

impl PasswordHasher {
    pub(crate) fn new(rng: Arc<dyn Rng>) -> Self {
        Self { rng, permits: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Replaces a clear password in `document` by its hash. A value equal to the stored one is a hash already: it was
    /// carried over, not sent. An empty password is none: providers send one for "no change", and nobody may be let in by
    /// it.
    pub(crate) async fn seal(
        &self,
        document: &mut Document,
        stored: Option<&Document>,
        sealed: &mut Sealed,
    ) -> Result<(), AppError> {
        let former = stored.and_then(|stored| stored.get(PASSWORD)).and_then(Value::as_str);
        let Some(Value::String(password)) = document.get(PASSWORD) else { return Ok(()) };
        if former == Some(password) {
            return Ok(());
        }
        if password.is_empty() {
            match former {
                Some(former) => document.insert(PASSWORD.to_owned(), Value::from(former)),
                None => document.shift_remove(PASSWORD),
            };
            return Ok(());
        }
        let hash = match sealed.hash.clone() {
            Some(hash) => hash,
            None => sealed.hash.insert(self.hash(password.clone()).await?).clone(),
        };
        document.insert(PASSWORD.to_owned(), Value::String(hash));
        Ok(())
    }

    async fn hash(&self, clear: String) -> Result<String, AppError> {
        let mut salt = [0_u8; SALT_LENGTH];
        self.rng.fill(&mut salt);
        let permit =
            Arc::clone(&self.permits).acquire_owned().await.map_err(|error| AppError::Internal(Box::new(error)))?;
        // The permit goes with the work: a caller who hangs up must not make room for another hash while his runs.
        let hashing = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            hash(&clear, &salt)
        });
        hashing.await.map_err(|error| AppError::Internal(Box::new(error)))?
    }
}

/// A password that the document does not name stays as it is: nobody can read it back to send it again.
pub(crate) fn keep_unless_named(document: &mut Document, stored: &Document) {
    if !document.contains_key(PASSWORD)
        && let Some(former) = stored.get(PASSWORD)
    {
        document.insert(PASSWORD.to_owned(), former.clone());
    }
}

/// The hash in PHC string form, with OWASP's parameters for Argon2id (19 MiB, 2 passes, 1 lane).
fn hash(clear: &str, salt: &[u8]) -> Result<String, AppError> {
    let parameters =
        Params::new(19 * 1024, 2, 1, None).map_err(|error| AppError::Internal(error.to_string().into()))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    let hash = argon2
        .hash_password_with_salt(clear.as_bytes(), salt)
        .map_err(|error| AppError::Internal(error.to_string().into()))?;
    Ok(hash.to_string())
}
