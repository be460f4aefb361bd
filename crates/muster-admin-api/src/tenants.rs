//! Tenants.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use muster_app::tenants;
use muster_model::{Tenant, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use std::sync::Arc;

use crate::caller::Caller;
use crate::page::{Page, PageQuery};
use crate::problem::{Problem, ProblemBody};
use crate::request::{Json, Path, Query};
use crate::service::{Service, Shared};

pub(crate) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(show, change))
}

/// A tenant: connections, people and groups of its own, seen by nobody else.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tenant)]
pub(crate) struct TenantBody {
    /// Always `tenant`.
    object: &'static str,
    #[schema(pattern = "^ten_[0-9a-f]{32}$")]
    id: String,
    name: String,
    #[schema(format = DateTime)]
    created: String,
}

impl From<Tenant> for TenantBody {
    fn from(tenant: Tenant) -> Self {
        Self { object: "tenant", id: tenant.id.to_string(), name: tenant.name, created: tenant.created.to_string() }
    }
}

/// A tenant to be made, or its new name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantName {
    /// Unique in the installation.
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$"
    )]
    name: String,
}

/// List tenants
///
/// In order of creation. A token of one tenant sees that one.
#[utoipa::path(
    get, path = "/api/v1/tenants", tag = "Tenants", operation_id = "list_tenants", params(PageQuery),
    responses(
        (status = 200, description = "A page of them", body = Page<TenantBody>),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): Shared,
    Caller(caller): Caller,
    Query(query): Query<PageQuery>,
) -> Result<Answer<Page<TenantBody>>, Problem> {
    let access = caller.grant()?;
    let (after, limit) = query.read("ten_")?;
    let (found, has_more) = tenants::page(&service.app, &access, after, limit).await?;
    let last = found.last().map(|tenant| tenant.id.to_string());
    Ok(Answer(Page::new(found.into_iter().map(Into::into).collect(), has_more, last)))
}

/// Create a tenant
///
/// Needs a token of the whole installation.
#[utoipa::path(
    post, path = "/api/v1/tenants", tag = "Tenants", operation_id = "create_tenant", request_body = TenantName,
    responses(
        (status = 201, description = "It is made", body = TenantBody),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(service): Shared,
    Caller(caller): Caller,
    Json(body): Json<TenantName>,
) -> Result<(StatusCode, Answer<TenantBody>), Problem> {
    let tenant = tenants::create(&service.app, &caller.grant()?, &body.name).await?;
    Ok((StatusCode::CREATED, Answer(tenant.into())))
}

/// Show a tenant
#[utoipa::path(
    get, path = "/api/v1/tenants/{tenant_id}", tag = "Tenants", operation_id = "show_tenant",
    params(("tenant_id" = String, Path, description = "Its id", pattern = "^ten_[0-9a-f]{32}$")),
    responses(
        (status = 200, description = "The tenant", body = TenantBody),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<TenantId>,
) -> Result<Answer<TenantBody>, Problem> {
    Ok(Answer(tenants::show(&service.app, &caller.grant()?, id).await?.into()))
}

/// Rename a tenant
///
/// The tenant `default` keeps its name.
#[utoipa::path(
    patch, path = "/api/v1/tenants/{tenant_id}", tag = "Tenants", operation_id = "change_tenant",
    params(("tenant_id" = String, Path, description = "Its id", pattern = "^ten_[0-9a-f]{32}$")),
    request_body = TenantName,
    responses(
        (status = 200, description = "The tenant as it is now", body = TenantBody),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn change(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<TenantId>,
    Json(body): Json<TenantName>,
) -> Result<Answer<TenantBody>, Problem> {
    Ok(Answer(tenants::rename(&service.app, &caller.grant()?, id, &body.name).await?.into()))
}
