//! The table of connections, and what goes with one that is deleted.

use muster_model::{Connection, ConnectionId, Credential, Overrides, TenantId};
use muster_store::{ConnectionChange, RegistryError, StoreError};

use crate::columns::{clamped, timestamp};
use crate::{Row, Session, conflict, credential, damaged, defect, held, repair_count, values};

/// In the order of [`connection_from`], of a table called `c`.
macro_rules! connection_columns {
    () => {
        "c.tenant, c.id, c.name, c.provider, c.created, c.profile_overrides, c.revision, c.suspended"
    };
}
pub(crate) use connection_columns;

/// With its first credential.
pub async fn create<S: Session>(
    session: &S,
    connection: &Connection,
    credential: &Credential,
) -> Result<(), RegistryError> {
    let created = session
        .execute(
            "INSERT INTO connection (tenant, id, name, provider, created, profile_overrides)
             SELECT t.id, ?2/*pg ::uuid */, ?3/*pg ::text */, ?4/*pg ::text */, ?5/*pg ::bigint */, ?6/*pg ::text */
             FROM tenant AS t WHERE t.id = ?1 /*pg FOR KEY SHARE */
             ON CONFLICT (tenant, name) DO NOTHING",
            values![
                connection.tenant,
                connection.id,
                &connection.name,
                connection.provider.as_str(),
                connection.created,
                overrides_column(&connection.overrides)?
            ],
        )
        .await?;
    if created == 0 {
        let has_tenant = "SELECT EXISTS (SELECT 1 FROM tenant WHERE id = ?1)";
        let has_tenant = session.is_true(has_tenant, values![connection.tenant]).await?;
        return Err(if has_tenant { RegistryError::NameTaken } else { RegistryError::TenantNotFound });
    }
    Ok(credential::insert(session, credential).await?)
}

pub async fn find<S: Session>(session: &S, id: ConnectionId) -> Result<Option<Connection>, StoreError> {
    let sql = concat!("SELECT ", connection_columns!(), " FROM connection AS c WHERE c.id = ?1");
    session.row(sql, values![id]).await?.map(|mut row| connection_from(&mut row, 0)).transpose()
}

/// In order of creation; of one tenant or of all.
pub async fn list<S: Session>(session: &S, tenant: Option<TenantId>) -> Result<Vec<Connection>, StoreError> {
    let sql = concat!(
        "SELECT ",
        connection_columns!(),
        " FROM connection AS c WHERE ?1/*pg ::uuid */ IS NULL OR c.tenant = ?1 ORDER BY c.created, c.id"
    );
    let rows = session.rows(sql, values![tenant]).await?;
    rows.into_iter().map(|mut row| connection_from(&mut row, 0)).collect()
}

/// In order of creation, which is that of the ids; of one tenant or of all.
pub async fn page<S: Session>(
    session: &S,
    tenant: Option<TenantId>,
    after: Option<ConnectionId>,
    limit: usize,
) -> Result<Vec<Connection>, StoreError> {
    let sql = concat!(
        "SELECT ",
        connection_columns!(),
        " FROM connection AS c
         WHERE (?1/*pg ::uuid */ IS NULL OR c.tenant = ?1) AND (?2/*pg ::uuid */ IS NULL OR c.id > ?2)
         ORDER BY c.id LIMIT ?3"
    );
    let rows = session.rows(sql, values![tenant, after, clamped(limit as u64)]).await?;
    rows.into_iter().map(|mut row| connection_from(&mut row, 0)).collect()
}

/// Read, locked and written in one transaction, so that two who change different knobs do not undo each other.
pub async fn change<S: Session>(
    session: &S,
    id: ConnectionId,
    change: &ConnectionChange,
) -> Result<Connection, RegistryError> {
    let sql =
        concat!("SELECT ", connection_columns!(), " FROM connection AS c WHERE c.id = ?1 /*pg FOR NO KEY UPDATE */");
    let mut row = session.row(sql, values![id]).await?.ok_or(RegistryError::ConnectionNotFound)?;
    let present = connection_from(&mut row, 0)?;
    if change.expected.is_some_and(|expected| expected != present.revision) {
        return Err(RegistryError::RevisionMismatch);
    }
    let connection = change.applied_to(&present);
    let columns = values![
        id,
        connection.tenant,
        &connection.name,
        connection.provider.as_str(),
        overrides_column(&connection.overrides)?,
        clamped(connection.revision),
        connection.suspended
    ];
    let changed = session
        .execute(
            "UPDATE connection SET name = ?3, provider = ?4, profile_overrides = ?5, revision = ?6, suspended = ?7
             WHERE id = ?1 AND NOT EXISTS
                 (SELECT 1 FROM connection AS o WHERE o.tenant = ?2 AND o.name = ?3 AND o.id <> ?1)",
            columns,
        )
        .await?;
    if changed == 0 { Err(RegistryError::NameTaken) } else { Ok(connection) }
}

/// The row is locked first: who notes something for the connection at the same moment holds the row, too, so he is either
/// waited for, and what he noted is seen and removed, or he finds no connection any more. `false`: there was none.
pub async fn delete<S: Session>(session: &S, id: ConnectionId) -> Result<bool, StoreError> {
    let locked = session.row("SELECT tenant FROM connection WHERE id = ?1 /*pg FOR UPDATE */", values![id]).await?;
    let Some(mut row) = locked else { return Ok(false) };
    let tenant: TenantId = row.take(0)?;
    credential::remove_all(session, tenant, id).await?;
    repair_count::remove(session, tenant, id).await?;
    conflict::remove(session, tenant, id).await?;
    held::remove_connection(session, tenant, id).await?;
    session.forget_lock(tenant, &guard_lock(id)).await?;
    // The resources it brought need no change: they lose their owner by its absence.
    session.execute("DELETE FROM connection WHERE id = ?1", values![id]).await.map(|deleted| deleted > 0)
}

/// The lock by which the writes of one connection are counted one after another.
pub(crate) fn guard_lock(connection: ConnectionId) -> String {
    format!("guard {connection}")
}

/// `first`: where the connection's columns begin.
pub(crate) fn connection_from(row: &mut Row, first: usize) -> Result<Connection, StoreError> {
    let provider: String = row.take(first + 3)?;
    let overrides: Option<String> = row.take(first + 5)?;
    Ok(Connection {
        tenant: row.take(first)?,
        id: row.take(first + 1)?,
        name: row.take(first + 2)?,
        provider: provider.parse().map_err(|_| damaged("provider of a connection"))?,
        created: timestamp(row.take(first + 4)?)?,
        revision: u64::try_from(row.take::<i64>(first + 6)?).map_err(|_| damaged("revision of a connection"))?,
        suspended: row.take::<Option<i64>>(first + 7)?.map(timestamp).transpose()?,
        overrides: overrides_from(overrides.as_deref())?,
    })
}

fn overrides_from(text: Option<&str>) -> Result<Overrides, StoreError> {
    match text {
        None => Ok(Overrides::default()),
        Some(text) => serde_json::from_str(text).map_err(|_| damaged("list of a connection's overrides")),
    }
}

/// NULL when there are none.
fn overrides_column(overrides: &Overrides) -> Result<Option<String>, StoreError> {
    if overrides.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(overrides).map(Some).map_err(|_| defect("a connection's overrides could not be written"))
}
