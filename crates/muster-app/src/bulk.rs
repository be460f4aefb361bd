//! Bulk (RFC 7644 section 3.7): the operations of one request, each by the use case that a single request would go
//! through. In which order and how many at once is decided in `docs/adr/0012-bulk-execution.md`.

mod job;
mod operation;

use std::sync::Arc;

use muster_model::StoredResource;
use scim::ResourceSchema;
use scim::bulk::{BulkRequest, Method, NamedResource, Plan};
use scim::schema::{ResolvedPath, Uniqueness};

use crate::resources::Patched;
use crate::{App, AppError, ScimCaller};
use job::Job;

/// What became of one operation.
pub struct Processed {
    /// `None`: it named none of the four methods.
    pub method: Option<Method>,
    pub bulk_id: Option<String>,
    /// The type and id of the resource, as far as the operation names one that there can be.
    pub resource: Option<(Arc<ResourceSchema>, String)>,
    pub outcome: Result<Done, AppError>,
}

/// What an operation has done. Resources carry their document, and no rows beside it.
pub enum Done {
    Created(StoredResource),
    Replaced(StoredResource),
    Patched(Patched),
    Deleted,
}

/// Performs a request. The results stand in the order of the request; where `failOnErrors` stopped it, those of
/// operations that were not begun are left out.
pub async fn process(app: &Arc<App>, caller: &ScimCaller, request: BulkRequest) -> Vec<Processed> {
    let plan = Plan::of(&request, caller.resource_schemas(), &caller.profile().leniency, &is_unique);
    Job::new(app, caller, request, plan).run().await
}

/// What two resources of a type may not both have, whoever brought them. A group's name and `externalId` are only unique
/// where the profile says so; to keep the order of two that might collide costs little.
fn is_unique(schema: &ResourceSchema, path: &ResolvedPath) -> bool {
    let definition = path.definition();
    let is_group_name = schema.base().id == scim::schema::GROUP
        && path.extension.is_none()
        && path.sub_attribute.is_none()
        && definition.name == "displayName";
    let is_external_id = path.extension.is_none() && path.sub_attribute.is_none() && definition.name == "externalId";
    definition.uniqueness != Uniqueness::None || is_group_name || is_external_id
}

/// The id in a path; `None` for the one of a resource that is not there yet.
fn id_in_path(resource: &NamedResource) -> Option<&str> {
    match resource {
        NamedResource::Id(id) => Some(id),
        NamedResource::BulkId(_) => None,
    }
}

#[cfg(test)]
mod tests;
