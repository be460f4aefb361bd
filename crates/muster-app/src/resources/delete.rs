//! DELETE (RFC 7644 section 3.6): final; the resource leaves every group it was in.

use std::sync::Arc;

use muster_model::ResourceId;
use muster_store::{Batch, CommitError, Include, Write};
use scim::ResourceSchema;

use super::{Precondition, TRIES, find, not_found, type_name};
use crate::{App, AppError, ScimCaller};

pub async fn delete(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    id: &str,
    precondition: &Precondition,
) -> Result<(), AppError> {
    let id = ResourceId::parse(id).ok_or_else(|| not_found(schema))?;
    for _ in 0..TRIES {
        let expected = if precondition.is_none() {
            None
        } else {
            let present = find(app, caller, schema, id, Include::default()).await?;
            precondition.check(present.version)?;
            Some(present.version)
        };
        let write = Write::Delete { id, resource_type: type_name(schema), expected };
        let batch = Batch { writes: vec![write], connection: Some(caller.connection().id), at: app.now() };
        match caller.directory(app).commit(batch).await {
            Ok(_) => return Ok(()),
            // The next round finds the newer version and judges it against the precondition.
            Err(CommitError::VersionMismatch { .. }) => {}
            Err(error) => return Err(AppError::from_commit(error, &schema.resource_type().name)),
        }
    }
    Err(AppError::Contended)
}
