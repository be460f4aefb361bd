//! The table of sealed secrets. What is in a blob nobody here knows.

use muster_model::{
    SealedBytes, SealedSecret, SecretId, SecretKind, SecretOwner, SecretPlace, SecretVersion, TenantId,
};
use muster_store::{SecretError, StoreError};
use uuid::Uuid;

use crate::columns::{IdBytes, clamped, timestamp};
use crate::{Row, Session, damaged, data_key, values};

/// In the order of [`secret_from`].
macro_rules! secret_columns {
    () => {
        "tenant, id, kind, owner, field, version, data_key, blob, created, changed"
    };
}

pub async fn find<S: Session>(session: &S, place: &SecretPlace) -> Result<Option<SealedSecret>, StoreError> {
    let sql = concat!(
        "SELECT ",
        secret_columns!(),
        " FROM secret WHERE tenant = ?1 AND kind = ?2 AND owner = ?3 AND field = ?4"
    );
    let SecretPlace { owner, field } = place;
    session
        .row(sql, values![owner.tenant, owner.kind.as_str(), *owner.id.as_bytes(), field])
        .await?
        .map(secret_from)
        .transpose()
}

/// To be called by those, too, who keep a secret together with its owner. Who comes second to a place waits for the first.
pub async fn put<S: Session>(session: &S, secret: &SealedSecret) -> Result<(), SecretError> {
    data_key::hold(session, secret.data_key).await?;
    let SecretPlace { owner, field } = &secret.place;
    let written = session
        .execute(
            "INSERT INTO secret (tenant, id, kind, owner, field, version, data_key, blob, created, changed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
            values![
                owner.tenant,
                secret.id,
                owner.kind.as_str(),
                *owner.id.as_bytes(),
                field,
                clamped(secret.version.0),
                secret.data_key,
                secret.blob.as_bytes(),
                secret.created,
                secret.changed
            ],
        )
        .await?;
    if written == 0 { Err(SecretError::PlaceTaken) } else { Ok(()) }
}

pub async fn replace<S: Session>(
    session: &S,
    secret: &SealedSecret,
    expected: SecretVersion,
) -> Result<(), SecretError> {
    data_key::hold(session, secret.data_key).await?;
    let written = session
        .execute(
            "UPDATE secret SET version = ?4, data_key = ?5, blob = ?6, changed = ?7
             WHERE tenant = ?1 AND id = ?2 AND version = ?3",
            values![
                secret.place.owner.tenant,
                secret.id,
                clamped(expected.0),
                clamped(secret.version.0),
                secret.data_key,
                secret.blob.as_bytes(),
                secret.changed
            ],
        )
        .await?;
    if written == 0 { Err(SecretError::VersionMismatch) } else { Ok(()) }
}

/// Ids and fields, in the order of the fields.
pub async fn list_of<S: Session>(session: &S, owner: &SecretOwner) -> Result<Vec<(SecretId, String)>, StoreError> {
    let sql = "SELECT id, field FROM secret WHERE tenant = ?1 AND kind = ?2 AND owner = ?3 ORDER BY field";
    let values = values![owner.tenant, owner.kind.as_str(), *owner.id.as_bytes()];
    session.rows(sql, values).await?.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?))).collect()
}

/// In the order of their ids, behind one of them.
pub async fn list<S: Session>(
    session: &S,
    tenant: TenantId,
    after: Option<SecretId>,
    limit: u64,
) -> Result<Vec<SealedSecret>, StoreError> {
    let sql = concat!("SELECT ", secret_columns!(), " FROM secret WHERE tenant = ?1 AND id > ?2 ORDER BY id LIMIT ?3");
    // No secret has this id.
    let after = after.unwrap_or(SecretId::from_uuid(Uuid::nil()));
    session.rows(sql, values![tenant, after, clamped(limit)]).await?.into_iter().map(secret_from).collect()
}

/// `false`: there was none.
pub async fn delete<S: Session>(session: &S, place: &SecretPlace) -> Result<bool, StoreError> {
    let sql = "DELETE FROM secret WHERE tenant = ?1 AND kind = ?2 AND owner = ?3 AND field = ?4";
    let SecretPlace { owner, field } = place;
    let values = values![owner.tenant, owner.kind.as_str(), *owner.id.as_bytes(), field];
    Ok(session.execute(sql, values).await? > 0)
}

/// How many there were. To be called by those, too, who delete an owner.
pub async fn delete_of<S: Session>(session: &S, owner: &SecretOwner) -> Result<u64, StoreError> {
    let sql = "DELETE FROM secret WHERE tenant = ?1 AND kind = ?2 AND owner = ?3";
    session.execute(sql, values![owner.tenant, owner.kind.as_str(), *owner.id.as_bytes()]).await
}

fn secret_from(mut row: Row) -> Result<SealedSecret, StoreError> {
    let kind = SecretKind::from_stored(row.take(2)?);
    let owner = SecretOwner { tenant: row.take(0)?, kind, id: Uuid::from_bytes(row.take::<IdBytes>(3)?) };
    Ok(SealedSecret {
        id: row.take(1)?,
        place: owner.field(row.take::<String>(4)?),
        version: u64::try_from(row.take::<i64>(5)?).map(SecretVersion).map_err(|_| damaged("version of a secret"))?,
        data_key: row.take(6)?,
        blob: SealedBytes::new(row.take(7)?),
        created: timestamp(row.take(8)?)?,
        changed: timestamp(row.take(9)?)?,
    })
}
