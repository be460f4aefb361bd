//! The table of credentials: who may call.

use jiff::Timestamp;
use muster_model::{ConnectionId, Credential, CredentialDigest, CredentialId, TenantId};
use muster_store::{FoundCaller, RegistryError, StoreError};

use crate::columns::timestamp;
use crate::connection::{connection_columns, connection_from};
use crate::{Row, Session, credential_use, damaged, schemas, values};

/// In the order of [`credential_from`], of a table called `d`.
macro_rules! credential_columns {
    () => {
        "d.tenant, d.id, d.connection, d.digest, d.last_four, d.created, d.expires, d.suspended, d.replaces"
    };
}
/// Where the columns of the connection begin in the row of a caller.
const CONNECTION: usize = 9;
/// Where the revision of the tenant's schemas stands in it.
const SCHEMA_REVISION: usize = 17;

/// The look-up of every request.
pub async fn find_caller<S: Session>(
    session: &S,
    digest: &CredentialDigest,
) -> Result<Option<FoundCaller>, StoreError> {
    let sql = concat!(
        "SELECT ",
        credential_columns!(),
        ", ",
        connection_columns!(),
        ", t.schema_revision
         FROM credential AS d JOIN connection AS c ON c.id = d.connection AND c.tenant = d.tenant
         JOIN tenant AS t ON t.id = d.tenant
         WHERE d.digest = ?1"
    );
    session.row(sql, values![digest.as_bytes().as_slice()]).await?.map(caller_from).transpose()
}

/// Makes it the only one of its connection. The row of the connection is locked first, so that of two who replace at the
/// same moment one is left, and none is given to a connection that is being deleted.
pub async fn replace<S: Session>(session: &S, credential: &Credential) -> Result<(), RegistryError> {
    lock_connection(session, credential).await?;
    remove_all(session, credential.tenant, credential.connection).await?;
    Ok(insert(session, credential).await?)
}

/// One more beside those that the connection has; `most` at most.
pub async fn add<S: Session>(session: &S, credential: &Credential, most: usize) -> Result<(), RegistryError> {
    lock_connection(session, credential).await?;
    let sql = "SELECT id FROM credential WHERE tenant = ?1 AND connection = ?2";
    let mut there: Vec<CredentialId> = Vec::new();
    for mut row in session.rows(sql, values![credential.tenant, credential.connection]).await? {
        there.push(row.take(0)?);
    }
    if credential.replaces.is_some_and(|replaced| !there.contains(&replaced)) {
        return Err(RegistryError::CredentialNotFound);
    }
    if there.len() >= most {
        return Err(RegistryError::TooManyCredentials);
    }
    Ok(insert(session, credential).await?)
}

/// `false`: the connection has none of that id. The row is locked first, so that a use that is being noted is either seen and
/// removed, or not noted.
pub async fn remove<S: Session>(session: &S, connection: ConnectionId, id: CredentialId) -> Result<bool, StoreError> {
    let sql = "SELECT tenant FROM credential WHERE id = ?1 AND connection = ?2 /*pg FOR UPDATE */";
    let Some(mut row) = session.row(sql, values![id, connection]).await? else { return Ok(false) };
    let tenant: TenantId = row.take(0)?;
    for sql in [
        "DELETE FROM credential_use WHERE tenant = ?1 AND credential = ?2",
        "UPDATE credential SET replaces = NULL WHERE tenant = ?1 AND replaces = ?2",
        "DELETE FROM credential WHERE tenant = ?1 AND id = ?2",
    ] {
        session.send(sql, values![tenant, id]).await?;
    }
    Ok(true)
}

/// `false`: the connection has none of that id.
pub async fn suspend<S: Session>(
    session: &S,
    connection: ConnectionId,
    id: CredentialId,
    since: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let sql = "UPDATE credential SET suspended = ?3 WHERE id = ?1 AND connection = ?2";
    session.execute(sql, values![id, connection, since]).await.map(|changed| changed > 0)
}

/// So that those who change the credentials of one connection do so one after another, and none is given to a connection
/// that is being deleted.
async fn lock_connection<S: Session>(session: &S, credential: &Credential) -> Result<(), RegistryError> {
    let sql = "SELECT id FROM connection WHERE id = ?1 AND tenant = ?2 /*pg FOR NO KEY UPDATE */";
    let locked = session.row(sql, values![credential.connection, credential.tenant]).await?;
    if locked.is_none() { Err(RegistryError::ConnectionNotFound) } else { Ok(()) }
}

/// In order of creation, each with the time of its last use. That stands in a table of the tenant, which is asked apart,
/// because a join from the reference table to it would ask every node of a distributed database.
pub async fn list<S: Session>(
    session: &S,
    connection: ConnectionId,
) -> Result<Vec<(Credential, Option<Timestamp>)>, StoreError> {
    let sql = concat!(
        "SELECT ",
        credential_columns!(),
        " FROM credential AS d WHERE d.connection = ?1 ORDER BY d.created, d.id"
    );
    let mut listed = Vec::new();
    for mut row in session.rows(sql, values![connection]).await? {
        let credential = credential_from(&mut row)?;
        let last_used = credential_use::find(session, credential.tenant, credential.id).await?;
        listed.push((credential, last_used));
    }
    Ok(listed)
}

pub(crate) async fn insert<S: Session>(session: &S, credential: &Credential) -> Result<(), StoreError> {
    session
        .send(
            "INSERT INTO credential (tenant, id, connection, digest, last_four, created, expires, suspended, replaces)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            values![
                credential.tenant,
                credential.id,
                credential.connection,
                credential.digest.as_bytes().as_slice(),
                &credential.last_four,
                credential.created,
                credential.expires,
                credential.suspended,
                credential.replaces
            ],
        )
        .await
}

/// Locked first, so that a use that is being noted is either seen and removed, or not noted.
pub(crate) async fn remove_all<S: Session>(
    session: &S,
    tenant: TenantId,
    connection: ConnectionId,
) -> Result<(), StoreError> {
    let of_connection = values![tenant, connection];
    session
        .rows("SELECT id FROM credential WHERE tenant = ?1 AND connection = ?2 /*pg FOR UPDATE */", of_connection)
        .await?;
    for sql in [
        "DELETE FROM credential_use WHERE tenant = ?1 AND credential IN
             (SELECT id FROM credential WHERE tenant = ?1 AND connection = ?2)",
        "DELETE FROM credential WHERE tenant = ?1 AND connection = ?2",
    ] {
        session.send(sql, of_connection).await?;
    }
    Ok(())
}

fn credential_from(row: &mut Row) -> Result<Credential, StoreError> {
    let digest: Vec<u8> = row.take(3)?;
    Ok(Credential {
        tenant: row.take(0)?,
        id: row.take(1)?,
        connection: row.take(2)?,
        digest: CredentialDigest::from_bytes(digest.try_into().map_err(|_| damaged("digest of a credential"))?),
        last_four: row.take(4)?,
        created: timestamp(row.take(5)?)?,
        expires: row.take::<Option<i64>>(6)?.map(timestamp).transpose()?,
        suspended: row.take::<Option<i64>>(7)?.map(timestamp).transpose()?,
        replaces: row.take(8)?,
    })
}

/// The credential's columns, then the connection's, then the revision of the tenant's schemas.
fn caller_from(mut row: Row) -> Result<FoundCaller, StoreError> {
    Ok(FoundCaller {
        credential: credential_from(&mut row)?,
        connection: connection_from(&mut row, CONNECTION)?,
        schema_revision: schemas::revision_from(row.take(SCHEMA_REVISION)?)?,
    })
}
