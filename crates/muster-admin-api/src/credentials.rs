//! The credentials of a connection.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use muster_app::api_tokens::Lifetime;
use muster_app::credentials;
use muster_model::{ConnectionId, Credential, CredentialId, Token, TokenKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::Caller;
use crate::page::Page;
use crate::problem::{Problem, ProblemBody};
use crate::request::{Json, Path, Whole};
use crate::revision::Fresh;
use crate::service::{Service, Shared};

pub(crate) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(list, issue))
        .routes(routes!(revoke))
        .routes(routes!(suspend))
        .routes(routes!(resume))
        .routes(routes!(start_rotation, cancel_rotation))
        .routes(routes!(complete_rotation))
}

/// How long a token lives.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenLife {
    /// Left out: as long as is usual. `never`: until somebody revokes it, by a deliberate choice.
    expires_in_days: Option<Days>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Days {
    Number(Whole),
    Word(Never),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Never {
    Never,
}

impl utoipa::PartialSchema for Days {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
        let longest = muster_app::credentials::LIFETIME_DAYS;
        let days = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(longest));
        let never = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["never"]));
        OneOfBuilder::new().item(days).item(never).description(Some("A number of days, or never")).into()
    }
}

impl ToSchema for Days {
    fn name() -> std::borrow::Cow<'static, str> {
        "Days".into()
    }
}

impl TokenLife {
    pub(crate) fn read(self) -> Lifetime {
        match self.expires_in_days {
            None => Lifetime::Usual,
            Some(Days::Number(Whole(days))) => Lifetime::Days(days),
            Some(Days::Word(Never::Never)) => Lifetime::Unlimited,
        }
    }
}

/// A bearer token's record. The token itself is shown once and kept nowhere.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Credential)]
pub(crate) struct CredentialBody {
    /// Always `credential`.
    object: &'static str,
    #[schema(pattern = "^crd_[0-9a-f]{32}$")]
    id: String,
    #[schema(pattern = "^con_[0-9a-f]{32}$")]
    connection_id: String,
    /// What the token begins with,
    prefix: &'static str,
    /// and what it ends with.
    last_four: String,
    #[schema(format = DateTime)]
    created: String,
    /// Left out: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    expires: Option<String>,
    /// Since when it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    suspended: Option<String>,
    /// To the minute; left out: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    last_used: Option<String>,
    /// The credential that it is to replace, while both are good.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^crd_[0-9a-f]{32}$")]
    replaces: Option<String>,
}

impl CredentialBody {
    fn of(credential: &Credential, last_used: Option<String>) -> Self {
        Self {
            object: "credential",
            id: credential.id.to_string(),
            connection_id: credential.connection.to_string(),
            prefix: TokenKind::ScimBearer.prefix(),
            last_four: credential.last_four.clone(),
            created: credential.created.to_string(),
            expires: credential.expires.map(|at| at.to_string()),
            suspended: credential.suspended.map(|at| at.to_string()),
            last_used,
            replaces: credential.replaces.map(|id| id.to_string()),
        }
    }
}

/// A credential with its token, which cannot be shown again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IssuedCredential {
    #[serde(flatten)]
    credential: CredentialBody,
    /// What the identity provider is given.
    token: String,
}

impl IssuedCredential {
    pub(crate) fn of(credential: &Credential, token: &Token) -> Self {
        Self { credential: CredentialBody::of(credential, None), token: token.expose().to_owned() }
    }
}

type Issued = (StatusCode, Fresh<Answer<IssuedCredential>>);

fn issued(issued: &credentials::IssuedCredential) -> Issued {
    let body = IssuedCredential::of(&issued.credential, &issued.token);
    (StatusCode::CREATED, Fresh(Answer(body)))
}

/// List the credentials of a connection
#[utoipa::path(
    get, path = "/api/v1/connections/{connection_id}/credentials", tag = "Credentials", operation_id = "list_credentials",
    params(("connection_id" = String, Path, description = "The connection", pattern = "^con_[0-9a-f]{32}$")),
    responses(
        (status = 200, description = "All of them, in order of creation", body = Page<CredentialBody>),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): Shared,
    Caller(caller): Caller,
    Path(connection): Path<ConnectionId>,
) -> Result<Answer<Page<CredentialBody>>, Problem> {
    let found = credentials::list(&service.app, &caller.grant()?, connection).await?;
    let data = found.iter().map(|(one, last_used)| CredentialBody::of(one, last_used.map(|at| at.to_string())));
    Ok(Answer(Page::new(data.collect(), false, None)))
}

/// Issue one more credential
///
/// Beside those that there are; two may be good at once.
#[utoipa::path(
    post, path = "/api/v1/connections/{connection_id}/credentials", tag = "Credentials",
    operation_id = "issue_credential",
    params(("connection_id" = String, Path, description = "The connection", pattern = "^con_[0-9a-f]{32}$")),
    request_body = TokenLife,
    responses(
        (status = 201, description = "The token, shown this once", body = IssuedCredential),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn issue(
    State(service): Shared,
    Caller(caller): Caller,
    Path(connection): Path<ConnectionId>,
    Json(life): Json<TokenLife>,
) -> Result<Issued, Problem> {
    let access = caller.grant()?;
    Ok(issued(&credentials::issue(&service.app, &access, connection, life.read()).await?))
}

/// Revoke a credential
///
/// It is refused from the next request on, for ever.
#[utoipa::path(
    delete, path = "/api/v1/connections/{connection_id}/credentials/{credential_id}", tag = "Credentials",
    operation_id = "revoke_credential",
    params(
        ("connection_id" = String, Path, description = "The connection", pattern = "^con_[0-9a-f]{32}$"),
        ("credential_id" = String, Path, description = "The credential", pattern = "^crd_[0-9a-f]{32}$"),
    ),
    responses(
        (status = 204, description = "It is revoked"),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn revoke(
    State(service): Shared,
    Caller(caller): Caller,
    Path((connection, id)): Path<(ConnectionId, CredentialId)>,
) -> Result<StatusCode, Problem> {
    credentials::revoke(&service.app, &caller.grant()?, connection, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Suspend a credential
///
/// It is refused from the next request on, until it is resumed.
#[utoipa::path(
    post, path = "/api/v1/connections/{connection_id}/credentials/{credential_id}/suspend", tag = "Credentials",
    operation_id = "suspend_credential",
    params(
        ("connection_id" = String, Path, description = "The connection", pattern = "^con_[0-9a-f]{32}$"),
        ("credential_id" = String, Path, description = "The credential", pattern = "^crd_[0-9a-f]{32}$"),
    ),
    responses(
        (status = 204, description = "It is suspended"),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn suspend(
    State(service): Shared,
    Caller(caller): Caller,
    Path((connection, id)): Path<(ConnectionId, CredentialId)>,
) -> Result<StatusCode, Problem> {
    credentials::suspend(&service.app, &caller.grant()?, connection, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Resume a suspended credential
#[utoipa::path(
    post, path = "/api/v1/connections/{connection_id}/credentials/{credential_id}/resume", tag = "Credentials",
    operation_id = "resume_credential",
    params(
        ("connection_id" = String, Path, description = "The connection", pattern = "^con_[0-9a-f]{32}$"),
        ("credential_id" = String, Path, description = "The credential", pattern = "^crd_[0-9a-f]{32}$"),
    ),
    responses(
        (status = 204, description = "It is good again"),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn resume(
    State(service): Shared,
    Caller(caller): Caller,
    Path((connection, id)): Path<(ConnectionId, CredentialId)>,
) -> Result<StatusCode, Problem> {
    credentials::resume(&service.app, &caller.grant()?, connection, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Start a rotation
///
/// Issues a credential that is to replace this one. Both are good until the rotation is completed or cancelled.
#[utoipa::path(
    post, path = "/api/v1/connections/{connection_id}/credentials/{credential_id}/rotation", tag = "Credentials",
    operation_id = "start_rotation",
    params(
        ("connection_id" = String, Path, description = "The connection", pattern = "^con_[0-9a-f]{32}$"),
        ("credential_id" = String, Path, description = "The credential to be replaced", pattern = "^crd_[0-9a-f]{32}$"),
    ),
    request_body = TokenLife,
    responses(
        (status = 201, description = "The new token, shown this once", body = IssuedCredential),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn start_rotation(
    State(service): Shared,
    Caller(caller): Caller,
    Path((connection, id)): Path<(ConnectionId, CredentialId)>,
    Json(life): Json<TokenLife>,
) -> Result<Issued, Problem> {
    let access = caller.grant()?;
    Ok(issued(&credentials::start_rotation(&service.app, &access, connection, id, life.read()).await?))
}

/// Cancel a rotation
///
/// The new credential is refused from the next request on.
#[utoipa::path(
    delete, path = "/api/v1/connections/{connection_id}/credentials/{credential_id}/rotation", tag = "Credentials",
    operation_id = "cancel_rotation",
    params(
        ("connection_id" = String, Path, description = "The connection", pattern = "^con_[0-9a-f]{32}$"),
        ("credential_id" = String, Path, description = "The credential to be kept", pattern = "^crd_[0-9a-f]{32}$"),
    ),
    responses(
        (status = 204, description = "The old credential is the only one"),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn cancel_rotation(
    State(service): Shared,
    Caller(caller): Caller,
    Path((connection, id)): Path<(ConnectionId, CredentialId)>,
) -> Result<StatusCode, Problem> {
    credentials::cancel_rotation(&service.app, &caller.grant()?, connection, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Complete a rotation
///
/// The replaced credential is refused from the next request on.
#[utoipa::path(
    post, path = "/api/v1/connections/{connection_id}/credentials/{credential_id}/rotation/complete",
    tag = "Credentials", operation_id = "complete_rotation",
    params(
        ("connection_id" = String, Path, description = "The connection", pattern = "^con_[0-9a-f]{32}$"),
        ("credential_id" = String, Path, description = "The credential to be replaced", pattern = "^crd_[0-9a-f]{32}$"),
    ),
    responses(
        (status = 200, description = "The credential that is left", body = CredentialBody),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn complete_rotation(
    State(service): Shared,
    Caller(caller): Caller,
    Path((connection, id)): Path<(ConnectionId, CredentialId)>,
) -> Result<Answer<CredentialBody>, Problem> {
    let left = credentials::complete_rotation(&service.app, &caller.grant()?, connection, id).await?;
    Ok(Answer(CredentialBody::of(&left, None)))
}
