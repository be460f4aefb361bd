//! Bulk (RFC 7644 section 3.7; protocol 1.1, section 3.5): POST `/Bulk`.

use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use muster_app::bulk::{Done, Processed, process};
use muster_app::resources::{Patched, etag};
use muster_model::StoredResource;
use scim::bulk::{Method, ResponseEntry, response_body};
use scim::message::error_body;

use crate::body::read_json;
use crate::dispatch::Call;
use crate::failure::{Failure, of_app_error};
use crate::service::BulkLimits;

/// A request that can be processed is answered 200, whatever became of its operations.
pub(crate) async fn bulk(call: &Call<'_>, body: Body) -> Result<Response, Failure> {
    let BulkLimits { max_operations, max_payload_bytes } = call.service.settings.bulk_limits();
    let body =
        read_json(&call.parts.headers, body, max_payload_bytes, &call.trace).await.map_err(
            |failure| match failure {
                Failure::TooLarge { limit } => Failure::BulkTooLarge { limit },
                other => other,
            },
        )?;
    let request = call.wire().read_bulk(call, &body)?;
    if request.operations.len() > max_operations {
        return Err(Failure::TooManyOperations { limit: max_operations });
    }
    let processed = process(&call.service.app, &call.caller, request).await;
    let entries = processed.into_iter().map(|processed| entry(call, processed)).collect();
    Ok(call.json(StatusCode::OK, &call.wire().show_bulk(response_body(entries))))
}

/// The result of one operation, with the status that a request of its own would have got (RFC 7644 section 3.7.3).
fn entry(call: &Call<'_>, processed: Processed) -> ResponseEntry {
    let Processed { method, bulk_id, resource, outcome } = processed;
    let has_failed_to_create = method == Some(Method::Post) && outcome.is_err();
    let location = resource
        .filter(|_| !has_failed_to_create)
        .map(|(schema, id)| format!("{}{}/{id}", call.base.url, schema.resource_type().endpoint));
    let (status, version, response) = match &outcome {
        Ok(done) => {
            let (status, resource) = seen(call, done);
            (status, resource.map(etag), None)
        }
        Err(error) => {
            let (status, scim_type, detail) = of_app_error(error);
            (status, None, Some(error_body(status.as_u16(), scim_type, &detail)))
        }
    };
    ResponseEntry { method, bulk_id, location, version, status: status.as_u16(), response }
}

fn seen<'a>(call: &Call<'_>, done: &'a Done) -> (StatusCode, Option<&'a StoredResource>) {
    match done {
        Done::Created(resource) => (StatusCode::CREATED, Some(resource)),
        Done::Replaced(resource) | Done::Patched(Patched::Resource(resource)) => (StatusCode::OK, Some(resource)),
        Done::Patched(Patched::WithoutBody(resource)) => (StatusCode::NO_CONTENT, Some(resource)),
        Done::Deleted => (call.wire().status_of_deletion(), None),
    }
}
