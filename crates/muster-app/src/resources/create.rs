//! POST (RFC 7644 section 3.3).

use std::sync::Arc;

use muster_model::{ResourceId, StoredResource};
use muster_store::batch::MembershipChange;
use muster_store::{Batch, Guard, Include, Write, Written};
use scim::projection::Projection;
use scim::{Document, Repairs, ResourceSchema};
use serde_json::Value;

use super::{content, holds_members, include_for, note_repairs, settled, type_name};
use crate::ownership::{refused, take_over};
use crate::password::Sealed;
use crate::{App, AppError, ScimCaller, membership};

/// Creates a resource and reads it back as the projection wants it. Where the profile says so, one that is there already
/// and has no owner is taken over.
pub async fn create(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    body: &Value,
    projection: &Projection,
) -> Result<StoredResource, AppError> {
    let id = ResourceId::new(app.clock.as_ref(), app.rng.as_ref());
    let Creation { write, document, has_members } = prepared(app, caller, schema, id, body).await?;
    let batch = Batch {
        writes: vec![write],
        connection: Some(caller.connection().id),
        request: caller.request().map(str::to_owned),
        at: app.now(),
        guard: Guard::default(),
    };
    let committed = match caller.commit(app, batch).await {
        Ok(committed) => committed,
        Err(error) => {
            return match take_over(app, caller, schema, &error, body, projection).await? {
                Some(taken) => Ok(taken),
                None => Err(refused(app, caller, schema, error).await),
            };
        }
    };
    let created = stored(caller, schema, id, &settled::only(committed)?.0, document);
    // Nobody can be a member of anything before he has an id, so only a group's own members are read.
    let include = Include { members: has_members && include_for(schema, projection).members, groups: false };
    Ok(settled::with_rows(app, caller, schema, include, created).await)
}

/// A creation that only needs to be committed.
pub(super) struct Creation {
    pub(super) write: Write,
    pub(super) document: Document,
    pub(super) has_members: bool,
}

/// Everything about a creation that needs no look at the store.
pub(super) async fn prepared(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    id: ResourceId,
    body: &Value,
) -> Result<Creation, AppError> {
    let leniency = &caller.profile().leniency;
    let mut repairs = Repairs::new();
    let mut document = scim::normalize::normalize_new(schema, body, leniency, &mut repairs)?;
    note_repairs(app, caller, &repairs);
    let members = if holds_members(schema) { membership::take_members(&mut document)? } else { None };
    app.passwords.seal(&mut document, None, &mut Sealed::default()).await?;
    let has_members = members.as_ref().is_some_and(|members| !members.is_empty());
    let write = Write::Create {
        id,
        resource_type: type_name(schema),
        owner: Some(caller.connection().id),
        content: content(schema, document.clone(), leniency)?,
        members: members.map(|members| membership::delta(MembershipChange::Replace(members), leniency)),
    };
    Ok(Creation { write, document, has_members })
}

/// The resource as it was committed, without its rows.
pub(super) fn stored(
    caller: &ScimCaller,
    schema: &ResourceSchema,
    id: ResourceId,
    written: &Written,
    document: Document,
) -> StoredResource {
    StoredResource {
        id,
        resource_type: type_name(schema),
        owner: Some(caller.connection().id),
        version: written.version,
        created: written.created,
        last_modified: written.last_modified,
        document: document.into(),
        members: None,
        groups: None,
    }
}
