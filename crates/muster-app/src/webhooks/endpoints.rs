//! Endpoints in the hands of an operator.

use muster_model::{
    DisabledReason, WebhookEndpoint, WebhookEndpointId, WebhookHealth, WebhookPayload, WebhookSettings, WebhookState,
};
use muster_store::{Missed, Scope};

use super::keys::{self, NewSigningKey};
use super::{Carrier, Refusal};
use crate::events::{check_types, end_of_log};
use crate::secrets::{self, SecretUse};
use crate::{App, AppError, OperatorAccess, tenants};

/// Of one tenant: each makes a delivery of every event.
const MOST_ENDPOINTS: usize = 50;
const LONGEST_URL: usize = 2048;

/// What a person says of a new endpoint.
#[derive(Clone, Debug)]
pub struct NewEndpoint {
    /// The tenant's name.
    pub tenant: String,
    pub url: String,
    /// Empty: all.
    pub event_types: Vec<String>,
    pub payload: WebhookPayload,
}

/// What is to change; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct EndpointChange {
    pub url: Option<String>,
    pub event_types: Option<Vec<String>>,
    pub payload: Option<WebhookPayload>,
}

/// An endpoint with its first key, which cannot be shown again.
#[derive(Debug)]
pub struct CreatedEndpoint {
    pub endpoint: WebhookEndpoint,
    pub key: NewSigningKey,
}

/// Makes an endpoint. It gets what happens from now on.
pub async fn create(
    app: &App,
    access: &OperatorAccess,
    carrier: &dyn Carrier,
    new: NewEndpoint,
) -> Result<CreatedEndpoint, AppError> {
    let tenant = tenants::find_by_name(app, &new.tenant).await?.id;
    let settings = WebhookSettings { url: new.url, event_types: new.event_types, payload: new.payload };
    check(carrier, &settings)?;
    if app.store.list_webhook_endpoints(tenant).await?.len() >= MOST_ENDPOINTS {
        return Err(AppError::InvalidInput(format!(
            "the tenant has {MOST_ENDPOINTS} webhook endpoints already; delete one that is needed no more"
        )));
    }
    let id = WebhookEndpointId::new(app.clock.as_ref(), app.rng.as_ref());
    let used = SecretUse::by_operator(access, "make a webhook endpoint");
    let (secret, key) = keys::make(app, &used, &keys::owner(tenant, id), 1).await?;
    let endpoint = WebhookEndpoint {
        id,
        tenant,
        settings,
        state: WebhookState::Active,
        created: app.now(),
        keys: vec![key],
        scheduled: end_of_log(app.store.directory(tenant, Scope::Tenant).as_ref()).await?,
        health: WebhookHealth::default(),
    };
    app.store.create_webhook_endpoint(&endpoint).await?;
    Ok(CreatedEndpoint { endpoint, key: NewSigningKey { version: 1, secret, overlap_ends: None } })
}

fn check(carrier: &dyn Carrier, settings: &WebhookSettings) -> Result<(), AppError> {
    let refused = |problem: &str| Err(AppError::InvalidInput(format!("\"url\": {problem}")));
    if settings.url.len() > LONGEST_URL {
        return refused("it is longer than 2048 bytes; choose a shorter one");
    }
    if settings.url.contains('#') {
        return refused("a part behind \"#\" is never sent; leave it out");
    }
    if let Err(Refusal(problem)) = carrier.check_address(&settings.url) {
        return refused(&problem);
    }
    check_types(&settings.event_types)
}

/// The tenant's endpoints, in order of creation.
pub async fn list(app: &App, _access: &OperatorAccess, tenant: &str) -> Result<Vec<WebhookEndpoint>, AppError> {
    let tenant = tenants::find_by_name(app, tenant).await?;
    Ok(app.store.list_webhook_endpoints(tenant.id).await?)
}

pub async fn show(
    app: &App,
    access: &OperatorAccess,
    tenant: &str,
    id: WebhookEndpointId,
) -> Result<WebhookEndpoint, AppError> {
    find(app, access, tenant, id).await
}

pub(super) async fn find(
    app: &App,
    _access: &OperatorAccess,
    tenant: &str,
    id: WebhookEndpointId,
) -> Result<WebhookEndpoint, AppError> {
    let tenant = tenants::find_by_name(app, tenant).await?;
    app.store.find_webhook_endpoint(tenant.id, id).await?.ok_or(AppError::WebhookEndpointNotFound)
}

/// Changes address, types or payload. What is on its way already goes to the new address.
pub async fn update(
    app: &App,
    access: &OperatorAccess,
    carrier: &dyn Carrier,
    tenant: &str,
    id: WebhookEndpointId,
    change: EndpointChange,
) -> Result<WebhookEndpoint, AppError> {
    let endpoint = find(app, access, tenant, id).await?;
    let settings = WebhookSettings {
        url: change.url.unwrap_or(endpoint.settings.url),
        event_types: change.event_types.unwrap_or(endpoint.settings.event_types),
        payload: change.payload.unwrap_or(endpoint.settings.payload),
    };
    check(carrier, &settings)?;
    expect(app.store.change_webhook_settings(endpoint.tenant, id, &settings).await?)?;
    find(app, access, tenant, id).await
}

/// Deletes the endpoint with all that is on its way to it.
pub async fn delete(app: &App, access: &OperatorAccess, tenant: &str, id: WebhookEndpointId) -> Result<(), AppError> {
    let endpoint = find(app, access, tenant, id).await?;
    expect(app.store.delete_webhook_endpoint(endpoint.tenant, id).await?)?;
    let used = SecretUse::by_operator(access, "delete a webhook endpoint");
    secrets::forget_owner(app, &used, &keys::owner(endpoint.tenant, id)).await?;
    Ok(())
}

/// Sends nothing until the endpoint is enabled. What was on its way is parked.
pub async fn disable(app: &App, access: &OperatorAccess, tenant: &str, id: WebhookEndpointId) -> Result<(), AppError> {
    let endpoint = find(app, access, tenant, id).await?;
    let state = WebhookState::Disabled { reason: DisabledReason::ByOperator, since: app.now() };
    expect(app.store.disable_webhook_endpoint(endpoint.tenant, id, &state).await?)
}

/// Sends again. By default everything that was missed meanwhile is delivered, too; `skip_missed` goes on with what comes now.
pub async fn enable(
    app: &App,
    access: &OperatorAccess,
    tenant: &str,
    id: WebhookEndpointId,
    skip_missed: bool,
) -> Result<(), AppError> {
    let endpoint = find(app, access, tenant, id).await?;
    let missed = if skip_missed {
        Missed::SkipTo(end_of_log(app.store.directory(endpoint.tenant, Scope::Tenant).as_ref()).await?)
    } else {
        Missed::Deliver
    };
    expect(app.store.enable_webhook_endpoint(endpoint.tenant, id, missed, app.now()).await?)
}

/// It was there a moment ago.
pub(super) fn expect(is_there: bool) -> Result<(), AppError> {
    if is_there { Ok(()) } else { Err(AppError::WebhookEndpointNotFound) }
}
