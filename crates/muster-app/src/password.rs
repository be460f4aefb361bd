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
const PASSWORD: &str = "password";
const SALT_LENGTH: usize = 16;
/// Each hash takes 19 MiB and tens of milliseconds; this many at once keep both bounded.
const AT_ONCE: usize = 2;

pub(crate) struct PasswordHasher {
    rng: Arc<dyn Rng>,
    permits: Semaphore,
}

impl PasswordHasher {
    pub(crate) fn new(rng: Arc<dyn Rng>) -> Self {
        Self { rng, permits: Semaphore::new(AT_ONCE) }
    }

    /// Replaces a clear password in `document` by its hash. A value equal to the stored one is a hash already: it was
    /// carried over, not sent.
    pub(crate) async fn seal(&self, document: &mut Document, stored: Option<&Document>) -> Result<(), AppError> {
        let Some(Value::String(password)) = document.get(PASSWORD) else { return Ok(()) };
        if stored.and_then(|stored| stored.get(PASSWORD)).and_then(Value::as_str) == Some(password) {
            return Ok(());
        }
        let mut salt = [0_u8; SALT_LENGTH];
        self.rng.fill(&mut salt);
        let clear = password.clone();
        let _permit = self.permits.acquire().await.map_err(|error| AppError::Internal(Box::new(error)))?;
        let hash = tokio::task::spawn_blocking(move || hash(&clear, &salt))
            .await
            .map_err(|error| AppError::Internal(Box::new(error)))??;
        document.insert(PASSWORD.to_owned(), Value::String(hash));
        Ok(())
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
