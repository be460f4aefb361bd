//! Conflicts: recorded when a connection is refused what somebody has whom it does not see, and decided by a person.

use std::collections::HashMap;

use muster_model::{Conflict, ConflictId, ConflictState, Connection, ConnectionId, Member, Reach, Tenant};
use muster_store::{Batch, CommitError, ConflictQuery, Directory, Guard, Include, NewConflict, Scope, Write};
use scim::ResourceSchema;

use crate::operator::{Grants, may};
use crate::resources::type_name;
use crate::system_log::{Deed, note};
use crate::tenants::TenantName;
use crate::{App, AppError, ScimCaller, tenants};

/// What a refused commit means to the caller. Where he was refused because of somebody whom he does not see, the
/// conflict is recorded; the answer is the same as to every other conflict.
pub(crate) async fn refused(app: &App, caller: &ScimCaller, schema: &ResourceSchema, error: CommitError) -> AppError {
    if let CommitError::NotUnique { attribute, hidden: Some(resource), .. } = &error {
        let new = NewConflict {
            id: ConflictId::new(app.clock.as_ref(), app.rng.as_ref()),
            connection: caller.connection().id,
            resource_type: type_name(schema),
            resource: *resource,
            attribute: attribute.clone(),
            waits_for_person: caller.profile().adoption.asks(),
            at: app.now(),
        };
        if let Err(error) = caller.directory(app).record_conflict(&new).await {
            // The caller is refused either way; the next refusal records it.
            tracing::warn!(error = &error as &dyn std::error::Error, "a conflict between connections was not recorded");
        }
    }
    AppError::from_commit(error, &schema.resource_type().name)
}

/// Which conflicts are wanted.
#[derive(Clone, Debug, Default)]
pub struct ConflictFilter {
    /// `None`: of all tenants that the caller reaches.
    pub tenant: Option<TenantName>,
    /// Who was refused; `None`: every connection.
    pub connection: Option<ConnectionId>,
    /// `None`: in every state.
    pub state: Option<ConflictState>,
    /// At most as many of each tenant.
    pub limit: u64,
}

/// A conflict as a person needs it to decide.
pub struct ConflictDetails {
    pub conflict: Conflict,
    pub tenant: Tenant,
    /// Who wants it.
    pub connection: Option<Connection>,
    /// Who has it; `None`: nobody.
    pub owner: Option<Connection>,
    /// What the resource is called.
    pub resource: Option<Member>,
}

/// The conflicts of a tenant or of all, in the order in which they began.
pub async fn list(
    app: &App,
    access: &impl Grants<may::ReadConflicts>,
    filter: &ConflictFilter,
) -> Result<Vec<ConflictDetails>, AppError> {
    let tenants = match &filter.tenant {
        Some(name) => vec![tenants::named(app, access.reach(), Some(name.clone())).await?],
        None => tenants::within(app, access.reach()).await?,
    };
    let query = ConflictQuery { connection: filter.connection, state: filter.state, limit: filter.limit };
    let mut all = Vec::new();
    for tenant in tenants {
        let directory = app.store.directory(tenant.id, Scope::Tenant);
        let conflicts = directory.list_conflicts(&query).await?;
        all.extend(detailed(app, &tenant, directory.as_ref(), conflicts).await?);
    }
    Ok(all)
}

pub async fn show(
    app: &App,
    access: &impl Grants<may::ReadConflicts>,
    id: ConflictId,
) -> Result<ConflictDetails, AppError> {
    look_at(app, access.reach(), id).await
}

async fn look_at(app: &App, reach: Reach, id: ConflictId) -> Result<ConflictDetails, AppError> {
    let (tenant, conflict) = find(app, reach, id).await?;
    let directory = app.store.directory(tenant.id, Scope::Tenant);
    let details = detailed(app, &tenant, directory.as_ref(), vec![conflict]).await?;
    details.into_iter().next().ok_or(AppError::ConflictNotFound)
}

/// Gives the resource to the connection that wants it. What it looks up from then on it finds, and it goes on.
pub async fn adopt(
    app: &App,
    access: &impl Grants<may::DecideConflicts>,
    id: ConflictId,
) -> Result<ConflictDetails, AppError> {
    let (tenant, conflict) = find(app, access.reach(), id).await?;
    let change_of_owner = Write::ChangeOwner {
        id: conflict.resource,
        resource_type: conflict.resource_type,
        owner: Some(conflict.connection),
        expected: None,
    };
    let batch = Batch {
        writes: vec![change_of_owner],
        connection: None,
        request: None,
        at: app.now(),
        guard: Guard::default(),
    };
    match app.store.directory(tenant.id, Scope::Tenant).commit(batch).await {
        Ok(_) => {
            note(app, access, Deed::new("conflict.adopted", Some(tenant.id), id)).await?;
            look_at(app, access.reach(), id).await
        }
        // The resource or the connection went meanwhile, and the conflict with it.
        Err(CommitError::NotFound { .. }) => Err(AppError::ConflictNotFound),
        Err(error) => Err(AppError::from_commit(error, "")),
    }
}

/// Closes a conflict: the resource stays whose it is, and the connection goes on being refused without anybody being
/// asked.
pub async fn ignore(
    app: &App,
    access: &impl Grants<may::DecideConflicts>,
    id: ConflictId,
) -> Result<ConflictDetails, AppError> {
    let (tenant, _) = find(app, access.reach(), id).await?;
    let directory = app.store.directory(tenant.id, Scope::Tenant);
    if directory.change_conflict_state(id, ConflictState::Ignored).await? {
        note(app, access, Deed::new("conflict.ignored", Some(tenant.id), id)).await?;
        look_at(app, access.reach(), id).await
    } else {
        Err(AppError::ConflictNotFound)
    }
}

async fn find(app: &App, reach: Reach, id: ConflictId) -> Result<(Tenant, Conflict), AppError> {
    for tenant in tenants::within(app, reach).await? {
        if let Some(conflict) = app.store.directory(tenant.id, Scope::Tenant).find_conflict(id).await? {
            return Ok((tenant, conflict));
        }
    }
    Err(AppError::ConflictNotFound)
}

async fn detailed(
    app: &App,
    tenant: &Tenant,
    directory: &dyn Directory,
    conflicts: Vec<Conflict>,
) -> Result<Vec<ConflictDetails>, AppError> {
    if conflicts.is_empty() {
        return Ok(Vec::new());
    }
    let connections: HashMap<ConnectionId, Connection> = app
        .store
        .list_connections(Some(tenant.id))
        .await?
        .into_iter()
        .map(|connection| (connection.id, connection))
        .collect();
    let mut details = Vec::with_capacity(conflicts.len());
    for conflict in conflicts {
        let found = directory.find_resource(&conflict.resource_type, conflict.resource, Include::default()).await?;
        let owner = found.as_ref().and_then(|found| found.owner).and_then(|owner| connections.get(&owner)).cloned();
        let resource = directory.list_labels(&[conflict.resource]).await?.into_iter().next();
        let connection = connections.get(&conflict.connection).cloned();
        details.push(ConflictDetails { conflict, tenant: tenant.clone(), connection, owner, resource });
    }
    Ok(details)
}
