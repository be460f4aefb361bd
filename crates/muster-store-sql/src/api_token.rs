//! The table of the management API's tokens.

use jiff::Timestamp;
use muster_model::{ApiToken, ApiTokenId, CredentialDigest, Reach, TenantId};
use muster_store::{RegistryError, StoreError};

use crate::columns::{clamped, timestamp};
use crate::credential_use::minute_of;
use crate::{Row, Session, damaged, values};

/// In the order of [`token_from`], of a table called `k`.
macro_rules! token_columns {
    () => {
        "k.id, k.of_tenant, k.name, k.permissions, k.digest, k.last_four, k.created, k.expires, k.last_used"
    };
}

pub async fn create<S: Session>(session: &S, token: &ApiToken) -> Result<(), RegistryError> {
    let tenant = token.reach.tenant();
    if let Some(tenant) = tenant {
        let locked = session.row("SELECT id FROM tenant WHERE id = ?1 /*pg FOR KEY SHARE */", values![tenant]).await?;
        if locked.is_none() {
            return Err(RegistryError::TenantNotFound);
        }
    }
    session
        .send(
            "INSERT INTO api_token (id, of_tenant, name, permissions, digest, last_four, created, expires)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            values![
                token.id,
                tenant,
                &token.name,
                token.permissions.to_string(),
                token.digest.as_bytes().as_slice(),
                &token.last_four,
                token.created,
                token.expires
            ],
        )
        .await?;
    Ok(())
}

/// The look-up of every call.
pub async fn find<S: Session>(session: &S, digest: &CredentialDigest) -> Result<Option<ApiToken>, StoreError> {
    let sql = concat!("SELECT ", token_columns!(), " FROM api_token AS k WHERE k.digest = ?1");
    session.row(sql, values![digest.as_bytes().as_slice()]).await?.map(token_from).transpose()
}

/// In order of creation, which is that of the ids.
pub async fn list<S: Session>(
    session: &S,
    reach: Reach,
    after: Option<ApiTokenId>,
    limit: usize,
) -> Result<Vec<ApiToken>, StoreError> {
    let sql = concat!(
        "SELECT ",
        token_columns!(),
        " FROM api_token AS k
         WHERE (?1/*pg ::uuid */ IS NULL OR k.of_tenant = ?1) AND (?2/*pg ::uuid */ IS NULL OR k.id > ?2)
         ORDER BY k.id LIMIT ?3"
    );
    let rows = session.rows(sql, values![reach.tenant(), after, clamped(limit as u64)]).await?;
    rows.into_iter().map(token_from).collect()
}

/// `false`: there was none within the reach.
pub async fn delete<S: Session>(session: &S, reach: Reach, id: ApiTokenId) -> Result<bool, StoreError> {
    let sql = "DELETE FROM api_token WHERE id = ?1 AND (?2/*pg ::uuid */ IS NULL OR of_tenant = ?2)";
    session.execute(sql, values![id, reach.tenant()]).await.map(|deleted| deleted > 0)
}

pub async fn note_use<S: Session>(session: &S, id: ApiTokenId, at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE api_token SET last_used = ?2 WHERE id = ?1 AND (last_used IS NULL OR last_used < ?2)";
    session.send(sql, values![id, minute_of(at)]).await
}

fn token_from(mut row: Row) -> Result<ApiToken, StoreError> {
    let digest: Vec<u8> = row.take(4)?;
    let permissions: String = row.take(3)?;
    Ok(ApiToken {
        id: row.take(0)?,
        reach: row.take::<Option<TenantId>>(1)?.into(),
        name: row.take(2)?,
        permissions: permissions.parse().map_err(|_| damaged("permissions of an API token"))?,
        digest: CredentialDigest::from_bytes(digest.try_into().map_err(|_| damaged("digest of an API token"))?),
        last_four: row.take(5)?,
        created: timestamp(row.take(6)?)?,
        expires: row.take::<Option<i64>>(7)?.map(timestamp).transpose()?,
        last_used: row.take::<Option<i64>>(8)?.map(timestamp).transpose()?,
    })
}
