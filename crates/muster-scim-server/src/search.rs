//! Lists and searches (RFC 7644 sections 3.4.2 and 3.4.3): GET on an endpoint or the base, POST to `.search`.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use muster_app::AppError;
use muster_app::resources::{self, Paging, ResourceList, labels_of_references};
use scim::ResourceSchema;
use scim::message::{self, SearchRequest};
use scim::projection::Projection;
use serde_json::Value;

use crate::body::read_json;
use crate::dispatch::Call;
use crate::failure::Failure;
use crate::references::Shelf;
use crate::render;
use crate::spliced::Splicer;
use crate::wire::Wire;

/// GET `/Users`.
pub(crate) async fn list(call: &Call<'_>, schema: &Arc<ResourceSchema>) -> Result<Response, Failure> {
    let search = call.search()?;
    list_one_type(call, schema, &search).await
}

/// GET `/Users/{id}?filter=…` (RFC 7644 section 3.4.2.1).
pub(crate) async fn list_one(
    call: &Call<'_>,
    schema: &Arc<ResourceSchema>,
    id: &str,
    search: &SearchRequest,
) -> Result<Response, Failure> {
    let projection = call.projection(schema, search)?;
    let projection = call.caller.profile().shown(projection);
    let app = &call.service.app;
    let list = resources::list_one_resource(app, &call.caller, schema, id, search, &projection).await?;
    answer(call, list, |_| Ok(projection.clone())).await
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
    let body = read_json(&call.parts.headers, body, call.service.settings.max_body_bytes, &call.trace).await?;
    Ok(SearchRequest::parse(&body)?)
}

async fn list_one_type(
    call: &Call<'_>,
    schema: &Arc<ResourceSchema>,
    search: &SearchRequest,
) -> Result<Response, Failure> {
    let projection = call.projection(schema, search)?;
    let projection = call.caller.profile().shown_in_lists(projection);
    let list = resources::list(&call.service.app, &call.caller, schema, search, &projection).await?;
    answer(call, list, |_| Ok(projection.clone())).await
}

async fn list_all_types(call: &Call<'_>, search: &SearchRequest) -> Result<Response, Failure> {
    let list = resources::list_all_types(&call.service.app, &call.caller, search).await?;
    answer(call, list, |schema| {
        let projection = call.projection(schema, search)?;
        Ok(call.caller.profile().shown_in_lists(projection))
    })
    .await
}

async fn answer(
    call: &Call<'_>,
    list: ResourceList,
    projection: impl Fn(&ResourceSchema) -> Result<Projection, Failure>,
) -> Result<Response, Failure> {
    // Compiled once a type.
    let mut projections: Vec<(Arc<ResourceSchema>, Projection)> = Vec::new();
    for (schema, _) in &list.resources {
        if !projections.iter().any(|(of, _)| Arc::ptr_eq(of, schema)) {
            projections.push((Arc::clone(schema), projection(schema)?));
        }
    }
    let shown = || {
        list.resources
            .iter()
            .filter_map(|(schema, resource)| Some((schema.as_ref(), projection_of(&projections, schema)?, resource)))
    };
    let labels = labels_of_references(&call.service.app, &call.caller, shown()).await;
    let shelf = Shelf { base: &call.base, schemas: call.resource_schemas(), labels: &labels };
    let parts = (list, projections.as_slice());
    match call.wire() {
        Wire::V2 => Ok(call.wire().json_text(StatusCode::OK, page_as_text(&shelf, parts)?)),
        Wire::V1 => Ok(call.json(StatusCode::OK, &call.wire().show_list(page(&shelf, parts)?))),
    }
}

/// A list, and the projection of each type that is in it.
type Parts<'a> = (ResourceList, &'a [(Arc<ResourceSchema>, Projection)]);

fn page(shelf: &Shelf<'_>, (list, projections): Parts<'_>) -> Result<Value, Failure> {
    let rendered = list.resources.into_iter().filter_map(|(schema, resource)| {
        let projection = projection_of(projections, &schema)?;
        Some(render::resource(shelf, &schema, resource, projection))
    });
    let rendered = rendered.collect::<Result<_, _>>()?;
    Ok(match list.paging {
        Paging::Index { total, start_index } => message::list_response(total, start_index, rendered),
        Paging::Cursor { total, cursors } => message::cursor_list_response(total, cursors, rendered),
    })
}

fn page_as_text(shelf: &Shelf<'_>, (list, projections): Parts<'_>) -> Result<Vec<u8>, Failure> {
    let items = list.resources.len();
    let head = match list.paging {
        Paging::Index { total, start_index } => message::list_response_head(total, start_index, items),
        Paging::Cursor { total, cursors } => message::cursor_list_response_head(total, cursors, items),
    };
    let mut page = message::begin_page(&head).map_err(|error| AppError::Internal(error.into()))?;
    let mut splicer = Splicer::new(shelf);
    let mut is_first = true;
    for (schema, resource) in &list.resources {
        let Some(projection) = projection_of(projections, schema) else { continue };
        if !std::mem::take(&mut is_first) {
            page.push(b',');
        }
        splicer.write(schema, resource, projection, &mut page)?;
    }
    message::end_page(&mut page);
    Ok(page)
}

fn projection_of<'a>(
    projections: &'a [(Arc<ResourceSchema>, Projection)],
    schema: &Arc<ResourceSchema>,
) -> Option<&'a Projection> {
    projections.iter().find(|(of, _)| Arc::ptr_eq(of, schema)).map(|(_, projection)| projection)
}
