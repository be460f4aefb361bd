//! Discovery (RFC 7644 section 4): what this service provider can do. It says exactly what is so.

use axum::response::Response;
use http::StatusCode;
use muster_app::CURSOR_TIMEOUT;
use scim::schema::{RESOURCE_TYPE, SCHEMA, SERVICE_PROVIDER_CONFIG};
use scim::{ResourceSchema, Schema, message};
use serde_json::{Value, json};

use crate::dispatch::Call;
use crate::failure::Failure;

pub(crate) fn service_provider_config(call: &Call<'_>) -> Result<Response, Failure> {
    call.refuse_filter()?;
    let profile = call.caller.profile();
    let bulk = call.service.settings.bulk_limits();
    let body = json!({
        "schemas": [SERVICE_PROVIDER_CONFIG],
        "patch": { "supported": true },
        "bulk": {
            "supported": true,
            "maxOperations": bulk.max_operations,
            "maxPayloadSize": bulk.max_payload_bytes,
        },
        "filter": { "supported": true, "maxResults": profile.max_page_size },
        "changePassword": { "supported": profile.accept_passwords },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": profile.default_page_size.min(profile.max_page_size),
            "maxPageSize": profile.max_page_size,
            "cursorTimeout": CURSOR_TIMEOUT.as_secs(),
        },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "The token of this connection, in the Authorization header",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{}/ServiceProviderConfig", call.base.url),
        },
    });
    Ok(call.json(StatusCode::OK, &call.wire().show_service_provider_config(body)))
}

pub(crate) fn resource_types(call: &Call<'_>) -> Result<Response, Failure> {
    call.refuse_filter()?;
    let all = call.resource_schemas();
    Ok(list(call, all.iter().map(|schema| show_resource_type(call, schema)).collect()))
}

pub(crate) fn resource_type(call: &Call<'_>, name: &str) -> Result<Response, Failure> {
    let all = call.resource_schemas();
    let found = all.iter().find(|schema| schema.resource_type().name == name).ok_or(Failure::UnknownAddress)?;
    Ok(call.json(StatusCode::OK, &show_resource_type(call, found)))
}

pub(crate) fn schemas(call: &Call<'_>) -> Result<Response, Failure> {
    call.refuse_filter()?;
    Ok(list(call, call.schemas().iter().map(|schema| show_schema(call, schema)).collect()))
}

pub(crate) fn schema(call: &Call<'_>, urn: &str) -> Result<Response, Failure> {
    let all = call.schemas();
    let found = all.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn)).ok_or(Failure::UnknownAddress)?;
    Ok(call.json(StatusCode::OK, &show_schema(call, found)))
}

fn list(call: &Call<'_>, resources: Vec<Value>) -> Response {
    let total = resources.len() as u64;
    call.json(StatusCode::OK, &message::list_response(total, 1, resources))
}

fn show_resource_type(call: &Call<'_>, schema: &ResourceSchema) -> Value {
    let resource_type = schema.resource_type();
    let location = format!("{}/ResourceTypes/{}", call.base.url, resource_type.name);
    with_frame(serde_json::to_value(resource_type), RESOURCE_TYPE, "ResourceType", &location)
}

fn show_schema(call: &Call<'_>, schema: &Schema) -> Value {
    let location = format!("{}/Schemas/{}", call.base.url, schema.id);
    with_frame(serde_json::to_value(schema), SCHEMA, "Schema", &location)
}

/// Puts `schemas` before and `meta` after a discovery resource.
fn with_frame(value: Result<Value, serde_json::Error>, urn: &str, kind: &str, location: &str) -> Value {
    let mut framed = serde_json::Map::new();
    framed.insert("schemas".to_owned(), json!([urn]));
    if let Ok(Value::Object(members)) = value {
        framed.extend(members);
    }
    framed.insert("meta".to_owned(), json!({ "resourceType": kind, "location": location }));
    Value::Object(framed)
}
