//! One resource: POST, GET, PUT, PATCH, DELETE (RFC 7644 sections 3.3 to 3.6; protocol 1.1, sections 3.1 to 3.4).

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use http::header::IF_MATCH;
use muster_app::resources::{self, Patched, Precondition, etag, labels_of_references};
use muster_model::StoredResource;
use scim::ResourceSchema;
use scim::projection::Projection;
use serde_json::Value;

use crate::body::read_json;
use crate::dispatch::Call;
use crate::failure::Failure;
use crate::references::Shelf;
use crate::spliced::{ManyMembers, Splicer};
use crate::wire::Wire;
use crate::{conditional, render, respond, search};

/// POST `/Users`.
pub(crate) async fn create(call: &Call<'_>, schema: &Arc<ResourceSchema>, body: Body) -> Result<Response, Failure> {
    let projection = projection(call, schema)?;
    let body = call.wire().read_resource(schema, read(call, body).await?)?;
    let created = resources::create(&call.service.app, &call.caller, schema, &body, &projection).await?;
    shown(call, schema, created, &projection, StatusCode::CREATED).await
}

/// GET `/Users/{id}`. With a filter it is a query (RFC 7644 section 3.4.2.1).
pub(crate) async fn read_one(call: &Call<'_>, schema: &Arc<ResourceSchema>, id: &str) -> Result<Response, Failure> {
    let named = call.search()?;
    if named.filter.is_some() {
        return search::list_one(call, schema, id, &named).await;
    }
    let projection = projection(call, schema)?;
    let found = resources::read(&call.service.app, &call.caller, schema, id, &projection).await?;
    if conditional::is_not_modified(&call.parts.headers, found.version) {
        let response = respond::empty(StatusCode::NOT_MODIFIED);
        return Ok(respond::with_address(response, &call.base.location(schema, &found), &etag(&found)));
    }
    shown(call, schema, found, &projection, StatusCode::OK).await
}

/// PUT `/Users/{id}`.
pub(crate) async fn replace(
    call: &Call<'_>,
    schema: &Arc<ResourceSchema>,
    id: &str,
    body: Body,
) -> Result<Response, Failure> {
    let projection = projection(call, schema)?;
    let precondition = precondition(call)?;
    let body = call.wire().read_resource(schema, read(call, body).await?)?;
    let replaced =
        resources::replace(&call.service.app, &call.caller, schema, id, &body, &precondition, &projection).await?;
    shown(call, schema, replaced, &projection, StatusCode::OK).await
}

/// PATCH `/Users/{id}`.
pub(crate) async fn patch(
    call: &Call<'_>,
    schema: &Arc<ResourceSchema>,
    id: &str,
    body: Body,
) -> Result<Response, Failure> {
    let named = call.search()?;
    // RFC 7644 section 3.5.2: with the attributes parameter the answer is 200 with a body.
    let body_wanted = !named.attributes.is_empty() || !named.excluded_attributes.is_empty();
    let projection = call.projection(schema, &named)?;
    let projection = call.caller.profile().shown(projection);
    let precondition = precondition(call)?;
    let body = read(call, body).await?;
    let app = &call.service.app;
    let body = call.wire().patch_body(&body);
    match resources::patch(app, &call.caller, schema, id, body, &precondition, &projection, body_wanted).await? {
        Patched::Resource(patched) => shown(call, schema, patched, &projection, StatusCode::OK).await,
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
    Ok(respond::empty(call.wire().status_of_deletion()))
}

/// What a PUT or PATCH demands of the present version. In 1.1 a client MUST say which version it changes (protocol 1.1,
/// section 3.11); few do, so only a strict connection insists.
fn precondition(call: &Call<'_>) -> Result<Precondition, Failure> {
    let insists = call.wire() == Wire::V1 && call.caller.profile().if_match_required_in_1_1;
    if insists && !call.parts.headers.contains_key(IF_MATCH) {
        return Err(Failure::IfMatchRequired);
    }
    Ok(conditional::if_match(&call.parts.headers))
}

fn projection(call: &Call<'_>, schema: &ResourceSchema) -> Result<Projection, Failure> {
    let named = call.search()?;
    let projection = call.projection(schema, &named)?;
    Ok(call.caller.profile().shown(projection))
}

async fn read(call: &Call<'_>, body: Body) -> Result<Value, Failure> {
    read_json(&call.parts.headers, body, call.service.settings.max_body_bytes, &call.trace).await
}

async fn shown(
    call: &Call<'_>,
    schema: &ResourceSchema,
    resource: StoredResource,
    projection: &Projection,
    status: StatusCode,
) -> Result<Response, Failure> {
    let labels = labels_of_references(&call.service.app, &call.caller, [(schema, projection, &resource)]).await;
    let (location, tag) = (call.base.location(schema, &resource), etag(&resource));
    let shelf = Shelf { base: &call.base, schemas: call.resource_schemas(), labels: &labels };
    let response = match call.wire() {
        Wire::V2 => {
            let mut resource = resource;
            if let Some(many) = ManyMembers::of(&shelf, schema, &mut resource, projection)? {
                call.wire().json_stream(status, Body::new(many))
            } else {
                let mut body = Vec::new();
                Splicer::new(&shelf).write(schema, &resource, projection, &mut body)?;
                call.wire().json_text(status, body)
            }
        }
        Wire::V1 => call.json(status, &render::resource(&shelf, schema, resource, projection)?),
    };
    Ok(respond::with_address(response, &location, &tag))
}
