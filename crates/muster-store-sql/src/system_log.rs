//! The system log: rows that are written once and read from the newest on.

use muster_model::{Action, Actor, Connection, SystemEntry, SystemEntryId, Tenant, TenantId};
use muster_store::{StoreError, SystemLogQuery};
use uuid::Uuid;

use crate::columns::{clamped, timestamp};
use crate::{Row, Session, damaged, values};

/// What a change of the management plane answers: whether there is something to note.
pub trait Outcome {
    fn is_done(&self) -> bool;
}

impl Outcome for () {
    fn is_done(&self) -> bool {
        true
    }
}

impl Outcome for bool {
    fn is_done(&self) -> bool {
        *self
    }
}

impl Outcome for Tenant {
    fn is_done(&self) -> bool {
        true
    }
}

impl Outcome for Connection {
    fn is_done(&self) -> bool {
        true
    }
}

pub async fn insert<S: Session>(session: &S, entry: &SystemEntry) -> Result<(), StoreError> {
    session
        .send(
            "INSERT INTO system_log (id, at, of_tenant, actor, action, target, state_before, state_after)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            values![
                entry.id,
                entry.at,
                entry.tenant,
                entry.actor.to_string(),
                entry.action.as_str(),
                &entry.target,
                entry.before.as_deref(),
                entry.after.as_deref()
            ],
        )
        .await
}

/// The newest first. Planned each time, as the request log is.
pub async fn list<S: Session>(session: &S, query: &SystemLogQuery) -> Result<Vec<SystemEntry>, StoreError> {
    let sql = "SELECT id, at, of_tenant, actor, action, target, state_before, state_after
               FROM system_log
               WHERE id >= ?1 AND id < ?2
                   AND (?3/*pg ::uuid */ IS NULL OR of_tenant = ?3)
                   AND (?4/*pg ::text */ IS NULL OR actor = ?4)
                   AND (?5/*pg ::text */ IS NULL OR action = ?5)
                   AND (?6/*pg ::text */ IS NULL OR target = ?6)
               ORDER BY id DESC LIMIT ?7";
    let (from, before) = span(query);
    let values = values![
        from,
        before,
        query.reach.tenant(),
        query.actor.as_deref(),
        query.action.as_deref(),
        query.target.as_deref(),
        clamped(query.limit)
    ];
    session.composed_rows(sql, values).await?.into_iter().map(entry_from).collect()
}

/// The ids that are looked through: from the first on, before the second.
fn span(query: &SystemLogQuery) -> (SystemEntryId, SystemEntryId) {
    let (lowest, highest) = (SystemEntryId::from_uuid(Uuid::nil()), SystemEntryId::from_uuid(Uuid::max()));
    let until = query.until.map_or(highest, SystemEntryId::first_of);
    (query.since.map_or(lowest, SystemEntryId::first_of), query.before.map_or(until, |before| before.min(until)))
}

fn entry_from(mut row: Row) -> Result<SystemEntry, StoreError> {
    let actor: String = row.take(3)?;
    Ok(SystemEntry {
        id: row.take(0)?,
        at: timestamp(row.take(1)?)?,
        tenant: row.take::<Option<TenantId>>(2)?,
        actor: Actor::parse(&actor).ok_or_else(|| damaged("actor of an entry of the system log"))?,
        action: Action::from_stored(row.take(4)?),
        target: row.take(5)?,
        before: row.take(6)?,
        after: row.take(7)?,
    })
}
