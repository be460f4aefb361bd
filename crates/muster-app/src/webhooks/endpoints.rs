//! Endpoints in the hands of an operator.

use muster_model::{
    DisabledReason, Reach, WebhookEndpoint, WebhookEndpointId, WebhookHealth, WebhookPayload, WebhookSettings,
    WebhookState,
};
use muster_store::{Missed, Scope};
use serde_json::{Value, json};

use super::keys::{self, NewSigningKey};
use super::{Carrier, Refusal};
use crate::events::{check_types, end_of_log};
use crate::operator::{Grants, may};
use crate::secrets::{self, SecretUse};
use crate::system_log::Deed;
use crate::tenants::TenantName;
use crate::{App, AppError, tenants};

/// Of one tenant: each makes a delivery of every event.
const MOST_ENDPOINTS: usize = 50;
const LONGEST_URL: usize = 2048;

/// What a person says of a new endpoint.
#[derive(Clone, Debug)]
pub struct NewEndpoint {
    /// `None`: the tenant that the caller is bound to, or the default one.
    pub tenant: Option<TenantName>,
    pub url: String,
    /// Empty: all.
    pub event_types: Vec<String>,
    pub payload: WebhookPayload,
}

/// An endpoint as it is asked for.
#[derive(Clone, Debug)]
pub struct EndpointOf {
    /// `None`: the tenant that the caller is bound to, or the default one.
    pub tenant: Option<TenantName>,
    pub id: WebhookEndpointId,
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

/// Makes an endpoint. It gets what happens from now on, so whoever makes it must be allowed to read that.
pub async fn create(
    app: &App,
    access: &impl Grants<may::ChangeWebhooks>,
    _reads: &impl Grants<may::ReadEvents>,
    carrier: &dyn Carrier,
    new: NewEndpoint,
) -> Result<CreatedEndpoint, AppError> {
    let tenant = tenants::named(app, access.reach(), new.tenant).await?.id;
    let settings = WebhookSettings { url: new.url, event_types: new.event_types, payload: new.payload };
    check(carrier, &settings)?;
    if app.store.list_webhook_endpoints(tenant).await?.len() >= MOST_ENDPOINTS {
        return Err(AppError::TooManyWebhooks(MOST_ENDPOINTS));
    }
    let id = WebhookEndpointId::new(app.clock.as_ref(), app.rng.as_ref());
    let used = SecretUse::granted(access, "make a webhook endpoint");
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
    let deed = Deed::new("webhook.created", Some(tenant), id).after(told(&endpoint.settings));
    app.noting(access, deed).create_webhook_endpoint(&endpoint).await?;
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
pub async fn list(
    app: &App,
    access: &impl Grants<may::ReadWebhooks>,
    tenant: Option<TenantName>,
) -> Result<Vec<WebhookEndpoint>, AppError> {
    let tenant = tenants::named(app, access.reach(), tenant).await?;
    Ok(app.store.list_webhook_endpoints(tenant.id).await?)
}

pub async fn show(
    app: &App,
    access: &impl Grants<may::ReadWebhooks>,
    of: &EndpointOf,
) -> Result<WebhookEndpoint, AppError> {
    find(app, access.reach(), of).await
}

pub(super) async fn find(app: &App, reach: Reach, of: &EndpointOf) -> Result<WebhookEndpoint, AppError> {
    let tenant = tenants::named(app, reach, of.tenant.clone()).await?;
    app.store.find_webhook_endpoint(tenant.id, of.id).await?.ok_or(AppError::WebhookEndpointNotFound)
}

/// Changes address, types or payload. What is on its way already goes to the new address, so whoever changes it must be allowed
/// to read that.
pub async fn update(
    app: &App,
    access: &impl Grants<may::ChangeWebhooks>,
    _reads: &impl Grants<may::ReadEvents>,
    carrier: &dyn Carrier,
    of: &EndpointOf,
    change: EndpointChange,
) -> Result<WebhookEndpoint, AppError> {
    let endpoint = find(app, access.reach(), of).await?;
    let before = told(&endpoint.settings);
    let settings = WebhookSettings {
        url: change.url.unwrap_or(endpoint.settings.url),
        event_types: change.event_types.unwrap_or(endpoint.settings.event_types),
        payload: change.payload.unwrap_or(endpoint.settings.payload),
    };
    check(carrier, &settings)?;
    let deed = Deed::new("webhook.changed", Some(endpoint.tenant), endpoint.id).before(before).after(told(&settings));
    expect(app.noting(access, deed).change_webhook_settings(endpoint.tenant, endpoint.id, &settings).await?)?;
    find(app, access.reach(), of).await
}

/// Deletes the endpoint with all that is on its way to it.
pub async fn delete(app: &App, access: &impl Grants<may::ChangeWebhooks>, of: &EndpointOf) -> Result<(), AppError> {
    let endpoint = find(app, access.reach(), of).await?;
    let deed = Deed::new("webhook.deleted", Some(endpoint.tenant), endpoint.id).before(told(&endpoint.settings));
    expect(app.noting(access, deed).delete_webhook_endpoint(endpoint.tenant, endpoint.id).await?)?;
    let used = SecretUse::granted(access, "delete a webhook endpoint");
    secrets::forget_owner(app, &used, &keys::owner(endpoint.tenant, endpoint.id)).await?;
    Ok(())
}

/// Sends nothing until the endpoint is enabled. What was on its way is parked.
pub async fn disable(app: &App, access: &impl Grants<may::ChangeWebhooks>, of: &EndpointOf) -> Result<(), AppError> {
    let endpoint = find(app, access.reach(), of).await?;
    let state = WebhookState::Disabled { reason: DisabledReason::ByOperator, since: app.now() };
    let deed = Deed::new("webhook.disabled", Some(endpoint.tenant), endpoint.id);
    expect(app.noting(access, deed).disable_webhook_endpoint(endpoint.tenant, endpoint.id, &state).await?)
}

/// Sends again. By default everything that was missed meanwhile is delivered, too; `skip_missed` goes on with what comes now.
pub async fn enable(
    app: &App,
    access: &impl Grants<may::ChangeWebhooks>,
    of: &EndpointOf,
    skip_missed: bool,
) -> Result<(), AppError> {
    let endpoint = find(app, access.reach(), of).await?;
    let missed = if skip_missed {
        Missed::SkipTo(end_of_log(app.store.directory(endpoint.tenant, Scope::Tenant).as_ref()).await?)
    } else {
        Missed::Deliver
    };
    let deed =
        Deed::new("webhook.enabled", Some(endpoint.tenant), endpoint.id).after(json!({ "skip_missed": skip_missed }));
    expect(app.noting(access, deed).enable_webhook_endpoint(endpoint.tenant, endpoint.id, missed, app.now()).await?)
}

/// It was there a moment ago.
pub(super) fn expect(is_there: bool) -> Result<(), AppError> {
    if is_there { Ok(()) } else { Err(AppError::WebhookEndpointNotFound) }
}

/// For the system log. An address may have a secret in its path or query, so only its host is told.
fn told(settings: &WebhookSettings) -> Value {
    let behind_scheme = settings.url.split_once("://").map_or(settings.url.as_str(), |(_, rest)| rest);
    let authority = behind_scheme.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    json!({ "host": host, "event_types": settings.event_types, "payload": settings.payload.as_str() })
}
