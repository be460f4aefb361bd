//! Changes that the guard against mass deprovisioning holds until a person decides.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use muster_app::held::{self, Held, Selection};
use muster_app::tenants::TenantName;
use muster_model::{ConnectionId, HeldId, Member, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::Caller;
use crate::ids::HeldIdText;
use crate::page::{Page, PageQuery};
use crate::problem::{Code, Problem, ProblemBody};
use crate::request::{Json, Path, Query};
use crate::service::{Service, Shared};

pub(crate) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, discard))
        .routes(routes!(release))
        .routes(routes!(release_many))
        .routes(routes!(discard_many))
        .routes(routes!(reset))
}

/// Which held changes are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct HeldQuery {
    /// Only this tenant's.
    #[param(value_type = Option<String>, pattern = "^ten_[0-9a-f]{32}$")]
    tenant_id: Option<TenantId>,
    /// Only this connection's.
    #[param(value_type = Option<String>, pattern = "^con_[0-9a-f]{32}$")]
    connection_id: Option<ConnectionId>,
    /// How many entries at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u8>,
    /// The `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{32}$")]
    cursor: Option<String>,
}

/// What was asked for and not done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldChange)]
struct HeldBody {
    /// Always `held_change`.
    object: &'static str,
    #[schema(pattern = "^hld_[0-9a-f]{32}$")]
    id: String,
    #[schema(pattern = "^ten_[0-9a-f]{32}$")]
    tenant_id: String,
    #[schema(pattern = "^con_[0-9a-f]{32}$")]
    connection_id: String,
    connection_name: String,
    /// `deactivate`, `delete` or `remove_members`.
    kind: &'static str,
    resource_type: String,
    resource_id: String,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// How many members are to leave the group.
    members: u64,
    #[schema(format = DateTime)]
    since: String,
    /// Under which id the log has the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

impl From<&Held> for HeldBody {
    fn from(held: &Held) -> Self {
        let operation = &held.operation;
        Self {
            object: "held_change",
            id: operation.id.to_string(),
            tenant_id: held.tenant.id.to_string(),
            connection_id: held.connection.id.to_string(),
            connection_name: held.connection.name.clone(),
            kind: operation.kind.as_str(),
            resource_type: operation.resource_type.to_string(),
            resource_id: operation.resource.to_string(),
            label: operation.label.clone(),
            members: operation.members.len() as u64,
            since: operation.at.to_string(),
            request_id: operation.request.clone(),
        }
    }
}

/// A held change with those who are to leave the group.
#[derive(Debug, Serialize, ToSchema)]
struct HeldDetails {
    #[serde(flatten)]
    held: HeldBody,
    leaving: Vec<LeavingMember>,
}

/// Somebody who is to leave a group.
#[derive(Debug, Serialize, ToSchema)]
struct LeavingMember {
    resource_type: String,
    resource_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
}

impl From<&Member> for LeavingMember {
    fn from(member: &Member) -> Self {
        Self {
            resource_type: member.resource_type.to_string(),
            resource_id: member.id.to_string(),
            label: member.display.clone(),
        }
    }
}

/// Which held changes are meant: either `ids`, or `all`, of a tenant or a connection if one is named.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SelectionRequest {
    #[schema(max_items = 1000)]
    ids: Option<Vec<HeldIdText>>,
    #[serde(default)]
    all: bool,
    #[schema(value_type = Option<String>, pattern = "^ten_[0-9a-f]{32}$")]
    tenant_id: Option<TenantId>,
    #[schema(value_type = Option<String>, pattern = "^con_[0-9a-f]{32}$")]
    connection_id: Option<ConnectionId>,
}

impl SelectionRequest {
    fn read(self) -> Result<Selection, Problem> {
        match (self.ids, self.all) {
            (Some(ids), false) if self.tenant_id.is_none() && self.connection_id.is_none() => {
                Ok(Selection::Ids(ids.into_iter().map(|HeldIdText(id)| id).collect()))
            }
            (None, true) => {
                let tenant = self.tenant_id.map(TenantName::Id);
                Ok(Selection::All { tenant, connection: self.connection_id })
            }
            _ => Err(Problem::new(
                Code::InvalidRequest,
                "name \"ids\", or say \"all\": true, with a tenant or a connection if only theirs are meant",
            )),
        }
    }
}

/// What became of held changes.
#[derive(Debug, Serialize, ToSchema)]
struct ReleaseOutcome {
    /// Ids of those that were made.
    made: Vec<String>,
    /// Ids of those whose resource or members were gone already.
    nothing_to_do: Vec<String>,
    /// Those that stay held.
    failed: Vec<FailedRelease>,
}

/// A change that could not be made and stays held.
#[derive(Debug, Serialize, ToSchema)]
struct FailedRelease {
    id: String,
    /// Why.
    detail: String,
}

impl From<held::Released> for ReleaseOutcome {
    fn from(released: held::Released) -> Self {
        let ids = |held: &[Held]| held.iter().map(|one| one.operation.id.to_string()).collect();
        let failed = released.failed.into_iter().map(|(held, error)| FailedRelease {
            id: held.operation.id.to_string(),
            detail: Problem::from(error).into_detail(),
        });
        Self { made: ids(&released.done), nothing_to_do: ids(&released.nothing_to_do), failed: failed.collect() }
    }
}

/// How many there were.
#[derive(Debug, Serialize, ToSchema)]
struct Discarded {
    count: u64,
}

/// List held changes
///
/// In order of time within each connection.
#[utoipa::path(
    get, path = "/api/v1/held-changes", tag = "Held changes", operation_id = "list_held_changes",
    params(HeldQuery),
    responses(
        (status = 200, description = "A page of them", body = Page<HeldBody>),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): Shared,
    Caller(caller): Caller,
    Query(wanted): Query<HeldQuery>,
) -> Result<Answer<Page<HeldBody>>, Problem> {
    let access = caller.grant()?;
    let (after, limit) = PageQuery::of(wanted.limit, wanted.cursor).read::<HeldId>("hld_")?;
    let selection = Selection::All { tenant: wanted.tenant_id.map(TenantName::Id), connection: wanted.connection_id };
    let mut found = held::list(&service.app, &access, &selection).await?;
    if let Some(after) = after {
        let place = found.iter().position(|one| one.operation.id == after);
        let gone = "the entry that the page before ended with is gone; begin with the first page again";
        let place = place.ok_or_else(|| Problem::new(Code::InvalidRequest, gone))?;
        found.drain(..=place);
    }
    let has_more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().map(|one| one.operation.id.to_string());
    Ok(Answer(Page::new(found.iter().map(Into::into).collect(), has_more, last)))
}

/// Show a held change
///
/// With those who are to leave the group.
#[utoipa::path(
    get, path = "/api/v1/held-changes/{held_id}", tag = "Held changes", operation_id = "show_held_change",
    params(("held_id" = String, Path, description = "Its id", pattern = "^hld_[0-9a-f]{32}$")),
    responses(
        (status = 200, description = "The change", body = HeldDetails),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<HeldId>,
) -> Result<Answer<HeldDetails>, Problem> {
    let access = caller.grant()?;
    let found = held::list(&service.app, &access, &Selection::Ids(vec![id])).await?;
    let one = found.first().ok_or_else(|| Problem::new(Code::NotFound, "nothing is held under this id"))?;
    let members = held::members(&service.app, &access, one).await?;
    Ok(Answer(HeldDetails { held: one.into(), leaving: members.iter().map(Into::into).collect() }))
}

/// Make a held change
///
/// By the use case that the request would have gone through. One that fails stays held.
#[utoipa::path(
    post, path = "/api/v1/held-changes/{held_id}/release", tag = "Held changes", operation_id = "release_held_change",
    params(("held_id" = String, Path, description = "Its id", pattern = "^hld_[0-9a-f]{32}$")),
    responses(
        (status = 200, description = "What became of it", body = ReleaseOutcome),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn release(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<HeldId>,
) -> Result<Answer<ReleaseOutcome>, Problem> {
    let released = held::release(&service.app, &caller.grant()?, &Selection::Ids(vec![id])).await?;
    Ok(Answer(released.into()))
}

/// Discard a held change
///
/// Nothing is done, and nobody is asked again.
#[utoipa::path(
    delete, path = "/api/v1/held-changes/{held_id}", tag = "Held changes", operation_id = "discard_held_change",
    params(("held_id" = String, Path, description = "Its id", pattern = "^hld_[0-9a-f]{32}$")),
    responses(
        (status = 204, description = "It is forgotten"),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn discard(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<HeldId>,
) -> Result<StatusCode, Problem> {
    held::drop(&service.app, &caller.grant()?, &Selection::Ids(vec![id])).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make many held changes
///
/// One after another; one that fails stays held and does not keep the others.
#[utoipa::path(
    post, path = "/api/v1/held-changes/release", tag = "Held changes", operation_id = "release_held_changes",
    request_body = SelectionRequest,
    responses(
        (status = 200, description = "What became of them", body = ReleaseOutcome),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn release_many(
    State(service): Shared,
    Caller(caller): Caller,
    Json(body): Json<SelectionRequest>,
) -> Result<Answer<ReleaseOutcome>, Problem> {
    let access = caller.grant()?;
    Ok(Answer(held::release(&service.app, &access, &body.read()?).await?.into()))
}

/// Discard many held changes
///
/// Nothing is done, and nobody is asked again.
#[utoipa::path(
    post, path = "/api/v1/held-changes/discard", tag = "Held changes", operation_id = "discard_held_changes",
    request_body = SelectionRequest,
    responses(
        (status = 200, description = "How many there were", body = Discarded),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn discard_many(
    State(service): Shared,
    Caller(caller): Caller,
    Json(body): Json<SelectionRequest>,
) -> Result<Answer<Discarded>, Problem> {
    let access = caller.grant()?;
    Ok(Answer(Discarded { count: held::drop(&service.app, &access, &body.read()?).await? }))
}

/// Let the guard of a connection begin anew
///
/// It forgets what the connection has taken away, so that it may take away as much again. What is held stays held.
#[utoipa::path(
    post, path = "/api/v1/connections/{connection_id}/guard/reset", tag = "Held changes", operation_id = "reset_guard",
    params(("connection_id" = String, Path, description = "Its id", pattern = "^con_[0-9a-f]{32}$")),
    responses(
        (status = 204, description = "It has begun anew"),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn reset(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<ConnectionId>,
) -> Result<StatusCode, Problem> {
    held::reset(&service.app, &caller.grant()?, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
