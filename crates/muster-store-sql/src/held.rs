//! What is held, for the person who decides (docs/adr/0016).

use std::collections::HashMap;

use muster_model::{ConnectionId, HeldId, HeldKind, HeldOperation, ResourceId, TenantId, TypeName};
use muster_store::StoreError;

use crate::columns::timestamp;
use crate::{Row, Session, damaged, values};

/// In order of time; of one connection or of all.
pub async fn list<S: Session>(
    session: &S,
    tenant: TenantId,
    of: Option<ConnectionId>,
) -> Result<Vec<HeldOperation>, StoreError> {
    let rows = session
        .rows(
            "SELECT h.held, h.kind, h.connection, h.type, h.resource, r.label, h.member, h.at, h.request
             FROM held_operation AS h LEFT JOIN resource AS r ON r.tenant = h.tenant AND r.id = h.resource
             WHERE h.tenant = ?1 AND (?2/*pg ::uuid */ IS NULL OR h.connection = ?2)
             ORDER BY h.at, h.held, h.kind, h.resource, h.member",
            values![tenant, of],
        )
        .await?;
    let mut operations: Vec<HeldOperation> = Vec::new();
    let mut places = HashMap::new();
    for mut row in rows {
        let (id, kind, resource): (HeldId, _, ResourceId) =
            (row.take(0)?, kind_of(&row.take::<String>(1)?)?, row.take(4)?);
        let place = *places.entry((id, kind, resource)).or_insert(operations.len());
        if place == operations.len() {
            operations.push(operation_from(&mut row, id, kind, resource)?);
        }
        if kind == HeldKind::RemoveMembers
            && let Some(operation) = operations.get_mut(place)
        {
            operation.members.push(row.take(6)?);
        }
    }
    Ok(operations)
}

/// Without its members.
fn operation_from(
    row: &mut Row,
    id: HeldId,
    kind: HeldKind,
    resource: ResourceId,
) -> Result<HeldOperation, StoreError> {
    Ok(HeldOperation {
        id,
        kind,
        connection: row.take(2)?,
        resource_type: TypeName::new(row.take::<String>(3)?),
        resource,
        label: row.take(5)?,
        members: Vec::new(),
        at: timestamp(row.take(7)?)?,
        request: row.take(8)?,
    })
}

fn kind_of(text: &str) -> Result<HeldKind, StoreError> {
    HeldKind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| damaged("kind of held change"))
}

pub async fn is_held<S: Session>(
    session: &S,
    tenant: TenantId,
    by: ConnectionId,
    resource: ResourceId,
) -> Result<bool, StoreError> {
    session
        .is_true(
            "SELECT EXISTS (SELECT 1 FROM held_operation WHERE tenant = ?1 AND resource = ?2 AND connection = ?3)",
            values![tenant, resource, by],
        )
        .await
}

/// The number of operations, not of their rows.
pub async fn forget<S: Session>(session: &S, tenant: TenantId, ids: &[HeldId]) -> Result<u64, StoreError> {
    let mut forgotten = 0;
    for id in ids {
        // Found by the index of connections, because nothing else is held by its id.
        let deleted = session
            .execute(
                "DELETE FROM held_operation WHERE tenant = ?1 AND held = ?2
                     AND connection IN (SELECT id FROM connection WHERE tenant = ?1)",
                values![tenant, *id],
            )
            .await?;
        forgotten += u64::from(deleted > 0);
    }
    Ok(forgotten)
}

/// Of all tenants: what the process as a whole tells in its metrics.
pub async fn count<S: Session>(session: &S) -> Result<u64, StoreError> {
    let row = session.row("SELECT count(*) FROM held_operation", values![]).await?;
    let counted = row.map_or(Ok(0), |mut row| row.take::<i64>(0))?;
    u64::try_from(counted).map_err(|_| damaged("number of held changes"))
}

/// Forgets what a connection that is deleted asked for, and what it took away.
pub(crate) async fn remove_connection<S: Session>(
    session: &S,
    tenant: TenantId,
    removed: ConnectionId,
) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM held_operation WHERE tenant = ?1 AND connection = ?2",
        "DELETE FROM guard_window WHERE tenant = ?1 AND connection = ?2",
    ] {
        session.send(sql, values![tenant, removed]).await?;
    }
    Ok(())
}
