//! What the caller is shown after a commit. The commit stands whatever happens now, so nothing here fails: a caller who
//! was told of a failure would send the request again.

use std::sync::Arc;

use muster_model::{ResourceId, StoredResource};
use muster_store::{Committed, Include, Written};
use scim::ResourceSchema;

use super::type_name;
use crate::{App, AppError, ScimCaller};

/// The one result of a batch with one write, and the members whose removal is held.
pub(super) fn only(mut committed: Committed) -> Result<(Written, Vec<ResourceId>), AppError> {
    let held = std::mem::take(&mut committed.held_members);
    last(committed).map(|written| (written, held))
}

/// The result of a batch's last write.
pub(crate) fn last(committed: Committed) -> Result<Written, AppError> {
    committed
        .written
        .into_iter()
        .next_back()
        .ok_or_else(|| AppError::Internal("the store committed a write without saying what it wrote".into()))
}

/// What is read before a change so that nothing need be read after it: the groups that a resource is in, which its own
/// change leaves as they are. Members are another matter, since they are what is changed.
pub(super) fn beforehand(include: Include) -> Include {
    Include { members: false, groups: include.groups && !include.members }
}

/// Adds the rows that are wanted to a resource that was built from what was committed. The document and version stay
/// those of this commit, so that the tag in the answer belongs to what the caller wrote and to nobody's later change.
pub(crate) async fn with_rows(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    include: Include,
    mut resource: StoredResource,
) -> StoredResource {
    let is_complete =
        (resource.members.is_some() || !include.members) && (resource.groups.is_some() || !include.groups);
    if is_complete {
        return resource;
    }
    if let Some(read) = read_again(app, caller, schema, include, &resource).await {
        resource.members = read.members;
        resource.groups = read.groups;
    }
    resource
}

/// The resource as it is now; what was built if it cannot be read. For a change of members alone, which knows the new
/// version but not whether somebody else changed the document before it.
pub(super) async fn as_it_is_now(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    include: Include,
    built: StoredResource,
) -> StoredResource {
    read_again(app, caller, schema, include, &built).await.unwrap_or(built)
}

async fn read_again(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    include: Include,
    resource: &StoredResource,
) -> Option<StoredResource> {
    match caller.directory(app).find_resource(&type_name(schema), resource.id, include).await {
        Ok(found) => found,
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "a resource was written but could not be read again for the answer");
            None
        }
    }
}
