//! The keys of an endpoint.

use muster_model::{SigningKey, TenantId, WebhookEndpointId};
use muster_store::StoreError;
use uuid::Uuid;

use super::lock;
use crate::columns::timestamp;
use crate::{Session, damaged, values};

pub(super) async fn insert<S: Session>(
    session: &S,
    tenant: TenantId,
    endpoint: WebhookEndpointId,
    keys: &[SigningKey],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO webhook_key (tenant, endpoint, version, secret, created, retires)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    for key in keys {
        let values =
            values![tenant, endpoint, i64::from(key.version), *key.secret.as_bytes(), key.created, key.retires];
        session.send(sql, values).await?;
    }
    Ok(())
}

/// The oldest first.
pub(super) async fn list<S: Session>(
    session: &S,
    tenant: TenantId,
    endpoint: WebhookEndpointId,
) -> Result<Vec<SigningKey>, StoreError> {
    let sql = "SELECT version, secret, created, retires FROM webhook_key
               WHERE tenant = ?1 AND endpoint = ?2 ORDER BY version";
    let mut keys = Vec::new();
    for mut row in session.rows(sql, values![tenant, endpoint]).await? {
        keys.push(SigningKey {
            version: u32::try_from(row.take::<i64>(0)?).map_err(|_| damaged("version of a signing key"))?,
            secret: Uuid::from_bytes(row.take(1)?),
            created: timestamp(row.take(2)?)?,
            retires: row.take::<Option<i64>>(3)?.map(timestamp).transpose()?,
        });
    }
    Ok(keys)
}

/// `false`: the newest key is another one, or there is no such endpoint.
pub async fn replace<S: Session>(
    session: &S,
    tenant: TenantId,
    endpoint: WebhookEndpointId,
    newest: u32,
    keys: &[SigningKey],
) -> Result<bool, StoreError> {
    lock(session, tenant).await?;
    let present = list(session, tenant, endpoint).await?;
    if present.last().is_none_or(|last| last.version != newest) {
        return Ok(false);
    }
    session.send("DELETE FROM webhook_key WHERE tenant = ?1 AND endpoint = ?2", values![tenant, endpoint]).await?;
    insert(session, tenant, endpoint, keys).await?;
    Ok(true)
}
