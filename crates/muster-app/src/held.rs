//! What the guard holds, in the hands of an operator (docs/adr/0016).

mod release;

use std::collections::HashMap;

use muster_model::{Connection, ConnectionId, HeldId, HeldOperation, Member, ResourceId, Tenant};
use muster_store::Scope;

use crate::{App, AppError, OperatorAccess, connections};

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
        tenant: Option<String>,
        connection: Option<ConnectionId>,
    },
}

/// In order of time within each connection.
pub async fn list(app: &App, access: &OperatorAccess, selection: &Selection) -> Result<Vec<Held>, AppError> {
    let (tenant, only) = match selection {
        Selection::Ids(_) => (None, None),
        Selection::All { tenant, connection } => (tenant.as_deref(), *connection),
    };
    let connections = connections::list(app, access, tenant).await?;
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
            return Err(AppError::InvalidInput(format!(
                "nothing is held under {unknown}; `muster held list` shows what is"
            )));
        }
    }
    Ok(held)
}

/// What the members are called who are to leave, and of which type they are.
pub async fn members(app: &App, _access: &OperatorAccess, held: &Held) -> Result<Vec<Member>, AppError> {
    let directory = app.store.directory(held.tenant.id, Scope::Tenant);
    let labels = directory.list_labels(&held.operation.members).await?;
    let known: HashMap<ResourceId, Member> = labels.into_iter().map(|member| (member.id, member)).collect();
    Ok(held.operation.members.iter().filter_map(|id| known.get(id).cloned()).collect())
}

/// Forgets them: nothing is done, and nobody is asked again. Returns how many there were.
pub async fn drop(app: &App, access: &OperatorAccess, selection: &Selection) -> Result<u64, AppError> {
    let mut dropped = 0;
    for one in list(app, access, selection).await? {
        dropped += app.store.directory(one.tenant.id, Scope::Tenant).drop_held(&[one.operation.id]).await?;
    }
    Ok(dropped)
}

/// Forgets what the connection has taken away, so that it may take away as much again. What is held stays held.
pub async fn reset(app: &App, access: &OperatorAccess, id: ConnectionId) -> Result<(), AppError> {
    let details = connections::show(app, access, id).await?;
    Ok(app.store.directory(details.tenant.id, Scope::Tenant).reset_guard(id).await?)
}
