//! Keys of the installation: made once, then the same for all processes.

use muster_store::{InstallationKey, StoreError};

use crate::{Session, damaged, values};

pub async fn find<S: Session>(session: &S, purpose: &str) -> Result<Option<InstallationKey>, StoreError> {
    let row = session.row("SELECT value FROM installation_key WHERE purpose = ?1", values![purpose]).await?;
    let Some(mut row) = row else { return Ok(None) };
    let key = row.take::<Vec<u8>>(0)?.try_into().map_err(|_| damaged("key of the installation"))?;
    Ok(Some(InstallationKey::from_bytes(key)))
}

/// Who comes second waits for the first, and the statement after that sees the first one's key.
pub async fn find_or_create<S: Session>(
    session: &S,
    purpose: &str,
    candidate: &InstallationKey,
) -> Result<InstallationKey, StoreError> {
    session
        .execute(
            "INSERT INTO installation_key (purpose, value) VALUES (?1, ?2) ON CONFLICT (purpose) DO NOTHING",
            values![purpose, candidate.as_bytes().as_slice()],
        )
        .await?;
    find(session, purpose).await?.ok_or_else(|| damaged("key of the installation"))
}
