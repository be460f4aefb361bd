//! One resource: POST, GET, PUT, PATCH, DELETE (RFC 7644 sections 3.3 to 3.6).

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use muster_app::resources::{self, Patched, etag};
use muster_model::StoredResource;
use scim::ResourceSchema;
use scim::message::SearchRequest;
use scim::projection::Projection;
use serde_json::Value;

use crate::body::read_json;
use crate::dispatch::Call;
use crate::failure::Failure;
use crate::{conditional, render, respond};

/// POST `/Users`.
pub(crate) async fn create(call: &Call<'_>, schema: &Arc<ResourceSchema>, body: Body) -> Result<Response, Failure> {
    let projection = projection(call, schema)?;
    let body = read(call, body).await?;
    let created = resources::create(&call.service.app, &call.caller, schema, &body, &projection).await?;
    Ok(shown(call, schema, &created, &projection, StatusCode::CREATED))
}

/// GET `/Users/{id}`.
pub(crate) async fn read_one(call: &Call<'_>, schema: &Arc<ResourceSchema>, id: &str) -> Result<Response, Failure> {
    let projection = projection(call, schema)?;
    let found = resources::read(&call.service.app, &call.caller, schema, id, &projection).await?;
    if conditional::is_not_modified(&call.parts.headers, found.version) {
        let response = respond::empty(StatusCode::NOT_MODIFIED);
        return Ok(respond::with_address(response, &call.base.location(schema, &found), &etag(&found)));
    }
    Ok(shown(call, schema, &found, &projection, StatusCode::OK))
}

/// PUT `/Users/{id}`.
pub(crate) async fn replace(
    call: &Call<'_>,
    schema: &Arc<ResourceSchema>,
    id: &str,
    body: Body,
) -> Result<Response, Failure> {
    let projection = projection(call, schema)?;
    let body = read(call, body).await?;
    let precondition = conditional::if_match(&call.parts.headers);
    let replaced =
        resources::replace(&call.service.app, &call.caller, schema, id, &body, &precondition, &projection).await?;
    Ok(shown(call, schema, &replaced, &projection, StatusCode::OK))
}

/// PATCH `/Users/{id}`.
pub(crate) async fn patch(
    call: &Call<'_>,
    schema: &Arc<ResourceSchema>,
    id: &str,
    body: Body,
) -> Result<Response, Failure> {
    let named = SearchRequest::from_query(call.query())?;
    // RFC 7644 section 3.5.2: with the attributes parameter the answer is 200 with a body.
    let body_wanted = !named.attributes.is_empty() || !named.excluded_attributes.is_empty();
    let projection = Projection::compile(schema, &named.attributes, &named.excluded_attributes)?;
    let body = read(call, body).await?;
    let precondition = conditional::if_match(&call.parts.headers);
    let app = &call.service.app;
    match resources::patch(app, &call.caller, schema, id, &body, &precondition, &projection, body_wanted).await? {
        Patched::Resource(patched) => Ok(shown(call, schema, &patched, &projection, StatusCode::OK)),
        Patched::WithoutBody(patched) => {
            let response = respond::empty(StatusCode::NO_CONTENT);
            Ok(respond::with_address(response, &call.base.location(schema, &patched), &etag(&patched)))
        }
    }
}

/// DELETE `/Users/{id}`.
pub(crate) async fn delete(call: &Call<'_>, schema: &Arc<ResourceSchema>, id: &str) -> Result<Response, Failure> {
    let precondition = conditional::if_match(&call.parts.headers);
    resources::delete(&call.service.app, &call.caller, schema, id, &precondition).await?;
    Ok(respond::empty(StatusCode::NO_CONTENT))
}

fn projection(call: &Call<'_>, schema: &ResourceSchema) -> Result<Projection, Failure> {
    let named = SearchRequest::from_query(call.query())?;
    Ok(Projection::compile(schema, &named.attributes, &named.excluded_attributes)?)
}

async fn read(call: &Call<'_>, body: Body) -> Result<Value, Failure> {
    read_json(&call.parts.headers, body, call.service.settings.max_body_bytes).await
}

fn shown(
    call: &Call<'_>,
    schema: &ResourceSchema,
    resource: &StoredResource,
    projection: &Projection,
    status: StatusCode,
) -> Response {
    let body = render::resource(&call.base, call.service.app.resource_schemas(), schema, resource, projection);
    let response = respond::json(status, &body);
    respond::with_address(response, &call.base.location(schema, resource), &etag(resource))
}
