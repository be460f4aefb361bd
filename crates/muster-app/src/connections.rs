//! Inbound connections.

use std::collections::HashMap;

use jiff::Timestamp;
use muster_model::{
    ConflictState, Connection, ConnectionId, Credential, GuardUse, HeldOperation, OverrideChanges, Overrides, Provider,
    Reach, RepairCount, Tenant, TenantId, Token, TypeName,
};
use muster_store::{ConnectionChange, Scope};
use serde_json::{Value, json};

use crate::api_tokens::Lifetime;
use crate::operator::{Grants, may};
use crate::system_log::Deed;
use crate::tenants::TenantName;
use crate::wording::check_name;
use crate::{App, AppError, credentials, profile, tenants};

pub struct NewConnection {
    /// `None` means the tenant that the caller is bound to, or the default tenant.
    pub tenant: Option<TenantName>,
    pub name: String,
    pub provider: Provider,
    /// Knobs that the connection sets otherwise than its provider's profile.
    pub overrides: OverrideChanges,
}

/// A connection with its new token, which cannot be shown again.
pub struct CreatedConnection {
    pub connection: Connection,
    pub tenant: Tenant,
    pub token: Token,
    pub credential: Credential,
}

pub struct ConnectionDetails {
    pub connection: Connection,
    pub tenant: Tenant,
    /// Each with the time of its last use, to the minute.
    pub credentials: Vec<(Credential, Option<Timestamp>)>,
    /// How often its messages had to be repaired; what was counted in the last minute may still be missing.
    pub repairs: Vec<RepairCount>,
    /// How many resources of each type it owns.
    pub owned: Vec<(TypeName, u64)>,
    /// How many conflicts wait for a person.
    pub open_conflicts: u64,
    /// How many changes the guard holds; each member who is to leave a group is one.
    pub held: u64,
    /// What it took away lately, as far as the guard counts it.
    pub guard_use: Vec<GuardUse>,
}

impl ConnectionDetails {
    pub fn state(&self) -> ConnectionState {
        ConnectionState::of(&self.connection, &self.credentials)
    }
}

/// Where a connection is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// Nobody has called yet.
    Waiting,
    Active,
    /// An operator has stopped it.
    Suspended,
}

impl ConnectionState {
    pub fn of(connection: &Connection, credentials: &[(Credential, Option<Timestamp>)]) -> Self {
        if connection.suspended.is_some() {
            Self::Suspended
        } else if credentials.iter().any(|(_, last_used)| last_used.is_some()) {
            Self::Active
        } else {
            Self::Waiting
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

/// What of a connection is to change; what is not named stays.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Only if the settings have this revision still.
    pub expected: Option<u64>,
    pub name: Option<String>,
    pub provider: Option<Provider>,
    pub overrides: OverrideChanges,
}

/// Creates a connection and its first token.
pub async fn create(
    app: &App,
    access: &impl Grants<may::CreateConnections>,
    new: NewConnection,
) -> Result<CreatedConnection, AppError> {
    create_with(app, access, new, Lifetime::Usual).await
}

/// The same with a token that lives as long as is asked for.
pub async fn create_with(
    app: &App,
    access: &impl Grants<may::CreateConnections>,
    new: NewConnection,
    lifetime: Lifetime,
) -> Result<CreatedConnection, AppError> {
    let name = check_name("a connection", &new.name)?;
    let tenant = tenants::named(app, access.reach(), new.tenant).await?;
    let mut overrides = Overrides::default();
    overrides.change(checked(&new.overrides)?);
    let connection = Connection {
        id: ConnectionId::new(app.clock.as_ref(), app.rng.as_ref()),
        tenant: tenant.id,
        name,
        provider: new.provider,
        overrides,
        created: app.now(),
        revision: Connection::FIRST_REVISION,
        suspended: None,
    };
    let issued = credentials::new(app, &connection, lifetime, None)?;
    let deed = Deed::new("connection.created", Some(tenant.id), connection.id).after(told(&connection));
    app.noting(access, deed)
        .create_connection(&connection, &issued.credential)
        .await
        .map_err(|error| AppError::from_registry(error, &connection.name, &tenant.name))?;
    Ok(CreatedConnection { connection, tenant, token: issued.token, credential: issued.credential })
}

/// The connections of one tenant or of all, in order of creation.
pub async fn list(
    app: &App,
    access: &impl Grants<may::ReadConnections>,
    tenant: Option<TenantName>,
) -> Result<Vec<(Connection, Tenant)>, AppError> {
    list_within(app, access.reach(), tenant).await
}

pub(crate) async fn list_within(
    app: &App,
    reach: Reach,
    tenant: Option<TenantName>,
) -> Result<Vec<(Connection, Tenant)>, AppError> {
    let only = match tenant {
        Some(name) => Some(tenants::named(app, reach, Some(name)).await?.id),
        None => reach.tenant(),
    };
    let tenants: HashMap<_, _> =
        tenants::within(app, reach).await?.into_iter().map(|tenant| (tenant.id, tenant)).collect();
    let connections = app.store.list_connections(only).await?;
    Ok(connections
        .into_iter()
        .filter_map(|connection| tenants.get(&connection.tenant).cloned().map(|tenant| (connection, tenant)))
        .collect())
}

/// At most `limit` connections after that one, in order of creation, each with its credentials, and whether there are more.
pub async fn page(
    app: &App,
    access: &impl Grants<may::ReadConnections>,
    tenant: Option<TenantId>,
    after: Option<ConnectionId>,
    limit: usize,
) -> Result<(Vec<(Connection, ConnectionState)>, bool), AppError> {
    let within = access.reach().tenant();
    if tenant.is_some() && within.is_some() && tenant != within {
        return Ok((Vec::new(), false));
    }
    let mut found = app.store.page_connections(tenant.or(within), after, limit + 1).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let mut page = Vec::with_capacity(found.len());
    for connection in found {
        let credentials = app.store.list_credentials(connection.id).await?;
        let state = ConnectionState::of(&connection, &credentials);
        page.push((connection, state));
    }
    Ok((page, has_more))
}

pub async fn show(
    app: &App,
    access: &impl Grants<may::ReadConnections>,
    id: ConnectionId,
) -> Result<ConnectionDetails, AppError> {
    let found = find_within(app, access.reach(), id).await?;
    details(app, found).await
}

async fn details(app: &App, (connection, tenant): (Connection, Tenant)) -> Result<ConnectionDetails, AppError> {
    let id = connection.id;
    let credentials = app.store.list_credentials(id).await?;
    let directory = app.store.directory(tenant.id, Scope::Tenant);
    let repairs = directory.list_repairs(id).await?;
    let owned = directory.count_owned(id).await?;
    let open_conflicts = directory.count_conflicts(id, ConflictState::Open).await?;
    let held = directory.list_held(Some(id)).await?.iter().map(HeldOperation::changes).sum();
    let guard_use = directory.list_guard_use(id, app.now()).await?;
    Ok(ConnectionDetails { connection, tenant, credentials, repairs, owned, open_conflicts, held, guard_use })
}

/// Changes whom a connection is for, when that is given, and the named knobs; what is not named stays. The next request of
/// the connection is answered accordingly.
pub async fn change_profile(
    app: &App,
    access: &impl Grants<may::ChangeConnections>,
    id: ConnectionId,
    provider: Option<Provider>,
    changes: &OverrideChanges,
) -> Result<ConnectionDetails, AppError> {
    change(app, access, id, Changes { provider, overrides: changes.clone(), ..Changes::default() }).await
}

/// Changes what is named. The next request of the connection is answered accordingly.
pub async fn change(
    app: &App,
    access: &impl Grants<may::ChangeConnections>,
    id: ConnectionId,
    changes: Changes,
) -> Result<ConnectionDetails, AppError> {
    let name = changes.name.as_deref().map(|name| check_name("a connection", name)).transpose()?;
    let overrides = checked(&changes.overrides)?.clone();
    let Changes { expected, provider, .. } = changes;
    let change = ConnectionChange { expected, name, provider, overrides, suspended: None };
    apply(app, access, id, "connection.changed", change).await
}

/// Its requests are refused from the next one on, until it is resumed. Nothing else changes.
pub async fn suspend(
    app: &App,
    access: &impl Grants<may::ChangeConnections>,
    id: ConnectionId,
) -> Result<ConnectionDetails, AppError> {
    set_suspended(app, access, id, Some(app.now())).await
}

pub async fn resume(
    app: &App,
    access: &impl Grants<may::ChangeConnections>,
    id: ConnectionId,
) -> Result<ConnectionDetails, AppError> {
    set_suspended(app, access, id, None).await
}

async fn set_suspended(
    app: &App,
    access: &impl Grants<may::ChangeConnections>,
    id: ConnectionId,
    since: Option<Timestamp>,
) -> Result<ConnectionDetails, AppError> {
    let change = ConnectionChange { suspended: Some(since), ..ConnectionChange::default() };
    let action = if since.is_some() { "connection.suspended" } else { "connection.resumed" };
    apply(app, access, id, action, change).await
}

async fn apply(
    app: &App,
    access: &impl Grants<may::ChangeConnections>,
    id: ConnectionId,
    action: &'static str,
    change: ConnectionChange,
) -> Result<ConnectionDetails, AppError> {
    let (before, tenant) = find_within(app, access.reach(), id).await?;
    let name = change.name.clone().unwrap_or_default();
    let deed = Deed::new(action, Some(tenant.id), id).before(told(&before)).after(told(&change.applied_to(&before)));
    let changed = app.noting(access, deed).change_connection(id, &change).await;
    let connection = changed.map_err(|error| AppError::from_registry(error, &name, &tenant.name))?;
    details(app, (connection, tenant)).await
}

fn checked(changes: &OverrideChanges) -> Result<&OverrideChanges, AppError> {
    profile::check_overrides(changes).map_err(|problem| AppError::InvalidInput(problem.to_string()))?;
    Ok(changes)
}

/// Deletes a connection and its tokens. The people and groups it brought stay, without an owner.
pub async fn delete(app: &App, access: &impl Grants<may::DeleteConnections>, id: ConnectionId) -> Result<(), AppError> {
    let (connection, tenant) = find_within(app, access.reach(), id).await?;
    let deed = Deed::new("connection.deleted", Some(tenant.id), id).before(told(&connection));
    if app.noting(access, deed).delete_connection(id).await? { Ok(()) } else { Err(AppError::ConnectionNotFound) }
}

/// Issues a new token; every older one of the connection is refused from the next request on.
pub async fn rotate_token(
    app: &App,
    access: &impl Grants<may::ChangeCredentials>,
    id: ConnectionId,
) -> Result<CreatedConnection, AppError> {
    let (connection, tenant) = find_within(app, access.reach(), id).await?;
    let issued = credentials::new(app, &connection, Lifetime::Usual, None)?;
    let deed = Deed::new("credential.replaced_all", Some(tenant.id), issued.credential.id);
    let deed = deed.after(credentials::told(&issued.credential));
    app.noting(access, deed)
        .replace_credentials(&issued.credential)
        .await
        .map_err(|error| AppError::from_registry(error, &connection.name, &tenant.name))?;
    Ok(CreatedConnection { connection, tenant, token: issued.token, credential: issued.credential })
}

/// For the system log.
fn told(connection: &Connection) -> Value {
    json!({
        "name": connection.name,
        "provider": connection.provider.as_str(),
        "overrides": connection.overrides,
        "suspended": connection.suspended.map(|at| at.to_string()),
    })
}

/// What is beyond the reach is answered like what was never there.
pub(crate) async fn find_within(app: &App, reach: Reach, id: ConnectionId) -> Result<(Connection, Tenant), AppError> {
    let found = app.store.find_connection(id).await?.filter(|connection| reach.includes(connection.tenant));
    let connection = found.ok_or(AppError::ConnectionNotFound)?;
    let tenant = app.store.find_tenant(connection.tenant).await?.ok_or(AppError::ConnectionNotFound)?;
    Ok((connection, tenant))
}
