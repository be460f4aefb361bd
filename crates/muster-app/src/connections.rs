//! Inbound connections and their bearer tokens.

use std::collections::HashMap;

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use muster_model::{
    ConflictState, Connection, ConnectionId, Credential, CredentialDigest, CredentialId, GuardUse, HeldOperation,
    OverrideChanges, Overrides, Provider, RepairCount, Tenant, Token, TokenKind, TypeName,
};
use muster_store::Scope;

use crate::{App, AppError, OperatorAccess, profile, tenants};

/// A token lives this long unless something else is asked for.
const TOKEN_LIFETIME_DAYS: i32 = 730;
const LONGEST_NAME: usize = 128;

pub struct NewConnection {
    /// The tenant's name; `None` means the default tenant.
    pub tenant: Option<String>,
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
    pub expires: Option<Timestamp>,
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

/// Creates a connection and its first token.
pub async fn create(app: &App, _access: &OperatorAccess, new: NewConnection) -> Result<CreatedConnection, AppError> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(AppError::InvalidInput(format!(
            "the name of a connection has 1 to {LONGEST_NAME} characters, none of them control characters"
        )));
    }
    let tenant = tenants::find_by_name(app, new.tenant.as_deref().unwrap_or(Tenant::DEFAULT_NAME)).await?;
    let mut overrides = Overrides::default();
    overrides.change(checked(&new.overrides)?);
    let connection = Connection {
        id: ConnectionId::new(app.clock.as_ref(), app.rng.as_ref()),
        tenant: tenant.id,
        name: name.to_owned(),
        provider: new.provider,
        overrides,
        created: app.now(),
    };
    let (token, credential) = issue_token(app, &connection);
    app.store
        .create_connection(&connection, &credential)
        .await
        .map_err(|error| AppError::from_registry(error, name, &tenant.name))?;
    Ok(CreatedConnection { connection, tenant, token, expires: credential.expires })
}

/// The connections of one tenant or of all, in order of creation.
pub async fn list(
    app: &App,
    _access: &OperatorAccess,
    tenant: Option<&str>,
) -> Result<Vec<(Connection, Tenant)>, AppError> {
    let only = match tenant {
        Some(name) => Some(tenants::find_by_name(app, name).await?.id),
        None => None,
    };
    let tenants: HashMap<_, _> =
        app.store.list_tenants().await?.into_iter().map(|tenant| (tenant.id, tenant)).collect();
    let connections = app.store.list_connections(only).await?;
    Ok(connections
        .into_iter()
        .filter_map(|connection| tenants.get(&connection.tenant).cloned().map(|tenant| (connection, tenant)))
        .collect())
}

pub async fn show(app: &App, _access: &OperatorAccess, id: ConnectionId) -> Result<ConnectionDetails, AppError> {
    let (connection, tenant) = find(app, id).await?;
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
    access: &OperatorAccess,
    id: ConnectionId,
    provider: Option<Provider>,
    changes: &OverrideChanges,
) -> Result<ConnectionDetails, AppError> {
    app.store
        .change_profile(id, provider, checked(changes)?)
        .await
        .map_err(|error| AppError::from_registry(error, "", ""))?;
    show(app, access, id).await
}

fn checked(changes: &OverrideChanges) -> Result<&OverrideChanges, AppError> {
    profile::check_overrides(changes).map_err(|problem| AppError::InvalidInput(problem.to_string()))?;
    Ok(changes)
}

/// Deletes a connection and its tokens. The people and groups it brought stay, without an owner.
pub async fn delete(app: &App, _access: &OperatorAccess, id: ConnectionId) -> Result<(), AppError> {
    if app.store.delete_connection(id).await? { Ok(()) } else { Err(AppError::ConnectionNotFound) }
}

/// Issues a new token; every older one of the connection is refused from the next request on.
pub async fn rotate_token(
    app: &App,
    _access: &OperatorAccess,
    id: ConnectionId,
) -> Result<CreatedConnection, AppError> {
    let (connection, tenant) = find(app, id).await?;
    let (token, credential) = issue_token(app, &connection);
    app.store
        .replace_credentials(&credential)
        .await
        .map_err(|error| AppError::from_registry(error, &connection.name, &tenant.name))?;
    Ok(CreatedConnection { connection, tenant, token, expires: credential.expires })
}

pub(crate) async fn find(app: &App, id: ConnectionId) -> Result<(Connection, Tenant), AppError> {
    let connection = app.store.find_connection(id).await?.ok_or(AppError::ConnectionNotFound)?;
    let tenants = app.store.list_tenants().await?;
    let tenant =
        tenants.into_iter().find(|tenant| tenant.id == connection.tenant).ok_or(AppError::ConnectionNotFound)?;
    Ok((connection, tenant))
}

fn issue_token(app: &App, connection: &Connection) -> (Token, Credential) {
    let token = Token::new(TokenKind::ScimBearer, app.rng.as_ref());
    let created = app.now();
    let expires = created.to_zoned(TimeZone::UTC).checked_add(TOKEN_LIFETIME_DAYS.days()).ok();
    let credential = Credential {
        id: CredentialId::new(app.clock.as_ref(), app.rng.as_ref()),
        tenant: connection.tenant,
        connection: connection.id,
        digest: CredentialDigest::of(&token),
        last_four: token.last_four().to_owned(),
        created,
        expires: expires.map(|zoned| zoned.timestamp()),
    };
    (token, credential)
}
