//! What was sent to a webhook endpoint, and what is on its way.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use muster_app::tenants::TenantName;
use muster_app::webhooks::{self, DeliveryQuery, EndpointOf};
use muster_model::{DeliveryId, DeliveryState, TenantId, WebhookEndpointId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::of;
use super::shapes::{DeliveryBody, DeliveryDetails, RecoverRequest, Recovered, StateName, TestDelivery};
use crate::caller::Caller;
use crate::page::{Page, PageQuery};
use crate::problem::{Problem, ProblemBody};
use crate::request::{Json, Moment, Path, Query};
use crate::service::{Service, Shared};
use crate::tenant_choice::TenantChoice;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(resend))
        .routes(routes!(recover))
        .routes(routes!(test))
}

/// Which deliveries are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DeliveriesQuery {
    /// The tenant whose it is; left out: the token's own, or the tenant `default`.
    #[param(value_type = Option<String>, pattern = "^ten_[0-9a-f]{32}$")]
    tenant_id: Option<TenantId>,
    /// Only those in this state.
    state: Option<StateName>,
    /// How many entries at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u8>,
    /// The `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{32}$")]
    cursor: Option<String>,
}

/// List deliveries
///
/// The newest first.
#[utoipa::path(
    get, path = "/api/v1/webhooks/{webhook_id}/deliveries", tag = "Webhooks", operation_id = "list_deliveries",
    params(("webhook_id" = String, Path, description = "Its id", pattern = "^whe_[0-9a-f]{32}$"), DeliveriesQuery),
    responses(
        (status = 200, description = "A page of them", body = Page<DeliveryBody>),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<WebhookEndpointId>,
    Query(wanted): Query<DeliveriesQuery>,
) -> Result<Answer<Page<DeliveryBody>>, Problem> {
    let access = caller.grant()?;
    let (before, limit) = PageQuery::of(wanted.limit, wanted.cursor).read::<DeliveryId>("whd_")?;
    let of = EndpointOf { tenant: wanted.tenant_id.map(TenantName::Id), id };
    let state = wanted.state.map(DeliveryState::from);
    let query = DeliveryQuery { state, before, limit: limit as u64 };
    let found = webhooks::list_deliveries(&service.app, &access, &of, query).await?;
    let last = found.last().filter(|_| found.len() == limit).map(|delivery| delivery.id.to_string());
    Ok(Answer(Page::new(found.iter().map(Into::into).collect(), last.is_some(), last)))
}

/// Show a delivery
///
/// With what became of each sending.
#[utoipa::path(
    get, path = "/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}", tag = "Webhooks", operation_id = "show_delivery",
    params(("webhook_id" = String, Path, description = "Its id", pattern = "^whe_[0-9a-f]{32}$"), ("delivery_id" = String, Path, description = "The delivery's id", pattern = "^whd_[0-9a-f]{32}$"), TenantChoice),
    responses(
        (status = 200, description = "The delivery", body = DeliveryDetails),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(service): Shared,
    Caller(caller): Caller,
    Path((id, delivery)): Path<(WebhookEndpointId, DeliveryId)>,
    Query(tenant): Query<TenantChoice>,
) -> Result<Answer<DeliveryDetails>, Problem> {
    let found = webhooks::delivery(&service.app, &caller.grant()?, &of(tenant, id), delivery).await?;
    Ok(Answer((&found).into()))
}

/// Send a delivery again
///
/// Whatever became of it, with the id that it had. It waits for nothing else, so it may come out of order.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/resend", tag = "Webhooks", operation_id = "resend_delivery",
    params(("webhook_id" = String, Path, description = "Its id", pattern = "^whe_[0-9a-f]{32}$"), ("delivery_id" = String, Path, description = "The delivery's id", pattern = "^whd_[0-9a-f]{32}$"), TenantChoice),
    responses(
        (status = 204, description = "It is on its way"),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn resend(
    State(service): Shared,
    Caller(caller): Caller,
    Path((id, delivery)): Path<(WebhookEndpointId, DeliveryId)>,
    Query(tenant): Query<TenantChoice>,
) -> Result<StatusCode, Problem> {
    webhooks::resend(&service.app, &caller.grant()?, &of(tenant, id), delivery).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send a span of time again
///
/// What was given up of what happened in it, in order for each resource.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{webhook_id}/recover", tag = "Webhooks", operation_id = "recover_deliveries",
    params(("webhook_id" = String, Path, description = "Its id", pattern = "^whe_[0-9a-f]{32}$"), TenantChoice),
    request_body = RecoverRequest,
    responses(
        (status = 200, description = "How many are on their way", body = Recovered),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn recover(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<WebhookEndpointId>,
    Query(tenant): Query<TenantChoice>,
    Json(body): Json<RecoverRequest>,
) -> Result<Answer<Recovered>, Problem> {
    let (since, until) = (body.since.0, body.until.map(|Moment(until)| until));
    let count = webhooks::recover(&service.app, &caller.grant()?, &of(tenant, id), since, until).await?;
    Ok(Answer(Recovered { count }))
}

/// Send a test message
///
/// It tells of nothing. The delivery shows whether it arrived.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{webhook_id}/test", tag = "Webhooks", operation_id = "test_webhook",
    params(("webhook_id" = String, Path, description = "Its id", pattern = "^whe_[0-9a-f]{32}$"), TenantChoice),
    responses(
        (status = 201, description = "It is on its way", body = TestDelivery),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn test(
    State(service): Shared,
    Caller(caller): Caller,
    Path(id): Path<WebhookEndpointId>,
    Query(tenant): Query<TenantChoice>,
) -> Result<(StatusCode, Answer<TestDelivery>), Problem> {
    let sent = webhooks::send_test(&service.app, &caller.grant()?, &of(tenant, id)).await?;
    Ok((StatusCode::CREATED, Answer(TestDelivery { delivery_id: sent.to_string() })))
}
