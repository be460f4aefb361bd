//! What identity providers asked.

mod shapes;

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use muster_app::requests::{self, RequestQuery, StatusFilter};
use muster_app::tenants::TenantName;
use muster_model::{ConnectionId, RequestEntryId, ResourceId, TenantId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::Caller;
use crate::page::{Page, PageQuery};
use crate::problem::{Code, Problem, ProblemBody};
use crate::request::{Moment, Path, Query, Word};
use crate::revision::Fresh;
use crate::service::{Service, Shared};
use shapes::{RequestBody, RequestDetails};

pub(crate) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show))
}

/// Which requests are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RequestsQuery {
    /// This tenant's; left out: the connection's, the token's own, or those of the tenant `default`.
    #[param(value_type = Option<String>, pattern = "^ten_[0-9a-f]{32}$")]
    tenant_id: Option<TenantId>,
    /// Only this connection's.
    #[param(value_type = Option<String>, pattern = "^con_[0-9a-f]{32}$")]
    connection_id: Option<ConnectionId>,
    /// Only those about this resource.
    #[param(value_type = Option<String>, pattern = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
    resource_id: Option<ResourceId>,
    method: Option<Method>,
    /// A status, a class of them such as `4xx`, or `failed`.
    #[param(pattern = "^(failed|[1-5]xx|[1-5][0-9][0-9])$")]
    status: Option<String>,
    /// What went wrong.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_.-]{1,64}$")]
    code: Option<Word>,
    /// The `X-Request-Id` of the answer.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_.-]{1,64}$")]
    request_id: Option<Word>,
    /// Only those that were answered at that moment or later.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Moment>,
    /// Only those that were answered before that moment.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Moment>,
    /// How many entries at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u8>,
    /// The `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{32}$")]
    cursor: Option<String>,
}

/// List requests
///
/// What identity providers asked, the newest first, without bodies. Secrets are in none of them.
#[utoipa::path(
    get, path = "/api/v1/requests", tag = "Requests", operation_id = "list_requests", params(RequestsQuery),
    responses(
        (status = 200, description = "A page of them", body = Page<RequestBody>),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): Shared,
    Caller(caller): Caller,
    Query(wanted): Query<RequestsQuery>,
) -> Result<Fresh<Answer<Page<RequestBody>>>, Problem> {
    let access = caller.grant()?;
    let (before, limit) = PageQuery::of(wanted.limit, wanted.cursor).read("req_")?;
    let query = RequestQuery {
        before,
        since: wanted.since.map(|Moment(at)| at),
        until: wanted.until.map(|Moment(at)| at),
        connection: wanted.connection_id,
        method: wanted.method.map(|method| method.as_str().to_owned()),
        status: wanted.status.as_deref().map(status).transpose()?,
        resource: wanted.resource_id,
        code: wanted.code.map(|Word(code)| code),
        request: wanted.request_id.map(|Word(id)| id),
        limit: limit as u64,
    };
    let tenant = wanted.tenant_id.map(TenantName::Id);
    let found = requests::list(&service.app, &access, tenant, &query).await?;
    let last = found.next.map(|id| id.to_string());
    let entries = found.entries.iter().map(|entry| RequestBody::of(found.tenant.id, entry)).collect();
    Ok(Fresh(Answer(Page::new(entries, last.is_some(), last))))
}

/// What SCIM is asked with.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

fn status(text: &str) -> Result<StatusFilter, Problem> {
    let class = || text.strip_suffix("xx")?.parse().ok().filter(|class| (1..=5).contains(class));
    let exactly = || text.parse().ok().filter(|status| (100..=599).contains(status));
    match text {
        "failed" => Some(StatusFilter::Failed),
        _ => class().map(StatusFilter::Class).or_else(|| exactly().map(StatusFilter::Exactly)),
    }
    .ok_or_else(|| Problem::new(Code::InvalidRequest, "\"status\" is a status, a class such as 4xx, or failed"))
}

/// Show a request
///
/// With its bodies as far as they are kept, what it changed, and when it failed, why and what to do.
#[utoipa::path(
    get, path = "/api/v1/requests/{request_id}", tag = "Requests", operation_id = "show_request",
    params(("request_id" = String, Path, description = "Its id", pattern = "^req_[0-9a-f]{32}$")),
    responses(
        (status = 200, description = "The request", body = RequestDetails),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<RequestEntryId>,
) -> Result<Fresh<Answer<RequestDetails>>, Problem> {
    let found = requests::show(&service.app, &caller.grant()?, id).await?;
    Ok(Fresh(Answer(RequestDetails::of(&found))))
}
