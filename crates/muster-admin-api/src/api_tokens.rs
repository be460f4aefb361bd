//! Tokens of this API, and what the caller's own allows.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use muster_app::api_tokens::{self, NewToken};
use muster_model::{ApiToken, ApiTokenId, Permission, Reach, TenantId, TokenKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::Caller;
use crate::credentials::TokenLife;
use crate::page::{Page, PageQuery};
use crate::problem::{Problem, ProblemBody};
use crate::request::{Json, Path, Query};
use crate::revision::Fresh;
use crate::service::{Service, Shared};

pub(crate) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new().routes(routes!(list, issue)).routes(routes!(revoke)).routes(routes!(show_own))
}

/// The name of a permission.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct PermissionName(Permission);

impl utoipa::PartialSchema for PermissionName {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        let names = Permission::ALL.iter().map(|permission| permission.as_str());
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
    }
}

impl ToSchema for PermissionName {
    fn name() -> std::borrow::Cow<'static, str> {
        "Permission".into()
    }
}

/// A token's record. The token itself is shown once and kept nowhere.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiToken)]
pub(crate) struct TokenBody {
    /// Always `api_token`.
    object: &'static str,
    #[schema(pattern = "^tok_[0-9a-f]{32}$")]
    id: String,
    /// The only tenant that it reaches; left out: it reaches the whole installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^ten_[0-9a-f]{32}$")]
    tenant_id: Option<String>,
    name: String,
    permissions: Vec<PermissionName>,
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
    /// To the minute; left out: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    last_used: Option<String>,
}

impl From<&ApiToken> for TokenBody {
    fn from(token: &ApiToken) -> Self {
        Self {
            object: "api_token",
            id: token.id.to_string(),
            tenant_id: token.reach.tenant().map(|tenant| tenant.to_string()),
            name: token.name.clone(),
            permissions: token.permissions.iter().map(PermissionName).collect(),
            prefix: TokenKind::Api.prefix(),
            last_four: token.last_four.clone(),
            created: token.created.to_string(),
            expires: token.expires.map(|at| at.to_string()),
            last_used: token.last_used.map(|at| at.to_string()),
        }
    }
}

/// A token to be issued.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenRequest {
    /// What it is for.
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$"
    )]
    name: String,
    /// The only tenant that it reaches; left out: as far as the caller's own.
    #[schema(value_type = Option<String>, pattern = "^ten_[0-9a-f]{32}$")]
    tenant_id: Option<TenantId>,
    /// None that the caller's own token does not have.
    #[schema(min_items = 1, max_items = 64)]
    permissions: Vec<PermissionName>,
    life: Option<TokenLife>,
}

/// A token with its record; it cannot be shown again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IssuedToken {
    #[serde(flatten)]
    record: TokenBody,
    token: String,
}

/// List API tokens
///
/// In order of creation: all that are within the caller's reach.
#[utoipa::path(
    get, path = "/api/v1/api-tokens", tag = "API tokens", operation_id = "list_api_tokens", params(PageQuery),
    responses(
        (status = 200, description = "A page of them", body = Page<TokenBody>),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): Shared,
    Caller(caller): Caller,
    Query(query): Query<PageQuery>,
) -> Result<Answer<Page<TokenBody>>, Problem> {
    let access = caller.grant()?;
    let (after, limit) = query.read("tok_")?;
    let (found, has_more) = api_tokens::list(&service.app, &access, after, limit).await?;
    let last = found.last().map(|token| token.id.to_string());
    Ok(Answer(Page::new(found.iter().map(Into::into).collect(), has_more, last)))
}

/// Issue an API token
///
/// It may do no more and reaches no further than the token that asks for it.
#[utoipa::path(
    post, path = "/api/v1/api-tokens", tag = "API tokens", operation_id = "issue_api_token",
    request_body = TokenRequest,
    responses(
        (status = 201, description = "The token, shown this once", body = IssuedToken),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn issue(
    State(service): Shared,
    Caller(caller): Caller,
    Json(body): Json<TokenRequest>,
) -> Result<(StatusCode, Fresh<Answer<IssuedToken>>), Problem> {
    let access = caller.grant()?;
    let new = NewToken {
        name: body.name,
        reach: body.tenant_id.map_or_else(|| caller.reach(), Reach::Tenant),
        permissions: body.permissions.iter().map(|PermissionName(permission)| *permission).collect(),
        lifetime: body.life.unwrap_or_default().read(),
    };
    let issued = api_tokens::issue(&service.app, &access, new).await?;
    let answer = IssuedToken { record: (&issued.record).into(), token: issued.token.expose().to_owned() };
    Ok((StatusCode::CREATED, Fresh(Answer(answer))))
}

/// Revoke an API token
///
/// It is refused from the next call on. A token may revoke itself.
#[utoipa::path(
    delete, path = "/api/v1/api-tokens/{token_id}", tag = "API tokens", operation_id = "revoke_api_token",
    params(("token_id" = String, Path, description = "The token's id", pattern = "^tok_[0-9a-f]{32}$")),
    responses(
        (status = 204, description = "It is revoked"),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn revoke(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<ApiTokenId>,
) -> Result<StatusCode, Problem> {
    api_tokens::revoke(&service.app, &caller.grant()?, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Show the caller's own token
///
/// What it may do and how far it reaches. Needs no permission.
#[utoipa::path(
    get, path = "/api/v1/me", tag = "API tokens", operation_id = "show_own_token",
    responses(
        (status = 200, description = "The token's record", body = TokenBody),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show_own(Caller(caller): Caller) -> Answer<TokenBody> {
    Answer(caller.token().into())
}
