//! Inbound connections.

mod knobs;
mod shapes;

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use muster_app::connections::{self, Changes, NewConnection};
use muster_app::tenants::TenantName;
use muster_model::ConnectionId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::Caller;
use crate::page::{Page, PageQuery};
use crate::problem::{Problem, ProblemBody};
use crate::request::{Json, Path, Query};
use crate::revision::{Expected, Fresh, IfMatch, Revised};
use crate::service::{Service, Shared};
use shapes::{
    ConnectionBody, ConnectionChanges, ConnectionDetails, ConnectionQuery, ConnectionRequest, CreatedConnection,
};

pub(crate) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, change, delete))
        .routes(routes!(suspend))
        .routes(routes!(resume))
}

/// List connections
///
/// In order of creation; of one tenant or of all that the token reaches.
#[utoipa::path(
    get, path = "/api/v1/connections", tag = "Connections", operation_id = "list_connections", params(ConnectionQuery),
    responses(
        (status = 200, description = "A page of them", body = Page<ConnectionBody>),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): Shared,
    Caller(caller): Caller,
    Query(query): Query<ConnectionQuery>,
) -> Result<Answer<Page<ConnectionBody>>, Problem> {
    let access = caller.grant()?;
    let (after, limit) = PageQuery::of(query.limit, query.cursor).read("con_")?;
    let (found, has_more) = connections::page(&service.app, &access, query.tenant_id, after, limit).await?;
    let last = found.last().map(|(connection, _)| connection.id.to_string());
    let data = found.iter().map(|(connection, state)| ConnectionBody::of(&service.settings, connection, *state));
    Ok(Answer(Page::new(data.collect(), has_more, last)))
}

/// Create a connection
///
/// With its first credential, whose token is shown this once.
#[utoipa::path(
    post, path = "/api/v1/connections", tag = "Connections", operation_id = "create_connection",
    request_body = ConnectionRequest,
    responses(
        (status = 201, description = "It is made and waits for the first call", body = CreatedConnection),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(service): Shared,
    Caller(caller): Caller,
    Json(body): Json<ConnectionRequest>,
) -> Result<(StatusCode, Fresh<Revised<Answer<CreatedConnection>>>), Problem> {
    let access = caller.grant()?;
    let lifetime = body.token.unwrap_or_default().read();
    let new = NewConnection {
        tenant: body.tenant_id.map(TenantName::Id),
        name: body.name,
        provider: body.provider.0,
        overrides: body.overrides.into(),
    };
    let created = connections::create_with(&service.app, &access, new, lifetime).await?;
    let revision = created.connection.revision;
    let answer = CreatedConnection::of(&service.settings, &created);
    Ok((StatusCode::CREATED, Fresh(Revised(revision, Answer(answer)))))
}

/// Show a connection
///
/// With what it owns and what waits for a person.
#[utoipa::path(
    get, path = "/api/v1/connections/{connection_id}", tag = "Connections", operation_id = "show_connection",
    params(("connection_id" = String, Path, description = "Its id", pattern = "^con_[0-9a-f]{32}$")),
    responses(
        (status = 200, description = "The connection", body = ConnectionDetails),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<ConnectionId>,
) -> Result<Revised<Answer<ConnectionDetails>>, Problem> {
    let found = connections::show(&service.app, &caller.grant()?, id).await?;
    Ok(answer(&service, &found))
}

/// Change a connection
///
/// A JSON merge patch (RFC 7396): what is not named stays. With `If-Match` only the revision that it names.
#[utoipa::path(
    patch, path = "/api/v1/connections/{connection_id}", tag = "Connections", operation_id = "change_connection",
    params(
        ("connection_id" = String, Path, description = "Its id", pattern = "^con_[0-9a-f]{32}$"),
        IfMatch,
    ),
    request_body = ConnectionChanges,
    responses(
        (status = 200, description = "The connection as it is now", body = ConnectionDetails),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn change(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<ConnectionId>,
    Expected(expected): Expected,
    Json(body): Json<ConnectionChanges>,
) -> Result<Revised<Answer<ConnectionDetails>>, Problem> {
    let access = caller.grant()?;
    let changes = Changes {
        expected,
        name: body.name,
        provider: body.provider.map(|name| name.0),
        overrides: body.overrides.into(),
    };
    let found = connections::change(&service.app, &access, id, changes).await?;
    Ok(answer(&service, &found))
}

/// Delete a connection
///
/// Its credentials are refused from the next request on. The people and groups that it brought stay, without an owner.
#[utoipa::path(
    delete, path = "/api/v1/connections/{connection_id}", tag = "Connections", operation_id = "delete_connection",
    params(("connection_id" = String, Path, description = "Its id", pattern = "^con_[0-9a-f]{32}$")),
    responses(
        (status = 204, description = "It is deleted"),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn delete(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<ConnectionId>,
) -> Result<StatusCode, Problem> {
    connections::delete(&service.app, &caller.grant()?, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Suspend a connection
///
/// Its requests are refused from the next one on, until it is resumed. Nothing else changes.
#[utoipa::path(
    post, path = "/api/v1/connections/{connection_id}/suspend", tag = "Connections", operation_id = "suspend_connection",
    params(("connection_id" = String, Path, description = "Its id", pattern = "^con_[0-9a-f]{32}$")),
    responses(
        (status = 200, description = "The connection as it is now", body = ConnectionDetails),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn suspend(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<ConnectionId>,
) -> Result<Revised<Answer<ConnectionDetails>>, Problem> {
    let found = connections::suspend(&service.app, &caller.grant()?, id).await?;
    Ok(answer(&service, &found))
}

/// Resume a suspended connection
#[utoipa::path(
    post, path = "/api/v1/connections/{connection_id}/resume", tag = "Connections", operation_id = "resume_connection",
    params(("connection_id" = String, Path, description = "Its id", pattern = "^con_[0-9a-f]{32}$")),
    responses(
        (status = 200, description = "The connection as it is now", body = ConnectionDetails),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn resume(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<ConnectionId>,
) -> Result<Revised<Answer<ConnectionDetails>>, Problem> {
    let found = connections::resume(&service.app, &caller.grant()?, id).await?;
    Ok(answer(&service, &found))
}

fn answer(service: &Service, found: &connections::ConnectionDetails) -> Revised<Answer<ConnectionDetails>> {
    Revised(found.connection.revision, Answer(ConnectionDetails::of(&service.settings, found)))
}
