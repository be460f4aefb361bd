//! The table of data keys, each wrapped by a vault key. Small, and read by who opens or seals something for the first time.

use muster_model::{DataKeyId, SealedBytes, WrappedDataKey};
use muster_store::{SecretError, StoreError};

use crate::columns::{clamped, timestamp};
use crate::{Row, Session, damaged, values};

/// In the order of their numbers.
pub async fn list<S: Session>(session: &S) -> Result<Vec<WrappedDataKey>, StoreError> {
    let sql = "SELECT id, number, vault_key, wrapped, created FROM data_key ORDER BY number";
    session.rows(sql, values![]).await?.into_iter().map(key_from).collect()
}

/// `false`: its number or its id is taken. Who comes second waits for the first.
pub async fn add<S: Session>(session: &S, key: &WrappedDataKey) -> Result<bool, StoreError> {
    let sql = "INSERT INTO data_key (id, number, vault_key, wrapped, created) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT DO NOTHING";
    let values = values![key.id, clamped(key.number), &key.vault_key, key.wrapped.as_bytes(), key.created];
    Ok(session.execute(sql, values).await? > 0)
}

/// The first statement of a transaction that keeps something sealed with that key: whoever would remove the key waits until
/// it has ended, and finds what was kept.
pub(crate) async fn hold<S: Session>(session: &S, key: DataKeyId) -> Result<(), SecretError> {
    let sql = "SELECT id FROM data_key WHERE id = ?1 /*pg FOR KEY SHARE */";
    session.row(sql, values![key]).await?.map(drop).ok_or(SecretError::DataKeyNotFound)
}

fn key_from(mut row: Row) -> Result<WrappedDataKey, StoreError> {
    Ok(WrappedDataKey {
        id: row.take(0)?,
        number: u64::try_from(row.take::<i64>(1)?).map_err(|_| damaged("number of a data key"))?,
        vault_key: row.take(2)?,
        wrapped: SealedBytes::new(row.take(3)?),
        created: timestamp(row.take(4)?)?,
    })
}
