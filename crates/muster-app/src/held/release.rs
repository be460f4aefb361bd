//! Does now what was held. The guard has spoken already, so nothing is counted again.

use std::sync::Arc;

use muster_model::{HeldKind, HeldOperation, MemberReference};
use muster_store::batch::MembershipChange;
use muster_store::{Batch, CommitError, Guard, MembershipDelta, UnknownMembers, Write};
use scim::ResourceSchema;
use scim::patch::PatchBody;
use scim::projection::Projection;
use serde_json::json;

use super::{Held, Selection, deed, select};
use crate::operator::{Grants, may};
use crate::resources::{self, Precondition};
use crate::system_log::note;
use crate::{App, AppError, ScimCaller};

/// As many members leave in one commit, so that other writers get their turn in between.
const MEMBERS_AT_ONCE: usize = 1000;

/// What became of a release.
#[derive(Debug, Default)]
pub struct Released {
    /// Operations that were done.
    pub done: Vec<Held>,
    /// Operations whose resource, or whose members, are gone already.
    pub nothing_to_do: Vec<Held>,
    /// Operations that stay held, each with the reason.
    pub failed: Vec<(Held, AppError)>,
}

/// Does what was held, one operation after another, each by the use case that the identity provider's request would have
/// gone through. One that fails stays held and does not keep the others.
pub async fn release(
    app: &App,
    access: &impl Grants<may::DecideHeldChanges>,
    selection: &Selection,
) -> Result<Released, AppError> {
    let mut released = Released::default();
    for held in select(app, access.reach(), selection).await? {
        let caller = ScimCaller::of_released(app, &held.connection).await?;
        match done(app, &caller, &held.operation).await {
            Ok(true) => {
                note(app, access, deed("held_change.released", &held)).await?;
                released.done.push(held);
            }
            Ok(false) => released.nothing_to_do.push(held),
            Err(error) => released.failed.push((held, error)),
        }
    }
    Ok(released)
}

/// `false`: there was nothing to do. Either way it is not held any more.
async fn done(app: &App, caller: &ScimCaller, operation: &HeldOperation) -> Result<bool, AppError> {
    let is_done = match schema(caller, operation) {
        None => false,
        Some(schema) => match made(app, caller, &schema, operation).await {
            Ok(is_done) => is_done,
            Err(AppError::ResourceNotFound { .. }) => false,
            Err(error) => return Err(error),
        },
    };
    caller.directory(app).drop_held(&[operation.id]).await?;
    Ok(is_done)
}

async fn made(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    operation: &HeldOperation,
) -> Result<bool, AppError> {
    let id = operation.resource.to_string();
    match operation.kind {
        HeldKind::Delete => {
            resources::delete(app, caller, schema, &id, &Precondition::None).await?;
            Ok(true)
        }
        HeldKind::Deactivate => {
            let body = json!({
                "schemas": [scim::message::PATCH_OP],
                "Operations": [{ "op": "replace", "path": "active", "value": false }],
            });
            let projection = Projection::compile(schema, &["id".to_owned()], &[])?;
            let none = Precondition::None;
            let body = PatchBody::Operations(&body);
            resources::patch(app, caller, schema, &id, body, &none, &projection, false).await?;
            Ok(true)
        }
        HeldKind::RemoveMembers => remove_members(app, caller, operation).await,
    }
}

async fn remove_members(app: &App, caller: &ScimCaller, operation: &HeldOperation) -> Result<bool, AppError> {
    let mut is_changed = false;
    for members in operation.members.chunks(MEMBERS_AT_ONCE) {
        let leave = members.iter().copied().map(MemberReference::Id).collect();
        let change = MembershipChange::Adjust { leave, join: Vec::new() };
        let write = Write::Update {
            id: operation.resource,
            resource_type: operation.resource_type.clone(),
            expected: None,
            content: None,
            members: Some(MembershipDelta { change, unknown: UnknownMembers::Hold }),
        };
        let (connection, guard) = (Some(operation.connection), Guard::default());
        let batch = Batch { writes: vec![write], connection, request: None, at: app.now(), guard };
        match caller.directory(app).commit(batch).await {
            Ok(committed) => is_changed |= committed.written.iter().any(|written| written.changed),
            Err(CommitError::NotFound { .. }) => return Ok(is_changed),
            Err(error) => return Err(AppError::from_commit(error, operation.resource_type.as_str())),
        }
    }
    Ok(is_changed)
}

/// `None`: the tenant has no such type any more.
fn schema(caller: &ScimCaller, operation: &HeldOperation) -> Option<Arc<ResourceSchema>> {
    let name = operation.resource_type.as_str();
    caller.resource_schemas().iter().find(|schema| schema.resource_type().name == name).cloned()
}
