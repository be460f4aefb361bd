//! One operation, or one circle of creations, through the use cases.

use std::sync::Arc;

use muster_model::ResourceId;
use scim::ResourceSchema;
use scim::bulk::{BulkLanguage, Method};
use scim::patch::PatchBody;
use scim::projection::Projection;
use serde_json::Value;

use super::Done;
use crate::resources::{self, NewResource, Precondition};
use crate::{App, AppError, ScimCaller};

/// An operation with everything that it names known.
pub(super) struct Prepared {
    pub(super) method: Method,
    pub(super) schema: Arc<ResourceSchema>,
    /// The resource in its path; empty for a creation.
    pub(super) id: String,
    pub(super) data: Value,
    pub(super) version: Option<String>,
}

/// What the answer needs to know of a resource: nothing beside its document.
fn bare(schema: &ResourceSchema) -> Result<Projection, AppError> {
    Ok(Projection::compile(schema, &["id".to_owned()], &[])?)
}

pub(super) async fn perform(
    app: &App,
    caller: &ScimCaller,
    operation: Prepared,
    language: BulkLanguage,
) -> Result<Done, AppError> {
    let Prepared { method, schema, id, data, version } = operation;
    let projection = bare(&schema)?;
    let precondition = version.as_deref().map_or_else(Precondition::default, Precondition::of_tag);
    match method {
        Method::Post => resources::create(app, caller, &schema, &data, &projection).await.map(Done::Created),
        Method::Put => {
            resources::replace(app, caller, &schema, &id, &data, &precondition, &projection).await.map(Done::Replaced)
        }
        Method::Patch => {
            let body = match language {
                BulkLanguage::Scim2 => PatchBody::Operations(&data),
                BulkLanguage::Scim1 => PatchBody::PartialResource(&data),
            };
            let patched = resources::patch(app, caller, &schema, &id, body, &precondition, &projection, false).await;
            patched.map(Done::Patched)
        }
        Method::Delete => resources::delete(app, caller, &schema, &id, &precondition).await.map(|()| Done::Deleted),
    }
}

/// Creates resources that name one another, in the given order. Who is to blame fails with the reason, the others
/// because of him.
pub(super) async fn perform_together(
    app: &App,
    caller: &ScimCaller,
    operations: Vec<(ResourceId, Prepared)>,
) -> Vec<Result<Done, AppError>> {
    let new = operations
        .into_iter()
        .map(|(id, operation)| NewResource { id, schema: operation.schema, body: operation.data })
        .collect::<Vec<_>>();
    let count = new.len();
    match resources::create_together(app, caller, new).await {
        Ok(created) => created.into_iter().map(|resource| Ok(Done::Created(resource))).collect(),
        Err((to_blame, error)) => {
            let mut error = Some(error);
            (0..count)
                .map(|place| match error.take_if(|_| place == to_blame) {
                    Some(error) => Err(error),
                    None => Err(AppError::ReferenceFailed),
                })
                .collect()
        }
    }
}
