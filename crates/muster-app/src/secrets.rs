//! Secrets that Muster must be able to read again: sealed on their way into the database, opened where they are used
//! (docs/adr/0026). Use cases call this; what they let whom do is theirs to decide, and [`SecretUse`] is their word for it.
//!
//! A place has one secret. Whoever keeps a secret in one transaction with its owner takes [`sealed`] and hands the result to
//! its own store call; everybody else takes [`put`].

mod error;
mod kept;
mod secret_use;
mod status;
mod vault;

use muster_model::{SealedSecret, SecretId, SecretOwner, SecretPlace, SecretVersion};
use muster_store::SecretError;
use muster_vault::SecretBinding;

use crate::App;

pub use error::VaultError;
pub use kept::check;
pub use muster_vault::SecretValue;
pub use secret_use::SecretUse;
pub use status::{DataKeyStatus, SecretProblem, SecretsStatus, VaultStatus, status};
pub(crate) use vault::Vault;

/// How often a write is begun again that another one came before.
const MOST_ATTEMPTS: usize = 8;

/// Puts a secret to its place, over the one that is there, and says which version it is.
pub async fn put(
    app: &App,
    used: &SecretUse,
    place: &SecretPlace,
    value: &SecretValue,
) -> Result<SecretVersion, VaultError> {
    for _ in 0..MOST_ATTEMPTS {
        let present = app.store.find_secret(place).await?;
        let secret = seal(app, place, value, present.as_ref()).await?;
        let stored = match &present {
            None => app.store.put_secret(&secret).await,
            Some(present) => app.store.replace_secret(&secret, present.version).await,
        };
        match stored {
            Ok(()) => {
                used.note("put", &secret);
                return Ok(secret.version);
            }
            // Another came first, or has taken the data key out of use: the present state is another one now.
            Err(SecretError::PlaceTaken | SecretError::VersionMismatch | SecretError::DataKeyNotFound) => {}
            Err(SecretError::Store(error)) => return Err(error.into()),
        }
    }
    Err(VaultError::Contended)
}

/// A new secret for a place where none is, to be stored by the caller together with its owner.
pub async fn sealed(
    app: &App,
    used: &SecretUse,
    place: &SecretPlace,
    value: &SecretValue,
) -> Result<SealedSecret, VaultError> {
    let secret = seal(app, place, value, None).await?;
    used.note("sealed", &secret);
    Ok(secret)
}

/// The secret of a place, in clear; `None`: there is none.
pub async fn open(app: &App, used: &SecretUse, place: &SecretPlace) -> Result<Option<SecretValue>, VaultError> {
    let Some(secret) = app.store.find_secret(place).await? else { return Ok(None) };
    let value = app.vault.open(app, &secret).await?;
    used.note("opened", &secret);
    Ok(Some(value))
}

/// Takes a secret away for ever; `false`: there was none. Needs no vault key.
pub async fn forget(app: &App, used: &SecretUse, place: &SecretPlace) -> Result<bool, VaultError> {
    let is_forgotten = app.store.delete_secret(place).await?;
    if is_forgotten {
        used.note_forgotten(&place.owner, 1);
    }
    Ok(is_forgotten)
}

/// Takes all secrets of an owner away, who is about to go himself, and says how many they were. Needs no vault key.
pub async fn forget_owner(app: &App, used: &SecretUse, owner: &SecretOwner) -> Result<u64, VaultError> {
    let forgotten = app.store.delete_secrets_of(owner).await?;
    used.note_forgotten(owner, forgotten);
    Ok(forgotten)
}

async fn seal(
    app: &App,
    place: &SecretPlace,
    value: &SecretValue,
    present: Option<&SealedSecret>,
) -> Result<SealedSecret, VaultError> {
    let changed = app.now();
    let (secret, version, created) = match present {
        Some(present) => (present.id, present.version.next(), present.created),
        None => (SecretId::new(app.clock.as_ref(), app.rng.as_ref()), SecretVersion::FIRST, changed),
    };
    let key = app.vault.sealing_key(app).await?;
    let installation = app.vault.installation(app).await?;
    let binding = SecretBinding { installation, secret, place, version };
    let blob = key.seal(&binding, value, app.rng.as_ref())?;
    Ok(SealedSecret { id: secret, place: place.clone(), version, data_key: key.id(), blob, created, changed })
}

#[cfg(test)]
mod tests;
