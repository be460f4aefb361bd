//! From a bearer token to a caller who may act for one connection.

use std::sync::Arc;

use muster_model::{Connection, CredentialDigest, CredentialId, Token, TokenKind};
use muster_store::{Batch, CommitError, Committed, Directory, FoundCaller, Scope};
use scim::schema::SchemaSet;
use scim::{ResourceSchema, Schema};

use crate::requests::{self, RequestTrace};
use crate::{App, AppError, Profile};

/// Proof that the caller is the identity provider of a connection. Only [`authenticate`] makes one, and
/// an operator's release of what that provider asked for, or his first filling of the connection; and every use case on resources takes one, so nothing is read
/// or changed without it and never in another tenant.
#[derive(Clone, Debug)]
pub struct ScimCaller {
    connection: Connection,
    credential: CredentialId,
    profile: Profile,
    schemas: Arc<SchemaSet>,
    /// The id under which the log has the request.
    request: Option<String>,
    /// Where what becomes of the request is noted for the request log.
    trace: Option<Arc<RequestTrace>>,
}

impl ScimCaller {
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    pub fn credential(&self) -> CredentialId {
        self.credential
    }

    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The resource types that this connection sees, with their schemas, in the order of `/ResourceTypes`.
    pub fn resource_schemas(&self) -> &[Arc<ResourceSchema>] {
        self.schemas.resource_schemas()
    }

    /// The schemas that `/Schemas` lists for this connection.
    pub fn schemas(&self) -> &[Arc<Schema>] {
        self.schemas.schemas()
    }

    /// The same with the id under which the log has the request.
    #[must_use]
    pub fn with_request(self, request: Option<String>) -> Self {
        Self { request, ..self }
    }

    /// The same with a place where it is noted what becomes of the request.
    #[must_use]
    pub fn with_trace(self, trace: Arc<RequestTrace>) -> Self {
        trace.note_caller(self.connection.tenant, self.connection.id, self.credential, &self.schemas);
        Self { trace: Some(trace), ..self }
    }

    pub(crate) fn trace(&self) -> Option<&RequestTrace> {
        self.trace.as_deref()
    }

    /// Commits what the caller asked for, and notes it for the request log.
    pub(crate) async fn commit(&self, app: &App, batch: Batch) -> Result<Committed, CommitError> {
        let (subject, at) = (requests::subject(&batch.writes), batch.at);
        let committed = self.directory(app).commit(batch).await?;
        if let Some(trace) = self.trace() {
            trace.note_commit(subject, at, &committed);
        }
        Ok(committed)
    }

    pub(crate) fn request(&self) -> Option<&str> {
        self.request.as_deref()
    }

    /// For an operator who has done what the connection asked for and the guard held, or loads what it shall own: the use
    /// case has seen his right to it. The guard has spoken already, and nobody is there to name a version.
    pub(crate) async fn of_released(app: &App, connection: &Connection) -> Result<Self, AppError> {
        let profile = Profile { guard_percent: 0, require_if_match: false, ..Profile::of(connection) };
        let credential = CredentialId::from_uuid(uuid::Uuid::nil());
        let directory = app.store.directory(connection.tenant, Scope::Tenant);
        let schemas = app.schemas.read(directory.as_ref(), connection.tenant, &profile).await?;
        Ok(Self { connection: connection.clone(), credential, profile, schemas, request: None, trace: None })
    }

    /// What the caller sees and may change (docs/adr/0017).
    fn scope(&self) -> Scope {
        if self.profile.sees_whole_tenant { Scope::Tenant } else { Scope::Connection(self.connection.id) }
    }

    /// The only way from a caller to the resources of his tenant.
    pub(crate) fn directory(&self, app: &App) -> Arc<dyn Directory> {
        app.store.directory(self.connection.tenant, self.scope())
    }
}

/// Checks a token against the connection in the address. Every failure is the same [`AppError::Unauthenticated`]: who
/// guesses must not learn whether the connection exists, the token does, or only the pair is wrong.
pub async fn authenticate(app: &Arc<App>, connection: &str, token: Option<&str>) -> Result<ScimCaller, AppError> {
    // The checksum refuses typos and other vendors' tokens before the database is asked.
    let token = token.and_then(|text| Token::parse(TokenKind::ScimBearer, text)).ok_or(AppError::Unauthenticated)?;
    let digest = CredentialDigest::of(&token);
    let FoundCaller { credential, connection: found, schema_revision } =
        app.store.find_caller(&digest).await?.ok_or(AppError::Unauthenticated)?;
    let now = app.now();
    let is_same_connection = found.id.to_string() == connection;
    // The index found the digest; comparing again in constant time makes the index's comparison no oracle.
    if credential.digest != digest || !is_same_connection || !credential.is_live(now) {
        return Err(AppError::Unauthenticated);
    }
    record_use(app, &credential.id, &found);
    if found.suspended.is_some() {
        return Err(AppError::ConnectionSuspended);
    }
    let profile = Profile::of(&found);
    let directory = app.store.directory(found.tenant, Scope::Tenant);
    let schemas = app.schemas.of(directory.as_ref(), found.tenant, schema_revision, &profile).await?;
    Ok(ScimCaller { profile, connection: found, credential: credential.id, schemas, request: None, trace: None })
}

/// Notes the use once a minute, beside the request: nobody waits for it, and a failure only makes the note older.
fn record_use(app: &Arc<App>, credential: &CredentialId, connection: &Connection) {
    let now = app.now();
    let minute = now.as_second() / 60;
    {
        let Ok(mut recorded) = app.recorded_uses.lock() else { return };
        if recorded.insert(*credential, minute) == Some(minute) {
            return;
        }
    }
    let directory = app.store.directory(connection.tenant, Scope::Connection(connection.id));
    let credential = *credential;
    tokio::spawn(async move {
        if let Err(error) = directory.record_credential_use(credential, now).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the use of a credential was not recorded");
        }
    });
}
