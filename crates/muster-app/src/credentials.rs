//! The credentials of a connection: two may be good at once, so that one replaces the other without a gap.

use jiff::Timestamp;
use muster_model::{Connection, ConnectionId, Credential, CredentialDigest, CredentialId, Token, TokenKind};
use serde_json::{Value, json};

use crate::api_tokens::Lifetime;
use crate::operator::{Grants, may};
use crate::system_log::Deed;
use crate::{App, AppError, connections};

/// A token of a connection lives this long unless something else is asked for, and at most so long unless it never expires.
pub const LIFETIME_DAYS: u32 = 730;
/// As many may be good at once.
pub const MOST: usize = 2;

/// A credential with its token, which cannot be shown again.
pub struct IssuedCredential {
    pub credential: Credential,
    pub token: Token,
}

/// Each with the time of its last use, to the minute.
pub async fn list(
    app: &App,
    access: &impl Grants<may::ReadCredentials>,
    connection: ConnectionId,
) -> Result<Vec<(Credential, Option<Timestamp>)>, AppError> {
    connections::find_within(app, access.reach(), connection).await?;
    Ok(app.store.list_credentials(connection).await?)
}

/// Issues one more, beside those that there are.
pub async fn issue(
    app: &App,
    access: &impl Grants<may::ChangeCredentials>,
    connection: ConnectionId,
    lifetime: Lifetime,
) -> Result<IssuedCredential, AppError> {
    let (connection, _) = connections::find_within(app, access.reach(), connection).await?;
    add(app, access, "credential.issued", new(app, &connection, lifetime, None)?).await
}

/// The first step of a rotation: a second credential that is to replace the first. Both are good until the rotation is
/// completed or cancelled.
pub async fn start_rotation(
    app: &App,
    access: &impl Grants<may::ChangeCredentials>,
    connection: ConnectionId,
    replaced: CredentialId,
    lifetime: Lifetime,
) -> Result<IssuedCredential, AppError> {
    let (connection, _) = connections::find_within(app, access.reach(), connection).await?;
    add(app, access, "credential.rotation_started", new(app, &connection, lifetime, Some(replaced))?).await
}

/// The last step: the replaced credential is refused from the next request on. Gives the one that is left.
pub async fn complete_rotation(
    app: &App,
    access: &impl Grants<may::ChangeCredentials>,
    connection: ConnectionId,
    replaced: CredentialId,
) -> Result<Credential, AppError> {
    let (_, tenant) = connections::find_within(app, access.reach(), connection).await?;
    let successor = successor_of(app, connection, replaced).await?;
    let deed = Deed::new("credential.rotation_completed", Some(tenant.id), replaced).after(told(&successor));
    app.noting(access, deed).delete_credential(connection, replaced).await?;
    Ok(Credential { replaces: None, ..successor })
}

/// The step back: the new credential is refused from the next request on.
pub async fn cancel_rotation(
    app: &App,
    access: &impl Grants<may::ChangeCredentials>,
    connection: ConnectionId,
    replaced: CredentialId,
) -> Result<(), AppError> {
    let (_, tenant) = connections::find_within(app, access.reach(), connection).await?;
    let successor = successor_of(app, connection, replaced).await?;
    let deed = Deed::new("credential.rotation_cancelled", Some(tenant.id), replaced).before(told(&successor));
    app.noting(access, deed).delete_credential(connection, successor.id).await?;
    Ok(())
}

/// The credential is refused from the next request on, until it is resumed.
pub async fn suspend(
    app: &App,
    access: &impl Grants<may::ChangeCredentials>,
    connection: ConnectionId,
    id: CredentialId,
) -> Result<(), AppError> {
    set_suspended(app, access, connection, id, Some(app.now())).await
}

pub async fn resume(
    app: &App,
    access: &impl Grants<may::ChangeCredentials>,
    connection: ConnectionId,
    id: CredentialId,
) -> Result<(), AppError> {
    set_suspended(app, access, connection, id, None).await
}

/// The credential is refused from the next request on, for ever.
pub async fn revoke(
    app: &App,
    access: &impl Grants<may::ChangeCredentials>,
    connection: ConnectionId,
    id: CredentialId,
) -> Result<(), AppError> {
    let (_, tenant) = connections::find_within(app, access.reach(), connection).await?;
    let deed = Deed::new("credential.revoked", Some(tenant.id), id).before(json!({ "connection": connection }));
    if app.noting(access, deed).delete_credential(connection, id).await? {
        Ok(())
    } else {
        Err(AppError::CredentialNotFound)
    }
}

/// One that is not stored yet.
pub(crate) fn new(
    app: &App,
    connection: &Connection,
    lifetime: Lifetime,
    replaces: Option<CredentialId>,
) -> Result<IssuedCredential, AppError> {
    let token = Token::new(TokenKind::ScimBearer, app.rng.as_ref());
    let created = app.now();
    let credential = Credential {
        id: CredentialId::new(app.clock.as_ref(), app.rng.as_ref()),
        tenant: connection.tenant,
        connection: connection.id,
        digest: CredentialDigest::of(&token),
        last_four: token.last_four().to_owned(),
        created,
        expires: lifetime.end(created, LIFETIME_DAYS, LIFETIME_DAYS)?,
        suspended: None,
        replaces,
    };
    Ok(IssuedCredential { credential, token })
}

async fn add(
    app: &App,
    access: &impl Grants<may::ChangeCredentials>,
    action: &'static str,
    issued: IssuedCredential,
) -> Result<IssuedCredential, AppError> {
    let credential = &issued.credential;
    let deed = Deed::new(action, Some(credential.tenant), credential.id).after(told(credential));
    let added = app.noting(access, deed).add_credential(credential, MOST).await;
    added.map_err(|error| AppError::from_registry(error, "", ""))?;
    Ok(issued)
}

async fn set_suspended(
    app: &App,
    access: &impl Grants<may::ChangeCredentials>,
    connection: ConnectionId,
    id: CredentialId,
    since: Option<Timestamp>,
) -> Result<(), AppError> {
    let (_, tenant) = connections::find_within(app, access.reach(), connection).await?;
    let action = if since.is_some() { "credential.suspended" } else { "credential.resumed" };
    let deed = Deed::new(action, Some(tenant.id), id).after(json!({ "connection": connection }));
    let is_there = app.noting(access, deed).suspend_credential(connection, id, since).await?;
    if is_there { Ok(()) } else { Err(AppError::CredentialNotFound) }
}

/// For the system log.
pub(crate) fn told(credential: &Credential) -> Value {
    json!({
        "connection": credential.connection,
        "last_four": credential.last_four,
        "expires": credential.expires.map(|at| at.to_string()),
        "replaces": credential.replaces,
    })
}

async fn successor_of(app: &App, connection: ConnectionId, replaced: CredentialId) -> Result<Credential, AppError> {
    let listed = app.store.list_credentials(connection).await?;
    if !listed.iter().any(|(credential, _)| credential.id == replaced) {
        return Err(AppError::CredentialNotFound);
    }
    let mut credentials = listed.into_iter().map(|(credential, _)| credential);
    credentials.find(|credential| credential.replaces == Some(replaced)).ok_or(AppError::NoRotation)
}
