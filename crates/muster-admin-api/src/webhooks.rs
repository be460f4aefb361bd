//! Addresses that events are sent to.

mod deliveries;
mod shapes;

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use muster_app::tenants::TenantName;
use muster_app::webhooks::{self, Carrier, EndpointChange, EndpointOf, NewEndpoint};
use muster_model::WebhookEndpointId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::Caller;
use crate::page::Page;
use crate::problem::{Code, Problem, ProblemBody};
use crate::request::{Json, Path, Query};
use crate::revision::Fresh;
use crate::service::{Service, Shared};
use crate::tenant_choice::TenantChoice;
use shapes::{CreatedWebhook, EnableRequest, NewKey, WebhookBody, WebhookChanges, WebhookRequest};

pub(crate) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, change, delete))
        .routes(routes!(enable))
        .routes(routes!(disable))
        .routes(routes!(start_rotation))
        .routes(routes!(complete_rotation))
        .merge(deliveries::routes())
}

fn of(tenant: TenantChoice, id: WebhookEndpointId) -> EndpointOf {
    EndpointOf { tenant: tenant.name(), id }
}

fn carrier(service: &Service) -> Result<&dyn Carrier, Problem> {
    let why = "this server cannot send webhooks; its log says why";
    service.carrier.as_deref().ok_or_else(|| Problem::new(Code::Unavailable, why))
}

/// List a tenant's webhook endpoints
///
/// In order of creation; there are 50 at most.
#[utoipa::path(
    get, path = "/api/v1/webhooks", tag = "Webhooks", operation_id = "list_webhooks",
    params(TenantChoice),
    responses(
        (status = 200, description = "All of them", body = Page<WebhookBody>),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): Shared,
    Caller(caller): Caller,
    Query(tenant): Query<TenantChoice>,
) -> Result<Answer<Page<WebhookBody>>, Problem> {
    let found = webhooks::list(&service.app, &caller.grant()?, tenant.name()).await?;
    Ok(Answer(Page::new(found.iter().map(Into::into).collect(), false, None)))
}

/// Create a webhook endpoint
///
/// It is sent what happens from now on, signed with a key that is shown this once (docs/webhooks.md). Needs `events:read`, too.
#[utoipa::path(
    post, path = "/api/v1/webhooks", tag = "Webhooks", operation_id = "create_webhook",
    request_body = WebhookRequest,
    responses(
        (status = 201, description = "It is made", body = CreatedWebhook),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(service): Shared,
    Caller(caller): Caller,
    Json(body): Json<WebhookRequest>,
) -> Result<(StatusCode, Fresh<Answer<CreatedWebhook>>), Problem> {
    let new = NewEndpoint {
        tenant: body.tenant_id.map(TenantName::Id),
        url: body.url,
        event_types: shapes::names(body.event_types),
        payload: body.payload.into(),
    };
    let (access, reads) = (caller.grant()?, caller.grant()?);
    let created = webhooks::create(&service.app, &access, &reads, carrier(&service)?, new).await?;
    Ok((StatusCode::CREATED, Fresh(Answer(CreatedWebhook::of(&created)))))
}

/// Show a webhook endpoint
#[utoipa::path(
    get, path = "/api/v1/webhooks/{webhook_id}", tag = "Webhooks", operation_id = "show_webhook",
    params(("webhook_id" = String, Path, description = "Its id", pattern = "^whe_[0-9a-f]{32}$"), TenantChoice),
    responses(
        (status = 200, description = "The endpoint", body = WebhookBody),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<WebhookEndpointId>,
    Query(tenant): Query<TenantChoice>,
) -> Result<Answer<WebhookBody>, Problem> {
    let found = webhooks::show(&service.app, &caller.grant()?, &of(tenant, id)).await?;
    Ok(Answer((&found).into()))
}

/// Change a webhook endpoint
///
/// A JSON merge patch (RFC 7396): what is not named stays. What is on its way already goes to the new address. Needs
/// `events:read`, too.
#[utoipa::path(
    patch, path = "/api/v1/webhooks/{webhook_id}", tag = "Webhooks", operation_id = "change_webhook",
    params(("webhook_id" = String, Path, description = "Its id", pattern = "^whe_[0-9a-f]{32}$"), TenantChoice),
    request_body = WebhookChanges,
    responses(
        (status = 200, description = "The endpoint as it is now", body = WebhookBody),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn change(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<WebhookEndpointId>,
    Query(tenant): Query<TenantChoice>,
    Json(body): Json<WebhookChanges>,
) -> Result<Answer<WebhookBody>, Problem> {
    let (access, reads) = (caller.grant()?, caller.grant()?);
    let changes = EndpointChange {
        url: body.url,
        event_types: body.event_types.map(shapes::names),
        payload: body.payload.map(Into::into),
    };
    let found = webhooks::update(&service.app, &access, &reads, carrier(&service)?, &of(tenant, id), changes).await?;
    Ok(Answer((&found).into()))
}

/// Delete a webhook endpoint
///
/// With all that is on its way to it.
#[utoipa::path(
    delete, path = "/api/v1/webhooks/{webhook_id}", tag = "Webhooks", operation_id = "delete_webhook",
    params(("webhook_id" = String, Path, description = "Its id", pattern = "^whe_[0-9a-f]{32}$"), TenantChoice),
    responses(
        (status = 204, description = "It is deleted"),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn delete(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<WebhookEndpointId>,
    Query(tenant): Query<TenantChoice>,
) -> Result<StatusCode, Problem> {
    webhooks::delete(&service.app, &caller.grant()?, &of(tenant, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Enable a webhook endpoint
///
/// What it missed is sent, unless `skip_missed` says that it goes on with what comes now.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{webhook_id}/enable", tag = "Webhooks", operation_id = "enable_webhook",
    params(("webhook_id" = String, Path, description = "Its id", pattern = "^whe_[0-9a-f]{32}$"), TenantChoice),
    request_body = EnableRequest,
    responses(
        (status = 204, description = "It is enabled"),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn enable(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<WebhookEndpointId>,
    Query(tenant): Query<TenantChoice>,
    Json(body): Json<EnableRequest>,
) -> Result<StatusCode, Problem> {
    webhooks::enable(&service.app, &caller.grant()?, &of(tenant, id), body.skip_missed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Disable a webhook endpoint
///
/// It is sent nothing until it is enabled. Nothing is lost meanwhile.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{webhook_id}/disable", tag = "Webhooks", operation_id = "disable_webhook",
    params(("webhook_id" = String, Path, description = "Its id", pattern = "^whe_[0-9a-f]{32}$"), TenantChoice),
    responses(
        (status = 204, description = "It is disabled"),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn disable(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<WebhookEndpointId>,
    Query(tenant): Query<TenantChoice>,
) -> Result<StatusCode, Problem> {
    webhooks::disable(&service.app, &caller.grant()?, &of(tenant, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Rotate a webhook endpoint's key
///
/// Messages are signed with the new key and the old one for a day, or until the rotation is completed.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{webhook_id}/key-rotation", tag = "Webhooks", operation_id = "start_key_rotation",
    params(("webhook_id" = String, Path, description = "Its id", pattern = "^whe_[0-9a-f]{32}$"), TenantChoice),
    responses(
        (status = 201, description = "The new key, shown this once", body = NewKey),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn start_rotation(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<WebhookEndpointId>,
    Query(tenant): Query<TenantChoice>,
) -> Result<(StatusCode, Fresh<Answer<NewKey>>), Problem> {
    let new = webhooks::start_rotation(&service.app, &caller.grant()?, &of(tenant, id)).await?;
    Ok((StatusCode::CREATED, Fresh(Answer((&new).into()))))
}

/// Complete the rotation of a webhook endpoint's key
///
/// From now on only the newest key signs.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{webhook_id}/key-rotation/complete", tag = "Webhooks", operation_id = "complete_key_rotation",
    params(("webhook_id" = String, Path, description = "Its id", pattern = "^whe_[0-9a-f]{32}$"), TenantChoice),
    responses(
        (status = 204, description = "It is completed"),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn complete_rotation(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<WebhookEndpointId>,
    Query(tenant): Query<TenantChoice>,
) -> Result<StatusCode, Problem> {
    webhooks::complete_rotation(&service.app, &caller.grant()?, &of(tenant, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
