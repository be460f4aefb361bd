//! What the guard holds, in the hands of an operator (docs/adr/0016).

mod release;

use std::collections::HashMap;

use muster_model::{Connection, ConnectionId, HeldId, HeldOperation, Member, Reach, ResourceId, Tenant};
use muster_store::Scope;
use serde_json::json;

use crate::operator::{Grants, may};
use crate::system_log::{Deed, note};
use crate::tenants::TenantName;
use crate::{App, AppError, connections};

pub use release::{Released, release};

/// A held operation with whom it is of.
#[derive(Clone, Debug)]
pub struct Held {
    pub operation: HeldOperation,
    pub connection: Connection,
    pub tenant: Tenant,
}

/// Which of them are meant.
#[derive(Clone, Debug)]
pub enum Selection {
    Ids(Vec<HeldId>),
    /// Of one tenant, of one connection, or of all.
    All {
        tenant: Option<TenantName>,
        connection: Option<ConnectionId>,
    },
}

/// In order of time within each connection.
pub async fn list(
    app: &App,
    access: &impl Grants<may::ReadHeldChanges>,
    selection: &Selection,
) -> Result<Vec<Held>, AppError> {
    select(app, access.reach(), selection).await
}

async fn select(app: &App, reach: Reach, selection: &Selection) -> Result<Vec<Held>, AppError> {
    let (tenant, only) = match selection {
        Selection::Ids(_) => (None, None),
        Selection::All { tenant, connection } => (tenant.clone(), *connection),
    };
    let connections = connections::list_within(app, reach, tenant).await?;
    if let Some(id) = only
        && !connections.iter().any(|(connection, _)| connection.id == id)
    {
        return Err(AppError::ConnectionNotFound);
    }
    let mut held = Vec::new();
    for (connection, tenant) in connections {
        if only.is_some_and(|id| id != connection.id) {
            continue;
        }
        let operations = app.store.directory(tenant.id, Scope::Tenant).list_held(Some(connection.id)).await?;
        held.extend(operations.into_iter().map(|operation| Held {
            operation,
            connection: connection.clone(),
            tenant: tenant.clone(),
        }));
    }
    if let Selection::Ids(ids) = selection {
        held.retain(|one| ids.contains(&one.operation.id));
        if let Some(unknown) = ids.iter().find(|id| !held.iter().any(|one| one.operation.id == **id)) {
            return Err(AppError::HeldNotFound(*unknown));
        }
    }
    Ok(held)
}

/// What the members are called who are to leave, and of which type they are.
pub async fn members(
    app: &App,
    _access: &impl Grants<may::ReadHeldChanges>,
    held: &Held,
) -> Result<Vec<Member>, AppError> {
    let directory = app.store.directory(held.tenant.id, Scope::Tenant);
    let labels = directory.list_labels(&held.operation.members).await?;
    let known: HashMap<ResourceId, Member> = labels.into_iter().map(|member| (member.id, member)).collect();
    Ok(held.operation.members.iter().filter_map(|id| known.get(id).cloned()).collect())
}

/// Forgets them: nothing is done, and nobody is asked again. Returns how many there were.
pub async fn drop(
    app: &App,
    access: &impl Grants<may::DecideHeldChanges>,
    selection: &Selection,
) -> Result<u64, AppError> {
    let mut dropped = 0;
    for one in select(app, access.reach(), selection).await? {
        let count = app.store.directory(one.tenant.id, Scope::Tenant).drop_held(&[one.operation.id]).await?;
        // Somebody else may have made or discarded it at the same moment.
        if count > 0 {
            note(app, access, deed("held_change.discarded", &one)).await?;
        }
        dropped += count;
    }
    Ok(dropped)
}

/// Forgets what the connection has taken away, so that it may take away as much again. What is held stays held.
pub async fn reset(app: &App, access: &impl Grants<may::DecideHeldChanges>, id: ConnectionId) -> Result<(), AppError> {
    let (_, tenant) = connections::find_within(app, access.reach(), id).await?;
    app.store.directory(tenant.id, Scope::Tenant).reset_guard(id).await?;
    note(app, access, Deed::new("guard.reset", Some(tenant.id), id)).await
}

fn deed(action: &'static str, held: &Held) -> Deed {
    let operation = &held.operation;
    Deed::new(action, Some(held.tenant.id), operation.id).before(json!({
        "connection": operation.connection,
        "kind": operation.kind.as_str(),
        "resource_type": operation.resource_type.as_str(),
        "resource": operation.resource,
        "changes": operation.changes(),
    }))
}
