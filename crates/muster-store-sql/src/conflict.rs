//! The table of conflicts (docs/adr/0017).

use muster_model::{Conflict, ConflictId, ConflictState, ConnectionId, TenantId, TypeName};
use muster_store::{ConflictQuery, NewConflict, StoreError};

use crate::columns::{clamped, timestamp};
use crate::{Row, Session, damaged, values};

/// In the order of [`conflict_from`].
macro_rules! conflict_columns {
    () => {
        "id, connection, type, resource, attribute, first_seen, last_seen, count, state"
    };
}

/// One statement, so that nothing that others decide or record at the same moment is undone. It holds the connection and
/// the resource, so that neither can go without taking the conflict along.
pub async fn record<S: Session>(session: &S, tenant: TenantId, new: &NewConflict) -> Result<(), StoreError> {
    // Where a conflict stands after this meeting, by where it stood before it. The first meeting is one of two who had
    // nothing open.
    let [after_open, after_refused, after_ignored, after_adopted] =
        [ConflictState::Open, ConflictState::Refused, ConflictState::Ignored, ConflictState::Adopted]
            .map(|before| before.met_again(new.waits_for_person).as_str());
    session
        .send(
            "INSERT INTO conflict
                 (tenant, id, connection, type, resource, attribute, first_seen, last_seen, count, state)
             SELECT c.tenant, ?2/*pg ::uuid */, c.id, r.type, r.id, ?6/*pg ::text */, ?7/*pg ::bigint */,
                 ?7/*pg ::bigint */, 1, ?9/*pg ::text */
             FROM connection AS c CROSS JOIN resource AS r ON r.tenant = c.tenant
             WHERE c.tenant = ?1 AND c.id = ?3 AND r.tenant = ?1 AND r.id = ?5 AND r.type = ?4 /*pg FOR KEY SHARE */
             ON CONFLICT (tenant, resource, connection) DO UPDATE SET
                 attribute = excluded.attribute, count = conflict.count + 1,
                 last_seen = CASE WHEN excluded.last_seen > conflict.last_seen THEN excluded.last_seen
                     ELSE conflict.last_seen END,
                 state = CASE conflict.state WHEN 'open' THEN ?8 WHEN 'refused' THEN ?9 WHEN 'ignored' THEN ?10
                     WHEN 'adopted' THEN ?11 ELSE conflict.state END",
            values![
                tenant,
                new.id,
                new.connection,
                new.resource_type.as_str(),
                new.resource,
                &new.attribute,
                new.at,
                after_open,
                after_refused,
                after_ignored,
                after_adopted
            ],
        )
        .await
}

pub async fn find<S: Session>(session: &S, tenant: TenantId, id: ConflictId) -> Result<Option<Conflict>, StoreError> {
    let sql = concat!("SELECT ", conflict_columns!(), " FROM conflict WHERE tenant = ?1 AND id = ?2");
    session.row(sql, values![tenant, id]).await?.map(conflict_from).transpose()
}

pub async fn list<S: Session>(
    session: &S,
    tenant: TenantId,
    query: &ConflictQuery,
) -> Result<Vec<Conflict>, StoreError> {
    let sql = concat!(
        "SELECT ",
        conflict_columns!(),
        " FROM conflict WHERE tenant = ?1 AND (?2/*pg ::uuid */ IS NULL OR connection = ?2)
         AND (?3/*pg ::text */ IS NULL OR state = ?3) ORDER BY id LIMIT ?4"
    );
    let state = query.state.map(ConflictState::as_str);
    let rows = session.rows(sql, values![tenant, query.connection, state, clamped(query.limit)]).await?;
    rows.into_iter().map(conflict_from).collect()
}

pub async fn count<S: Session>(
    session: &S,
    tenant: TenantId,
    connection: ConnectionId,
    state: ConflictState,
) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM conflict WHERE tenant = ?1 AND connection = ?2 AND state = ?3";
    let row = session.row(sql, values![tenant, connection, state.as_str()]).await?;
    let counted = row.map_or(Ok(0), |mut row| row.take::<i64>(0))?;
    u64::try_from(counted).map_err(|_| damaged("number of conflicts"))
}

/// `false`: there is no such conflict.
pub async fn change_state<S: Session>(
    session: &S,
    tenant: TenantId,
    id: ConflictId,
    state: ConflictState,
) -> Result<bool, StoreError> {
    let sql = "UPDATE conflict SET state = ?3 WHERE tenant = ?1 AND id = ?2";
    session.execute(sql, values![tenant, id, state.as_str()]).await.map(|changed| changed > 0)
}

/// Forgets the conflicts of a connection that is deleted.
pub(crate) async fn remove<S: Session>(
    session: &S,
    tenant: TenantId,
    connection: ConnectionId,
) -> Result<(), StoreError> {
    session.send("DELETE FROM conflict WHERE tenant = ?1 AND connection = ?2", values![tenant, connection]).await
}

fn conflict_from(mut row: Row) -> Result<Conflict, StoreError> {
    let state: String = row.take(8)?;
    Ok(Conflict {
        id: row.take(0)?,
        connection: row.take(1)?,
        resource_type: TypeName::new(row.take::<String>(2)?),
        resource: row.take(3)?,
        attribute: row.take(4)?,
        first_seen: timestamp(row.take(5)?)?,
        last_seen: timestamp(row.take(6)?)?,
        count: u64::try_from(row.take::<i64>(7)?).map_err(|_| damaged("number of refusals"))?,
        state: ConflictState::parse(&state).ok_or_else(|| damaged("state of a conflict"))?,
    })
}
