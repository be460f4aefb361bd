//! People and groups that two connections want.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use muster_app::ownership::{self, ConflictFilter};
use muster_app::tenants::TenantName;
use muster_model::{ConflictId, ConflictState, Connection, ConnectionId, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::Caller;
use crate::ids::ResourceIdText;
use crate::page::{Page, PageQuery};
use crate::problem::{Code, Problem, ProblemBody};
use crate::request::{Json, Path, Query};
use crate::service::{Service, Shared};

/// Nobody decides more of them one by one.
const MOST: u64 = 1000;

pub(crate) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(adopt))
        .routes(routes!(ignore))
        .routes(routes!(release))
}

/// `open`: waits for a person. `refused`: the connection's policy refused it. `ignored`: a person wants to hear no more of it.
/// `adopted`: the connection that wanted the value became the owner.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ConflictState)]
#[serde(rename_all = "snake_case")]
enum StateName {
    Open,
    Refused,
    Ignored,
    Adopted,
}

impl From<StateName> for ConflictState {
    fn from(state: StateName) -> Self {
        match state {
            StateName::Open => Self::Open,
            StateName::Refused => Self::Refused,
            StateName::Ignored => Self::Ignored,
            StateName::Adopted => Self::Adopted,
        }
    }
}

impl From<ConflictState> for StateName {
    fn from(state: ConflictState) -> Self {
        match state {
            ConflictState::Open => Self::Open,
            ConflictState::Refused => Self::Refused,
            ConflictState::Ignored => Self::Ignored,
            ConflictState::Adopted => Self::Adopted,
        }
    }
}

/// Which conflicts are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ConflictsQuery {
    /// Only this tenant's.
    #[param(value_type = Option<String>, pattern = "^ten_[0-9a-f]{32}$")]
    tenant_id: Option<TenantId>,
    /// Only those of this connection, which was refused.
    #[param(value_type = Option<String>, pattern = "^con_[0-9a-f]{32}$")]
    connection_id: Option<ConnectionId>,
    /// Only those in this state.
    state: Option<StateName>,
    /// How many entries at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u8>,
    /// The `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{32}$")]
    cursor: Option<String>,
}

/// A connection wanted a unique value that somebody has whom another connection owns. It names the attribute, never the value.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Conflict)]
struct ConflictBody {
    /// Always `conflict`.
    object: &'static str,
    #[schema(pattern = "^cfl_[0-9a-f]{32}$")]
    id: String,
    #[schema(pattern = "^ten_[0-9a-f]{32}$")]
    tenant_id: String,
    state: StateName,
    /// Who wants it.
    wanted_by: Party,
    /// Who has it; left out: nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    owned_by: Option<Party>,
    resource_type: String,
    resource_id: String,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    attribute: String,
    #[schema(format = DateTime)]
    first_seen: String,
    #[schema(format = DateTime)]
    last_seen: String,
    /// How often it was refused.
    count: u64,
}

/// One of the two connections.
#[derive(Debug, Serialize, ToSchema)]
struct Party {
    #[schema(pattern = "^con_[0-9a-f]{32}$")]
    connection_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl ConflictBody {
    fn of(found: &ownership::ConflictDetails) -> Self {
        let conflict = &found.conflict;
        let named = |connection: &Connection| Some(connection.name.clone());
        Self {
            object: "conflict",
            id: conflict.id.to_string(),
            tenant_id: found.tenant.id.to_string(),
            state: conflict.state.into(),
            wanted_by: Party {
                connection_id: conflict.connection.to_string(),
                name: found.connection.as_ref().and_then(named),
            },
            owned_by: found
                .owner
                .as_ref()
                .map(|owner| Party { connection_id: owner.id.to_string(), name: named(owner) }),
            resource_type: conflict.resource_type.to_string(),
            resource_id: conflict.resource.to_string(),
            label: found.resource.as_ref().and_then(|resource| resource.display.clone()),
            attribute: conflict.attribute.clone(),
            first_seen: conflict.first_seen.to_string(),
            last_seen: conflict.last_seen.to_string(),
            count: conflict.count,
        }
    }
}

/// List conflicts
///
/// Tenant by tenant, in the order in which they began.
#[utoipa::path(
    get, path = "/api/v1/conflicts", tag = "Conflicts", operation_id = "list_conflicts",
    params(ConflictsQuery),
    responses(
        (status = 200, description = "A page of them", body = Page<ConflictBody>),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): Shared,
    Caller(caller): Caller,
    Query(wanted): Query<ConflictsQuery>,
) -> Result<Answer<Page<ConflictBody>>, Problem> {
    let access = caller.grant()?;
    let (after, limit) = PageQuery::of(wanted.limit, wanted.cursor).read::<ConflictId>("cfl_")?;
    let filter = ConflictFilter {
        tenant: wanted.tenant_id.map(TenantName::Id),
        connection: wanted.connection_id,
        state: wanted.state.map(Into::into),
        limit: MOST,
    };
    let mut found = ownership::list(&service.app, &access, &filter).await?;
    if let Some(after) = after {
        let place = found.iter().position(|one| one.conflict.id == after);
        let gone = "the entry that the page before ended with is gone; begin with the first page again";
        let place = place.ok_or_else(|| Problem::new(Code::InvalidRequest, gone))?;
        found.drain(..=place);
    }
    let has_more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().map(|one| one.conflict.id.to_string());
    Ok(Answer(Page::new(found.iter().map(ConflictBody::of).collect(), has_more, last)))
}

/// Show a conflict
#[utoipa::path(
    get, path = "/api/v1/conflicts/{conflict_id}", tag = "Conflicts", operation_id = "show_conflict",
    params(("conflict_id" = String, Path, description = "Its id", pattern = "^cfl_[0-9a-f]{32}$")),
    responses(
        (status = 200, description = "The conflict", body = ConflictBody),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<ConflictId>,
) -> Result<Answer<ConflictBody>, Problem> {
    Ok(Answer(ConflictBody::of(&ownership::show(&service.app, &caller.grant()?, id).await?)))
}

/// Give the resource to the connection that wants it
///
/// What it looks up from then on it finds, and it goes on.
#[utoipa::path(
    post, path = "/api/v1/conflicts/{conflict_id}/adopt", tag = "Conflicts", operation_id = "adopt_conflict",
    params(("conflict_id" = String, Path, description = "Its id", pattern = "^cfl_[0-9a-f]{32}$")),
    responses(
        (status = 200, description = "The conflict as it is now", body = ConflictBody),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn adopt(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<ConflictId>,
) -> Result<Answer<ConflictBody>, Problem> {
    Ok(Answer(ConflictBody::of(&ownership::adopt(&service.app, &caller.grant()?, id).await?)))
}

/// Ignore a conflict
///
/// The resource stays whose it is, and the connection goes on being refused without anybody being asked.
#[utoipa::path(
    post, path = "/api/v1/conflicts/{conflict_id}/ignore", tag = "Conflicts", operation_id = "ignore_conflict",
    params(("conflict_id" = String, Path, description = "Its id", pattern = "^cfl_[0-9a-f]{32}$")),
    responses(
        (status = 200, description = "The conflict as it is now", body = ConflictBody),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn ignore(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<ConflictId>,
) -> Result<Answer<ConflictBody>, Problem> {
    Ok(Answer(ConflictBody::of(&ownership::ignore(&service.app, &caller.grant()?, id).await?)))
}

/// What is to be made ownerless.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReleaseRequest {
    /// Ids of people and groups that the connection owns; left out: all of them.
    #[schema(max_items = 1000)]
    resource_ids: Option<Vec<ResourceIdText>>,
}

/// What was made ownerless.
#[derive(Debug, Serialize, ToSchema)]
struct Released {
    count: u64,
}

/// Make what a connection owns ownerless
///
/// Another connection can take it over then. Nothing else changes.
#[utoipa::path(
    post, path = "/api/v1/connections/{connection_id}/release", tag = "Conflicts", operation_id = "release_resources",
    params(("connection_id" = String, Path, description = "Its id", pattern = "^con_[0-9a-f]{32}$")),
    request_body = ReleaseRequest,
    responses(
        (status = 200, description = "How many there were", body = Released),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn release(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<ConnectionId>,
    Json(body): Json<ReleaseRequest>,
) -> Result<Answer<Released>, Problem> {
    let access = caller.grant()?;
    let Some(resources) = body.resource_ids else {
        return Ok(Answer(Released { count: ownership::release_all(&service.app, &access, id).await? }));
    };
    for ResourceIdText(resource) in &resources {
        ownership::release(&service.app, &access, id, *resource).await?;
    }
    Ok(Answer(Released { count: resources.len() as u64 }))
}
