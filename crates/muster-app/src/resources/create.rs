//! POST (RFC 7644 section 3.3).

use std::sync::Arc;

use muster_model::{ResourceId, StoredResource};
use muster_store::batch::MembershipChange;
use muster_store::{Batch, Write};
use scim::projection::Projection;
use scim::{Repairs, ResourceSchema};
use serde_json::Value;

use super::{content, find, holds_members, include_for, note_repairs, type_name};
use crate::{App, AppError, ScimCaller, membership};

/// Creates a resource and reads it back as the projection wants it.
pub async fn create(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    body: &Value,
    projection: &Projection,
) -> Result<StoredResource, AppError> {
    let leniency = &caller.profile().leniency;
    let mut repairs = Repairs::new();
    let mut document = scim::normalize::normalize_new(schema, body, leniency, &mut repairs)?;
    note_repairs(caller, &repairs);
    let members = if holds_members(schema) { membership::take_members(&mut document) } else { None };
    app.passwords.seal(&mut document, None).await?;

    let id = ResourceId::new(app.clock.as_ref(), app.rng.as_ref());
    let write = Write::Create {
        id,
        resource_type: type_name(schema),
        owner: Some(caller.connection().id),
        content: content(schema, document, leniency),
        members: members.map(|members| membership::delta(MembershipChange::Replace(members), leniency)),
    };
    let batch = Batch { writes: vec![write], connection: Some(caller.connection().id), at: app.now() };
    caller
        .directory(app)
        .commit(batch)
        .await
        .map_err(|error| AppError::from_commit(error, &schema.resource_type().name))?;
    find(app, caller, schema, id, include_for(schema, projection)).await
}
