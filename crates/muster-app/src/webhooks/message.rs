//! A delivery as it goes out.

use jiff::Timestamp;
use muster_model::{Delivery, ResourceId, TypeName, WebhookEndpoint, WebhookPayload};
use muster_store::Scope;
use serde_json::Value;

use super::signature::headers;
use super::{Message, SigningSecret};
use crate::events::objects_of;
use crate::{App, AppError};

pub(super) async fn message(
    app: &App,
    endpoint: &WebhookEndpoint,
    delivery: &Delivery,
    secrets: &[SigningSecret],
    at: Timestamp,
) -> Result<Message, AppError> {
    let body = match endpoint.settings.payload {
        WebhookPayload::Thin => delivery.body.clone(),
        WebhookPayload::Full => with_object(app, endpoint, &delivery.body).await?,
    };
    let mut sent = vec![("content-type".to_owned(), "application/json".to_owned())];
    sent.extend(headers(delivery.event, at, &body, secrets));
    Ok(Message { url: endpoint.settings.url.clone(), headers: sent, body })
}

/// The resource as it is when the message is sent. What is gone, or was none, adds nothing.
async fn with_object(app: &App, endpoint: &WebhookEndpoint, body: &str) -> Result<String, AppError> {
    let mut event: Value = serde_json::from_str(body).map_err(|error| AppError::Internal(Box::new(error)))?;
    let Some(Value::Object(data)) = event.get_mut("data") else { return Ok(body.to_owned()) };
    let text = |name: &str| data.get(name).and_then(Value::as_str);
    let resource = text("resource_id").and_then(ResourceId::parse);
    let (Some(resource_type), Some(id)) = (text("resource_type"), resource) else { return Ok(body.to_owned()) };
    let directory = app.store.directory(endpoint.tenant, Scope::Tenant);
    let wanted = [(TypeName::new(resource_type), id)];
    if let Some(object) = objects_of(app, directory.as_ref(), &wanted).await?.remove(&id) {
        data.insert("object".to_owned(), object);
    }
    Ok(event.to_string())
}
