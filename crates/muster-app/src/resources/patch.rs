//! PATCH (RFC 7644 section 3.5.2). `ARCHITECTURE.md` follows one through the rooms.

use std::sync::Arc;

use muster_model::{ResourceId, StoredResource};
use muster_store::batch::MembershipChange;
use muster_store::{Batch, CommitError, Include, MembershipDelta, Write};
use scim::patch::{CompiledPatch, ElementStep, PatchRequest, element_steps};
use scim::projection::Projection;
use scim::{Repairs, ResourceSchema};
use serde_json::Value;

use super::{Precondition, TRIES, content, find, holds_members, include_for, not_found, note_repairs, type_name};
use crate::{App, AppError, ScimCaller, membership};

/// What a PATCH leads to.
pub enum Patched {
    /// The resource as it is now, with the rows that the projection wants.
    Resource(StoredResource),
    /// The same without its rows, for an answer that shows no body.
    WithoutBody(StoredResource),
}

/// Applies a PATCH, all or nothing. Changes of a group's members become a delta over the named members; the group's
/// other members are not read unless a filter asks for more than their ids.
///
/// `body_wanted`: the request named attributes, so it is answered with a body in any case.
#[expect(
    clippy::too_many_arguments,
    reason = "each is a separate part of the request, and a struct would only rename them"
)]
pub async fn patch(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    id: &str,
    body: &Value,
    precondition: &Precondition,
    projection: &Projection,
    body_wanted: bool,
) -> Result<Patched, AppError> {
    let leniency = &caller.profile().leniency;
    let mut repairs = Repairs::new();
    let request = PatchRequest::parse(body, leniency)?;
    let mut compiled = request.compile(schema, leniency, &mut repairs)?;
    let steps = if holds_members(schema) { element_steps(&compiled.detach(membership::MEMBERS))? } else { Vec::new() };
    let id = ResourceId::parse(id).ok_or_else(|| not_found(schema))?;
    let answers_without_body = holds_members(schema) && caller.profile().group_patch_without_body && !body_wanted;

    let mut turn = None;
    for _ in 0..TRIES {
        let mut made = repairs.clone();
        let Derived { present, write } =
            derive(app, caller, schema, id, &compiled, &steps, precondition, &mut made).await?;
        let is_settled = match write {
            None => true,
            Some(write) => {
                let batch = Batch { writes: vec![write], connection: Some(caller.connection().id), at: app.now() };
                match caller.directory(app).commit(batch).await {
                    Ok(_) => true,
                    // Somebody else was faster. From now on the writers of this document take turns.
                    Err(CommitError::VersionMismatch { .. }) => {
                        if turn.is_none() {
                            turn = Some(app.contended.turn(caller.connection().tenant, id).await);
                        }
                        false
                    }
                    Err(error) => return Err(AppError::from_commit(error, &schema.resource_type().name)),
                }
            }
        };
        if is_settled {
            drop(present);
            note_repairs(caller, &made);
            return answer(app, caller, schema, id, projection, answers_without_body).await;
        }
    }
    Err(AppError::Contended)
}

struct Derived {
    present: StoredResource,
    /// `None`: the resource is already as wanted.
    write: Option<Write>,
}

/// Reads the resource and derives the write from it.
#[expect(clippy::too_many_arguments, reason = "an inner step of `patch`, with the same parts")]
async fn derive(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    id: ResourceId,
    compiled: &CompiledPatch,
    steps: &[ElementStep],
    precondition: &Precondition,
    repairs: &mut Repairs,
) -> Result<Derived, AppError> {
    let leniency = &caller.profile().leniency;
    let looks_at_members = membership::needs_present_members(steps);
    let include = Include { members: looks_at_members, groups: false };
    let present = find(app, caller, schema, id, include).await?;
    precondition.check(present.version)?;

    let changed = match compiled.apply(schema, &present.document, leniency, repairs)? {
        None => None,
        Some(mut document) => {
            app.passwords.seal(&mut document, Some(&present.document)).await?;
            Some(content(schema, document, leniency))
        }
    };
    let members = if steps.is_empty() {
        None
    } else {
        let change = membership::folded(steps.to_vec(), present.members.as_deref().unwrap_or_default());
        names_anyone(&change).then(|| membership::delta(change, leniency))
    };
    if changed.is_none() && members.is_none() {
        return Ok(Derived { present, write: None });
    }
    // A change of members alone needs no version, so that many writers can add members to one group at once. What was
    // derived from the present members or demanded by If-Match does.
    let depends_on_version = changed.is_some() || looks_at_members || !precondition.is_none();
    let write = update(schema, id, depends_on_version.then_some(present.version), changed, members);
    Ok(Derived { present, write: Some(write) })
}

fn update(
    schema: &ResourceSchema,
    id: ResourceId,
    expected: Option<muster_model::Version>,
    content: Option<muster_store::NewDocument>,
    members: Option<MembershipDelta>,
) -> Write {
    Write::Update { id, resource_type: type_name(schema), expected, content, members }
}

fn names_anyone(change: &MembershipChange) -> bool {
    match change {
        MembershipChange::Adjust { leave, join } => !leave.is_empty() || !join.is_empty(),
        MembershipChange::Replace(_) => true,
    }
}

async fn answer(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    id: ResourceId,
    projection: &Projection,
    without_body: bool,
) -> Result<Patched, AppError> {
    if without_body {
        return Ok(Patched::WithoutBody(find(app, caller, schema, id, Include::default()).await?));
    }
    Ok(Patched::Resource(find(app, caller, schema, id, include_for(schema, projection)).await?))
}
