//! Keys of the installation: made once, then the same for all processes.

use muster_store::{InstallationKey, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

use crate::failure::{damaged, store_error};
use crate::read::prepare;

pub(super) fn find(database: &Connection, purpose: &str) -> Result<Option<InstallationKey>, StoreError> {
    let mut statement = prepare(database, "SELECT value FROM installation_key WHERE purpose = ?1")?;
    let found = statement.query_row([purpose], |row| row.get(0)).optional();
    Ok(found.map_err(store_error)?.map(InstallationKey::from_bytes))
}

/// Who comes second finds the key of the first: writes take turns, also those of several processes.
pub(super) fn find_or_create(
    database: &Connection,
    purpose: &str,
    candidate: &InstallationKey,
) -> Result<InstallationKey, StoreError> {
    let mut statement =
        prepare(database, "INSERT INTO installation_key (purpose, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    statement.execute(params![purpose, candidate.as_bytes()]).map_err(store_error)?;
    find(database, purpose)?.ok_or_else(|| damaged("key of the installation"))
}
