//! GET of one resource (RFC 7644 section 3.4.1).

use std::sync::Arc;

use muster_model::{ResourceId, StoredResource};
use scim::ResourceSchema;
use scim::projection::Projection;

use super::{find, include_for, not_found};
use crate::{App, AppError, ScimCaller};

/// Reads one resource with the rows that the projection wants. An id that is none of ours is simply not there.
pub async fn read(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    id: &str,
    projection: &Projection,
) -> Result<StoredResource, AppError> {
    let id = ResourceId::parse(id).ok_or_else(|| not_found(schema))?;
    find(app, caller, schema, id, include_for(schema, projection)).await
}
