//! Whether what is kept goes with the vault key of this process. Asked before anything is served, and before the first data key
//! is made: a wrong key shall be noticed by a person at the start, and never by what it has sealed.

use muster_store::InstallationKey;
use muster_vault::VaultKey;

use super::VaultError;
use crate::App;

/// Under which the first start notes which vault key it had.
const PURPOSE: &str = "vault-key-id";

/// Fails unless the vault key of this process is the installation's and unwraps every data key. The first who asks notes its
/// key: two machines that start together on an empty database make a key each, and one of them is refused before it has
/// sealed anything.
pub async fn check(app: &App) -> Result<(), VaultError> {
    let key = app.vault.key()?;
    // Before the key is noted: where it unwraps nothing of what is there, it must not become the one that is right.
    for row in app.store.list_data_keys().await? {
        app.vault.unwrapped(app, &row).await?;
    }
    expect_same_key(app, key).await
}

pub(super) async fn expect_same_key(app: &App, key: &VaultKey) -> Result<(), VaultError> {
    let present = noted_as(key);
    let noted = app.store.find_or_create_installation_key(PURPOSE, present.clone()).await?;
    if noted == present {
        return Ok(());
    }
    let letters: Vec<u8> = noted.as_bytes().iter().copied().take_while(|letter| *letter != 0).collect();
    Err(VaultError::OtherVaultKey { noted: String::from_utf8_lossy(&letters).into_owned(), present: key.id().clone() })
}

/// The letters of the key id, filled up with zeros.
fn noted_as(key: &VaultKey) -> InstallationKey {
    let mut noted = [0; InstallationKey::LENGTH];
    for (place, letter) in noted.iter_mut().zip(key.id().to_string().bytes()) {
        *place = letter;
    }
    InstallationKey::from_bytes(noted)
}
