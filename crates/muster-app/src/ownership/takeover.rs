//! A creation that finds its resource already there, brought by a connection that is gone, takes it over: the same id, a
//! new owner, the content as by PUT. So a person keeps his id when a tenant moves to another identity provider.

use std::sync::Arc;

use muster_model::{StoredResource, Version};
use muster_store::{Batch, CommitError, Guard, Include, Scope, Write};
use scim::projection::Projection;
use scim::{Repairs, ResourceSchema};
use serde_json::Value;

use super::{AdoptionPolicy, refused};
use crate::password::Sealed;
use crate::resources::{TRIES, content_instead, include_for, replaced_members, settled, type_name};
use crate::{App, AppError, ScimCaller, password};

/// Takes the resource over that stands in the way of a creation. `None`: the policy does not want it, somebody owns it, or
/// it is gone.
pub(crate) async fn take_over(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    error: &CommitError,
    body: &Value,
    projection: &Projection,
) -> Result<Option<StoredResource>, AppError> {
    let CommitError::NotUnique { hidden: Some(id), .. } = error else { return Ok(None) };
    if caller.profile().adoption != AdoptionPolicy::Adopt {
        return Ok(None);
    }
    // The one look that goes beyond what the caller sees; nothing of it is shown before the resource is his.
    let whole = app.store.directory(caller.connection().tenant, Scope::Tenant);
    let mut sealed = Sealed::default();
    for _ in 0..TRIES {
        let found = whole.find_resource(&type_name(schema), *id, Include::default()).await?;
        let Some(present) = found.filter(|present| present.owner.is_none()) else { return Ok(None) };
        let taken = take(app, caller, schema, body, present, &mut sealed).await?;
        match taken {
            Ok(taken) => {
                tracing::info!(
                    connection.id = %caller.connection().id,
                    resource.id = %id,
                    "a resource without an owner was taken over"
                );
                return Ok(Some(settled::with_rows(app, caller, schema, include_for(schema, projection), taken).await));
            }
            // Somebody else was faster: he changed it, took it or deleted it.
            Err(CommitError::VersionMismatch { .. } | CommitError::NotFound { .. }) => {}
            Err(error) => return Err(refused(app, caller, schema, error).await),
        }
    }
    Err(AppError::Contended)
}

/// One try, derived from what is there.
async fn take(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    body: &Value,
    present: StoredResource,
    sealed: &mut Sealed,
) -> Result<Result<StoredResource, CommitError>, AppError> {
    let leniency = &caller.profile().leniency;
    let owner = Some(caller.connection().id);
    let (id, resource_type) = (present.id, type_name(schema));
    // They were noted when the creation was tried.
    let mut repairs = Repairs::new();
    let before = present.document.read()?;
    let mut document = scim::normalize::normalize_replacement(schema, body, before, leniency, &mut repairs)?;
    let members = replaced_members(caller, schema, body, &mut document)?;
    password::keep_unless_named(&mut document, before);
    app.passwords.seal(&mut document, Some(before), sealed).await?;
    let change_of_owner =
        Write::ChangeOwner { id, resource_type: resource_type.clone(), owner, expected: Some(present.version) };
    let change_of_content = Write::Update {
        id,
        resource_type,
        // The one that the change of the owner makes.
        expected: Some(Version(present.version.0.saturating_add(1))),
        content: Some(content_instead(schema, before, document.clone(), leniency)?),
        members,
    };
    let writes = vec![change_of_owner, change_of_content];
    let batch = Batch {
        writes,
        connection: owner,
        request: caller.request().map(str::to_owned),
        at: app.now(),
        guard: Guard::default(),
    };
    Ok(match caller.commit(app, batch).await {
        Ok(committed) => {
            let written = settled::last(committed)?;
            let (version, last_modified) = (written.version, written.last_modified);
            Ok(StoredResource { owner, version, last_modified, document: document.into(), ..present })
        }
        Err(error) => Err(error),
    })
}
