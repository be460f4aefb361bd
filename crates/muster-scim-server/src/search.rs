//! Lists and searches (RFC 7644 sections 3.4.2 and 3.4.3): GET on an endpoint or the base, POST to `.search`.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use muster_app::resources::{self, ResourceList};
use scim::ResourceSchema;
use scim::message::{self, SearchRequest};
use scim::projection::Projection;

use crate::body::read_json;
use crate::dispatch::Call;
use crate::failure::Failure;
use crate::{render, respond};

/// GET `/Users`.
pub(crate) async fn list(call: &Call<'_>, schema: &Arc<ResourceSchema>) -> Result<Response, Failure> {
    let search = SearchRequest::from_query(call.query())?;
    list_one_type(call, schema, &search).await
}

/// POST `/Users/.search`.
pub(crate) async fn search(call: &Call<'_>, schema: &Arc<ResourceSchema>, body: Body) -> Result<Response, Failure> {
    let search = read_search(call, body).await?;
    list_one_type(call, schema, &search).await
}

/// GET on the base address: all types.
pub(crate) async fn root_list(call: &Call<'_>) -> Result<Response, Failure> {
    let search = SearchRequest::from_query(call.query())?;
    list_all_types(call, &search).await
}

/// POST `/.search`: all types.
pub(crate) async fn root_search(call: &Call<'_>, body: Body) -> Result<Response, Failure> {
    let search = read_search(call, body).await?;
    list_all_types(call, &search).await
}

async fn read_search(call: &Call<'_>, body: Body) -> Result<SearchRequest, Failure> {
    let body = read_json(&call.parts.headers, body, call.service.settings.max_body_bytes).await?;
    Ok(SearchRequest::parse(&body)?)
}

async fn list_one_type(
    call: &Call<'_>,
    schema: &Arc<ResourceSchema>,
    search: &SearchRequest,
) -> Result<Response, Failure> {
    let projection = Projection::compile(schema, &search.attributes, &search.excluded_attributes)?;
    let list = resources::list(&call.service.app, &call.caller, schema, search, &projection).await?;
    answer(call, &list, |_| Ok(projection.clone()))
}

async fn list_all_types(call: &Call<'_>, search: &SearchRequest) -> Result<Response, Failure> {
    let list = resources::list_all_types(&call.service.app, &call.caller, search).await?;
    answer(call, &list, |schema| Ok(Projection::compile(schema, &search.attributes, &search.excluded_attributes)?))
}

fn answer(
    call: &Call<'_>,
    list: &ResourceList,
    projection: impl Fn(&ResourceSchema) -> Result<Projection, Failure>,
) -> Result<Response, Failure> {
    let schemas = call.service.app.resource_schemas();
    let mut rendered = Vec::with_capacity(list.resources.len());
    // Resources of one type stand together, so the projection is compiled once a type.
    let mut current: Option<(Arc<ResourceSchema>, Projection)> = None;
    for (schema, resource) in &list.resources {
        if !current.as_ref().is_some_and(|(of, _)| Arc::ptr_eq(of, schema)) {
            current = Some((Arc::clone(schema), projection(schema)?));
        }
        if let Some((_, projection)) = &current {
            rendered.push(render::resource(&call.base, schemas, schema, resource, projection));
        }
    }
    Ok(respond::json(StatusCode::OK, &message::list_response(list.total, list.start_index, rendered)))
}
